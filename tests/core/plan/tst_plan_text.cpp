// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"
#include "tests/core/plan/plan_cases.h"

#include <QtTest>

using namespace core;
using namespace plan_cases;

class TestPlanText : public QObject {
    Q_OBJECT

private slots:
    void aTreatmentIsToldInWords_data();
    void aTreatmentIsToldInWords();
};

void TestPlanText::aTreatmentIsToldInWords_data()
{
    QTest::addColumn<LayerTreatment>("treatment");
    QTest::addColumn<QString>("words");
    LayerTreatment treatment;
    QTest::newRow("exact") << treatment << "fp32";
    treatment.weights.palette.front() = {format("nf4"), {ScaleRule::Kind::Group, 64}, {}};
    treatment.activations.format = format("int8");
    treatment.surrogate = rank(8).value;
    QTest::newRow("polarized") << treatment << "nf4 group:64, activations int8, rank 8";
    treatment.surrogate->rank = 0;
    QTest::newRow("rank 0 is no path") << treatment << "nf4 group:64, activations int8";
    treatment.correction = CorrectionPlan{true, WeightRounding::Adaptive, true, 256};
    QTest::newRow("corrected") << treatment << "nf4 group:64, activations int8, equalized, rounded adaptively, bias corrected";
    treatment.correction = CorrectionPlan{false, WeightRounding::Adaptive, false, 32};
    QTest::newRow("corrected from few") << treatment << "nf4 group:64, activations int8, rounded adaptively from 32 samples";
    treatment.correction.reset();
    treatment.weights = {{{format("pot4"), {}, {}}, {format("int4"), {}, {}}}, {0, 0, 1}, {}, {}};
    QTest::newRow("palette") << treatment << "pot4 row / int4 row over rows 2:1, activations int8";
    treatment.weights = {{{format("int2"), {}, ClipRule::parse("mse").value(), 2}, {format("int8"), {}, {}}}, {}, {0, 0, 1}, {{0, 0, 1}}};
    treatment.activations.range = RangeRule::parse("dynamic:token").value();
    QTest::newRow("channels, points, flips and a dynamic range")
        << treatment << "int2 row clip mse x 2 points / int8 row over channels 2:1, 1 bit flipped, activations int8 dynamic:token";
    treatment.weights = {{{format("int4"), {}, {}}}, {}, {}, {}};
    treatment.cim = ArrayTreatment{};
    treatment.surrogate->rank = 4;
    QTest::newRow("array") << treatment << "array 64x128, W4A8, 6-bit ADC, sigma 0.1, rank 4";
    treatment.cim->adc.bits = 0;
    treatment.cim->variation.sigma = 0;
    treatment.cim->readNoise.sigma = 0.02;
    QTest::newRow("ideal converter") << treatment << "array 64x128, W4A8, ideal ADC, read noise 0.02, rank 4";
}

void TestPlanText::aTreatmentIsToldInWords()
{
    QFETCH(LayerTreatment, treatment);
    QFETCH(QString, words);
    QCOMPARE(QString::fromStdString(treatmentText(treatment)), words);
}

QTEST_APPLESS_MAIN(TestPlanText)
#include "tst_plan_text.moc"
