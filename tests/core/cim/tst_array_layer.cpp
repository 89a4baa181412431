// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_layer.h"

#include "core/cim/array_cases.h"

#include <QtTest>

#include <cmath>
#include <functional>


using namespace array_cases;
using core::ArrayLayer;
using core::ArrayTreatment;

class tst_ArrayLayer : public QObject {
    Q_OBJECT
private slots:
    void anIdealArrayEqualsTheIntegerProduct();
    void aSampleOfOneWeightIsItsProduct();
    void sameChipSameArrayOtherChipOther();
    void reorderedVectorsGiveReorderedOutputs();
    void countsAreThoseOfAHandCount();
    void badTreatmentsAreNamedProblems_data();
    void badTreatmentsAreNamedProblems();
    void badWeightsAreNamedProblems();
    void rangesSurviveTheirText();
};

void tst_ArrayLayer::anIdealArrayEqualsTheIntegerProduct()
{
    for (int index = 0; index < kVariedCases; ++index) {
        const Case made = variedCase(index);
        const auto layer = made.program();
        QVERIFY2(layer.has_value(), qPrintable(QString::number(index)));
        const std::vector<float> wanted = integerProduct(made);
        QVERIFY2(multiplyReference(layer.value(), made) == wanted, qPrintable(QString("case %1, reference").arg(index)));
        QVERIFY2(multiply(layer.value(), made) == wanted, qPrintable(QString("case %1").arg(index)));
    }
}

void tst_ArrayLayer::aSampleOfOneWeightIsItsProduct()
{
    // 8-bit codes at their ends: -127 * 255 on one cell pair, and the signed -128 * -127.
    ArrayTreatment treatment = idealTreatment();
    treatment.weightBits = 8;
    const Case unsignedCase{treatment, {}, 1, 1, 1, {-127}, {255}};
    QCOMPARE(multiply(unsignedCase.program().value(), unsignedCase), std::vector<float>{-32385.0f});
    const Case signedCase{treatment, {true, 0}, 1, 1, 1, {-127}, {0x80}};
    QCOMPARE(multiply(signedCase.program().value(), signedCase), std::vector<float>{16256.0f});
}

void tst_ArrayLayer::sameChipSameArrayOtherChipOther()
{
    ArrayTreatment treatment;
    treatment.readNoise.sigma = 0.05;
    treatment.adc.bits = 0;
    const Case made = randomCase(treatment, {}, 5, 70, 3, 11);
    const std::vector<float> first = multiply(made.program(1).value(), made);
    QCOMPARE(multiply(made.program(1).value(), made), first);
    QVERIFY(multiply(made.program(2).value(), made) != first);
    QVERIFY(multiply(made.program(1).value(), made, {1, 0}) != first);   // another read

    Case reseeded = made;
    reseeded.treatment.chipSeed = 2;
    QVERIFY(multiply(reseeded.program(1).value(), made) != first);
    const auto elsewhere = ArrayLayer::program(made.treatment, made.weights, made.rows, made.columns, made.inputs, {core::LayerIndex(3), 1, 1});
    QVERIFY(multiply(elsewhere.value(), made) != first);   // another group of the same layer
}

void tst_ArrayLayer::reorderedVectorsGiveReorderedOutputs()
{
    ArrayTreatment treatment;
    treatment.readNoise.sigma = 0.05;
    const Case made = randomCase(treatment, {}, 6, 150, 40, 12);
    const ArrayLayer layer = made.program().value();
    const std::vector<float> whole = multiply(layer, made, {5, 100});
    core::ArrayWorkspace workspace;
    for (std::size_t v = 0; v < 40; ++v) {
        std::vector<float> alone(6);
        layer.multiply(std::span(made.codes).subspan(v * 150, 150), 1, alone, workspace, {5, 100 + static_cast<std::uint32_t>(v)});
        for (std::size_t r = 0; r < 6; ++r)
            QCOMPARE(alone[r], whole[v * 6 + r]);
    }
}

void tst_ArrayLayer::countsAreThoseOfAHandCount()
{
    // 150 inputs in tiles of 64: 3 tiles of rows; 6 outputs in tiles of 4: 2. 4-bit weights, differential: 3 slices, 2 sides.
    ArrayTreatment treatment;
    treatment.columns = 4;
    const Case made = randomCase(treatment, {}, 6, 150, 1, 13);
    const core::ArrayCounts counts = made.program().value().counts();
    QCOMPARE(counts.tiles, 6);
    QCOMPARE(counts.cells, 150 * 6 * 3 * 2);
    QCOMPARE(counts.conversionsPerVector, 3 * 6 * 3 * 8);
    QCOMPARE(counts.cellReadsPerVector, 150 * 6 * 3 * 2 * 8);
    QCOMPARE(counts.digitalAddsPerVector, 6 * (3 * 3 * 8 - 1));

    // One analog level per weight, offset mapping: one slice, one side, and the offset's share to be taken off.
    Case offset = made;
    offset.treatment.mapping = core::CellMapping::Offset;
    offset.treatment.planes = core::PlaneScheme::Input;
    const core::ArrayCounts offsetCounts = offset.program().value().counts();
    QCOMPARE(offsetCounts.cells, 150 * 6);
    QCOMPARE(offsetCounts.conversionsPerVector, 3 * 6 * 8);
    QCOMPARE(offsetCounts.digitalAddsPerVector, 6 * (3 * 8 - 1) + 6 + 149);
}

void tst_ArrayLayer::badTreatmentsAreNamedProblems_data()
{
    QTest::addColumn<std::function<void(ArrayTreatment&)>>("spoil");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, std::function<void(ArrayTreatment&)> spoil, const char* text) { QTest::newRow(name) << spoil << QString(text); };
    row("no rows", [](ArrayTreatment& t) { t.rows = 0; }, "cim.array.rows: 0; wanted 1 to 4096");
    row("too many rows", [](ArrayTreatment& t) { t.rows = 1 << 30; }, "cim.array.rows: 1073741824; wanted 1 to 4096");
    row("no columns", [](ArrayTreatment& t) { t.columns = -4; }, "cim.array.columns: -4; wanted 1 to 4096");
    row("wide converter", [](ArrayTreatment& t) { t.adc.bits = 40; }, "cim.adc.bits: 40; wanted 0 to 16");
    row("wide inputs", [](ArrayTreatment& t) { t.inputBits = 9; }, "cim.input_bits: 9; wanted 1 to 8");
    row("narrow weights", [](ArrayTreatment& t) { t.weightBits = 1; }, "cim.weight_bits: 1; wanted 2 to 8");
    row("wide cells", [](ArrayTreatment& t) { t.bitsPerCell = 5; }, "cim.bits_per_cell: 5; wanted 1 to 4");
    row("negative sigma", [](ArrayTreatment& t) { t.variation.sigma = -1.0; }, "cim.variation.sigma: -1; wanted 0 to 1");
    row("sigma not a number", [](ArrayTreatment& t) { t.readNoise.sigma = std::nan(""); }, "cim.read_noise.sigma: nan; wanted 0 to 1");
    row("percentile", [](ArrayTreatment& t) { t.adc.range.percentile = 200; }, "cim.adc.range: percentile 200; wanted above 50 and at most 100");
}

void tst_ArrayLayer::badTreatmentsAreNamedProblems()
{
    QFETCH(std::function<void(ArrayTreatment&)>, spoil);
    QFETCH(QString, text);
    Case made = randomCase(ArrayTreatment{}, {}, 2, 3, 1, 14);
    spoil(made.treatment);
    const auto layer = made.program();
    QVERIFY(!layer.has_value());
    QCOMPARE(QString::fromStdString(layer.error().text()), text);
}

void tst_ArrayLayer::badWeightsAreNamedProblems()
{
    Case made = randomCase(ArrayTreatment{}, {}, 2, 3, 1, 15);
    made.weights[4] = -8;
    QCOMPARE(QString::fromStdString(made.program().error().text()), QString("array weights, row 1, column 1: code -8; weights of 4 bits are -7 to 7"));
    made.weights.pop_back();
    QCOMPARE(QString::fromStdString(made.program().error().text()), QString("array weights: 5 codes; wanted 2 x 3, both at least 1"));
    made.treatment.inputBits = 1;
    made.inputs.isSigned = true;
    QCOMPARE(QString::fromStdString(made.program().error().place), QString("cim.input_bits"));
}

void tst_ArrayLayer::rangesSurviveTheirText()
{
    using core::ConverterRange;
    for (const char* text : {"full", "max", "percentile:99.9", "percentile:100", "mse"})
        QCOMPARE(QString::fromStdString(ConverterRange::parse(text).value().text()), QString(text));
    for (const char* text : {"", "Full", "percentile", "percentile:", "percentile:50", "percentile:101", "percentile:9x", "percentile:nan"})
        QVERIFY2(!ConverterRange::parse(text).has_value(), text);
}

QTEST_APPLESS_MAIN(tst_ArrayLayer)
#include "tst_array_layer.moc"
