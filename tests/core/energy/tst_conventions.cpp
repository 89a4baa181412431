// SPDX-License-Identifier: Apache-2.0
// One efficiency in several conventions, by arithmetic a person can check.
#include "core/energy/conventions.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

double in(double value, EfficiencyConvention from, EfficiencyConvention to, std::optional<double> memoryShare = {})
{
    const auto result = converted({value, from}, to, memoryShare);
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value().topsPerWatt;
}

}  // namespace

class TestConventions : public QObject {
    Q_OBJECT

private slots:
    void aMacOfTwoOperationsIsTwiceAsEfficient()
    {
        QCOMPARE(in(10.5, {1, 8, 8, true}, {2, 8, 8, true}), 21.0);
        QCOMPARE(in(464, {2, 8, 8, true}, {1, 8, 8, true}), 232.0);
    }

    void oneBitHeadlinesShrinkBy64()
    {
        // A 400 TOPS/W macro of 1b x 1b is about 6 at 8b x 8b.
        QCOMPARE(in(400, {2, 1, 1, false}, {2, 8, 8, false}), 6.25);
        QCOMPARE(in(310, {2, 1, 4, false}, {2, 1, 1, false}), 1240.0);
    }

    void memoryIsAShareOfWhatItIsPartOf()
    {
        QCOMPARE(in(10, {2, 8, 8, true}, {2, 8, 8, false}, 0.75), 40.0);
        QCOMPARE(in(40, {2, 8, 8, false}, {2, 8, 8, true}, 0.75), 10.0);
    }

    void everyConversionCanBeTakenBack()
    {
        const EfficiencyConvention a{1, 4, 8, true}, b{2, 1, 1, false};
        QCOMPARE_LT(std::abs(in(in(33, a, b, 0.3), b, a, 0.3) - 33), 1e-9);
    }

    void energyOfAMacDoesNotDependOnHowOperationsAreCounted()
    {
        const EfficiencyFigure two{464, {2, 8, 8, true}}, one = converted(two, {1, 8, 8, true}).value();
        QCOMPARE(two.femtojoulesPerMac(), one.femtojoulesPerMac());
        QCOMPARE_LT(std::abs(two.femtojoulesPerMac() - 4.31), 0.01);  // the budget: 4.3 fJ
    }

    void whatCannotBeConvertedIsNamed()
    {
        const EfficiencyConvention with{2, 8, 8, true}, without{2, 8, 8, false};
        QCOMPARE(converted({10, with}, without).error().place, std::string("memory share"));
        QCOMPARE(converted({10, with}, without, 1.0).error().place, std::string("memory share"));
        QCOMPARE(converted({10, with}, {3, 8, 8, true}).error().place, std::string("operations per MAC"));
        QCOMPARE(converted({10, with}, {2, 0, 8, true}).error().place, std::string("bits"));
        QCOMPARE(converted({-1, with}, with).error().place, std::string("TOPS/W"));
        QCOMPARE(converted({std::nan(""), with}, with).error().place, std::string("TOPS/W"));
    }

    void theWordsNameEveryPart()
    {
        QCOMPARE((EfficiencyConvention{1, 1, 4, false}.text()), std::string("1 operation a MAC, 1b x 4b, without memory"));
    }
};

QTEST_APPLESS_MAIN(TestConventions)
#include "tst_conventions.moc"
