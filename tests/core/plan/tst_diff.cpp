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
    QCOMPARE(changesOf(before, after), (QStringList{"conv1|surrogate|rank 2|as default", "fc1|surrogate|as default|none"}));
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
