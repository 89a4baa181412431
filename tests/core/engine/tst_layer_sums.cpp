// SPDX-License-Identifier: Apache-2.0
// A layer with an accumulator of its own gives, in a program, the running sums that one would take by hand.

#include "core/engine/float_run.h"
#include "core/engine/layer_sums.h"
#include "core/engine/lowering.h"
#include "tests/core/engine/network_builder.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace core;

namespace {

NumberFormat format(const std::string& name) { return NumberFormat::named(name).value(); }

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
    const auto calibration =
        Calibration::observe(context.value(), SampleSet{input, std::vector<std::int32_t>(static_cast<std::size_t>(inputs[0]))}, 1);
    if (!calibration)
        qFatal("%s", calibration.error().text().c_str());
    return {context.value(), calibration.value(), input};
}

Bench convolution(std::int64_t groups)
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {8, 9, 7});
    const ValueIndex y =
        builder.node("Conv", {x, builder.constant(seeded({16, 8 / groups, 3, 3}, 2)), builder.constant(seeded({16}, 3))},
                     {{"group", groups}, {"pads", std::vector<std::int64_t>{1, 1, 1, 1}}, {"strides", std::vector<std::int64_t>{2, 1}}});
    return benchFor(builder.finish(builder.node("Relu", {y})), {5, 8, 9, 7});
}

/// MatMul over tokens with its bias in a node of its own.
Bench tokens()
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {5, 48});
    const ValueIndex y = builder.node("MatMul", {x, builder.constant(seeded({48, 20}, 4))});
    return benchFor(builder.finish(builder.node("Add", {y, builder.constant(seeded({20}, 5))})), {6, 5, 48});
}

std::vector<AccumulatorPlan> accumulators()
{
    std::vector<AccumulatorPlan> plans;
    for (const char* name : {"fp16", "bf16", "e4m3", "e5m2"}) {
        plans.push_back({{format(name)}});
        plans.push_back({{format(name), ProductRounding::Fused, SumOrder::Sequential, 8}});
    }
    plans.push_back({{format("e4m3"), ProductRounding::Float32, SumOrder::Pairwise, 16, NumberFormat()}});
    plans.push_back({{NumberFormat(), ProductRounding::Fused}});
    plans.push_back({{format("fp16"), ProductRounding::Rounded, SumOrder::Kahan}});
    AccumulatorPlan mixed{{format("e4m3ieee"), ProductRounding::Fused, SumOrder::Sequential, 8}, {}, MixedSum{format("fp16"), 1.0}};
    plans.push_back(mixed);
    mixed.mixed->middle = MixedSum::Middle{format("bf16"), 3};
    mixed.mixed->condition = MixedSum::Condition::Full;
    plans.push_back(mixed);
    return plans;
}

std::shared_ptr<const PolarizedNetwork> compiled(const Bench& bench, const LayerPlan& orders)
{
    PrecisionPlan plan;
    plan.defaults = orders;
    const auto network = compile(*bench.calibration, {.plan = plan});
    if (!network)
        qFatal("%s", network.error().text().c_str());
    return network.value();
}

/// What a component is by hand: by its rule, from its own row and vector.
void compareWithHand(const Bench& bench, const LayerPlan& orders, bool isRectified)
{
    const auto network = compiled(bench, orders);
    const CompiledLayer& layerAsCompiled = *network->layers.front();
    QVERIFY(layerAsCompiled.sums.has_value());
    const auto got = runPolarized(*bench.context, *network, bench.input, 1);
    QVERIFY2(got.has_value(), got ? "" : got.error().text().c_str());
    const WeightedLayer& layer = bench.context->layers.front();
    const Patches patches(*bench.context->network, layer, bench.input.shape(), got.value().shape());
    const std::vector<float> bias =
        biasOf(*bench.context->network, bench.context->groups[bench.context->groupOfLayer.front()], layerAsCompiled);
    Tensor rounded(DataType::Float32, bench.input.shape());
    if (layerAsCompiled.input.isExact())
        std::copy(bench.input.values<float>().begin(), bench.input.values<float>().end(), rounded.edit<float>().begin());
    else
        layerAsCompiled.input.apply(InputGeometry::of(layer, bench.input.shape()), bench.input.values<float>(), rounded.edit<float>());
    const AccumulatorPlan& plan = *orders.accumulator;
    const auto columns = static_cast<std::size_t>(layer.columns);
    std::vector<float> vector(columns), sizes(columns), weightSizes(columns);
    int again = 0;
    for (std::int64_t v = 0; v < patches.vectors(); ++v)
        for (int row = 0; row < layer.rows; ++row) {
            patches.gather(rounded.values<float>().data(), v, row / (layer.rows / layer.groups), 0.0f, vector.data());
            const std::span<const float> weights(layerAsCompiled.weights.row(row).data(), columns);
            const float b = bias[static_cast<std::size_t>(row)];
            float wanted = runningSum(plan.sum, weights, vector, b).value;
            if (plan.mixed) {
                std::transform(vector.begin(), vector.end(), sizes.begin(), [](float x) { return std::abs(x); });
                std::transform(weights.begin(), weights.end(), weightSizes.begin(), [](float x) { return std::abs(x); });
                const bool isFull = plan.mixed->condition == MixedSum::Condition::Full;
                const float numerator = isFull ? runningSum(plan.sum, weightSizes, sizes, std::abs(b)).value : 1.0f;
                const float condition = (isRectified && wanted < 0 ? 0.0f : 1.0f) * numerator / std::abs(wanted);
                SumRule rule = plan.sum;
                rule.format = plan.mixed->middle && condition <= static_cast<float>(plan.mixed->middle->tolerance)
                                  ? plan.mixed->middle->format
                                  : plan.mixed->high;
                if (!(condition <= static_cast<float>(plan.mixed->tolerance))) {
                    wanted = runningSum(rule, weights, vector, b).value;
                    ++again;
                }
            }
            if (isRectified)
                wanted = wanted > 0 ? wanted : 0.0f;
            const float value = got.value().values<float>()[static_cast<std::size_t>(patches.outputOffset(v, row))];
            if (value != wanted)
                QFAIL(qPrintable(QString("%1, vector %2, row %3: %4, by hand %5")
                                     .arg(text(plan).c_str())
                                     .arg(v)
                                     .arg(row)
                                     .arg(double(value))
                                     .arg(double(wanted))));
        }
    QCOMPARE(again > 0, plan.mixed.has_value());
}

}  // namespace

class TestLayerSums : public QObject {
    Q_OBJECT

private slots:
    void everyKindOfLayerIsSummedAsByHand_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<bool>("isQuantized");
        for (int kind = 0; kind < 4; ++kind)
            for (const bool isQuantized : {false, true})
                QTest::addRow("layer %d quantized %d", kind, int(isQuantized)) << kind << isQuantized;
    }
    void everyKindOfLayerIsSummedAsByHand()
    {
        QFETCH(int, kind);
        QFETCH(bool, isQuantized);
        const Bench bench = kind == 0 ? convolution(1) : kind == 1 ? convolution(2) : kind == 2 ? convolution(8) : tokens();
        for (const AccumulatorPlan& accumulator : accumulators()) {
            LayerPlan orders;
            orders.accumulator = accumulator;
            if (isQuantized) {
                orders.weights = WeightPlan{{Treatment{format("int4"), {}, {}}}, {}, {}, {}};
                orders.activations = ActivationPlan{.format = format("int8"), .range = {}};
            }
            compareWithHand(bench, orders, kind < 3);
            if (QTest::currentTestFailed())
                return;
        }
    }

    /// The first group's sums of vectors drawn at random, from the codes that the layer holds and makes.
    static void compareWithDefinition(const CompiledLayerPtr& layer, const IntegerSumRule& rule)
    {
        constexpr std::int64_t kVectors = 7;
        const LayerSums sums(LayerIndex(0), 2, layer, {});
        const auto columns = static_cast<std::size_t>(sums.columns());
        const Tensor vectors = seeded({kVectors, sums.columns()}, 21);
        std::vector<float> made(static_cast<std::size_t>(sums.rows() * kVectors));
        SumScratch scratch;
        sums.multiply({0, vectors.values<float>().data(), kVectors, 0, 0}, made.data(), scratch);
        QCOMPARE(layer->integers.size(), std::size_t(1));
        const IntegerPart& part = layer->integers.front();
        for (std::size_t vector = 0; vector < static_cast<std::size_t>(kVectors); ++vector) {
            const auto own = vectors.values<float>().subspan(vector * columns, columns);
            std::vector<std::int8_t> signedBytes(columns);
            std::vector<std::uint8_t> bytes(columns);
            if (part.coding.isSigned)
                encodeActivations(part.input, own, std::span<std::int8_t>(signedBytes));
            else
                encodeActivations(part.input, own, std::span<std::uint8_t>(bytes));
            std::vector<std::int16_t> codes;
            for (std::size_t c = 0; c < columns; ++c)
                codes.push_back(static_cast<std::int16_t>(part.coding.isSigned ? signedBytes[c] : bytes[c] - part.coding.zeroPoint));
            for (std::size_t row = 0; row < static_cast<std::size_t>(sums.rows()); ++row) {
                const std::span<const std::int8_t> weights(part.codes.data() + row * columns, columns);
                QCOMPARE(made[row * static_cast<std::size_t>(kVectors) + vector],
                         part.scales[row] * static_cast<float>(integerSum(rule, weights, codes).value));
            }
        }
    }

    /// Wide integers are the engine's exact ones; narrow ones are the definition's, code by code.
    void integersAreSummedAsByHand()
    {
        for (const bool isSigned : {true, false}) {
            const Bench bench = convolution(2);
            LayerPlan orders;
            orders.weights = WeightPlan{{Treatment{format("int4"), {}, {}}}, {}, {}, {}};
            orders.activations = ActivationPlan{.format = format(isSigned ? "int8" : "uint8"), .range = {}};
            const auto reference = runPolarized(*bench.context, *compiled(bench, orders), bench.input, 1);
            QVERIFY(reference.has_value());
            const auto wanted = reference.value().values<float>();
            for (const int bits : {32, 20, 10, 8})
                for (const IntegerOverflow overflow : kIntegerOverflows) {
                    orders.accumulator = AccumulatorPlan{{}, IntegerSumRule{bits, overflow}};
                    const auto network = compiled(bench, orders);
                    const auto got = runPolarized(*bench.context, *network, bench.input, 1);
                    QVERIFY(got.has_value());
                    const auto values = got.value().values<float>();
                    int differences = 0;
                    for (std::size_t i = 0; i < values.size(); ++i)
                        differences += std::abs(values[i] - wanted[i]) <= 1e-4f * std::max(1.0f, std::abs(wanted[i])) ? 0 : 1;
                    QVERIFY2(bits >= 20 ? differences == 0 : differences > 0,
                             qPrintable(QString("%1 bits: %2 differ").arg(bits).arg(differences)));
                    compareWithDefinition(network->layers.front(), IntegerSumRule{bits, overflow});
                }
        }
    }

    void aRecoveryPathStandsBesideTheSums()
    {
        const Bench bench = tokens();
        LayerPlan orders;
        orders.weights = WeightPlan{{Treatment{format("int2"), {}, {}}}, {}, {}, {}};
        orders.accumulator = AccumulatorPlan{{format("fp16"), ProductRounding::Fused}};
        const auto bare = runPolarized(*bench.context, *compiled(bench, orders), bench.input, 1);
        const Tensor reference = runPolarized(*bench.context, *compiled(bench, {}), bench.input, 1).value();
        orders.surrogate = Switchable<SurrogatePlan>{SurrogatePlan{.rank = 12, .format = {}}};
        const auto recovered = runPolarized(*bench.context, *compiled(bench, orders), bench.input, 1);
        QVERIFY(bare && recovered);
        const auto error = [&](const Tensor& of) {
            double squares = 0;
            for (std::size_t i = 0; i < of.values<float>().size(); ++i)
                squares += std::pow(static_cast<double>(of.values<float>()[i] - reference.values<float>()[i]), 2);
            return squares;
        };
        QVERIFY(error(recovered.value()) < 0.5 * error(bare.value()));
    }

    void staticRowsAreChosenByTheirErrors()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {48});
        Tensor weights = seeded({10, 48}, 4);
        for (std::size_t row : {std::size_t{2}, std::size_t{7}})
            for (std::size_t column = 0; column < 48; ++column)
                weights.edit<float>()[row * 48 + column] *= 20;
        const ValueIndex y =
            builder.node("Gemm", {x, builder.constant(weights), builder.constant(seeded({10}, 5))}, {{"transB", std::int64_t{1}}});
        const Bench bench = benchFor(builder.finish(builder.node("Relu", {builder.node("Identity", {y})})), {64, 48});
        LayerPlan orders;
        orders.accumulator = AccumulatorPlan{{format("e4m3"), ProductRounding::Fused}, {}, MixedSum{format("fp16"), 0.1}};
        orders.accumulator->mixed->highRows = 0.2;
        const auto network = compiled(bench, orders);
        const SumPath& path = *network->layers.front()->sums;
        QCOMPARE(path.activation.kind, ActivationShape::Kind::Relu);
        QVERIFY(!path.isLast);
        QCOMPARE(path.highRows, (std::vector<std::uint8_t>{0, 0, 1, 0, 0, 0, 0, 1, 0, 0}));  // the large ones
    }

    void theActivationBehindALayerIsFound()
    {
        const auto shape = [](auto&& behind) {
            NetworkBuilder builder;
            const ValueIndex x = builder.input("x", {8});
            const ValueIndex y = builder.node("MatMul", {x, builder.constant(seeded({8, 4}, 4))});
            const Bench bench = benchFor(builder.finish(behind(builder, y)), {4, 8});
            const WeightedLayer& layer = bench.context->layers.front();
            return std::pair(activationBehind(*bench.context->network, layer).kind, isLastLayer(*bench.context->network, layer));
        };
        using Kind = ActivationShape::Kind;
        using Found = std::pair<Kind, bool>;
        QCOMPARE(shape([](NetworkBuilder& b, ValueIndex y) { return b.node("Relu", {y}); }), (Found{Kind::Relu, false}));
        QCOMPARE(shape([](NetworkBuilder& b, ValueIndex y) {
                     return b.node("Add", {y, b.constant(seeded({4}, 1))});
                 }),
                 (Found{Kind::Identity, true}));
        QCOMPARE(shape([](NetworkBuilder& b, ValueIndex y) {
                     return b.node("Sigmoid", {b.node("Add", {y, b.constant(seeded({4}, 1))})});
                 }),
                 (Found{Kind::Sigmoid, false}));
        QCOMPARE(shape([](NetworkBuilder& b, ValueIndex y) {
                     return b.node("Mul", {y, b.node("Sigmoid", {y})});
                 }),
                 (Found{Kind::Silu, false}));
        QCOMPARE(shape([](NetworkBuilder& b, ValueIndex y) {
                     const ValueIndex scaled = b.node("Div", {y, b.constant(seeded({1}, 1))});
                     return b.node("Mul", {y, b.node("Erf", {scaled})});
                 }),
                 (Found{Kind::Gelu, false}));
    }
};

QTEST_APPLESS_MAIN(TestLayerSums)
#include "tst_layer_sums.moc"
