// SPDX-License-Identifier: Apache-2.0
#include "core/cim/cell_physics.h"

#include "core/base/noise.h"

#include <QtTest>

#include <cmath>
#include <functional>

using core::Drift;
using core::Variation;
using core::WeightSlice;

namespace {

constexpr std::size_t kCells = 40000;

std::vector<float> unitGaussians(std::uint32_t seed)
{
    const core::NoiseStream stream(seed, core::NoisePurpose::Test);
    std::vector<float> z(kCells);
    for (std::size_t i = 0; i < kCells; ++i)
        z[i] = stream.gaussians({static_cast<std::uint32_t>(i / 4), 0, 0})[i % 4];
    return z;
}

struct Moments {
    double mean, variance, kurtosis;
};
Moments momentsOf(
    const std::vector<float>& values, const std::function<double(double)>& of = [](double x) { return x; })
{
    double sum = 0.0, squares = 0.0, fourths = 0.0;
    for (const float value : values)
        sum += of(static_cast<double>(value));
    const double mean = sum / kCells;
    for (const float value : values) {
        const double miss = of(static_cast<double>(value)) - mean;
        squares += miss * miss;
        fourths += std::pow(miss, 4);
    }
    const double variance = squares / kCells;
    return {mean, variance, variance > 0 ? fourths / kCells / variance / variance : 0.0};
}

}  // namespace

class tst_CellPhysics : public QObject {
    Q_OBJECT
private slots:
    void writtenCellsHaveTheMomentsOfTheirModel_data();
    void writtenCellsHaveTheMomentsOfTheirModel();
    void logNormalCellsKeepTheirMean();
    void singleValuesByHand();
    void driftFollowsItsLaw();
    void phaseChangeDriftFollowsItsConductance();
    void flickerGrowsWithTime();
};

void tst_CellPhysics::writtenCellsHaveTheMomentsOfTheirModel_data()
{
    QTest::addColumn<int>("model");
    QTest::addColumn<double>("deviation");  // of digit 2 of at most 3
    QTest::newRow("proportional") << int(Variation::Model::Proportional) << 0.05 * 2;
    QTest::newRow("independent") << int(Variation::Model::Independent) << 0.05 * 3;
    QTest::newRow("capacitor of 4 fF") << int(Variation::Model::Capacitor) << 0.0664 / 2 * 2;
    QTest::newRow("polynomial") << int(Variation::Model::Polynomial) << (0.01 + 0.05 * 2 / 3 - 0.02 * 4 / 9) * 3;
}

void tst_CellPhysics::writtenCellsHaveTheMomentsOfTheirModel()
{
    QFETCH(int, model);
    QFETCH(double, deviation);
    Variation variation{static_cast<Variation::Model>(model), 0.05};
    variation.femtofarads = 4.0;
    variation.coefficients = {0.01, 0.05, -0.02};
    const std::vector<float> nominal(kCells, 2.0f), z = unitGaussians(1);
    std::vector<float> written(kCells);
    core::writeCells(variation, WeightSlice{0, 2}, nominal, z, written);
    const Moments found = momentsOf(written);
    // Five deviations of each estimate.
    QCOMPARE_LE(std::abs(found.mean - 2.0), 5 * deviation / std::sqrt(kCells));
    QCOMPARE_LE(std::abs(found.variance / (deviation * deviation) - 1.0), 5 * std::sqrt(2.0 / kCells));
    QCOMPARE_LE(std::abs(found.kurtosis - 3.0), 5 * std::sqrt(24.0 / kCells));
}

void tst_CellPhysics::logNormalCellsKeepTheirMean()
{
    const Variation variation{Variation::Model::LogNormal, 0.3};
    const std::vector<float> nominal(kCells, 2.0f), z = unitGaussians(2);
    std::vector<float> written(kCells);
    core::writeCells(variation, WeightSlice{0, 2}, nominal, z, written);
    const double deviation = 2.0 * std::sqrt(std::exp(0.09) - 1.0);
    QCOMPARE_LE(std::abs(momentsOf(written).mean - 2.0), 5 * deviation / std::sqrt(kCells));
    const Moments logarithm = momentsOf(written, [](double x) { return std::log(x / 2.0); });
    QCOMPARE_LE(std::abs(logarithm.mean + 0.045), 5 * 0.3 / std::sqrt(kCells));
    QCOMPARE_LE(std::abs(logarithm.variance / 0.09 - 1.0), 5 * std::sqrt(2.0 / kCells));
    QCOMPARE_LE(std::abs(logarithm.kurtosis - 3.0), 5 * std::sqrt(24.0 / kCells));
}

void tst_CellPhysics::singleValuesByHand()
{
    const auto written = [](Variation::Model model, float nominal, float z) {
        Variation variation{model, 0.5};
        std::vector<float> made(1);
        core::writeCells(variation, WeightSlice{0, 2}, std::vector<float>{nominal}, std::vector<float>{z}, made);
        return made.front();
    };
    QCOMPARE(written(Variation::Model::Proportional, 2.0f, 0.5f), 2.5f);
    QCOMPARE(written(Variation::Model::Independent, 2.0f, 0.5f), 2.75f);
    QCOMPARE(written(Variation::Model::Proportional, 0.0f, 0.5f), 0.0f);
    QCOMPARE(written(Variation::Model::Independent, 0.0f, -1.0f), -1.5f);
    const WeightSlice slice{0, 2};
    QCOMPARE(core::readVariance({Variation::Model::Proportional, 0.5}, slice, 2.5f), 1.5625f);
    QCOMPARE(core::readVariance({Variation::Model::Independent, 0.5}, slice, 2.5f), 2.25f);
    // Ratio 4: an empty cell conducts 3 / 4 of a digit, and a digit counts 3 / 4 more.
    QCOMPARE(core::leastConductance(4.0, slice), 0.75f);
    QCOMPARE(core::nominalConductance(4.0, slice, 3.0f), 3.0f);
    QCOMPARE(core::nominalConductance(4.0, slice, 1.0f), 1.5f);
    QCOMPARE(core::nominalConductance(0.0, slice, 1.0f), 1.0f);
}

void tst_CellPhysics::driftFollowsItsLaw()
{
    // 180 s after 20 s: a factor 10 in time, 10^-nu of the conductance.
    Drift drift;
    drift.seconds = 180.0;
    drift.nu = 0.06;
    drift.nuSigma = 0.01;
    std::vector<float> cells(kCells, 3.0f);
    core::driftCells(drift, WeightSlice{0, 2}, unitGaussians(3), cells);
    const Moments nu = momentsOf(cells, [](double x) { return -std::log10(x / 3.0); });
    QCOMPARE_LE(std::abs(nu.mean - 0.06), 5 * 0.01 / std::sqrt(kCells) + 1e-6);
    QCOMPARE_LE(std::abs(nu.variance / 1e-4 - 1.0), 5 * std::sqrt(2.0 / kCells));
    drift.seconds = 0.0;
    std::vector<float> fresh(kCells, 3.0f);
    core::driftCells(drift, WeightSlice{0, 2}, unitGaussians(3), fresh);
    QCOMPARE(fresh.front(), 3.0f);
}

void tst_CellPhysics::phaseChangeDriftFollowsItsConductance()
{
    // A full cell: nu = 0.049 +- 0.008 (both at their bounds); a cell of e^-4 of it: -0.0155 * -4 + 0.0244 = 0.0864 +- 0.0441.
    Drift drift;
    drift.model = Drift::Model::PhaseChange;
    drift.seconds = 20.0 * (std::exp(1.0) - 1.0);  // e times the time: exp(-nu)
    const auto mean = [&](float conductance) {
        std::vector<float> cells(kCells, conductance);
        core::driftCells(drift, WeightSlice{0, 1}, std::vector<float>(kCells, 0.0f), cells);
        return -std::log(static_cast<double>(cells.front() / conductance));
    };
    QCOMPARE_LE(std::abs(mean(1.0f) - 0.049), 1e-6);
    QCOMPARE_LE(std::abs(mean(std::exp(-4.0f)) - 0.0864), 1e-6);
}

void tst_CellPhysics::flickerGrowsWithTime()
{
    Variation flicker;
    flicker.model = Variation::Model::Flicker;
    const WeightSlice slice{0, 1};
    // 20 s: g Qs sqrt(ln(20.00000025 / 5e-7)) = 0.0088 * sqrt(17.504) = 0.036817
    QCOMPARE_LE(std::abs(std::sqrt(static_cast<double>(core::readVariance(flicker, slice, 1.0f, 0.0))) - 0.036817), 1e-5);
    QCOMPARE_GT(core::readVariance(flicker, slice, 1.0f, 1e6), core::readVariance(flicker, slice, 1.0f, 0.0));
    // Hardly conducting cells tremble by at most a fifth of themselves per root.
    QCOMPARE_LE(std::abs(std::sqrt(static_cast<double>(core::readVariance(flicker, slice, 1e-4f, 0.0))) - 1e-4 * 0.2 * std::sqrt(17.504)),
                1e-8);
}

QTEST_APPLESS_MAIN(tst_CellPhysics)
#include "tst_cell_physics.moc"
