// SPDX-License-Identifier: Apache-2.0
#include "core/cim/device.h"

#include "core/base/noise.h"

#include <QtTest>

#include <cmath>

using core::MeasuredCell;

namespace {

/// Cells whose deviation is (0.02 + 0.06 r - 0.03 r^2) of the largest, 25, at these targets.
std::vector<MeasuredCell> cells(std::size_t perLevel, int levels)
{
    const core::NoiseStream stream(6, core::NoisePurpose::Test);
    std::vector<MeasuredCell> made;
    for (int level = 0; level < levels; ++level)
        for (std::size_t i = 0; i < perLevel; ++i) {
            const double r = static_cast<double>(level) / (levels - 1);
            const double z =
                static_cast<double>(stream.gaussians({static_cast<std::uint32_t>(i), static_cast<std::uint32_t>(level), 0})[0]);
            made.push_back({25.0 * r, 25.0 * (r + (0.02 + 0.06 * r - 0.03 * r * r) * z)});
        }
    return made;
}

}  // namespace

class tst_Device : public QObject {
    Q_OBJECT
private slots:
    void aFitFindsTheLawItsCellsFollow();
    void manyTargetsShareLevels();
    void badCellsAreNamed();
    void anArrayTakesWhatItsCellsAre();
};

void tst_Device::aFitFindsTheLawItsCellsFollow()
{
    const auto fitted = core::fitDevice(cells(4000, 8));
    QVERIFY(fitted.has_value());
    const core::DeviceFit& fit = fitted.value();
    QCOMPARE(fit.levels.size(), std::size_t{8});
    QCOMPARE(fit.largest, 25.0);
    // A level's deviation is known to 1 / sqrt(2 * 4000), a hundredth; five of them of the largest deviation, 0.05.
    for (const double r : {0.0, 0.3, 0.7, 1.0}) {
        const auto& c = fit.variation.coefficients;
        QCOMPARE_LE(std::abs(c[0] + r * (c[1] + r * c[2]) - (0.02 + 0.06 * r - 0.03 * r * r)), 5 * 0.05 / std::sqrt(8000.0));
    }
    QCOMPARE_LE(fit.residual, 0.05 / std::sqrt(8000.0) * 3);
    for (const core::FittedLevel& level : fit.levels)
        QCOMPARE_LE(std::abs(level.offset()), 5 * 25 * 0.05 / std::sqrt(4000.0));
}

void tst_Device::manyTargetsShareLevels()
{
    const auto fitted = core::fitDevice(cells(40, 500));
    QVERIFY(fitted.has_value());
    QCOMPARE(fitted.value().levels.size(), std::size_t{32});
    std::size_t cellCount = 0;
    for (const core::FittedLevel& level : fitted.value().levels)
        cellCount += level.cells;
    QCOMPARE(cellCount, std::size_t{20000});
}

void tst_Device::badCellsAreNamed()
{
    QCOMPARE(core::fitDevice(cells(4, 8)).error().message, std::string("32 with 0 levels of at least 8 cells each; wanted 3 such levels"));
    auto spoiled = cells(10, 4);
    spoiled[6].measured = std::nan("");
    QCOMPARE(core::fitDevice(spoiled).error().place, std::string("cell 7"));
    spoiled[6] = {-1.0, 1.0};
    QCOMPARE(core::fitDevice(spoiled).error().place, std::string("cell 7"));
    QVERIFY(!core::fitDevice(std::vector<MeasuredCell>{}).has_value());
}

void tst_Device::anArrayTakesWhatItsCellsAre()
{
    core::Device device;
    device.bitsPerCell = 6;
    device.variation = {core::Variation::Model::Independent, 0.02};
    device.stuck = {0.1, 0.2};
    device.drift.model = core::Drift::Model::PhaseChange;
    device.onOffRatio = 50;
    core::ArrayTreatment array;
    array.rows = 256;
    array.chipSeed = 9;
    array.drift.seconds = 3600;
    const core::ArrayTreatment made = core::withDevice(array, device);
    QCOMPARE(made.rows, 256);
    QCOMPARE(made.chipSeed, std::uint64_t{9});
    QCOMPARE(made.bitsPerCell, 4);  // no more than the weight has
    QCOMPARE(made.drift.seconds, 3600.0);
    QVERIFY(made.drift.model == core::Drift::Model::PhaseChange);
    QVERIFY(made.variation == device.variation && made.stuck == device.stuck);
    QVERIFY(core::check(made).empty());
}

QTEST_APPLESS_MAIN(tst_Device)
#include "tst_device.moc"
