// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_treatment.h"

#include <QtTest>

#include <cmath>
#include <functional>

using core::ArrayTreatment;
using core::ConverterRange;

class tst_ArrayTreatment : public QObject {
    Q_OBJECT
private slots:
    void badTreatmentsAreNamedProblems_data();
    void badTreatmentsAreNamedProblems();
    void everyFlawIsTold();
    void rangesSurviveTheirText();
};

void tst_ArrayTreatment::badTreatmentsAreNamedProblems_data()
{
    QTest::addColumn<std::function<void(ArrayTreatment&)>>("spoil");
    QTest::addColumn<QString>("text");
    const auto row = [](const char* name, std::function<void(ArrayTreatment&)> spoil, const char* text) {
        QTest::newRow(name) << spoil << QString(text);
    };
    row(
        "no rows", [](ArrayTreatment& t) { t.rows = 0; }, "cim.array.rows: 0; wanted 1 to 4096");
    row(
        "too many rows", [](ArrayTreatment& t) { t.rows = 1 << 30; }, "cim.array.rows: 1073741824; wanted 1 to 4096");
    row(
        "no columns", [](ArrayTreatment& t) { t.columns = -4; }, "cim.array.columns: -4; wanted 1 to 4096");
    row(
        "wide converter", [](ArrayTreatment& t) { t.adc.bits = 40; }, "cim.adc.bits: 40; wanted 0 to 16");
    row(
        "wide inputs", [](ArrayTreatment& t) { t.inputBits = 9; }, "cim.input_bits: 9; wanted 1 to 8");
    row(
        "narrow weights", [](ArrayTreatment& t) { t.weightBits = 1; }, "cim.weight_bits: 1; wanted 2 to 8");
    row(
        "wide cells", [](ArrayTreatment& t) { t.bitsPerCell = 5; }, "cim.bits_per_cell: 5; wanted 1 to 4");
    row(
        "negative sigma", [](ArrayTreatment& t) { t.variation.sigma = -1.0; }, "cim.variation.sigma: -1; wanted 0 to 1");
    row(
        "sigma not a number", [](ArrayTreatment& t) { t.readNoise.sigma = std::nan(""); }, "cim.read_noise.sigma: nan; wanted 0 to 1");
    row(
        "stuck twice", [](ArrayTreatment& t) { t.stuck = {0.7, 0.5}; }, "cim.stuck: on 0.7 and off 0.5; wanted a sum of at most 1");
    row(
        "three-bit levels", [](ArrayTreatment& t) { t.dacBits = 3; }, "cim.dac_bits: 3; wanted 1, 2, 4 or 8");
    row(
        "ratio of one", [](ArrayTreatment& t) { t.onOffRatio = 1.0; },
        "cim.on_off_ratio: 1; wanted 1.1 or more, or 0 for cells that switch off entirely");
    row(
        "signs without planes",
        [](ArrayTreatment& t) {
            t.mapping = core::CellMapping::OneSided;
            t.planes = core::PlaneScheme::Input;
        },
        "cim.planes: input; one-sided weights have a bit that counts negative: wanted input+weight");
    row(
        "time to come", [](ArrayTreatment& t) { t.drift.seconds = -1.0; }, "cim.drift.seconds: -1; wanted 0 to 1000000000000");
    row(
        "percentile", [](ArrayTreatment& t) { t.adc.range.percentile = 200; },
        "cim.adc.range: percentile 200; wanted above 50 and at most 100");
}

void tst_ArrayTreatment::badTreatmentsAreNamedProblems()
{
    QFETCH(std::function<void(ArrayTreatment&)>, spoil);
    QFETCH(QString, text);
    ArrayTreatment treatment;
    QVERIFY(check(treatment).empty());
    spoil(treatment);
    const core::Problems problems = check(treatment);
    QCOMPARE(problems.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(problems.front().text()), text);
}

void tst_ArrayTreatment::everyFlawIsTold()
{
    ArrayTreatment treatment;
    treatment.rows = 0;
    treatment.adc.bits = 40;
    treatment.variation.sigma = -1.0;
    QCOMPARE(check(treatment).size(), std::size_t{3});
}

void tst_ArrayTreatment::rangesSurviveTheirText()
{
    for (const char* text : {"full", "max", "percentile:99.9", "percentile:100", "mse"})
        QCOMPARE(QString::fromStdString(ConverterRange::parse(text).value().text()), QString(text));
    for (const char* text : {"", "Full", "percentile", "percentile:", "percentile:50", "percentile:101", "percentile:9x", "percentile:nan"})
        QVERIFY2(!ConverterRange::parse(text).has_value(), text);
}

QTEST_APPLESS_MAIN(tst_ArrayTreatment)
#include "tst_array_treatment.moc"
