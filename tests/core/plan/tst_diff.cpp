// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"
#include "tests/core/plan/plan_cases.h"

#include <QtTest>

using namespace core;
using namespace plan_cases;

namespace {

QStringList changesOf(const PrecisionPlan& before, const PrecisionPlan& after)
{
    QStringList texts;
    for (const PlanChange& change : diff(before, after))
        texts.append(QString::fromStdString(change.layer + "|" + change.field + "|" + change.before + "|" + change.after));
    return texts;
}

}  // namespace

class TestDiff : public QObject {
    Q_OBJECT

private slots:
    void equalPlansDoNotDiffer();
    void everyFieldIsOneChange();
    void layersOfEitherPlanAreCompared();
    void rowsThatChangeAreNamed();
    void channelsThatChangeAreNamed();
    void aMixtureIsComparedWithWhatHeldBefore();
    void flippedBitsAreAChangeOfTheirOwn();
    void detailsLeftOutOfTheWordsStillShow();
};

void TestDiff::equalPlansDoNotDiffer()
{
    PrecisionPlan plan;
    plan.defaults.weights = uniform("int4");
    QCOMPARE(changesOf(plan, plan), QStringList{});
}

void TestDiff::everyFieldIsOneChange()
{
    PrecisionPlan before, after;
    before.name = "a";
    after.name = "b";
    before.defaults.weights = uniform("int4");
    after.defaults.weights = uniform("int8");
    after.defaults.surrogate = rank(8);
    QCOMPARE(changesOf(before, after),
             (QStringList{"|name|a|b", "default|weights|int4 row|int8 row", "default|surrogate|as default|rank 8"}));
}

void TestDiff::layersOfEitherPlanAreCompared()
{
    PrecisionPlan before, after;
    before.layers["conv1"].surrogate = rank(2);
    after.layers["fc1"].surrogate = Switchable<SurrogatePlan>{};
    after.layers["fc1"].correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Adaptive, false, 256}};
    QCOMPARE(changesOf(before, after), (QStringList{"conv1|surrogate|rank 2|as default", "fc1|surrogate|as default|none",
                                                    "fc1|correction|as default|rounded adaptively, bias corrected"}));
}

void TestDiff::rowsThatChangeAreNamed()
{
    PrecisionPlan before, after;
    const Treatment pot4{format("pot4"), {}, {}}, int4{format("int4"), {}, {}}, int8{format("int8"), {}, {}};
    //                                            0  1  2  3  4  5  6  7  8  9
    before.layers["fc1"].weights = WeightPlan{{int4, int8}, {0, 0, 0, 0, 1, 0, 0, 0, 0, 0}, {}, {}};
    after.layers["fc1"].weights = WeightPlan{{pot4, int4, int8}, {0, 1, 1, 2, 2, 0, 1, 2, 2, 2}, {}, {}};
    const auto changes = diff(before, after);
    QCOMPARE(changes.size(), std::size_t{2});
    QCOMPARE(QString::fromStdString(changes[0].text()), "fc1, rows 0, 5: int4 row -> pot4 row");
    QCOMPARE(QString::fromStdString(changes[1].text()), "fc1, rows 3, 7-9: int4 row -> int8 row");
    QCOMPARE(changes[1].field, std::string("weights.rows"));
    after.layers["fc1"].weights->rows.pop_back();  // another length: no row answers to a row
    QCOMPARE(diff(before, after).size(), std::size_t{1});
    QCOMPARE(diff(before, after).front().field, std::string("weights"));
}

void TestDiff::channelsThatChangeAreNamed()
{
    PrecisionPlan before, after;
    const Treatment odd1{format("odd1"), {}, {}}, odd2{format("odd2"), {}, {}};
    before.layers["fc1"].weights = WeightPlan{{odd1, odd2}, {}, {0, 0, 1}, {}};
    after.layers["fc1"].weights = WeightPlan{{odd1, odd2}, {}, {0, 1, 1}, {}};
    QCOMPARE(QString::fromStdString(diff(before, after).at(0).text()), "fc1, channel 1: odd1 row -> odd2 row");
    after.layers["fc1"].weights = WeightPlan{{odd1, odd2}, {0, 1}, {}, {}};
    QCOMPARE(QString::fromStdString(diff(before, after).at(0).text()),
             "fc1, weights: odd1 row / odd2 row over channels 2:1 -> odd1 row / odd2 row over rows 1:1");
}

void TestDiff::aMixtureIsComparedWithWhatHeldBefore()
{
    PrecisionPlan before, after;
    before.defaults.weights = after.defaults.weights = uniform("int4");
    after.layers["fc1"].weights =
        WeightPlan{{Treatment{format("int4"), {}, {}}, Treatment{format("int8"), {}, {}}}, {0, 0, 1, 1, 1}, {}, {}};
    QCOMPARE(changesOf(before, after), QStringList{"fc1|weights.rows|int4 row|int8 row"});
    QCOMPARE(diff(before, after).front().where, std::string("rows 2-4"));
    after.layers["fc1"].weights->rows = {0, 0, 0, 0, 0};  // the same in effect, and yet another plan
    QCOMPARE(changesOf(before, after), QStringList{"fc1|weights|as default|int4 row / int8 row over rows 5:0"});
}

void TestDiff::flippedBitsAreAChangeOfTheirOwn()
{
    PrecisionPlan before, after;
    before.defaults.weights = after.defaults.weights = uniform("int4");
    after.defaults.weights->flips = {{3, 17, 2}};
    QCOMPARE(changesOf(before, after), QStringList{"default|weights.flips|none|row 3 column 17 bit 2"});
    after.defaults.weights->palette.front().points = 2;
    QCOMPARE(changesOf(before, after),
             (QStringList{"default|weights.flips|none|row 3 column 17 bit 2", "default|weights|int4 row|int4 row x 2 points"}));
}

void TestDiff::detailsLeftOutOfTheWordsStillShow()
{
    PrecisionPlan before, after;
    before.defaults.weights = WeightPlan{{Treatment{}, Treatment{}}, {0, 1}, {}, {}};
    after.defaults.weights = WeightPlan{{Treatment{}, Treatment{}}, {1, 0}, {}, {}};
    QCOMPARE(changesOf(before, after), QStringList{"default|weights|fp32 / fp32 over rows 1:1|fp32 / fp32 over rows 1:1 (other details)"});
}

QTEST_APPLESS_MAIN(TestDiff)
#include "tst_diff.moc"
