// SPDX-License-Identifier: Apache-2.0
// Level sets, codes, ties and edges of every format, enumerated.
#include "core/formats/number_format.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <bit>
#include <cmath>
#include <limits>
#include <map>

using namespace core;
using namespace format_cases;

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

std::vector<float> mirrored(std::vector<float> positive)
{
    std::vector<float> levels;
    for (auto level = positive.rbegin(); level != positive.rend(); ++level)
        levels.push_back(-*level);
    levels.push_back(0.0f);
    levels.insert(levels.end(), positive.begin(), positive.end());
    return levels;
}

/// The parity of the code of levels()[index]: integers count from zero, minifloats from zero outwards, codebooks from
/// their lowest level.
bool isEvenCode(const NumberFormat& format, const std::vector<float>& levels, std::size_t index)
{
    if (std::holds_alternative<CodebookFormat>(format.spec()))
        return index % 2 == 0;
    const auto zero = static_cast<std::size_t>(std::find(levels.begin(), levels.end(), 0.0f) - levels.begin());
    return (index > zero ? index - zero : zero - index) % 2 == 0;
}

}  // namespace

class TestNumberFormat : public QObject {
    Q_OBJECT

private slots:
    void levelSetsAreThePublishedOnes()
    {
        QCOMPARE(named("pot4").levels(), mirrored({1 / 64.f, 1 / 32.f, 1 / 16.f, 1 / 8.f, 1 / 4.f, 1 / 2.f, 1.f}));
        QCOMPARE(named("pot2").levels(), mirrored({1.f}));
        QCOMPARE(named("pot8").levels().size(), std::size_t{255});
        QCOMPARE(named("sp2-4").levels(), mirrored({.125f, .25f, .5f, .625f, .75f, 1.f}));
        QCOMPARE(named("apot4").levels(), mirrored({.0625f, .125f, .1875f, .25f, .375f, .5f, .625f}));
        QCOMPARE(named("int4").levels(), mirrored({1, 2, 3, 4, 5, 6, 7}));
        QCOMPARE(named("int8").levels().size(), std::size_t{255});
        QCOMPARE(named("uint2").levels(), (std::vector<float>{0, 1, 2, 3}));
        QCOMPARE(named("int1").levels(), (std::vector<float>{-1, 1}));
        QCOMPARE(named("ternary").levels(), mirrored({1.f}));
        QCOMPARE(named("odd1").levels(), (std::vector<float>{-1, 1}));
        QCOMPARE(named("odd2").levels(), (std::vector<float>{-1.5f, -.5f, .5f, 1.5f}));
        QCOMPARE(named("odd3").levels(), (std::vector<float>{-1.75f, -1.25f, -.75f, -.25f, .25f, .75f, 1.25f, 1.75f}));
        QCOMPARE(named("odd4").levels().front(), -1.875f);
        QCOMPARE(named("odd4").levels()[8], .125f);
        QCOMPARE(named("e2m1").levels(), mirrored({.5f, 1.f, 1.5f, 2.f, 3.f, 4.f, 6.f}));
        QCOMPARE(named("nf4").levels()[7], 0.0f);
        QCOMPARE(named("nf4").levels().size(), std::size_t{16});
    }

    void minifloatsHaveTheirPublishedEnds_data()
    {
        QTest::addColumn<int>("levels");
        QTest::addColumn<double>("largest");
        QTest::addColumn<double>("smallest");
        QTest::newRow("e4m3") << 253 << 448.0 << 0x1p-9;
        QTest::newRow("e4m3ieee") << 239 << 240.0 << 0x1p-9;
        QTest::newRow("e5m2") << 247 << 57344.0 << 0x1p-16;
        QTest::newRow("e3m2") << 63 << 28.0 << 0x1p-4;
        QTest::newRow("e2m3") << 63 << 7.5 << 0x1p-3;
        QTest::newRow("e2m1") << 15 << 6.0 << 0x1p-1;
        QTest::newRow("fp16") << 63487 << 65504.0 << 0x1p-24;
        QTest::newRow("bf16") << 65279 << 0x1.fep127 << 0x1p-133;
    }
    void minifloatsHaveTheirPublishedEnds()
    {
        QFETCH(int, levels);
        QFETCH(double, largest);
        QFETCH(double, smallest);
        const NumberFormat format = named(QTest::currentDataTag());
        const std::vector<float> all = format.levels();
        QCOMPARE(static_cast<int>(all.size()), levels);
        QCOMPARE(static_cast<double>(all.back()), largest);
        QCOMPARE(static_cast<double>(format.largestLevel()), largest);
        QCOMPARE(static_cast<double>(all[all.size() / 2 + 1]), smallest);
    }

    void emulatorVectorsOfE4m3Hold()
    {
        const std::map<float, float> vectors{{0.3f, 0.3125f}, {1.0625f, 1.0f}, {1.1875f, 1.25f}, {17.0f, 16.0f}, {19.0f, 20.0f}, {241.0f, 240.0f}, {0.0015f, 0.001953125f}, {0.0009f, 0.0f}};
        for (const auto& [x, level] : vectors) {
            QCOMPARE(named("e4m3ieee").nearestLevel(x), level);
            QCOMPARE(named("e4m3ieee").nearestLevel(-x), -level);
        }
        QCOMPARE(named("e4m3ieee").nearestLevel(1000.0f), 240.0f);
        QCOMPARE(named("e4m3").nearestLevel(1000.0f), 448.0f);
        QCOMPARE(named("e4m3").nearestLevel(kInfinity), 448.0f);
    }

    void everyThresholdAndItsNeighboursGoToTheRightLevel()
    {
        const std::vector<std::string> names = namesUpTo(8);
        QCOMPARE_GT(names.size(), std::size_t{50});
        for (const std::string& name : names) {
            const NumberFormat format = named(name.c_str());
            const std::vector<float> levels = format.levels();
            const std::vector<float> thresholds = format.thresholds();
            QCOMPARE(thresholds.size() + 1, levels.size());
            for (std::size_t i = 0; i < levels.size(); ++i)
                QCOMPARE(format.nearestLevel(levels[i]), levels[i]);
            for (std::size_t i = 0; i < thresholds.size(); ++i) {
                const float t = thresholds[i];
                const float tied = isEvenCode(format, levels, i) ? levels[i] : levels[i + 1];
                QVERIFY2(format.nearestLevel(std::nextafter(t, -kInfinity)) == levels[i], name.c_str());
                QVERIFY2(format.nearestLevel(std::nextafter(t, kInfinity)) == levels[i + 1], name.c_str());
                QVERIFY2(format.nearestLevel(t) == tied, name.c_str());
            }
            QCOMPARE(format.nearestLevel(kInfinity), levels.back());
            QCOMPARE(format.nearestLevel(-kInfinity), levels.front());
            QVERIFY(std::isnan(format.nearestLevel(std::numeric_limits<float>::quiet_NaN())));
            QCOMPARE(format.holdsZero(), std::find(levels.begin(), levels.end(), 0.0f) != levels.end());
        }
    }
};

QTEST_APPLESS_MAIN(TestNumberFormat)
#include "tst_number_format.moc"
