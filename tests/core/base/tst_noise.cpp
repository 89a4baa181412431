// SPDX-License-Identifier: Apache-2.0
// Noise is a function of indices, and has the distribution it claims.
#include "core/base/noise.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

using Words = std::array<std::uint32_t, 4>;
constexpr std::uint64_t kSeed = 20260802;

}  // namespace

class TestNoise : public QObject {
    Q_OBJECT

private slots:
    void wordsAreThoseOfPublishedPhilox()
    {
        // Known answers of Random123's philox4x32-10. The purpose is the counter's fourth word.
        QCOMPARE(NoiseStream(0, NoisePurpose::Test).words({0, 0, 0}), (Words{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
        const NoiseStream digitsOfPi(0x299f31d0a4093822, static_cast<NoisePurpose>(0x03707344));
        QCOMPARE(digitsOfPi.words({0x243f6a88, 0x85a308d3, 0x13198a2e}), (Words{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
    }

    void everyIndexSeedAndPurposeChangesTheDraw()
    {
        const Words base = NoiseStream(1, NoisePurpose::ReadNoise).words({5, 6, 7});
        QCOMPARE(NoiseStream(1, NoisePurpose::ReadNoise).words({5, 6, 7}), base);
        QVERIFY(NoiseStream(2, NoisePurpose::ReadNoise).words({5, 6, 7}) != base);
        QVERIFY(NoiseStream(1, NoisePurpose::Drift).words({5, 6, 7}) != base);
        QVERIFY(NoiseStream(1, NoisePurpose::ReadNoise).words({4, 6, 7}) != base);
        QVERIFY(NoiseStream(1, NoisePurpose::ReadNoise).words({5, 5, 7}) != base);
        QVERIFY(NoiseStream(1, NoisePurpose::ReadNoise).words({5, 6, 8}) != base);
        QVERIFY(NoiseStream(1ull << 32 | 1, NoisePurpose::ReadNoise).words({5, 6, 7}) != base);
    }

    void uniformsLieStrictlyBetweenZeroAndOneWithTheRightMean()
    {
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        constexpr std::uint32_t kDraws = 50000;
        double sum = 0;
        for (std::uint32_t i = 0; i < kDraws; ++i)
            for (const double u : noise.uniforms({i, 0, 0})) {
                QVERIFY(u > 0 && u < 1);
                sum += u;
            }
        const double n = 4.0 * kDraws;
        QCOMPARE_LT(std::abs(sum / n - 0.5), 5 * std::sqrt(1.0 / 12 / n));
    }

    void gaussiansHaveUnitMomentsAndNoCorrelation()
    {
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        constexpr std::uint32_t kDraws = 50000;
        double sum = 0, squares = 0, cubes = 0, fourths = 0, products = 0;
        for (std::uint32_t i = 0; i < kDraws; ++i) {
            const auto drawn = noise.gaussians({i, 1, 0});
            for (const float g : drawn) {
                const auto x = static_cast<double>(g);
                sum += x;
                squares += x * x;
                cubes += x * x * x;
                fourths += x * x * x * x;
            }
            products += static_cast<double>(drawn[0]) * static_cast<double>(drawn[1]);
        }
        const double n = 4.0 * kDraws;
        QCOMPARE_LT(std::abs(sum / n), 5 / std::sqrt(n));
        QCOMPARE_LT(std::abs(squares / n - 1), 5 * std::sqrt(2 / n));
        QCOMPARE_LT(std::abs(cubes / n), 5 * std::sqrt(15 / n));
        QCOMPARE_LT(std::abs(fourths / n - 3), 5 * std::sqrt(96 / n));
        QCOMPARE_LT(std::abs(products / kDraws), 5 / std::sqrt(double{kDraws}));
    }
};

QTEST_APPLESS_MAIN(TestNoise)
#include "tst_noise.moc"
