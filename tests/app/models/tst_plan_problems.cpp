// SPDX-License-Identifier: Apache-2.0
#include "app/models/plan_problems.h"

#include <QTest>

using namespace app;

class TestPlanProblems : public QObject {
    Q_OBJECT
private slots:
    void aFieldCoversItsParts()
    {
        const PlanProblems problems({{"conv1", {}, "weights.scale", "no scale"}, {"conv1", {}, "weightsx", "another field"}});
        QCOMPARE(problems.ofField("conv1", "weights"), QStringLiteral("no scale"));
        QCOMPARE(problems.ofField("conv1", "weights.scale"), QStringLiteral("no scale"));
        QVERIFY(problems.ofField("conv1", "weights.format").isEmpty());
        QVERIFY(problems.ofField("conv2", "weights").isEmpty());
    }
    void aFlawOfTheDefaultsShowsAtEveryLayersField()
    {
        const PlanProblems problems({{"", {}, "surrogate.rank", "rank -1; wanted 0 or more"}});
        QCOMPARE(problems.ofField("conv1", "surrogate"), QStringLiteral("rank -1; wanted 0 or more"));
        QVERIFY(problems.ofLayer("conv1").isEmpty());
    }
    void theSummarySaysHowManyMore()
    {
        QVERIFY(PlanProblems().summary().isEmpty());
        const core::PlanFlaw flaw{"conv1", {}, "weights", "wrong"};
        QCOMPARE(PlanProblems({flaw}).summary(), QString::fromStdString(flaw.text()));
        QVERIFY(PlanProblems({flaw, flaw, flaw}).summary().contains(QStringLiteral("2 more")));
    }
};

QTEST_APPLESS_MAIN(TestPlanProblems)
#include "tst_plan_problems.moc"
