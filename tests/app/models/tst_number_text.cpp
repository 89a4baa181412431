// SPDX-License-Identifier: Apache-2.0
#include "app/models/number_text.h"

#include <QTest>

#include <cmath>
#include <limits>

using namespace app;

class TestNumberText : public QObject {
    Q_OBJECT
private slots:
    void numbersAreWrittenForPeople()
    {
        QCOMPARE(countText(10000), QStringLiteral("10,000"));
        QCOMPARE(numberText(-1.24, 1), QStringLiteral("−1.2"));
        QCOMPARE(numberText(-0.04, 1), QStringLiteral("0.0"));
        QCOMPARE(numberText(std::nan(""), 1), QStringLiteral("–"));
        QCOMPARE(numberText(std::numeric_limits<double>::infinity(), 1), QStringLiteral("∞"));
        QCOMPARE(signedPointsText(0.004), QStringLiteral("+0.4"));
        QCOMPARE(signedPointsText(-0.012), QStringLiteral("−1.2"));
        QCOMPARE(signedPointsText(0.0001), QStringLiteral("±0.0"));
        QCOMPARE(percentText(0.98765), QStringLiteral("98.8\u00a0%"));
    }
    void threeDigitsCount()
    {
        QCOMPARE(shortNumberText(0.01234), QStringLiteral("0.0123"));
        QCOMPARE(shortNumberText(1234), QStringLiteral("1,234"));
        QCOMPARE(shortNumberText(12.34), QStringLiteral("12.3"));
        QCOMPARE(shortNumberText(9.996), QStringLiteral("10.0"));
        QCOMPARE(shortNumberText(9.994), QStringLiteral("9.99"));
        QCOMPARE(shortNumberText(-0.09996), QStringLiteral("−0.100"));
    }
    void belowAThousandthAPowerOfTenIsTold()
    {
        QCOMPARE(compactNumberText(0.00667), QStringLiteral("0.00667"));
        QCOMPARE(compactNumberText(3.434e-6), QStringLiteral("3.43e−6"));
        QCOMPARE(compactNumberText(-2.01e-5), QStringLiteral("−2.01e−5"));
        QCOMPARE(compactNumberText(0), QStringLiteral("0"));
        QCOMPARE(compactNumberText(std::numeric_limits<double>::infinity()), QStringLiteral("∞"));
    }
    void countsTakeAPrefix()
    {
        QCOMPARE(prefixedText(0), QStringLiteral("0"));
        QCOMPARE(prefixedText(999), QStringLiteral("999"));
        QCOMPARE(prefixedText(416520), QStringLiteral("417\u00a0k"));
        QCOMPARE(prefixedText(1234567), QStringLiteral("1.23\u00a0M"));
        QCOMPARE(prefixedText(999999), QStringLiteral("1.00\u00a0M")); // never "1000 k"
    }
    void decibelsSayWhenThereIsNoErrorAndWhenNothingWasMeasured()
    {
        const double infinity = std::numeric_limits<double>::infinity();
        QCOMPARE(decibelText(31.44), QStringLiteral("31.4\u00a0dB"));
        QCOMPARE(decibelText(infinity), QStringLiteral("exact"));
        QCOMPARE(decibelText(-infinity), QStringLiteral("no signal"));
        QCOMPARE(decibelText(std::nullopt), QStringLiteral("not measured"));
        QCOMPARE(decibelText(std::nan(""), QStringLiteral("–")), QStringLiteral("–")); // where a table has no room
    }
    void energyTakesTheUnitThatSuitsIt()
    {
        using core::Picojoules;
        QCOMPARE(energyText(Picojoules(0.5)), QStringLiteral("500\u00a0fJ"));
        QCOMPARE(energyText(Picojoules(12.44)), QStringLiteral("12.4\u00a0pJ"));
        QCOMPARE(energyText(Picojoules(12440)), QStringLiteral("12.4\u00a0nJ"));
        QCOMPARE(energyText(Picojoules(9.996e6)), QStringLiteral("10.0\u00a0µJ"));
        QCOMPARE(energyText(Picojoules(999.6)), QStringLiteral("1.00\u00a0nJ"));
        QCOMPARE(energyText(Picojoules(0)), QStringLiteral("0\u00a0pJ"));
        QCOMPARE(energyText(Picojoules(12.4), energyUnitFor(Picojoules(12400))), QStringLiteral("0.0124\u00a0nJ"));
    }
};

QTEST_APPLESS_MAIN(TestNumberText)
#include "tst_number_text.moc"
