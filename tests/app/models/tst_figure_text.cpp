// SPDX-License-Identifier: Apache-2.0
#include "app/models/figure_text.h"

#include <QTest>

#include <limits>

using namespace app;

class TestFigureText : public QObject {
    Q_OBJECT
private slots:
    void countsTakeAPrefix()
    {
        QCOMPARE(macsText(0), QStringLiteral("0"));
        QCOMPARE(macsText(999), QStringLiteral("999"));
        QCOMPARE(macsText(416520), QStringLiteral("417 k"));
        QCOMPARE(macsText(1234567), QStringLiteral("1.23 M"));
        QCOMPARE(macsText(999999), QStringLiteral("1.00 M")); // never "1000 k"
        QCOMPARE(wholeText(10000), QStringLiteral("10,000"));
    }
    void decibelsSayWhenThereIsNoErrorAndWhenNothingWasMeasured()
    {
        QCOMPARE(sqnrText(31.44), QStringLiteral("31.4 dB"));
        QCOMPARE(sqnrText(std::numeric_limits<double>::infinity()), QStringLiteral("exact"));
        QCOMPARE(sqnrText(std::nullopt), QStringLiteral("–"));
        QCOMPARE(sqnrText(std::numeric_limits<double>::quiet_NaN()), QStringLiteral("–"));
    }
    void energyTakesTheUnitThatSuitsIt()
    {
        QCOMPARE(joulesText(core::Picojoules(0.5)), QStringLiteral("500 fJ"));
        QCOMPARE(joulesText(core::Picojoules(12.44)), QStringLiteral("12.4 pJ"));
        QCOMPARE(joulesText(core::Picojoules(12440)), QStringLiteral("12.4 nJ"));
        QCOMPARE(joulesText(core::Picojoules(9.996e6)), QStringLiteral("10.0 µJ"));
        QCOMPARE(joulesText(core::Picojoules(0)), QStringLiteral("0 pJ"));
    }
    void sharesArePercent() { QCOMPARE(shareText(0.98765), QStringLiteral("98.8 %")); }
};

QTEST_APPLESS_MAIN(TestFigureText)
#include "tst_figure_text.moc"
