// SPDX-License-Identifier: Apache-2.0
#include "core/cim/tile_kernel.h"

#include "core/base/noise.h"

#include <QtTest>

#include <cmath>

using core::NoisePurpose;
using core::NoiseStream;

class tst_TileKernel : public QObject {
    Q_OBJECT
private slots:
    void vectorGaussiansAreThoseOfTheStream_data();
    void vectorGaussiansAreThoseOfTheStream();
    void aGaussianDependsOnItsCounterAlone();
    void theShortestRadiiKeepTheirAccuracy();
    void cellsLieWhereTheirIndexSays();
};

void tst_TileKernel::vectorGaussiansAreThoseOfTheStream_data()
{
    QTest::addColumn<quint64>("seed");
    QTest::addColumn<quint32>("first");
    QTest::newRow("small seed") << quint64{1} << quint32{0};
    QTest::newRow("long seed") << quint64{0x9E3779B97F4A7C15u} << quint32{12345};
    QTest::newRow("counter that wraps") << ~quint64{0} << quint32{0xFFFFFF00u};
}

void tst_TileKernel::vectorGaussiansAreThoseOfTheStream()
{
    QFETCH(quint64, seed);
    QFETCH(quint32, first);
    constexpr std::size_t counters = 50003;   // no multiple of a vector's length
    const NoiseStream stream(seed, NoisePurpose::ReadNoise);
    std::vector<float> found(4 * counters);
    core::fillGaussians(seed, static_cast<std::uint32_t>(NoisePurpose::ReadNoise), first, 17, 9, found);
    for (std::size_t i = 0; i < counters; ++i) {
        const auto wanted = stream.gaussians({first + static_cast<std::uint32_t>(i), 17, 9});
        for (std::size_t k = 0; k < 4; ++k)
            QVERIFY2(std::abs(found[k * counters + i] - wanted[k]) <= 4e-6f, qPrintable(QString("counter %1, number %2: %3, stream %4")
                                                                                            .arg(i)
                                                                                            .arg(k)
                                                                                            .arg(found[k * counters + i], 0, 'g', 9)
                                                                                            .arg(wanted[k], 0, 'g', 9)));
    }
}

void tst_TileKernel::aGaussianDependsOnItsCounterAlone()
{
    std::vector<float> many(4 * 37), one(4);
    core::fillGaussians(8, 1, 100, 2, 3, many);
    for (std::uint32_t i = 0; i < 37; ++i) {
        core::fillGaussians(8, 1, 100 + i, 2, 3, one);
        for (std::size_t k = 0; k < 4; ++k)
            QCOMPARE(one[k], many[k * 37 + i]);
    }
}

void tst_TileKernel::theShortestRadiiKeepTheirAccuracy()
{
    // A radius under 0.01 comes from a uniform within 5e-5 of 1, where a float's logarithm alone would lose it. Over so many
    // draws there are some: each number of the pair must still agree to 1e-4 of the radius.
    const NoiseStream stream(5, NoisePurpose::ReadNoise);
    constexpr std::size_t counters = 200000;
    std::vector<float> found(4 * counters);
    core::fillGaussians(5, static_cast<std::uint32_t>(NoisePurpose::ReadNoise), 0, 0, 0, found);
    int shortRadii = 0;
    for (std::size_t i = 0; i < counters; ++i)
        for (std::size_t k = 0; k < 4; k += 2) {
            const float first = found[k * counters + i], second = found[(k + 1) * counters + i];
            if (std::hypot(first, second) > 0.01f)
                continue;
            const auto wanted = stream.gaussians({static_cast<std::uint32_t>(i), 0, 0});
            const float radius = std::hypot(wanted[k], wanted[k + 1]);
            QCOMPARE_LE(std::abs(first - wanted[k]), 1e-4f * radius);
            QCOMPARE_LE(std::abs(second - wanted[k + 1]), 1e-4f * radius);
            ++shortRadii;
        }
    QCOMPARE_GE(shortRadii, 5);   // 20 expected
}

void tst_TileKernel::cellsLieWhereTheirIndexSays()
{
    // 5 outputs pad to 8, tiles of 10 rows pad to 12; 23 columns make 3 tiles.
    const core::TiledCells cells(5, 23, 10, 2, true);
    QCOMPARE(cells.paddedOutputs, 8);
    QCOMPARE(cells.stride, 12);
    QCOMPARE(cells.tiles, 3);
    QCOMPARE(cells.conductances.size(), std::size_t{2 * 3 * 8 * 12});
    QCOMPARE(cells.variances.size(), cells.conductances.size());
    QCOMPARE(cells.index(0, 0, 0), std::size_t{0});
    QCOMPARE(cells.index(0, 1, 9), std::size_t{12 + 9});
    QCOMPARE(cells.index(1, 4, 22), std::size_t{((1 * 3 + 2) * 8 + 4) * 12 + 2});
}

QTEST_APPLESS_MAIN(tst_TileKernel)
#include "tst_tile_kernel.moc"
