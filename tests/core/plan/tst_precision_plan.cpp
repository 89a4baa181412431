// SPDX-License-Identifier: Apache-2.0
#include "tests/core/plan/plan_cases.h"

#include <QtTest>

using namespace core;
using namespace plan_cases;

class TestPrecisionPlan : public QObject {
    Q_OBJECT

private slots:
    void anEmptyPlanLeavesEverythingExact();
    void aLayersFieldOverridesTheDefaults();
    void aFieldLeftOpenInherits();
    void switchedOffOverridesADefault();
    void aCorrectionThatIsOffIsNone();
    void clearingALayerForgetsIt();
    void rangesReadWhatTheyWrite_data();
    void rangesReadWhatTheyWrite();
    void aStrangeRangeIsAProblem_data();
    void aStrangeRangeIsAProblem();
};

void TestPrecisionPlan::anEmptyPlanLeavesEverythingExact() { QVERIFY(resolve({}, "conv1").isExact()); }

void TestPrecisionPlan::aLayersFieldOverridesTheDefaults()
{
    PrecisionPlan plan;
    plan.defaults.weights = uniform("int4");
    plan = withLayer(plan, "conv1", [](LayerPlan& layer) { layer.weights = uniform("int8"); });
    QCOMPARE(resolve(plan, "conv1").weights, uniform("int8"));
    QCOMPARE(resolve(plan, "conv2").weights, uniform("int4"));
}

void TestPrecisionPlan::aFieldLeftOpenInherits()
{
    PrecisionPlan plan;
    plan.defaults.surrogate = rank(8);
    plan.layers["conv1"].weights = uniform("int8");
    QCOMPARE(resolve(plan, "conv1").surrogate->rank, 8);
}

void TestPrecisionPlan::switchedOffOverridesADefault()
{
    PrecisionPlan plan;
    plan.defaults.surrogate = rank(8);
    plan.defaults.cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
    plan.layers["conv1"].surrogate = Switchable<SurrogatePlan>{};
    plan.layers["conv1"].cim = Switchable<ArrayTreatment>{};
    QVERIFY(resolve(plan, "conv1").isExact());
    QVERIFY(!resolve(plan, "conv2").isExact());
}

void TestPrecisionPlan::aCorrectionThatIsOffIsNone()
{
    PrecisionPlan plan;
    plan.defaults.correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Nearest, false, 64}};
    plan.layers["conv1"].correction = Switchable<CorrectionPlan>{};
    plan.layers["conv2"].correction = Switchable<CorrectionPlan>{CorrectionPlan{}};
    QVERIFY(resolve(plan, "conv1").isExact());
    QVERIFY(resolve(plan, "conv2").isExact());
    QVERIFY(resolve(plan, "fc1").correction->bias);
}

void TestPrecisionPlan::clearingALayerForgetsIt()
{
    PrecisionPlan plan = withLayer({}, "conv1", [](LayerPlan& layer) { layer.surrogate = rank(2); });
    QCOMPARE(plan.layers.size(), std::size_t{1});
    plan = withLayer(plan, "conv1", [](LayerPlan& layer) { layer = {}; });
    QCOMPARE(plan, PrecisionPlan{});
}

void TestPrecisionPlan::rangesReadWhatTheyWrite_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text : {"max", "mse", "dynamic", "dynamic:token", "daq", "percentile:99.9", "percentile:100", "percentile:0.001"})
        QTest::newRow(text) << text;
}

void TestPrecisionPlan::rangesReadWhatTheyWrite()
{
    QFETCH(QString, text);
    const auto range = RangeRule::parse(text.toStdString());
    QVERIFY(range);
    QCOMPARE(QString::fromStdString(range.value().text()), text);
}

void TestPrecisionPlan::aStrangeRangeIsAProblem_data()
{
    QTest::addColumn<QString>("text");
    for (const char* text : {"", "Max", "percentile", "percentile:", "percentile:0", "percentile:100.5", "percentile:nan", "percentile:99x",
                             "mse ", "dynamic:", "dynamic:row", "dynamic:token ", "DAQ"})
        QTest::newRow(text) << text;
}

void TestPrecisionPlan::aStrangeRangeIsAProblem()
{
    QFETCH(QString, text);
    const auto range = RangeRule::parse(text.toStdString());
    QVERIFY(!range);
    QCOMPARE(QString::fromStdString(range.error().message),
             QString("\"%1\" is no range; wanted max, mse, dynamic, dynamic:token, daq, or percentile:P with P above 0 and at most 100")
                 .arg(text));
}

QTEST_APPLESS_MAIN(TestPrecisionPlan)
#include "tst_precision_plan.moc"
