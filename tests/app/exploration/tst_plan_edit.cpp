// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/exploration/plan_edit.h"

#include <QTest>

#include <numeric>

using namespace app;

class TestPlanEdit : public QObject {
    Q_OBJECT
private slots:
    void init();
    void anEditOfEveryLayerMovesIntoTheDefaults();
    void anEditOfOneLayerStaysWithIt();
    void onlyTouchedFieldsAreWritten();
    void aLayerThatAgreesWithTheDefaultsAgainIsNotMentioned();
    void switchingOffIsWrittenWhereTheDefaultIsOn();
    void differentValuesForEveryLayerStayWithTheLayers();
    void exactnessEverywhereIsTheEmptyPlan();

private:
    std::vector<core::LayerIndex> all() const { return {core::LayerIndex(0), core::LayerIndex(1), core::LayerIndex(2)}; }
    static void toInt4(const core::WeightedLayer&, core::LayerTreatment& treatment)
    {
        treatment.weights.palette.front().format = core::NumberFormat::named("int4").value();
    }
    LayersPtr m_layers;
};

void TestPlanEdit::init() { m_layers = test::fakeSource(std::make_shared<test::Pace>()).layers; }

void TestPlanEdit::anEditOfEveryLayerMovesIntoTheDefaults()
{
    const core::PrecisionPlan plan = withTreatment({}, *m_layers, all(), toInt4);
    QVERIFY(plan.layers.empty());
    QVERIFY(plan.defaults.weights);
    QCOMPARE(plan.defaults.weights->palette.front().format.name(), std::string("int4"));
    QVERIFY(!plan.defaults.activations);
}

void TestPlanEdit::anEditOfOneLayerStaysWithIt()
{
    const core::PrecisionPlan plan = withTreatment({}, *m_layers, {core::LayerIndex(1)}, toInt4);
    QVERIFY(plan.defaults.isEmpty());
    QCOMPARE(plan.layers.size(), std::size_t{1});
    QVERIFY(plan.layers.contains("second"));
    QCOMPARE(core::resolve(plan, "second").weights.palette.front().format.name(), std::string("int4"));
    QVERIFY(core::resolve(plan, "first").isExact());
}

void TestPlanEdit::onlyTouchedFieldsAreWritten()
{
    const core::PrecisionPlan plan = withTreatment({}, *m_layers, {core::LayerIndex(0)}, toInt4);
    const core::LayerPlan& layer = plan.layers.at("first");
    QVERIFY(layer.weights);
    QVERIFY(!layer.activations && !layer.accumulator && !layer.surrogate && !layer.cim);
}

void TestPlanEdit::aLayerThatAgreesWithTheDefaultsAgainIsNotMentioned()
{
    const core::PrecisionPlan one = withTreatment({}, *m_layers, {core::LayerIndex(0)}, toInt4);
    const core::PrecisionPlan back = withTreatment(one, *m_layers, {core::LayerIndex(0)}, [](const auto&, core::LayerTreatment& treatment) {
        treatment.weights.palette.front().format = core::NumberFormat();
    });
    QCOMPARE(back, core::PrecisionPlan{});
}

void TestPlanEdit::switchingOffIsWrittenWhereTheDefaultIsOn()
{
    const core::PrecisionPlan on =
        withTreatment({}, *m_layers, all(), [](const auto&, core::LayerTreatment& treatment) { treatment.cim = core::ArrayTreatment{}; });
    QVERIFY(on.defaults.cim && on.defaults.cim->value);
    const core::PrecisionPlan one =
        withTreatment(on, *m_layers, {core::LayerIndex(2)}, [](const auto&, core::LayerTreatment& treatment) { treatment.cim.reset(); });
    QVERIFY(one.layers.at("third").cim);
    QVERIFY(!one.layers.at("third").cim->value); // null in the file: not inherited
    QVERIFY(!core::resolve(one, "third").cim);
    QVERIFY(core::resolve(one, "first").cim);
}

void TestPlanEdit::differentValuesForEveryLayerStayWithTheLayers()
{
    const core::PrecisionPlan plan =
        withTreatment({}, *m_layers, all(), [](const core::WeightedLayer& layer, core::LayerTreatment& treatment) {
            core::SurrogatePlan surrogate;
            surrogate.rank = std::min(12, largestRank(layer)); // 16x16, 8x16 and 4x16: ranks 12, 8, 4
            treatment.surrogate = surrogate;
        });
    QVERIFY(!plan.defaults.surrogate);
    QCOMPARE(core::resolve(plan, "first").surrogate->rank, 12);
    QCOMPARE(core::resolve(plan, "second").surrogate->rank, 8);
    QCOMPARE(core::resolve(plan, "third").surrogate->rank, 4);
}

void TestPlanEdit::exactnessEverywhereIsTheEmptyPlan()
{
    const core::PrecisionPlan polarized = withTreatment({}, *m_layers, all(), toInt4);
    const core::PrecisionPlan exact =
        withTreatment(polarized, *m_layers, all(), [](const auto&, core::LayerTreatment& treatment) { treatment = {}; });
    QCOMPARE(exact, core::PrecisionPlan{});
}

QTEST_MAIN(TestPlanEdit)
#include "tst_plan_edit.moc"
