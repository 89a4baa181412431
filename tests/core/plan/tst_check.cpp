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
    void anArrayTakesACorrectedBiasAlone();
    void whatIsNotComputedIsAFlaw();
    void everyFlawOfAnAccumulatorIsNamed();
    void aPaletteMayRunOverChannels();
    void theGroupsOfAConvolutionShareTheirChannels();
    void pointsHaveTheirRange();
    void flipsStayInsideTheMatrixAndTheCode();
    void aRangeMustSuitWhatReadsIt();
    void whatTheDefaultsDoWrongIsToldOnce();
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
                                         "conv2, weights.rows: missing; a palette of 2 wants one index per row, or per input channel",
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

void TestCheck::anArrayTakesACorrectedBiasAlone()
{
    PrecisionPlan plan;
    plan.layers["fc1"].cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
    plan.layers["fc1"].correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Nearest, false, 64}};
    QCOMPARE(flawsOf(plan), QStringList{});
    plan.layers["fc1"].correction->value->rounding = WeightRounding::Adaptive;
    plan.layers["fc1"].correction->value->equalize = true;
    plan.layers["fc1"].correction->value->calibrationSamples = 0;
    QCOMPARE(flawsOf(plan), (QStringList{"fc1, correction.calibration_samples: 0; wanted at least 1",
                                         "fc1, correction.rounding: \"adaptive\" of an array, whose cells are programmed to the nearest level; wanted nearest",
                                         "fc1, correction.equalize: true of an array, whose inputs share one scale; wanted false"}));
}

void TestCheck::whatIsNotComputedIsAFlaw()
{
    PrecisionPlan plan;
    plan.layers["fc1"].activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Row, 0}, {}};
    QCOMPARE(flawsOf(plan), (QStringList{"fc1, activations.scale: \"row\" is not computed by this version; known: tensor"}));
}

void TestCheck::everyFlawOfAnAccumulatorIsNamed()
{
    const auto flaws = [](const AccumulatorPlan& accumulator) {
        PrecisionPlan plan;
        plan.layers["fc1"].accumulator = accumulator;
        return flawsOf(plan);
    };
    SumRule sum{format("e4m3")};
    QCOMPARE(flaws({sum}), QStringList{});
    sum = {format("int8"), ProductRounding::Fused, SumOrder::Pairwise, -1, format("nf4"), 17};
    QCOMPARE(flaws({sum}),
             (QStringList{"fc1, accumulator.format: \"int8\" is no float; wanted fp32, fp16, bf16, tf32 or an eXmY",
                          "fc1, accumulator.block: -1; wanted 0 to 1048576",
                          "fc1, accumulator.combine: \"nf4\" is no float; wanted fp32, fp16, bf16, tf32 or an eXmY",
                          "fc1, accumulator.product: \"fused\" in a pairwise sum, which adds sums to sums; wanted rounded or fp32",
                          "fc1, accumulator.random_bits: 17; wanted 1 to 16"}));
    sum = {NumberFormat(), ProductRounding::Rounded, SumOrder::Sequential, 0, format("fp16"), 8};
    QCOMPARE(
        flaws({sum}),
        (QStringList{"fc1, accumulator.combine: \"fp16\" without blocks to combine; wanted a block beside it",
                     "fc1, accumulator.rounding: \"stochastic\" of fp32, whose steps have no finer bits here; wanted a narrower format"}));
    MixedSum mixed{
        format("int4"), -1, MixedSum::Condition::Full, MixedSum::Middle{format("pot4"), -2}, 0, MixedSum::LastLayer::Margin, 1.5};
    QCOMPARE(flaws({SumRule{format("nf4")}, {}, mixed}),
             (QStringList{
                 "fc1, accumulator.mixed.low: \"nf4\" is no float; wanted fp32, fp16, bf16, tf32 or an eXmY",
                 "fc1, accumulator.mixed.high: \"int4\" is no float; wanted fp32, fp16, bf16, tf32 or an eXmY",
                 "fc1, accumulator.mixed.tolerance: -1; wanted a number of at least 0", "fc1, accumulator.mixed.tile: 0; wanted 1 to 65536",
                 "fc1, accumulator.mixed.static: 1.5; wanted a share of the rows, 0 to 1",
                 "fc1, accumulator.mixed.middle.format: \"pot4\" is no float; wanted fp32, fp16, bf16, tf32 or an eXmY",
                 "fc1, accumulator.mixed.middle.tolerance: -2; wanted more than the tolerance of -1",
                 "fc1, accumulator.mixed.middle: beside a static choice of rows, which knows two formats; wanted one of the two"}));
    AccumulatorPlan integer;
    integer.integer = IntegerSumRule{7, IntegerOverflow::Wrap};
    QCOMPARE(
        flaws(integer),
        (QStringList{"fc1, accumulator.integer.bits: 7; wanted 8 to 32",
                     "fc1, accumulator.integer: adds up codes, and weights has fp32; wanted integers of at most 8 bits by row or tensor",
                     "fc1, accumulator.integer: adds up codes, and the activations are fp32; wanted integers of at most 8 bits in a "
                     "calibrated range"}));
    PrecisionPlan sound;
    sound.defaults.weights = WeightPlan{{Treatment{format("int4"), {}, {}}}, {}, {}, {}};
    sound.defaults.activations = ActivationPlan{.format = format("uint8"), .range = {}};
    integer.integer->bits = 12;
    sound.defaults.accumulator = integer;
    QCOMPARE(flawsOf(sound), QStringList{});
    sound.layers["fc1"].cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
    QCOMPARE(flawsOf(sound), QStringList{"fc1, accumulator: \"int12 wrap\" of an array, whose converters add up; wanted fp32"});
    PrecisionPlan byLayer;  // the defaults' weights are no layer's
    byLayer.defaults.accumulator = integer;
    for (const WeightedLayer& one : lenet()) {
        byLayer.layers[one.name].weights = uniform("int4");
        byLayer.layers[one.name].activations = ActivationPlan{.format = format("uint8"), .range = {}};
    }
    QCOMPARE(flawsOf(byLayer), QStringList{});
    byLayer.layers["fc1"].correction = Switchable<CorrectionPlan>{CorrectionPlan{.equalize = true}};
    QCOMPARE(flawsOf(byLayer), QStringList{"fc1, accumulator.integer: adds up codes of one scale, and equalized inputs have one each; wanted "
                                           "equalize false"});
}

void TestCheck::aPaletteMayRunOverChannels()
{
    PrecisionPlan plan;
    plan.layers["conv2"].weights =
        WeightPlan{{Treatment{}, Treatment{format("int4"), {}, {}}}, {}, {0, 1, 0, 0, 1, 1}, {}};  // 6 channels of 5x5
    plan.layers["fc1"].weights = WeightPlan{{Treatment{}, Treatment{}}, {}, std::vector<std::uint8_t>(400, 1), {}};
    QCOMPARE(flawsOf(plan), QStringList{});
    plan.layers["conv2"].weights->channels = {0, 1, 2, 0};
    plan.layers["fc1"].weights->rows = std::vector<std::uint8_t>(120, 0);
    QCOMPARE(flawsOf(plan), (QStringList{"conv2, channel 2, weights.channels: palette index 2; the palette has 2 entries",
                                         "conv2, weights.channels: 4 indices; the layer has 6 input channels",
                                         "fc1, weights.channels: given beside rows; wanted a palette over rows or over input channels"}));
}

void TestCheck::theGroupsOfAConvolutionShareTheirChannels()
{
    WeightedLayer depthwise = plan_cases::layer("dw", 8, 9, 9);
    depthwise.groups = 8;
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{}, Treatment{}}, {}, {0, 1}, {}};
    const auto flaws = check(plan, {depthwise}, "", "");
    QCOMPARE(flaws.size(), std::size_t{1});
    QCOMPARE(QString::fromStdString(flaws.front().text()),
             "dw, weights.channels: 2 indices in the defaults; the layer has 1 input channels in each of its groups");
    plan.defaults.weights->channels = {1};
    QVERIFY(check(plan, {depthwise}, "", "").empty());
}

void TestCheck::pointsHaveTheirRange()
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format("int2"), {}, {}, kMostPoints + 1}}, {}, {}, {}};
    plan.layers["conv1"].weights =
        WeightPlan{{Treatment{format("int2"), {}, {}, 2}, Treatment{format("int2"), {}, {}, 0}}, {0, 1, 1, 1, 1, 1}, {}, {}};
    QCOMPARE(flawsOf(plan),
             (QStringList{"default, weights.points: 65; wanted 1 to 64", "conv1, weights.palette[1].points: 0; wanted 1 to 64"}));
}

void TestCheck::flipsStayInsideTheMatrixAndTheCode()
{
    PrecisionPlan plan;
    plan.layers["conv1"].weights = WeightPlan{{Treatment{format("int4"), {}, {}}, Treatment{format("int8"), {}, {}}},
                                              {0, 0, 0, 1, 1, 1},
                                              {},
                                              {{5, 24, 7}, {2, 24, 3}, {2, 24, 4}, {6, 0, 0}, {0, 25, 0}, {5, 0, 8}}};
    QCOMPARE(flawsOf(plan), (QStringList{"conv1, row 2, weights.flips[2]: bit 4; a code of int4 has bits 0 to 3",
                                         "conv1, weights.flips[3]: row 6; the layer has 6 rows",
                                         "conv1, row 0, weights.flips[4]: column 25; the layer has 25 columns",
                                         "conv1, row 5, weights.flips[5]: bit 8; a code of int8 has bits 0 to 7"}));
    plan = {};
    plan.layers["conv2"].weights = WeightPlan{{Treatment{format("int4"), {}, {}}, Treatment{format("int8"), {}, {}}},
                                              {},
                                              {0, 0, 1, 0, 0, 0},
                                              {{0, 50, 7}, {0, 49, 7}, {15, 149, 3}}};
    QCOMPARE(flawsOf(plan),
             (QStringList{"conv2, row 0, weights.flips[1]: bit 7; a code of int4 has bits 0 to 3"}));  // columns 50 ... 74 are channel 2
    plan = {};
    plan.defaults.weights = WeightPlan{{Treatment{format("int8"), {}, {}}}, {}, {}, {{10, 100, 5}}};
    plan.layers["fc1"].cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
    QCOMPARE(flawsOf(plan), (QStringList{"fc1, row 10, weights.flips[0]: bit 5; a code of the array has bits 0 to 3",
                                         "conv1, weights.flips[0]: row 10; the layer has 6 rows"}));
}

void TestCheck::aRangeMustSuitWhatReadsIt()
{
    PrecisionPlan plan;
    plan.defaults.activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::DynamicToken}};
    QCOMPARE(flawsOf(plan), QStringList{});
    plan.layers["conv2"].cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
    plan.layers["fc1"].weights = WeightPlan{{Treatment{}, Treatment{}}, {}, std::vector<std::uint8_t>(400, 0), {}};
    plan.layers["conv1"].activations = ActivationPlan{format("e4m3"), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Daq}};
    QCOMPARE(flawsOf(plan),
             (QStringList{"conv1, activations.range: \"daq\" of e4m3, a float; wanted a format of even steps such as int4",
                          "conv2, activations.range: \"dynamic:token\" in front of an array, whose inputs and converters are fixed by "
                          "calibration; wanted max, percentile:P or mse",
                          "fc1, activations.range: \"dynamic:token\" beside a palette over input channels, each with a range of its own; "
                          "wanted max, percentile:P or mse"}));
    plan.layers["conv2"].activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Max}};
    plan.layers["fc1"].activations = ActivationPlan{};
    plan.layers["conv1"].activations->format = format("int4");
    QCOMPARE(flawsOf(plan), QStringList{});
}

void TestCheck::whatTheDefaultsDoWrongIsToldOnce()
{
    PrecisionPlan plan;
    plan.defaults.activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Dynamic}};
    plan.defaults.cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
    plan.layers["conv1"].surrogate = rank(2);
    QCOMPARE(flawsOf(plan).size(), 1);
    QVERIFY(flawsOf(plan).front().startsWith("default, activations.range: "));
}

void TestCheck::allFlawsAreFound()
{
    PrecisionPlan plan;
    plan.network.name = "other";
    plan.defaults.weights =
        WeightPlan{{Treatment{format("int4"), {ScaleRule::Kind::Group, 0}, {ClipRule::Kind::Percentile, 101}}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Percentile, -1}};
    plan.layers["gone"].surrogate = rank(-2);
    QCOMPARE(flawsOf(plan).size(), 6);
}

QTEST_APPLESS_MAIN(TestCheck)
#include "tst_check.moc"
