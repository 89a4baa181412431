// SPDX-License-Identifier: Apache-2.0
// Layers whose numbers are integers times scales run as 8-bit products: bit for bit the sum one would do by hand.

#include "core/engine/float_run.h"
#include "core/engine/patches.h"
#include "core/formats/codes.h"
#include "tests/core/engine/network_builder.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

using namespace core;

namespace {

NumberFormat format(const std::string& name) { return NumberFormat::named(name).value(); }

Treatment treatment(const std::string& name, const char* scale = "row") { return {format(name), ScaleRule::parse(scale).value(), {}}; }

struct Bench {
    std::shared_ptr<const EngineContext> context;
    std::shared_ptr<Calibration> calibration;
    Tensor input;
};

Bench benchFor(Network network, const Shape& inputs)
{
    const auto context = prepareEngine(std::make_shared<Network>(std::move(network)));
    if (!context)
        qFatal("%s", context.error().text().c_str());
    const Tensor input = seeded(inputs, 77);
    const auto calibration = Calibration::observe(context.value(), SampleSet{input, std::vector<std::int32_t>(static_cast<std::size_t>(inputs[0]))}, 1);
    if (!calibration)
        qFatal("%s", calibration.error().text().c_str());
    return {context.value(), calibration.value(), input};
}

struct Window { std::int64_t groups = 1; std::vector<std::int64_t> pads, strides, dilations; };

Bench convolution(const Window& window, bool isRectified)
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {8, 9, 11});
    std::vector<std::pair<std::string, AttributeValue>> attributes{{"group", window.groups}};
    for (const auto& [name, values] : std::map<std::string, std::vector<std::int64_t>>{{"pads", window.pads}, {"strides", window.strides}, {"dilations", window.dilations}})
        if (!values.empty())
            attributes.emplace_back(name, values);
    const ValueIndex source = isRectified ? builder.node("Relu", {x}) : x;
    const ValueIndex y = builder.node("Conv", {source, builder.constant(seeded({16, 8 / window.groups, 3, 3}, 2)), builder.constant(seeded({16}, 3))}, attributes);
    return benchFor(builder.finish(builder.node("Relu", {y})), {6, 8, 9, 11});
}

Bench tokens()
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {5, 48});
    const ValueIndex y = builder.node("MatMul", {x, builder.constant(seeded({48, 20}, 4))});
    return benchFor(builder.finish(builder.node("Add", {y, builder.constant(seeded({20}, 5))})), {6, 5, 48});
}

/// The definition in core/engine/lowering_integer.cpp, with sums in 64 bits, over im2col vectors.
std::vector<float> byHand(const Bench& bench, const CompiledLayer& compiled, const Tensor& layerInput, const Shape& output, bool isRectified)
{
    const WeightedLayer& layer = bench.context->layers.front();
    const Patches patches(*bench.context->network, layer, layerInput.shape(), output);
    const auto values = layerInput.values<float>();
    const NodeGroup& group = bench.context->groups[bench.context->groupOfLayer.front()];
    const std::vector<float> bias = biasOf(*bench.context->network, group, compiled);
    const std::size_t window = layer.kind == LayerKind::Dense ? 1 : 9;
    std::vector<float> answers(static_cast<std::size_t>(elementCount(output)));
    std::vector<float> vector(static_cast<std::size_t>(layer.columns));
    std::vector<float> inside(values.size(), 1.0f), mask(vector.size());
    for (std::int64_t v = 0; v < patches.vectors(); ++v)
        for (int row = 0; row < layer.rows; ++row) {
            const int g = row / (layer.rows / layer.groups);
            patches.gather(values.data(), v, g, 0.0f, vector.data());
            patches.gather(inside.data(), v, g, 0.0f, mask.data());
            float answer = 0;
            for (std::size_t p = 0; p < compiled.integers.size(); ++p) {
                const IntegerPart& part = compiled.integers[p];
                const std::size_t columns = part.codes.size() / static_cast<std::size_t>(layer.rows);
                std::int64_t sum = 0;
                for (std::size_t c = 0; c < columns; ++c) {
                    const std::size_t column = part.channels.empty() ? c : part.channels[c / window] * window + c % window;
                    const float rounded = part.input.applyScalar(vector[column]);
                    const auto x = mask[column] == 0.0f ? 0 : std::llround(static_cast<double>(rounded) / static_cast<double>(part.coding.step));
                    sum += x * part.codes[static_cast<std::size_t>(row) * columns + c];
                }
                const float scaled = part.scales[static_cast<std::size_t>(row)] * static_cast<float>(sum);
                answer = p == 0 ? scaled : answer + scaled;
            }
            if (!bias.empty())
                answer += bias[static_cast<std::size_t>(row)];
            answers[static_cast<std::size_t>(patches.outputOffset(v, row))] = isRectified ? std::max(answer, 0.0f) : answer;
        }
    return answers;
}

std::vector<std::uint8_t> cycling(int count, std::size_t entries)
{
    std::vector<std::uint8_t> choices;
    for (int i = 0; i < count; ++i)
        choices.push_back(static_cast<std::uint8_t>(static_cast<std::size_t>(i * i + i / 3) % entries));
    return choices;
}

void compareWithHand(const Bench& bench, const LayerPlan& orders, bool isRectified)
{
    PrecisionPlan plan;
    plan.defaults = orders;
    const auto network = compile(*bench.calibration, {.plan = plan});
    QVERIFY2(network.has_value(), network ? "" : network.error().text().c_str());
    const CompiledLayer& compiled = *network.value()->layers.front();
    QVERIFY(!compiled.integers.empty());

    // Codes and steps say the same weights as the dequantized ones.
    const auto got = runPolarized(*bench.context, *network.value(), bench.input, 1);
    QVERIFY2(got.has_value(), got ? "" : got.error().text().c_str());
    Tensor layerInput = bench.input;
    if (bench.context->network->nodes.front().operation == "Relu")
        for (float& x : layerInput.edit<float>())
            x = std::max(x, 0.0f);
    const std::vector<float> wanted = byHand(bench, compiled, layerInput, got.value().shape(), isRectified);
    const auto answers = got.value().values<float>();
    QCOMPARE(answers.size(), wanted.size());
    const float tolerance = hasExactByteProducts() ? 0.0f : 0x1p-16f;   // of the largest answer
    const float largest = std::abs(*std::max_element(wanted.begin(), wanted.end(), [](float a, float b) { return std::abs(a) < std::abs(b); }));
    for (std::size_t i = 0; i < wanted.size(); ++i)
        if (!(std::abs(answers[i] - wanted[i]) <= tolerance * largest))
            QFAIL(qPrintable(QString("output %1: %2, by hand %3").arg(i).arg(static_cast<double>(answers[i]), 0, 'g', 9).arg(static_cast<double>(wanted[i]), 0, 'g', 9)));
}

LayerPlan orders(std::vector<Treatment> palette, const char* activations, const char* range = "max")
{
    LayerPlan plan;
    plan.weights = WeightPlan{std::move(palette), {}, {}, {}};
    plan.activations = ActivationPlan{format(activations), {ScaleRule::Kind::Tensor, 0}, RangeRule::parse(range).value()};
    return plan;
}

const std::vector<const char*> kWeights{"int8", "int4", "int2", "int1", "ternary", "pot4", "sp2-4", "odd3", "odd7", "uint4"};

}  // namespace

class TestIntegerProduct : public QObject {
    Q_OBJECT
private slots:
    void aConvolutionIsItsIntegerSum_data()
    {
        QTest::addColumn<QString>("weights");
        QTest::addColumn<QString>("activations");
        QTest::addColumn<bool>("rectified");
        for (const char* weights : kWeights)
            for (const char* activations : {"int8", "uint8", "uint4"})
                for (const bool rectified : {false, true})
                    QTest::addRow("%s x %s%s", weights, activations, rectified ? " behind a rectifier" : "") << weights << activations << rectified;
    }

    void aConvolutionIsItsIntegerSum()
    {
        QFETCH(QString, weights);
        QFETCH(QString, activations);
        QFETCH(bool, rectified);
        compareWithHand(convolution({1, {1, 1, 1, 1}, {2, 2}, {}}, rectified), orders({treatment(weights.toStdString())}, qPrintable(activations)), true);
    }

    void anyWindowAndAnyGroupsAreTheIntegerSum()
    {
        for (const Window& window : {Window{1, {0, 1, 2, 0}, {2, 1}, {}}, Window{1, {2, 2, 2, 2}, {}, {2, 2}}, Window{2, {1, 1, 1, 1}, {}, {}}, Window{8, {1, 1, 1, 1}, {}, {}}})
            compareWithHand(convolution(window, true), orders({treatment("int4", "tensor")}, "uint8"), true);
    }

    void aMixtureOverRowsIsTheIntegerSum()
    {
        std::vector<Treatment> palette;
        for (const char* name : kWeights)
            palette.push_back(treatment(name));
        LayerPlan mixed = orders(palette, "int8", "percentile:99");
        mixed.weights->rows = cycling(16, palette.size());
        compareWithHand(convolution({1, {1, 1, 1, 1}, {}, {}}, false), mixed, true);
        mixed.weights->rows = cycling(20, palette.size());
        compareWithHand(tokens(), mixed, false);
    }

    /// SySMOL: equal widths packed together, weights and activations of a channel as wide as one another.
    void aMixtureOverChannelsIsTheSumOfItsPackedParts()
    {
        for (const std::vector<const char*>& names : {std::vector<const char*>{"odd1", "odd2", "odd4"}, std::vector<const char*>{"int2", "int4", "int8"}}) {
            std::vector<Treatment> palette;
            for (const char* name : names)
                palette.push_back(treatment(name));
            for (const char* activations : {"int8", "uint8"}) {
                LayerPlan mixed = orders(palette, activations);
                mixed.weights->channels = cycling(8, palette.size());
                compareWithHand(convolution({1, {1, 1, 1, 1}, {}, {}}, true), mixed, true);
                mixed.weights->channels = cycling(48, palette.size());
                compareWithHand(tokens(), mixed, false);
            }
        }
    }

    void channelsRoundTheirActivationsToTheirOwnWidth()
    {
        PrecisionPlan plan;
        plan.defaults = orders({treatment("int2"), treatment("int4")}, "int8");
        plan.defaults.weights->channels = cycling(48, 2);
        const Bench bench = tokens();
        const auto network = compile(*bench.calibration, {.plan = plan});
        QVERIFY(network.has_value());
        const InputTreatment& input = network.value()->layers.front()->input;
        std::vector<float> rounded(static_cast<std::size_t>(bench.input.size()));
        input.apply(InputGeometry::of(bench.context->layers.front(), bench.input.shape()), bench.input.values<float>(), rounded);
        std::map<int, std::set<float>> levels;
        for (std::size_t i = 0; i < rounded.size(); ++i)
            levels[plan.defaults.weights->channels[i % 48]].insert(rounded[i]);
        QCOMPARE(levels[0].size(), std::size_t{3});
        QCOMPARE(levels[1].size(), std::size_t{15});
    }

    void aFlippedBitChangesItsWeightAlone()
    {
        const Bench bench = tokens();
        PrecisionPlan plan;
        plan.defaults = orders({treatment("int4")}, "int8");
        const auto before = compile(*bench.calibration, {.plan = plan});
        QVERIFY(before.has_value());
        plan.defaults.weights->flips = {{3, 17, 3}};   // the sign bit of a two's complement code: 8 steps down, or up again
        const auto after = compile(*bench.calibration, {.plan = plan, .previous = before.value().get()});
        QVERIFY(after.has_value());
        QVERIFY(before.value()->firstDifference(*after.value()).has_value());
        const RowMatrix change = after.value()->layers.front()->weights - before.value()->layers.front()->weights;
        const std::vector<float>& scales = before.value()->layers.front()->integers.front().scales;
        const float step = scales[3] / before.value()->layers.front()->integers.front().coding.step;
        for (Eigen::Index row = 0; row < change.rows(); ++row)
            for (Eigen::Index column = 0; column < change.cols(); ++column)
                if (row != 3 || column != 17)
                    QCOMPARE(change(row, column), 0.0f);
        const float steps = std::abs(change(3, 17)) / step;   // the row may be common multiples of its step
        QVERIFY2(std::abs(steps - 8.0f) < 1e-4f || std::abs(steps - 16.0f) < 1e-4f, qPrintable(QString::number(static_cast<double>(steps))));
        compareWithHand(bench, plan.defaults, false);
    }

    void anInfiniteWeightIsSaidAndNothingIsFittedToIt()
    {
        const Bench bench = tokens();
        PrecisionPlan plan;
        plan.defaults = orders({treatment("fp16", "tensor")}, "int8");
        const RowMatrix& weights = bench.context->layers.front().weights;
        Eigen::Index row = 0, column = 0;
        weights.cwiseAbs().maxCoeff(&row, &column);
        const int place[] = {static_cast<int>(row), static_cast<int>(column)};
        for (int bit = 10; bit <= 14; ++bit)   // an exponent of ones, whatever it was
            if (!((static_cast<unsigned>(codeOf(format("fp16"), format("fp16").nearestLevel(weights(row, column)))) >> bit) & 1u))
                plan.defaults.weights->flips.push_back({place[0], place[1], bit});
        plan.defaults.surrogate = Switchable<SurrogatePlan>{SurrogatePlan{2, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 6}};
        const auto network = compile(*bench.calibration, {.plan = plan});
        QVERIFY2(network.has_value(), network ? "" : network.error().text().c_str());
        QVERIFY(!network.value()->layers.front()->weights.allFinite());
        QVERIFY(!network.value()->layers.front()->recovery.has_value());
        QCOMPARE(network.value()->remarks.size(), std::size_t{1});
    }

    void dynamicRangesAreFoundOnEverySampleAlone()
    {
        const Bench bench = tokens();
        const WeightedLayer& layer = bench.context->layers.front();
        const InputGeometry geometry = InputGeometry::of(layer, bench.input.shape());
        QCOMPARE(geometry.samples, std::int64_t{6});
        QCOMPARE(geometry.positions, std::int64_t{5});
        const auto values = bench.input.values<float>();
        for (const auto kind : {RangeRule::Kind::Dynamic, RangeRule::Kind::DynamicToken}) {
            std::vector<float> rounded(values.size());
            InputTreatment(format("int4"), kind).apply(geometry, values, rounded);
            const std::size_t run = kind == RangeRule::Kind::Dynamic ? 240 : 48;
            for (std::size_t first = 0; first < values.size(); first += run) {
                float bound = 0;
                for (std::size_t i = first; i < first + run; ++i)
                    bound = std::max(bound, std::abs(values[i]));
                const float step = bound / 7;
                for (std::size_t i = first; i < first + run; ++i)
                    QCOMPARE(rounded[i], std::nearbyint(values[i] / step) * step);
            }
        }
    }

    /// Scaling and shifting what a channel reads scales and shifts its rounded values (DAQ): statistics are of the channel.
    void distributionAwareRangesFollowEachChannel()
    {
        const Bench bench = convolution({1, {1, 1, 1, 1}, {}, {}}, false);
        const InputGeometry geometry = InputGeometry::of(bench.context->layers.front(), bench.input.shape());
        QCOMPARE(geometry.channels, std::int64_t{8});
        const InputTreatment treatment(format("int4"), RangeRule::Kind::Daq);
        std::vector<float> values(bench.input.values<float>().begin(), bench.input.values<float>().end()), rounded(values.size()), again(values.size());
        treatment.apply(geometry, values, rounded);
        QVERIFY(rounded != values);
        std::vector<float> moved = values;
        for (std::size_t i = 0; i < moved.size(); ++i)
            if ((i / 99) % 8 == 5)   // 9 x 11 positions a channel
                moved[i] = 4 * moved[i] + 2;
        treatment.apply(geometry, moved, again);
        for (std::size_t i = 0; i < moved.size(); ++i) {
            const float wanted = (i / 99) % 8 == 5 ? 4 * rounded[i] + 2 : rounded[i];
            QVERIFY(std::abs(again[i] - wanted) <= 1e-4f);
        }
    }
};

QTEST_APPLESS_MAIN(TestIntegerProduct)
#include "tst_integer_product.moc"
