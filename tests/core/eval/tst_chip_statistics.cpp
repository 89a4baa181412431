// SPDX-License-Identifier: Apache-2.0
// Centre, spread, percentiles and yield of chips, by hand; variance components against chips and reads drawn with known ones.
#include "core/base/noise.h"
#include "core/eval/chip_fan.h"
#include "core/eval/chip_statistics.h"

#include <QtTest>

#include <array>
#include <cmath>

using namespace core;

class TestChipStatistics : public QObject {
    Q_OBJECT

private slots:
    void oneChipHasNoSpread()
    {
        const ChipStatistics one = chipStatistics(std::array{0.9});
        QCOMPARE(one.count, 1);
        QCOMPARE(one.reads, 1);
        QCOMPARE(one.mean, 0.9);
        QCOMPARE(one.standardDeviation, 0.0);
        QCOMPARE(one.low, 0.9);
        QCOMPARE(one.high, 0.9);
        QVERIFY(one.readTop1.empty());
    }

    void figuresOfFiveChipsAreThoseByHand()
    {
        const ChipStatistics five = chipStatistics(std::array{0.5, 0.1, 0.4, 0.2, 0.3});
        QCOMPARE(five.count, 5);
        QCOMPARE_LT(std::abs(five.mean - 0.3), 1e-15);
        QCOMPARE_LT(std::abs(five.standardDeviation - std::sqrt(0.025)), 1e-15);  // 0.1 / 4
        QCOMPARE(five.min, 0.1);
        QCOMPARE(five.max, 0.5);
        QCOMPARE_LT(std::abs(five.low - 0.12), 1e-15);  // a fifth of the way from 0.1 to 0.2
        QCOMPARE_LT(std::abs(five.high - 0.48), 1e-15);
        QCOMPARE(five.top1, (std::vector<double>{0.5, 0.1, 0.4, 0.2, 0.3}));
        QCOMPARE_LT(std::abs(five.chipDeviation - five.standardDeviation), 1e-15);
        QCOMPARE(five.readDeviation, 0.0);
    }

    void percentilesRunStraightBetweenNeighbours()
    {
        QCOMPARE(percentileOf(std::array{1.0, 2.0, 3.0, 4.0, 5.0}, 0.5), 3.0);
        QCOMPARE(percentileOf(std::array{0.0, 10.0}, 0.05), 0.5);
        QCOMPARE(percentileOf(std::array{7.0}, 0.95), 7.0);
        QCOMPARE(percentileOf({}, 0.5), 0.0);
    }

    void readsOfAChipAreAveraged()
    {
        const ChipStatistics two = chipStatistics(std::array{0.2, 0.4, 0.6, 0.8}, 2);
        QCOMPARE(two.count, 2);
        QCOMPARE(two.reads, 2);
        QCOMPARE_LT(std::abs(two.top1[0] - 0.3), 1e-15);
        QCOMPARE_LT(std::abs(two.top1[1] - 0.7), 1e-15);
        QCOMPARE(two.readTop1.size(), std::size_t{4});
        QCOMPARE_LT(std::abs(two.readDeviation - std::sqrt(0.02)), 1e-15);         // both chips: 2 * 0.1^2
        QCOMPARE_LT(std::abs(two.chipDeviation - std::sqrt(0.08 - 0.01)), 1e-15);  // var of means 0.08, less a half of 0.02
    }

    void readsThatDifferMoreThanChipsLeaveNothingToTheChips()
    {
        QCOMPARE(chipStatistics(std::array{0.1, 0.9, 0.9, 0.1}, 2).chipDeviation, 0.0);
    }

    void theSpreadIsSplitAsItWasDrawn()
    {
        constexpr int kChips = 400, kReads = 6;
        constexpr double kChip = 0.03, kRead = 0.05;
        const NoiseStream noise(5, NoisePurpose::Test);
        std::vector<double> drawn;
        for (std::uint32_t chip = 0; chip < kChips; ++chip)
            for (std::uint32_t read = 0; read < kReads; ++read)
                drawn.push_back(0.5 + kChip * static_cast<double>(noise.gaussians({chip, 0, 0})[0]) +
                                kRead * static_cast<double>(noise.gaussians({chip, 1, read})[0]));
        const ChipStatistics found = chipStatistics(drawn, kReads);
        // A variance from n degrees of freedom has the relative deviation sqrt(2 / n); five of them.
        const double within = kRead * kRead, between = kChip * kChip + within / kReads;
        QCOMPARE_LT(std::abs(found.readDeviation * found.readDeviation - within), 5 * within * std::sqrt(2.0 / (kChips * (kReads - 1))));
        QCOMPARE_LT(std::abs(found.standardDeviation * found.standardDeviation - between), 5 * between * std::sqrt(2.0 / (kChips - 1)));
        QCOMPARE_LT(std::abs(found.chipDeviation * found.chipDeviation - kChip * kChip), 5 * between * std::sqrt(2.0 / (kChips - 1)));
    }

    void theYieldCountsChipsAtOrAboveTheThreshold()
    {
        const ChipStatistics chips = chipStatistics(std::array{0.96, 0.94, 0.95, 0.90});
        QCOMPARE(yieldAt(chips, 0.95), (Proportion{2, 4}));
        QCOMPARE(yieldAt(chips, 0.951), (Proportion{1, 4}));
        QCOMPARE(yieldAt(chips, 0.0), (Proportion{4, 4}));
        QCOMPARE_LT(std::abs(Proportion{14, 16}.low() - 0.640), 5e-4);
        QCOMPARE_LT(std::abs(Proportion{14, 16}.high() - 0.965), 5e-4);
    }

    void aFanEndsWhereTheChipsAre()
    {
        ChipAnswers answers;
        answers.samples.resize(1000);
        answers.reads = 2;
        for (int chip = 0; chip < 21; ++chip) {
            answers.right.emplace_back(1000, 1);  // one of two reads is right, always
            for (int sample = 0; sample < 10 * chip; ++sample)
                answers.right.back()[static_cast<std::size_t>(sample)] = 2;
        }
        const std::vector<FanPoint> fan = chipFan(answers, 12);
        QCOMPARE_LE(fan.size(), std::size_t{12});
        QCOMPARE(fan.front().samples, 32);
        QCOMPARE(fan.back().samples, 1000);
        for (std::size_t i = 1; i < fan.size(); ++i)
            QCOMPARE_GT(fan[i].samples, fan[i - 1].samples);
        QCOMPARE_LT(std::abs(fan.back().mean - (0.5 + 0.05)), 1e-12);  // chip c: (1000 + 10 c) / 2000
        QCOMPARE_LT(std::abs(fan.back().low - 0.505), 1e-12);          // the second of 21
        QCOMPARE_LT(std::abs(fan.back().high - 0.595), 1e-12);
        QCOMPARE_LT(std::abs(fan.front().low - (32.0 + 10.0) / 64), 1e-12);
        QCOMPARE(fan.front().high, 1.0);
        QCOMPARE(fan.front().first, 0.5);  // chip 0 has one read right of two, always
        QCOMPARE(fan.back().first, 0.5);
        for (const FanPoint& point : fan)  // one of those the fan is made of
            QVERIFY(point.first <= point.mean);
        QVERIFY(chipFan({}).empty());
    }
};

QTEST_APPLESS_MAIN(TestChipStatistics)
#include "tst_chip_statistics.moc"
