// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_layer.h"

#include "core/cim/array_cases.h"

#include <QtTest>
#include <hwy/targets.h>

#include <algorithm>
#include <cmath>
#include <span>

using namespace array_cases;
using core::ArrayLayer;
using core::ArrayTreatment;
using core::CellMapping;
using core::ConverterRange;
using core::PlaneScheme;
using core::Variation;

class tst_ArrayLayer : public QObject {
    Q_OBJECT
private slots:
    void anIdealArrayEqualsTheIntegerProduct();
    void aSampleOfOneWeightIsItsProduct();
    void sameChipSameArrayOtherChipOther();
    void aBatchCutInTwoIsTheSameBatch();
    void quietCodesEqualTheReference();
    void quietCodesEqualTheReferenceOnEveryVectorLength();
    void variedCodesEqualTheReferenceAwayFromThresholds();
    void variedCellsOnAGridEqualTheReference();
    void aGridHardlyDisturbsItsCells();
    void everyMappingOfAnIdealArrayIsExact();
    void realArraysEqualTheReferenceAwayFromThresholds();
    void calibratedRangesBeatFullScale();
    void countsAreThoseOfAHandCount();
    void badWeightsAreNamedProblems();
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
    QVERIFY(multiply(made.program(1).value(), made, {1, 0}) != first);  // another read

    Case reseeded = made;
    reseeded.treatment.chipSeed = 2;
    QVERIFY(multiply(reseeded.program(1).value(), made) != first);
    const auto elsewhere =
        ArrayLayer::program(made.treatment, made.weights, made.rows, made.columns, made.inputs, {core::LayerIndex(3), 1, 1});
    QVERIFY(multiply(elsewhere.value(), made) != first);  // another group of the same layer
}

void tst_ArrayLayer::aBatchCutInTwoIsTheSameBatch()
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

void tst_ArrayLayer::quietCodesEqualTheReference()
{
    // Without variation column sums are whole numbers, so both paths must give the same codes and the same bits.
    for (int index = 0; index < kVariedCases; ++index) {
        Case made = variedCase(index);
        made.treatment.adc = {1 + index % 10, {static_cast<ConverterRange::Kind>(index / 3 % 4), 99.0}};
        ArrayLayer layer = made.program().value();
        layer.calibrate(made.codes, made.vectors);
        QVERIFY2(multiply(layer, made) == multiplyReference(layer, made), qPrintable(QString("case %1").arg(index)));
    }
}

void tst_ArrayLayer::quietCodesEqualTheReferenceOnEveryVectorLength()
{
    // 4, 8 and 16 lanes group 2, 3 and 4 rows: run whatever instruction sets this machine has.
    int lengths = 0;
    for (const std::int64_t target : hwy::SupportedAndGeneratedTargets()) {
        if (target >= HWY_EMU128)
            continue;  // one lane: the fast path has no use for it
        hwy::SetSupportedTargetsForTest(target);
        hwy::GetChosenTarget().DeInit();
        quietCodesEqualTheReference();
        variedCellsOnAGridEqualTheReference();
        everyMappingOfAnIdealArrayIsExact();
        realArraysEqualTheReferenceAwayFromThresholds();
        variedCodesEqualTheReferenceAwayFromThresholds();
        qInfo("%s", hwy::TargetName(target));
        ++lengths;
    }
    hwy::SetSupportedTargetsForTest(0);
    hwy::GetChosenTarget().DeInit();
    QVERIFY(lengths > 0);
}

void tst_ArrayLayer::variedCodesEqualTheReferenceAwayFromThresholds()
{
    // The fast sum differs from the reference by rounding: at most a few epsilons of the sum of all magnitudes, plus what
    // single-precision Gaussians miss (4e-6 of their deviation). Only a code whose sum lies that close to where two codes
    // meet may differ, and then by one; such codes are rare.
    int outputs = 0, closeOutputs = 0, differing = 0;
    for (int index = 0; index < kVariedCases; ++index) {
        Case made = variedCase(index);
        const bool independent = index % 4 == 1;
        made.treatment.variation = {independent ? Variation::Model::Independent : Variation::Model::Proportional, 0.1};
        made.treatment.readNoise = {independent ? Variation::Model::Proportional : Variation::Model::Independent,
                                    index % 3 == 0 ? 0.05 : 0.0};
        made.treatment.adc = {3 + index % 6, {static_cast<ConverterRange::Kind>(index / 3 % 4), 99.0}};
        ArrayLayer layer = made.program(static_cast<std::uint64_t>(index)).value();
        layer.calibrate(made.codes, made.vectors);
        const core::ArrayRead read{7, 1000};
        const std::vector<float> fast = multiply(layer, made, read);
        const std::vector<float> reference = multiplyReference(layer, made, read);

        for (std::int64_t v = 0; v < made.vectors; ++v) {
            std::vector<double> slack(static_cast<std::size_t>(made.rows), 0.0);
            const auto input =
                std::span(made.codes).subspan(static_cast<std::size_t>(v * made.columns), static_cast<std::size_t>(made.columns));
            for (const core::ColumnReading& reading :
                 layer.readReference(input, {read.read, read.firstVector + static_cast<std::uint32_t>(v)})) {
                const auto slice = static_cast<std::size_t>(reading.slice);
                const core::ColumnConverter& converter = layer.converters()[slice];
                const double largestCell = 1.5 * layer.planes().slices[slice].largestDigit(), tileRows = made.treatment.rows;
                const double tolerance =
                    tileRows / 2 * 0x1p-24 * tileRows * largestCell + 4e-6 * 0.05 * std::sqrt(2 * tileRows) * largestCell;
                const double steps = reading.sum * static_cast<double>(converter.gain);
                const double toThreshold = std::abs(steps - (std::floor(steps) + 0.5));
                const bool inside =
                    steps > static_cast<double>(converter.lowCode) - 1.0 && steps < static_cast<double>(converter.highCode) + 1.0;
                if (inside && toThreshold <= tolerance * static_cast<double>(converter.gain))
                    slack[static_cast<std::size_t>(reading.output)] +=
                        std::abs(core::inputPlaceValue(reading.plane, made.treatment.inputBits, made.inputs.isSigned)) * converter.step *
                        layer.planes().slices[slice].placeValue();
            }
            for (std::int64_t r = 0; r < made.rows; ++r) {
                const auto at = static_cast<std::size_t>(v * made.rows + r);
                const double difference = std::abs(static_cast<double>(fast[at]) - static_cast<double>(reference[at]));
                const double allowed = slack[static_cast<std::size_t>(r)];
                QVERIFY2(difference <= allowed * 1.000001, qPrintable(QString("case %1, vector %2, row %3: %4 and %5, %6 allowed")
                                                                          .arg(index)
                                                                          .arg(v)
                                                                          .arg(r)
                                                                          .arg(static_cast<double>(fast[at]))
                                                                          .arg(static_cast<double>(reference[at]))
                                                                          .arg(allowed)));
                ++outputs;
                closeOutputs += allowed > 0.0;
                differing += difference > 0.0;
            }
        }
    }
    QVERIFY2(closeOutputs < outputs / 10, qPrintable(QString("%1 of %2 outputs are near a threshold").arg(closeOutputs).arg(outputs)));
    QVERIFY2(differing < outputs / 200, qPrintable(QString("%1 of %2 outputs differ").arg(differing).arg(outputs)));
}

void tst_ArrayLayer::variedCellsOnAGridEqualTheReference()
{
    // Conductances on a grid add up exactly in any order: no threshold is too close then, and every bit agrees.
    int onGrid = 0;
    for (int index = 0; index < kVariedCases; ++index) {
        Case made = variedCase(index);
        made.treatment.variation = {index % 4 == 1 ? Variation::Model::Independent : Variation::Model::Proportional,
                                    0.05 + 0.01 * (index % 9)};
        made.treatment.adc = {index % 8, {static_cast<ConverterRange::Kind>(index / 3 % 4), 99.0}};
        ArrayLayer layer = made.program(static_cast<std::uint64_t>(index)).value();
        if (layer.gridSteps().empty())
            continue;
        ++onGrid;
        layer.calibrate(made.codes, made.vectors);
        QVERIFY2(multiply(layer, made) == multiplyReference(layer, made), qPrintable(QString("case %1").arg(index)));
    }
    QCOMPARE_GE(onGrid, kVariedCases / 2);
}

void tst_ArrayLayer::aGridHardlyDisturbsItsCells()
{
    // One-bit cells, 64 rows: the grid's step adds at most 1/1024 to the cells' variance, and every cell lies on it.
    ArrayTreatment treatment;
    treatment.variation = {Variation::Model::Independent, 0.02};
    const Case made = randomCase(treatment, {}, 16, 128, 0, 31);
    const ArrayLayer layer = made.program().value();
    QCOMPARE(layer.gridSteps().size(), layer.planes().slices.size());
    for (const float step : layer.gridSteps()) {
        QCOMPARE_LE(step * step / 12.0f, 0.02f * 0.02f / 1000.0f);
        for (const float cell : layer.cells(3, 17))
            QCOMPARE(cell / step, std::round(cell / step));
    }
    // Sigma under what 16 bits can resolve: the cells keep all they have.
    Case fine = made;
    fine.treatment.variation.sigma = 1e-4;
    QVERIFY(fine.program().value().gridSteps().empty());
}

void tst_ArrayLayer::everyMappingOfAnIdealArrayIsExact()
{
    // One-sided weights, levels of several bits, planes computed digitally: still the integer product.
    for (int index = 0; index < kVariedCases; ++index) {
        Case made = variedCase(index);
        if (made.treatment.planes == PlaneScheme::InputAndWeight && index % 2 == 0)
            made.treatment.mapping = CellMapping::OneSided;
        made.treatment.dacBits = 1 << index % 4;
        if (made.treatment.dacBits == 1)
            made.treatment.hybridLevels = index % 5 + 1;
        const ArrayLayer layer = made.program().value();
        QVERIFY2(multiply(layer, made) == integerProduct(made), qPrintable(QString("case %1").arg(index)));
        QVERIFY2(multiplyReference(layer, made) == integerProduct(made), qPrintable(QString("case %1, reference").arg(index)));
    }
    // All planes digital: nothing the array does can matter.
    Case digital = variedCase(4);
    digital.treatment.hybridLevels = 16;
    digital.treatment.variation.sigma = 0.5;
    digital.treatment.adc = {2, {}};
    const ArrayLayer layer = digital.program().value();
    QCOMPARE(multiply(layer, digital), integerProduct(digital));
    QCOMPARE(layer.counts().conversionsPerVector, std::int64_t{0});
}

void tst_ArrayLayer::realArraysEqualTheReferenceAwayFromThresholds()
{
    // Everything at once: single precision may tip a code over a threshold, which must be rare; nothing else may differ.
    int outputs = 0, differing = 0;
    for (int index = 0; index < kVariedCases; ++index) {
        Case made = realCase(index);
        if (made.treatment.readNoise.isOn())
            made.treatment.dacBits = 1 << index / 4 % 4;
        if (made.treatment.dacBits > 1)
            made.treatment.hybridLevels = 0;
        auto programmed = made.program(static_cast<std::uint64_t>(index));
        QVERIFY2(programmed.has_value(), programmed ? "" : programmed.error().text().c_str());
        ArrayLayer& layer = programmed.value();
        layer.calibrate(made.codes, made.vectors);
        const core::ArrayRead read{3, 17};
        const std::vector<float> fast = multiply(layer, made, read), reference = multiplyReference(layer, made, read);
        double scale = 0.0;
        for (const float value : reference)
            scale = std::max(scale, std::abs(static_cast<double>(value)));
        for (std::size_t i = 0; i < fast.size(); ++i) {
            ++outputs;
            differing += std::abs(static_cast<double>(fast[i]) - static_cast<double>(reference[i])) > 1e-5 * scale ? 1 : 0;
        }
    }
    QVERIFY2(differing < outputs / 100, qPrintable(QString("%1 of %2 outputs differ").arg(differing).arg(outputs)));
}

/// Signal-to-error ratio of a layer with 4-bit converters on 64 rows, sigma 0.1, against the integer product.
double decibels(CellMapping mapping, ConverterRange range)
{
    ArrayTreatment treatment;  // 64 rows, plane pairs, sigma 0.1
    treatment.mapping = mapping;
    treatment.adc = {4, range};
    Case made = randomCase(treatment, {}, 32, 256, 96, 21);
    // Like activations after a ReLU: half are zero, the others mostly small.
    for (std::uint8_t& code : made.codes) {
        const int above = std::max(0, code - 128);
        code = static_cast<std::uint8_t>(above * above / 64);
    }
    ArrayLayer layer = made.program().value();
    layer.calibrate(std::span(made.codes).first(48 * 256), 48);

    const std::vector<float> wanted = integerProduct(made), found = multiply(layer, made);
    double signal = 0.0, error = 0.0;
    for (std::size_t i = 48 * 32; i < wanted.size(); ++i) {  // vectors the calibration did not see
        signal += std::pow(static_cast<double>(wanted[i]), 2);
        error += std::pow(static_cast<double>(wanted[i] - found[i]), 2);
    }
    return 10.0 * std::log10(signal / error);
}

void tst_ArrayLayer::calibratedRangesBeatFullScale()
{
    for (const CellMapping mapping : {CellMapping::Differential, CellMapping::Offset}) {
        const double full = decibels(mapping, {ConverterRange::Kind::Full, 0});
        const double most = decibels(mapping, {ConverterRange::Kind::Max, 0});
        const double percentile = decibels(mapping, {ConverterRange::Kind::Percentile, 99.9});
        const double mse = decibels(mapping, {ConverterRange::Kind::Mse, 0});
        QCOMPARE_GE(most, full + 6.0);
        QCOMPARE_GE(percentile, full + 6.0);
        QCOMPARE_GE(mse, most - 0.1);
        qInfo("full %.1f, max %.1f, percentile %.1f, mse %.1f dB", full, most, percentile, mse);
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

void tst_ArrayLayer::badWeightsAreNamedProblems()
{
    Case made = randomCase(ArrayTreatment{}, {}, 2, 3, 1, 15);
    made.weights[4] = -8;
    QCOMPARE(QString::fromStdString(made.program().error().text()),
             QString("array weights, row 1, column 1: code -8; weights of 4 bits are -7 to 7"));
    made.weights.pop_back();
    QCOMPARE(QString::fromStdString(made.program().error().text()), QString("array weights: 5 codes; wanted 2 x 3, both at least 1"));
    made.treatment.inputBits = 1;
    made.inputs.isSigned = true;
    QCOMPARE(QString::fromStdString(made.program().error().place), QString("cim.input_bits"));
}

QTEST_APPLESS_MAIN(tst_ArrayLayer)
#include "tst_array_layer.moc"
