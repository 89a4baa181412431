// SPDX-License-Identifier: Apache-2.0
// Wilson's score interval, against worked examples and its own equation.
#include "core/eval/proportion.h"

#include <QtTest>

#include <cmath>

using namespace core;

class TestProportion : public QObject {
    Q_OBJECT

private slots:
    void eightOfTenIsBetween49And94Percent()
    {
        const Proportion proportion{8, 10};
        QCOMPARE(proportion.value(), 0.8);
        QCOMPARE_LT(std::abs(proportion.low() - 0.4902), 5e-5);
        QCOMPARE_LT(std::abs(proportion.high() - 0.9433), 5e-5);
    }

    void nothingTriedSaysNothing()
    {
        QCOMPARE(Proportion{}.value(), 0.0);
        QCOMPARE(Proportion{}.low(), 0.0);
        QCOMPARE(Proportion{}.high(), 1.0);
    }

    void theEndsAreExact()
    {
        QCOMPARE((Proportion{0, 10}).low(), 0.0);
        QCOMPARE_LT(std::abs((Proportion{0, 10}).high() - 0.2775), 5e-5);   // z^2 / (n + z^2)
        QCOMPARE((Proportion{10, 10}).high(), 1.0);
        QCOMPARE_LT(std::abs((Proportion{10, 10}).low() - 0.7225), 5e-5);
    }

    void bothEndsSolveTheScoreEquation()
    {
        constexpr double kZ = 1.959964;
        for (const std::int64_t trials : {1, 7, 450, 10000})
            for (const double share : {0.1, 0.5, 0.97}) {
                const Proportion proportion{static_cast<std::int64_t>(share * static_cast<double>(trials)), trials};
                for (const double end : {proportion.low(), proportion.high()}) {
                    if (end == 0 || end == 1)
                        continue;
                    const double distance = std::abs(proportion.value() - end);
                    const double bound = kZ * std::sqrt(end * (1 - end) / static_cast<double>(trials));
                    QCOMPARE_LT(std::abs(distance - bound), 1e-12);
                }
                QVERIFY(proportion.low() <= proportion.value() && proportion.value() <= proportion.high());
            }
    }

    void moreTrialsNarrowIt()
    {
        double width = 1;
        for (const std::int64_t trials : {10, 100, 1000, 10000}) {
            const Proportion proportion{trials * 9 / 10, trials};
            QCOMPARE_LT(proportion.high() - proportion.low(), width);
            width = proportion.high() - proportion.low();
        }
        QCOMPARE_LT(std::abs(width - 0.01177), 1e-4);   // ten thousand samples at 90 %: 1.2 points wide
    }
};

QTEST_APPLESS_MAIN(TestProportion)
#include "tst_proportion.moc"
