// SPDX-License-Identifier: Apache-2.0
// What is drawn for cells and reads, against the distributions they are said to have.
#include "core/cim/array_layer.h"

#include "core/cim/array_cases.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace array_cases;
using core::ArrayLayer;
using core::ArrayTreatment;
using core::PlaneScheme;
using core::Variation;

class tst_ArrayNoise : public QObject {
    Q_OBJECT
private slots:
    void noiseOfAReadIsThatOfSingleCells_data();
    void noiseOfAReadIsThatOfSingleCells();
    void cellsHaveTheMomentsOfTheirModel_data();
    void cellsHaveTheMomentsOfTheirModel();
    void cellsOfAWeightAreIndependent();
    void readNoiseHasTheMomentsOfItsCells();
};

void tst_ArrayNoise::noiseOfAReadIsThatOfSingleCells_data()
{
    QTest::addColumn<int>("dacBits");
    QTest::newRow("planes of one bit") << 1;
    QTest::newRow("levels of two bits") << 2;
}

void tst_ArrayNoise::noiseOfAReadIsThatOfSingleCells()
{
    QFETCH(int, dacBits);
    // Read noise of the fast path, one draw a conversion, against a Gaussian of its own for every cell: two samples of the
    // same distribution by Kolmogorov and Smirnov (level 0.001: 1.95 sqrt(2 / n)).
    ArrayTreatment treatment = idealTreatment();
    treatment.inputBits = 2;
    treatment.dacBits = dacBits;
    treatment.weightBits = 3;
    treatment.readNoise = {Variation::Model::Independent, 0.2};
    const Case made = randomCase(treatment, {}, 1, 40, 1, 5);
    const ArrayLayer layer = made.program().value();
    constexpr int reads = 8000;
    core::ArrayWorkspace workspace;
    std::vector<double> fast, single;
    const core::NoiseStream stream(99, core::NoisePurpose::Test);
    for (int read = 0; read < reads; ++read) {
        std::vector<float> output(1);
        layer.multiply(made.codes, 1, output, workspace, {static_cast<std::uint64_t>(read), 0});
        fast.push_back(static_cast<double>(output[0]));
        double sum = 0.0;
        std::uint32_t cell = 0;
        for (std::int64_t column = 0; column < made.columns; ++column) {
            const std::vector<float> cells = layer.cells(0, column);
            for (std::size_t slice = 0; slice < 2; ++slice)
                for (std::size_t side = 0; side < 2; ++side)
                    for (int bit = 0; bit < 2; bit += dacBits, ++cell)
                        if (const int level = made.codes[static_cast<std::size_t>(column)] >> bit & ((1 << dacBits) - 1); level != 0) {
                            const auto z = stream.gaussians({cell, static_cast<std::uint32_t>(read), 0});
                            const double conductance = static_cast<double>(cells[side * 2 + slice]) + 0.2 * static_cast<double>(z[0]);
                            sum += (side == 0 ? 1.0 : -1.0) * conductance * level * (1 << slice) * (1 << bit);
                        }
        }
        single.push_back(sum);
    }
    std::sort(fast.begin(), fast.end());
    std::sort(single.begin(), single.end());
    double distance = 0.0;
    for (std::size_t i = 0, j = 0; i < fast.size() && j < single.size();) {
        if (fast[i] <= single[j])
            ++i;
        else
            ++j;
        distance = std::max(distance, std::abs(static_cast<double>(i) - static_cast<double>(j)) / reads);
    }
    QCOMPARE_LT(distance, 1.95 * std::sqrt(2.0 / reads));
}

void tst_ArrayNoise::cellsHaveTheMomentsOfTheirModel_data()
{
    QTest::addColumn<int>("model");
    QTest::addColumn<int>("weight");
    QTest::addColumn<double>("deviation");  // of the positive side's only cell, largest digit 7, sigma 0.1
    QTest::newRow("proportional") << 0 << 5 << 0.5;
    QTest::newRow("proportional, empty cell") << 0 << 0 << 0.0;
    QTest::newRow("independent") << 1 << 5 << 0.7;
    QTest::newRow("independent, empty cell") << 1 << 0 << 0.7;
}

void tst_ArrayNoise::cellsHaveTheMomentsOfTheirModel()
{
    QFETCH(int, model);
    QFETCH(int, weight);
    QFETCH(double, deviation);
    ArrayTreatment treatment;
    treatment.planes = PlaneScheme::Input;
    treatment.variation = {static_cast<Variation::Model>(model), 0.1};
    constexpr int rows = 200, columns = 200, cells = rows * columns;
    const Case made{treatment, {}, rows, columns, 0, std::vector<std::int8_t>(cells, static_cast<std::int8_t>(weight)), {}};
    const ArrayLayer layer = made.program(77).value();

    double sum = 0.0, squares = 0.0;
    for (int i = 0; i < cells; ++i) {
        const double miss = static_cast<double>(layer.cells(i / columns, i % columns)[0]) - weight;
        sum += miss;
        squares += miss * miss;
    }
    QCOMPARE_LE(std::abs(sum / cells), 5 * deviation / std::sqrt(cells));
    QCOMPARE_LE(std::abs(squares / cells - deviation * deviation), 5 * deviation * deviation * std::sqrt(2.0 / cells));
}

void tst_ArrayNoise::cellsOfAWeightAreIndependent()
{
    // 8-bit weights in 1-bit cells on two sides: 14 cells of a weight from four counters, and the same cell of the next
    // weight beside them. Correlations of unit Gaussians over n draws lie within 5 / sqrt(n).
    ArrayTreatment treatment;
    treatment.weightBits = 8;
    treatment.variation = {Variation::Model::Independent, 0.1};
    constexpr int rows = 5000;
    const Case made{treatment, {}, rows, 2, 0, std::vector<std::int8_t>(2 * rows, 0), {}};
    const ArrayLayer layer = made.program(78).value();
    std::vector<std::vector<double>> z(15, std::vector<double>(rows));
    for (std::size_t row = 0; row < rows; ++row) {
        const std::vector<float> cells = layer.cells(static_cast<std::int64_t>(row), 0);
        QCOMPARE(cells.size(), std::size_t{14});
        for (std::size_t cell = 0; cell < 14; ++cell)
            z[cell][row] = static_cast<double>(cells[cell]) / 0.1;
        z[14][row] = static_cast<double>(layer.cells(static_cast<std::int64_t>(row), 1)[0]) / 0.1;
    }
    for (std::size_t a = 0; a < z.size(); ++a)
        for (std::size_t b = 0; b < a; ++b)
            QCOMPARE_LT(std::abs(std::inner_product(z[a].begin(), z[a].end(), z[b].begin(), 0.0)) / rows, 5 / std::sqrt(rows));
}

void tst_ArrayNoise::readNoiseHasTheMomentsOfItsCells()
{
    // One plane, one tile, an ideal converter: an output is the column sum, so its spread over reads is the cells' own.
    ArrayTreatment treatment = idealTreatment();
    treatment.inputBits = 1;
    treatment.weightBits = 4;
    treatment.planes = PlaneScheme::Input;
    treatment.readNoise = {Variation::Model::Proportional, 0.05};
    const Case made{treatment, {}, 1, 5, 1, {7, -3, 5, 2, -6}, {1, 1, 0, 1, 1}};
    const ArrayLayer layer = made.program().value();

    constexpr int reads = 20000;
    core::ArrayWorkspace workspace;
    double sum = 0.0, squares = 0.0, cubes = 0.0, fourths = 0.0;
    for (int read = 0; read < reads; ++read) {
        std::vector<float> output(1);
        layer.multiply(made.codes, 1, output, workspace, {static_cast<std::uint64_t>(read), 0});
        const double miss = static_cast<double>(output[0]) - (7 - 3 + 2 - 6);
        sum += miss;
        squares += miss * miss;
        cubes += miss * miss * miss;
        fourths += miss * miss * miss * miss;
    }
    const double variance = 0.05 * 0.05 * (49 + 9 + 4 + 36);
    const double deviation = std::sqrt(variance);
    QCOMPARE_LT(std::abs(sum / reads), 5 * deviation / std::sqrt(reads));
    QCOMPARE_LT(std::abs(squares / reads - variance), 5 * variance * std::sqrt(2.0 / reads));
    QCOMPARE_LT(std::abs(cubes / reads), 5 * std::pow(deviation, 3) * std::sqrt(15.0 / reads));
    QCOMPARE_LT(std::abs(fourths / reads - 3 * variance * variance), 5 * variance * variance * std::sqrt(96.0 / reads));
}

QTEST_APPLESS_MAIN(tst_ArrayNoise)
#include "tst_array_noise.moc"
