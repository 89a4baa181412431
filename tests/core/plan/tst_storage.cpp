// SPDX-License-Identifier: Apache-2.0
#include "core/plan/storage.h"

#include "core/formats/packing.h"
#include "tests/core/plan/plan_cases.h"

#include <QtTest>

using namespace core;
using namespace plan_cases;

class TestStorage : public QObject {
    Q_OBJECT

private slots:
    void everyPartIsCounted();
    void whatIsCountedIsWhatPackingWrites_data();
    void whatIsCountedIsWhatPackingWrites();
    void scalesOutsideOfHalfNeedAnExponent();
};

void TestStorage::everyPartIsCounted()
{
    WeightedLayer conv = layer("conv", 6, 25, 25);
    conv.bias.resize(6);
    LayerTreatment treatment;
    QCOMPARE(storageOf(conv, treatment).total(), 32.0 * (150 + 6));
    treatment.weights = uniform("int4");  // a 16-bit scale a row
    treatment.surrogate = rank(8).value;  // of which 6 rows take 6
    treatment.surrogate->format = format("fp16");
    QCOMPARE(storageOf(conv, treatment).weightBits, 4.0 * 150 + 16 * 6);
    QCOMPARE(storageOf(conv, treatment).biasBits, 32.0 * 6);
    QCOMPARE(storageOf(conv, treatment).recoveryBits, 16.0 * 6 * (25 + 6));
    conv.bias.clear();
    QCOMPARE(storageOf(conv, treatment).biasBits, 0.0);
    treatment.correction = CorrectionPlan{true, WeightRounding::Nearest, false, 64};  // gives the layer a bias
    QCOMPARE(storageOf(conv, treatment).biasBits, 32.0 * 6);
    treatment.cim = ArrayTreatment{};
    treatment.cim->weightBits = 5;
    QCOMPARE(storageOf(conv, treatment).weightBits, 5.0 * 150 + 16 * 6);
}

void TestStorage::whatIsCountedIsWhatPackingWrites_data()
{
    QTest::addColumn<WeightPlan>("weights");
    const auto treatment = [](const char* name, const char* scale) { return Treatment{format(name), ScaleRule::parse(scale).value(), {}}; };
    QTest::newRow("fp32") << WeightPlan{};
    QTest::newRow("bf16") << uniform("bf16");
    for (const char* scale : {"tensor", "row", "group:7", "vector:16", "vector:16:4", "block:32", "block:16:e4m3"}) {
        QTest::newRow(scale) << WeightPlan{{treatment("int4", scale)}, {}, {}, {}};
        QTest::addRow("uint4 %s", scale) << WeightPlan{{treatment("uint4", scale)}, {}, {}, {}};
    }
    const std::vector<Treatment> palette{treatment("pot4", "row"), treatment("uint2", "tensor"), treatment("int8", "group:16"),
                                         treatment("nf4", "row")};
    QTest::newRow("over rows") << WeightPlan{palette, {0, 1, 2, 2, 1, 0, 0, 2, 1, 1, 1, 1}, {}, {}};
    QTest::newRow("over channels") << WeightPlan{palette, {}, {2, 1, 1, 0, 0, 2}, {}};
    Treatment twice = treatment("int4", "row");
    twice.points = 2;
    QTest::newRow("two points") << WeightPlan{{twice}, {}, {}, {}};
}

void TestStorage::whatIsCountedIsWhatPackingWrites()
{
    QFETCH(WeightPlan, weights);
    for (const float size : {1.0f, 1e-9f, 1e9f}) {  // within, below and above the normal range of fp16 scales
        WeightedLayer conv = layer("conv", 12, 54, 9);
        conv.weights *= size;
        const PaletteChoices choices{weights.rows, weights.channels, 9};
        const PackedMatrix packed = pack(conv.weights, weights.palette, choices);
        const double bits = storageOf(conv, {weights, {}, {}, {}, {}}).weightBits;
        const double padding = 8 * static_cast<double>(packed.byteCount()) - bits;
        QVERIFY2(padding >= 0 && padding < 8 * 4, qPrintable(QString::number(padding)));  // of four streams, each less than a byte
        QCOMPARE(bits, quantizeWeights(conv.weights, weights.palette, choices).storedBits);
    }
}

void TestStorage::scalesOutsideOfHalfNeedAnExponent()
{
    WeightedLayer conv = layer("conv", 12, 54, 9);
    const LayerTreatment treatment{uniform("int4"), {}, {}, {}, {}};
    const double usual = storageOf(conv, treatment).weightBits;
    QCOMPARE(usual, 12 * (4.0 * 54 + 16));
    conv.weights *= 1e-9f;  // int4 divides by 7: scales near 1e-10, fp16's normal numbers begin at 6.1e-5
    QCOMPARE(storageOf(conv, treatment).weightBits, usual + 8);
    QCOMPARE(pack(conv.weights, treatment.weights.palette).exponents.size(), std::size_t{1});
}

QTEST_APPLESS_MAIN(TestStorage)
#include "tst_storage.moc"
