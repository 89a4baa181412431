// SPDX-License-Identifier: Apache-2.0
// The interval of several chips' mean: Wilson's where they agree, wider where they differ, and as often right as it says.
#include "core/base/noise.h"
#include "core/eval/mean_accuracy.h"
#include "core/eval/proportion.h"

#include <QtTest>

#include <cmath>
#include <functional>

using namespace core;

namespace {

ChipAnswers answersOf(int chips, int samples, const std::function<int(int chip, int sample)>& right)
{
    ChipAnswers answers;
    for (int s = 0; s < samples; ++s)
        answers.samples.push_back(s);
    for (int c = 0; c < chips; ++c) {
        answers.right.emplace_back();
        for (int s = 0; s < samples; ++s)
            answers.right.back().push_back(static_cast<std::uint8_t>(right(c, s)));
    }
    return answers;
}

double uniform(const NoiseStream& noise, std::uint32_t a, std::uint32_t b, std::uint32_t c) { return noise.uniforms({a, b, c})[0]; }

}  // namespace

class TestMeanAccuracy : public QObject {
    Q_OBJECT

private slots:
    void aMeanOfChipsThatAgreeHasTheIntervalOfTheirSamples()
    {
        // 8 of 10: 0.490 to 0.943 (Wilson, 1927), of one chip or of many that answer alike.
        for (const int chips : {1, 6}) {
            const MeanAccuracy mean = meanAccuracy(answersOf(chips, 10, [](int, int s) { return s < 8 ? 1 : 0; }));
            QCOMPARE(mean.value, 0.8);
            QCOMPARE_LT(std::abs(mean.low - 0.490), 5e-4);
            QCOMPARE_LT(std::abs(mean.high - 0.943), 5e-4);
        }
        QCOMPARE(meanAccuracy(answersOf(4, 50, [](int, int) { return 1; })).high, 1.0);
        QCOMPARE_LT(meanAccuracy(answersOf(4, 50, [](int, int) { return 1; })).low, 0.95);
        QCOMPARE(meanAccuracy({}).low, 0.0);
        QCOMPARE(meanAccuracy({}).high, 1.0);
    }

    void aMeanOfChipsThatDifferIsLessSureThanItsAnswersAreMany()
    {
        // Two chips, right on 90 and on 100 of 100 samples: as good as two numbers, whatever the samples.
        const MeanAccuracy two = meanAccuracy(answersOf(2, 100, [](int c, int s) { return c == 1 || s < 90 ? 1 : 0; }));
        QCOMPARE_LT(std::abs(two.value - 0.95), 1e-12);
        const Proportion independent{190, 200};
        QVERIFY(two.low < independent.low() && two.high > independent.high());
        QVERIFY(two.low > 0 && two.high < 1);
    }

    void littleToGoByIsAWideInterval()
    {
        // Two chips, one always right and one never: t of one degree of freedom, 12.7, times half of the distance.
        const MeanAccuracy opposite = meanAccuracy(answersOf(2, 100, [](int c, int) { return c; }));
        QCOMPARE(opposite.value, 0.5);
        QVERIFY(opposite.low < 0.002 && opposite.high > 0.998);
        // One sample read twice, right once: Wilson's for half of one, 0.5 -+ 1.96 sqrt(1/4 + 3.84 / 4) / 4.84.
        ChipAnswers once = answersOf(1, 1, [](int, int) { return 1; });
        once.reads = 2;
        const MeanAccuracy half = meanAccuracy(once);
        QCOMPARE(half.value, 0.5);
        QCOMPARE_LT(std::abs(half.low - (0.5 - 1.959964 * std::sqrt(0.25 + 3.841459 / 4) / 4.841459)), 1e-6);
    }

    void theIntervalOfTheMeanHoldsTheTruthAsOftenAsItSays()
    {
        // Chip c is right with probability 0.9 + 0.08 a(c), a uniform in [-1, 1], on all samples but one in twenty, which no chip knows.
        constexpr double kTruth = 0.95 * 0.9;
        constexpr int kDraws = 200;
        int held = 0;
        double width = 0;
        for (std::uint64_t draw = 0; draw < kDraws; ++draw) {
            const NoiseStream noise(100 + draw, NoisePurpose::Test);
            const MeanAccuracy mean = meanAccuracy(answersOf(8, 200, [&](int c, int s) {
                const auto chip = static_cast<std::uint32_t>(c), sample = static_cast<std::uint32_t>(s);
                const double knows = 0.9 + 0.08 * (2 * uniform(noise, chip, 0, 1) - 1);
                return uniform(noise, 0, sample, 2) >= 0.05 && uniform(noise, chip, sample, 3) < knows ? 1 : 0;
            }));
            width += (mean.high - mean.low) / kDraws;
            held += mean.low <= kTruth && kTruth <= mean.high ? 1 : 0;
        }
        // Chips deviate by 0.95 * 0.08 / sqrt(3), samples by 0.9 sqrt(0.05 * 0.95): the mean by 0.021, times t twice.
        QVERIFY2(width > 4 * 0.021 * 0.7 && width < 4 * 0.021 * 1.6, qPrintable(QString::number(width)));
        QCOMPARE_GE(held, static_cast<int>(kDraws * 0.95 - 5 * std::sqrt(kDraws * 0.95 * 0.05)));
    }
};

QTEST_APPLESS_MAIN(TestMeanAccuracy)
#include "tst_mean_accuracy.moc"
