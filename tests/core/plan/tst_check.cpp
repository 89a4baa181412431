// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"
#include "tests/core/plan/plan_cases.h"

#include <QtTest>

using namespace core;
using namespace plan_cases;

namespace {

QStringList flawsOf(const PrecisionPlan& plan)
{
    QStringList texts;
    for (const PlanFlaw& flaw : check(plan, lenet(), "lenet5-mnist", "xxh3:12"))
        texts.append(QString::fromStdString(flaw.text()));
    return texts;
}

}  // namespace

class TestCheck : public QObject {
    Q_OBJECT

private slots:
    void aSoundPlanHasNoFlaws();
    void aPlanForAnotherNetworkIsFlawed();
    void anUnknownLayerListsTheKnownOnes();
    void everyBadRowIsNamed();
    void aPaletteMustCoverTheRows();
    void aPaletteOfTheDefaultsMustFitEveryLayer();
    void aRankBeyondTheLayerIsAFlaw();
    void aDefaultRankIsNoFlawOfASmallLayer();
    void arraysAreChecked();
    void whatIsNotComputedIsAFlaw();
    void allFlawsAreFound();
};

void TestCheck::aSoundPlanHasNoFlaws()
{
    PrecisionPlan plan;
    plan.network = {"lenet5-mnist", "xxh3:12"};
    plan.defaults.weights = uniform("nf4");
    plan.layers["fc1"].weights = WeightPlan{{Treatment{}, Treatment{format("int4"), {}, {}}}, std::vector<std::uint8_t>(120, 1), {}, {}};
    plan.layers["conv1"].surrogate = rank(6);
    QCOMPARE(flawsOf(plan), QStringList{});
    QCOMPARE(flawsOf({}), QStringList{});
}

void TestCheck::aPlanForAnotherNetworkIsFlawed()
{
    PrecisionPlan plan;
    plan.network = {"mlp-mnist", "xxh3:34"};
    QCOMPARE(flawsOf(plan), (QStringList{"network.name: \"mlp-mnist\"; the network is \"lenet5-mnist\"",
                                         "network.hash: \"xxh3:34\"; the network's is \"xxh3:12\""}));
}

void TestCheck::anUnknownLayerListsTheKnownOnes()
{
    PrecisionPlan plan;
    plan.layers["conv9"].surrogate = rank(1);
    QCOMPARE(flawsOf(plan), QStringList{"conv9: the network has no weighted layer of this name; it has conv1, conv2, fc1"});
}

void TestCheck::everyBadRowIsNamed()
{
    PrecisionPlan plan;
    plan.layers["conv1"].weights = WeightPlan{{Treatment{}, Treatment{}}, {0, 2, 1, 0, 1, 200}, {}, {}};
    QCOMPARE(flawsOf(plan), (QStringList{"conv1, row 1, weights.rows: palette index 2; the palette has 2 entries",
                                         "conv1, row 5, weights.rows: palette index 200; the palette has 2 entries"}));
}

void TestCheck::aPaletteMustCoverTheRows()
{
    PrecisionPlan plan;
    plan.layers["conv1"].weights = WeightPlan{{Treatment{}, Treatment{}}, {0, 1}, {}, {}};
    plan.layers["conv2"].weights = WeightPlan{{Treatment{}, Treatment{}}, {}, {}, {}};
    plan.layers["fc1"].weights = WeightPlan{{}, {}, {}, {}};
    QCOMPARE(flawsOf(plan), (QStringList{"conv1, weights.rows: 2 indices; the layer has 6 rows",
                                         "conv2, weights.rows: missing; a palette of 2 wants one index per row",
                                         "fc1, weights.palette: 0 entries; wanted 1 to 256"}));
}

void TestCheck::aPaletteOfTheDefaultsMustFitEveryLayer()
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{}, Treatment{}}, std::vector<std::uint8_t>(16, 0), {}, {}};
    plan.layers["conv1"].weights = uniform("int8");
    QCOMPARE(flawsOf(plan), QStringList{"fc1, weights.rows: 16 indices in the defaults; the layer has 120 rows"});
}

void TestCheck::aRankBeyondTheLayerIsAFlaw()
{
    PrecisionPlan plan;
    plan.layers["conv1"].surrogate = rank(7);
    plan.layers["conv2"].surrogate = rank(-1);
    QCOMPARE(flawsOf(plan), (QStringList{"conv1, surrogate.rank: 7; a layer of 6 rows and 25 columns takes at most 6",
                                         "conv2, surrogate.rank: -1; wanted at least 0"}));
}

void TestCheck::aDefaultRankIsNoFlawOfASmallLayer()
{
    PrecisionPlan plan;
    plan.defaults.surrogate = rank(8);  // conv1 has 6 rows: it gets 6
    QCOMPARE(flawsOf(plan), QStringList{});
    plan.defaults.surrogate = rank(-8);
    QCOMPARE(flawsOf(plan), QStringList{"default, surrogate.rank: -8; wanted at least 0"});
}

void TestCheck::arraysAreChecked()
{
    PrecisionPlan plan;
    ArrayTreatment array;
    array.rows = 0;
    array.adc.bits = 40;
    plan.layers["fc1"].cim = Switchable<ArrayTreatment>{array};
    QCOMPARE(flawsOf(plan), (QStringList{"fc1, cim.array.rows: 0; wanted 1 to 4096", "fc1, cim.adc.bits: 40; wanted 0 to 16"}));
}

void TestCheck::whatIsNotComputedIsAFlaw()
{
    PrecisionPlan plan;
    plan.layers["conv1"].accumulator = AccumulatorPlan{format("fp16")};
    plan.layers["conv2"].weights = uniform("int4");
    plan.layers["conv2"].weights->channels = {0, 0};
    plan.layers["fc1"].activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Row, 0}, {}};
    QCOMPARE(flawsOf(plan),
             (QStringList{"conv1, accumulator.format: \"fp16\" is not computed by this version; known: fp32",
                          "conv2, weights.channels: a palette over input channels is not computed by this version; known: rows",
                          "fc1, activations.scale: \"row\" is not computed by this version; known: tensor"}));
}

void TestCheck::allFlawsAreFound()
{
    PrecisionPlan plan;
    plan.network.name = "other";
    plan.defaults.weights = WeightPlan{{Treatment{format("int4"), {ScaleRule::Kind::Group, 0}, {ClipRule::Kind::Percentile, 101}}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Percentile, -1}};
    plan.layers["gone"].surrogate = rank(-2);
    QCOMPARE(flawsOf(plan).size(), 6);
}

QTEST_APPLESS_MAIN(TestCheck)
#include "tst_check.moc"
