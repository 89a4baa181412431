// SPDX-License-Identifier: Apache-2.0
// Paired comparisons: McNemar by hand, the crossed design against Student's t in its corners, and how often each calls a
// difference significant where there is none.
#include "core/base/noise.h"
#include "core/eval/paired_difference.h"
#include "core/eval/student.h"

#include <QtTest>

#include <cmath>
#include <functional>
#include <numeric>

using namespace core;

namespace {

ChipAnswers answersOf(int chips, int samples, const std::function<int(int chip, int sample)>& right, int reads = 1)
{
    ChipAnswers answers;
    answers.seed = 1;
    answers.reads = reads;
    answers.samples.resize(static_cast<std::size_t>(samples));
    std::iota(answers.samples.begin(), answers.samples.end(), 0);
    answers.referenceRight.assign(static_cast<std::size_t>(samples), 1);
    for (int c = 0; c < chips; ++c) {
        answers.right.emplace_back();
        for (int s = 0; s < samples; ++s)
            answers.right.back().push_back(static_cast<std::uint8_t>(right(c, s)));
    }
    return answers;
}

PairedDifference compared(const ChipAnswers& first, const ChipAnswers& second)
{
    const auto result = pairedDifference(first, second);
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value();
}

double uniform(const NoiseStream& noise, std::uint32_t a, std::uint32_t b, std::uint32_t c) { return noise.uniforms({a, b, c})[0]; }

}  // namespace

class TestPairedDifference : public QObject {
    Q_OBJECT

private slots:
    void aPlanDoesNotDifferFromItself()
    {
        for (const int chips : {1, 5}) {
            const ChipAnswers same = answersOf(chips, 200, [](int c, int s) { return (s * 7 + c) % 3 > 0; });
            const PairedDifference none = compared(same, same);
            QCOMPARE(none.difference, 0.0);
            QCOMPARE(none.probability, 1.0);
            QVERIFY(!none.isSignificant());
            QVERIFY(none.low < 0 && none.high > 0);
            QCOMPARE(none.gained + none.lost, 0);
        }
    }

    void oneChipIsMcNemarsTest()
    {
        // 10 samples only the first gets right, 2 only the second: p = 2 * (1 + 12 + 66) / 4096.
        const ChipAnswers first = answersOf(1, 100, [](int, int s) { return s < 60; });
        const ChipAnswers second = answersOf(1, 100, [](int, int s) { return s >= 10 && s < 62; });
        const PairedDifference found = compared(first, second);
        QCOMPARE(found.method, PairedDifference::Method::McNemar);
        QCOMPARE(found.gained, 2);
        QCOMPARE(found.lost, 10);
        QCOMPARE_LT(std::abs(found.difference + 0.08), 1e-12);
        QCOMPARE_LT(std::abs(found.probability - 158.0 / 4096.0), 1e-12);
        QVERIFY(found.isSignificant());
        // Bonett and Price: 3 / 102 - 11 / 102 -+ 1.96 sqrt((14 / 102 - (8 / 102)^2) / 102).
        const double centre = -8.0 / 102, half = 1.959964 * std::sqrt((14.0 / 102 - centre * centre) / 102);
        QCOMPARE_LT(std::abs(found.low - (centre - half)), 1e-12);
        QCOMPARE_LT(std::abs(found.high - (centre + half)), 1e-12);
        const PairedDifference back = compared(second, first);
        QCOMPARE(back.difference, -found.difference);
        QCOMPARE(back.probability, found.probability);
        QCOMPARE_LT(std::abs(back.low + found.high), 1e-12);
    }

    void chipsThatAnswerAlikeCountOnce()
    {
        const auto first = [](int, int s) { return s < 60; };
        const auto second = [](int, int s) { return s >= 10 && s < 62; };
        const PairedDifference one = compared(answersOf(1, 100, first), answersOf(1, 100, second));
        const PairedDifference many = compared(answersOf(16, 100, first), answersOf(16, 100, second));
        QCOMPARE(many.method, PairedDifference::Method::McNemar);
        QCOMPARE(many.probability, one.probability);
        QCOMPARE(many.low, one.low);
        QCOMPARE(many.chips, 16);
    }

    void whereSamplesAreAllAlikeItIsStudentsPairedT()
    {
        // Chip c gains on every sample or loses on every sample: means 1, 1, 1, 0, 1, and every sample the same.
        const ChipAnswers none = answersOf(5, 40, [](int, int) { return 0; });
        const ChipAnswers second = answersOf(5, 40, [](int c, int) { return c == 3 ? 0 : 1; });
        const PairedDifference found = compared(none, second);
        QCOMPARE(found.method, PairedDifference::Method::Crossed);
        QCOMPARE_LT(std::abs(found.difference - 0.8), 1e-12);
        const double t = 0.8 / std::sqrt(0.2 / 5);  // variance of the five means: 0.8 / 4
        QCOMPARE_LT(std::abs(found.probability - twoSidedStudent(t, 4)), 1e-10);
        QCOMPARE_LT(std::abs(found.low - (0.8 - student95(4) * 0.2)), 1e-10);
        QCOMPARE(found.high, 1.0);  // a difference of shares ends at 1
    }

    void readsAreAveragedWithinAChip()
    {
        const ChipAnswers first = answersOf(
            3, 60, [](int c, int s) { return (c + s) % 5; }, 4);
        const ChipAnswers second = answersOf(
            3, 60, [](int c, int s) { return (c * s) % 3; }, 2);
        double mean = 0;
        for (int c = 0; c < 3; ++c)
            for (int s = 0; s < 60; ++s)
                mean += ((c * s) % 3) / 2.0 - ((c + s) % 5) / 4.0;
        QCOMPARE_LT(std::abs(compared(first, second).difference - mean / 180), 1e-12);
    }

    void readsOfOneChipAreComparedOverSamples()
    {
        const ChipAnswers first = answersOf(
            1, 50, [](int, int s) { return s % 4; }, 3);
        const ChipAnswers second = answersOf(
            1, 50, [](int, int s) { return s % 3; }, 3);
        const PairedDifference found = compared(first, second);
        double mean = 0, squares = 0;
        for (int s = 0; s < 50; ++s)
            mean += (s % 3 - s % 4) / 3.0 / 50;
        for (int s = 0; s < 50; ++s)
            squares += std::pow((s % 3 - s % 4) / 3.0 - mean, 2);
        const double half = 1.959964 * std::sqrt(squares / 49 / 50);
        QCOMPARE_LT(std::abs(found.high - (mean + half)), 1e-6);
        QCOMPARE_LT(std::abs(found.low - (mean - half)), 1e-6);
    }

    void itCriesWolfAsOftenAsItSays_data()
    {
        QTest::addColumn<int>("chips");
        QTest::addColumn<double>("accuracy");
        QTest::addColumn<double>("luck");  // of chips, and half as much again of samples
        QTest::newRow("one chip") << 1 << 0.6 << 0.2;
        QTest::newRow("4 chips") << 4 << 0.6 << 0.2;
        QTest::newRow("16 chips") << 16 << 0.6 << 0.2;
        QTest::newRow("2 good chips") << 2 << 0.98 << 0.0;
        QTest::newRow("4 good chips") << 4 << 0.98 << 0.0;
    }

    void itCriesWolfAsOftenAsItSays()
    {
        // Two plans of equal merit: chips and samples of every kind of luck, drawn anew each time. A difference is called
        // significant in at most 5 of 100 cases, within five deviations of that count. One chip has no luck: its own merit
        // is what is asked of it.
        QFETCH(int, chips);
        QFETCH(double, accuracy);
        QFETCH(double, luck);
        constexpr std::uint32_t kCases = 300;
        constexpr int kSamples = 80;
        int significant = 0, covered = 0;
        for (std::uint32_t seed = 0; seed < kCases; ++seed) {
            const NoiseStream noise(seed, NoisePurpose::Test);
            const auto plan = [&](std::uint32_t which) {
                return answersOf(chips, kSamples, [&, which](int c, int s) {
                    const auto chip = static_cast<std::uint32_t>(c), sample = static_cast<std::uint32_t>(s);
                    const double luckOfChip = chips == 1 ? 0.0 : luck * (uniform(noise, chip, 1000000 + which, 0) - 0.5);
                    const double luckOfSample = 1.5 * luck * (uniform(noise, sample, 2000000 + which, 0) - 0.5);
                    return uniform(noise, chip, sample, which) < accuracy + luckOfChip + luckOfSample ? 1 : 0;
                });
            };
            const PairedDifference found = compared(plan(0), plan(1));
            significant += found.isSignificant() ? 1 : 0;
            covered += found.low <= 0 && found.high >= 0 ? 1 : 0;
        }
        const double deviation = std::sqrt(0.05 * 0.95 * kCases);
        qInfo("%d chips: %d of %u called significant, %d intervals hold 0", chips, significant, kCases, covered);
        QCOMPARE_LT(significant, 0.05 * kCases + 5 * deviation);
        QCOMPARE_GT(covered, 0.95 * kCases - 5 * deviation);
    }

    void chipsThatHappenToAgreeAreNotCertain()
    {
        // Each chip gains one sample and loses another: both means are 0, and yet one cannot be sure of it.
        const ChipAnswers none = answersOf(2, 100, [](int, int s) { return s < 50; });
        const ChipAnswers second = answersOf(2, 100, [](int c, int s) { return s == c ? 0 : s == 90 + c ? 1 : s < 50; });
        const PairedDifference found = compared(none, second);
        QCOMPARE(found.difference, 0.0);
        QVERIFY(found.low < -0.005 && found.high > 0.005);
        QVERIFY(!found.isSignificant());
    }

    void aRealDifferenceIsFound()
    {
        const NoiseStream noise(3, NoisePurpose::Test);
        const auto plan = [&](std::uint32_t which, double share) {
            return answersOf(8, 500, [&](int c, int s) {
                return uniform(noise, static_cast<std::uint32_t>(c), static_cast<std::uint32_t>(s), which) < share ? 1 : 0;
            });
        };
        const PairedDifference found = compared(plan(0, 0.80), plan(1, 0.86));
        QVERIFY(found.isSignificant());
        QVERIFY(found.low > 0 && found.low < 0.06 && found.high > 0.06);
    }

    void onlyTheSameChipsAndSamplesArePaired()
    {
        ChipAnswers first = answersOf(3, 10, [](int, int) { return 1; });
        ChipAnswers shorter = answersOf(2, 8, [](int, int) { return 1; });
        const PairedDifference common = compared(first, shorter);
        QCOMPARE(common.chips, 2);
        QCOMPARE(common.samples, 8);
        shorter.samples[4] = 99;
        QVERIFY(!pairedDifference(first, shorter));
        QVERIFY(pairedDifference(first, shorter).error().text().find("99") != std::string::npos);
        ChipAnswers others = first;
        others.seed = 2;
        QVERIFY(!pairedDifference(first, others));
        others = first;
        others.right.clear();
        QVERIFY(!pairedDifference(first, others));
    }

    void theReferenceIsTheSameOnEveryChip()
    {
        const ChipAnswers plan = answersOf(2, 100, [](int, int s) { return s < 90; });
        const PairedDifference found = differenceToReference(plan);  // the reference is right on all
        QCOMPARE_LT(std::abs(found.difference + 0.1), 1e-12);
        QCOMPARE(found.lost, 10);
        QVERIFY(found.isSignificant());
        QCOMPARE(differenceToReference({}).probability, 1.0);
    }
};

QTEST_APPLESS_MAIN(TestPairedDifference)
#include "tst_paired_difference.moc"
