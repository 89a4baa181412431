// SPDX-License-Identifier: Apache-2.0
// Cross-layer equalization: who shares channels with whom, and that scaling inside the layers is the published rescaling of
// the network.

#include "core/engine/equalization.h"
#include "core/engine/float_run.h"
#include "tests/core/engine/network_builder.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

std::shared_ptr<const EngineContext> contextOf(Network network)
{
    const auto context = prepareEngine(std::make_shared<Network>(std::move(network)));
    if (!context)
        qFatal("%s", context.error().text().c_str());
    return context.value();
}

std::vector<bool> all(const EngineContext& context) { return std::vector<bool>(context.layers.size(), true); }

Tensor scalar(float value)
{
    Tensor tensor(DataType::Float32, {});
    tensor.edit<float>()[0] = value;
    return tensor;
}

Tensor shapeTensor(const std::vector<std::int64_t>& sizes)
{
    Tensor tensor(DataType::Int64, {std::ssize(sizes)});
    std::copy(sizes.begin(), sizes.end(), tensor.edit<std::int64_t>().begin());
    return tensor;
}

/// 12 inputs, a hidden layer of 8, 5 outputs; `between` makes the hidden layer's output what the second reads.
template <class Between>
std::shared_ptr<const EngineContext> twoLayers(const Between& between)
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {12});
    const ValueIndex hidden = builder.node("Gemm", {x, builder.constant(seeded({12, 8}, 1)), builder.constant(seeded({8}, 2))});
    return contextOf(builder.finish(builder.node("Gemm", {between(builder, hidden), builder.constant(seeded({8, 5}, 3))})));
}

float largestOfRow(const RowMatrix& weights, Eigen::Index row) { return weights.row(row).cwiseAbs().maxCoeff(); }
float largestOfColumn(const RowMatrix& weights, Eigen::Index column) { return weights.col(column).cwiseAbs().maxCoeff(); }

Treatment tensorScale(const char* format) { return {NumberFormat::named(format).value(), {ScaleRule::Kind::Tensor, 0}, {}}; }

}  // namespace

class TestEqualization : public QObject {
    Q_OBJECT
private slots:
    void layersThatShareTheirChannelsAreAPair()
    {
        const auto context = twoLayers([](NetworkBuilder& builder, ValueIndex hidden) {
            const ValueIndex shifted = builder.node("Add", {hidden, builder.constant(seeded({8}, 4))});
            return builder.node("LeakyRelu", {builder.node("Identity", {shifted})});
        });
        const LayerBehind behind = layerBehind(*context, context->layers[0]);
        QVERIFY2(behind.pair, behind.reason.c_str());
        QCOMPARE(behind.pair->second, LayerIndex(1));
        QCOMPARE(behind.pair->rowOfChannel, (std::vector<int>{0, 1, 2, 3, 4, 5, 6, 7}));
        QCOMPARE(layerBehind(*context, context->layers[1]).reason, std::string("its output is the network's"));
    }

    void channelsAreFollowedThroughPoolingFlatteningAndTransposing()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {2, 6, 6});
        const ValueIndex conv = builder.node("Conv", {x, builder.constant(seeded({3, 2, 3, 3}, 1))});
        const ValueIndex pooled = builder.node("AveragePool", {builder.node("Relu", {conv})}, {{"kernel_shape", std::vector<std::int64_t>{2, 2}}, {"strides", std::vector<std::int64_t>{2, 2}}});
        const ValueIndex depthwise = builder.node("Conv", {pooled, builder.constant(seeded({3, 1, 1, 1}, 2))}, {{"group", std::int64_t{3}}});
        const ValueIndex flat = builder.node("Flatten", {builder.node("MaxPool", {depthwise}, {{"kernel_shape", std::vector<std::int64_t>{1, 1}}})});
        const ValueIndex dense = builder.node("MatMul", {flat, builder.constant(seeded({12, 4}, 3))});
        const auto context = contextOf(builder.finish(dense));
        QCOMPARE(layerBehind(*context, context->layers[0]).pair->rowOfChannel, (std::vector<int>{0, 1, 2}));
        QCOMPARE(layerBehind(*context, context->layers[1]).pair->rowOfChannel, (std::vector<int>{0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2}));

        NetworkBuilder tokens;
        const ValueIndex y = tokens.input("y", {2, 4, 4});
        const ValueIndex patches = tokens.node("Conv", {y, tokens.constant(seeded({6, 2, 2, 2}, 4))}, {{"strides", std::vector<std::int64_t>{2, 2}}});
        const ValueIndex last = tokens.node("Transpose", {tokens.node("Reshape", {patches, tokens.constant(shapeTensor({0, 6, 4}))})}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
        const auto tokenContext = contextOf(tokens.finish(tokens.node("MatMul", {last, tokens.constant(seeded({6, 4}, 5))})));
        const LayerBehind behind = layerBehind(*tokenContext, tokenContext->layers[0]);
        QVERIFY2(behind.pair, behind.reason.c_str());
        QCOMPARE(behind.pair->rowOfChannel, (std::vector<int>{0, 1, 2, 3, 4, 5}));
    }

    void whatComesBetweenSaysWhyThereIsNoPair_data()
    {
        QTest::addColumn<int>("kind");
        QTest::addColumn<QString>("reason");
        QTest::newRow("softmax") << 0 << "Softmax1 (Softmax) behind it does not keep channels apart under a scale";
        QTest::newRow("bounded") << 1 << "Clip1 (Clip) behind it does not keep channels apart under a scale";
        QTest::newRow("not bounded above") << 2 << "";
        QTest::newRow("two readers") << 3 << "2 nodes read its output";
        QTest::newRow("mixed") << 4 << "Gemm3 reads its rows mixed";
        QTest::newRow("squared") << 5 << "2 nodes read its output";
    }

    void whatComesBetweenSaysWhyThereIsNoPair()
    {
        QFETCH(int, kind);
        QFETCH(QString, reason);
        const auto context = twoLayers([kind](NetworkBuilder& builder, ValueIndex hidden) {
            switch (kind) {
            case 0: return builder.node("Softmax", {hidden});
            case 1: return builder.node("Clip", {hidden, builder.constant(scalar(0)), builder.constant(scalar(6))});
            case 2: return builder.node("Clip", {hidden, builder.constant(scalar(0))});
            case 3: return builder.node("Add", {hidden, builder.node("Relu", {hidden})});
            case 4: {
                const ValueIndex pairs = builder.node("Reshape", {hidden, builder.constant(shapeTensor({-1, 2, 4}))});
                return builder.node("Reshape", {builder.node("Transpose", {pairs}, {{"perm", std::vector<std::int64_t>{1, 0, 2}}}), builder.constant(shapeTensor({-1, 8}))});
            }
            default: return builder.node("Mul", {hidden, hidden});
            }
        });
        const LayerBehind behind = layerBehind(*context, context->layers[0]);
        QCOMPARE(behind.pair.has_value(), reason.isEmpty());
        if (kind != 4)
            QCOMPARE(QString::fromStdString(behind.reason), reason);
    }

    void aChannelHasOneRangeInBothLayers()
    {
        const auto context = twoLayers([](NetworkBuilder& builder, ValueIndex hidden) { return builder.node("Relu", {hidden}); });
        const Equalization made = equalizedChannels(*context, all(*context));
        QVERIFY(made.remarks.empty());
        const RowMatrix first = made.scales.at(LayerIndex(0)).applied(context->layers[0], context->layers[0].weights);
        const RowMatrix second = made.scales.at(LayerIndex(1)).applied(context->layers[1], context->layers[1].weights);
        for (Eigen::Index channel = 0; channel < 8; ++channel) {
            const float r1 = largestOfRow(context->layers[0].weights, channel), r2 = largestOfColumn(context->layers[1].weights, channel);
            QVERIFY(std::abs(largestOfRow(first, channel) - std::sqrt(r1 * r2)) < 1e-5f);
            QVERIFY(std::abs(largestOfColumn(second, channel) - std::sqrt(r1 * r2)) < 1e-5f);
        }
        RowMatrix back = first;
        made.scales.at(LayerIndex(0)).takeBack(context->layers[0], back);
        QVERIFY(back.isApprox(context->layers[0].weights, 1e-6f));
    }

    void aLayerThatAsksInVainIsToldWhy()
    {
        const auto context = twoLayers([](NetworkBuilder& builder, ValueIndex hidden) { return builder.node("Softmax", {hidden}); });
        const Equalization none = equalizedChannels(*context, all(*context));
        QVERIFY(none.scales.empty());
        QCOMPARE(none.remarks, (std::vector<std::string>{"Gemm0: not equalized: Softmax1 (Softmax) behind it does not keep channels apart under a scale, and no layer in front of it is equalized with it",
                                                         "Gemm2: not equalized: its output is the network's, and no layer in front of it is equalized with it"}));
        const auto pair = twoLayers([](NetworkBuilder& builder, ValueIndex hidden) { return builder.node("Relu", {hidden}); });
        const Equalization half = equalizedChannels(*pair, {true, false});
        QVERIFY(half.scales.empty());
        QCOMPARE(half.remarks, std::vector<std::string>{"Gemm0: not equalized: Gemm2 behind it is not equalized, and no layer in front of it is equalized with it"});
    }

    void aChannelWithoutWeightsKeepsItsScale()
    {
        NetworkBuilder builder;
        Tensor weights = seeded({12, 8}, 1);
        for (std::size_t input = 0; input < 12; ++input)
            weights.edit<float>()[input * 8 + 3] = 0;
        const ValueIndex hidden = builder.node("Gemm", {builder.input("x", {12}), builder.constant(weights)});
        const auto context = contextOf(builder.finish(builder.node("Gemm", {builder.node("Relu", {hidden}), builder.constant(seeded({8, 5}, 3))})));
        const Equalization made = equalizedChannels(*context, all(*context));
        QCOMPARE(made.scales.at(LayerIndex(0)).rows[3], 1.0f);
        QVERIFY(std::all_of(made.scales.at(LayerIndex(0)).rows.begin(), made.scales.at(LayerIndex(0)).rows.end(), [](float scale) { return std::isnormal(scale); }));
    }

    void scalingInsideTheLayersIsThePublishedRescaling()
    {
        // Rows and channels whose largest weights are powers of four: every scale is a power of two, and no rounding differs.
        RowMatrix first(8, 12), second(5, 8);
        std::copy_n(seeded({8, 12}, 1).values<float>().begin(), first.size(), first.data());
        std::copy_n(seeded({5, 8}, 2).values<float>().begin(), second.size(), second.data());
        const Tensor bias = seeded({8}, 3), samples = seeded({48, 12}, 4);
        std::vector<float> scales;
        for (Eigen::Index channel = 0; channel < 8; ++channel) {
            first.row(channel) *= std::ldexp(1.0f, static_cast<int>(2 * (channel % 4)) - 2) / largestOfRow(first, channel);
            second.col(channel) /= largestOfColumn(second, channel);
            scales.push_back(std::ldexp(1.0f, static_cast<int>(channel % 4) - 1));
        }
        const auto built = [&](bool isRescaled) {
            RowMatrix w1 = first, w2 = second;
            Tensor b = bias;
            for (Eigen::Index channel = 0; isRescaled && channel < 8; ++channel) {
                const float scale = scales[static_cast<std::size_t>(channel)];
                w1.row(channel) /= scale;
                w2.col(channel) *= scale;
                b.edit<float>()[static_cast<std::size_t>(channel)] /= scale;
            }
            Tensor t1(DataType::Float32, {8, 12}), t2(DataType::Float32, {5, 8});
            std::copy_n(w1.data(), w1.size(), t1.edit<float>().begin());
            std::copy_n(w2.data(), w2.size(), t2.edit<float>().begin());
            NetworkBuilder builder;
            const std::vector<std::pair<std::string, AttributeValue>> transposed{{"transB", std::int64_t{1}}};
            const ValueIndex hidden = builder.node("Gemm", {builder.input("x", {12}), builder.constant(t1), builder.constant(b)}, transposed);
            return contextOf(builder.finish(builder.node("Gemm", {builder.node("Relu", {hidden}), builder.constant(t2)}, transposed)));
        };
        PrecisionPlan plan;
        plan.defaults.weights = WeightPlan{{tensorScale("int4")}, {}, {}, {}};
        plan.defaults.activations = ActivationPlan{NumberFormat::named("uint4").value(), {ScaleRule::Kind::Tensor, 0}, {RangeRule::Kind::Max, 100}};
        const auto outputOf = [&](const std::shared_ptr<const EngineContext>& context) {
            const auto calibration = Calibration::observe(context, SampleSet{samples, std::vector<std::int32_t>(48)}, 1);
            const auto network = compile(*calibration.value(), {plan});
            return runPolarized(*context, *network.value(), samples, 1).value();
        };
        const Tensor rescaled = outputOf(built(true)), plain = outputOf(built(false));
        plan.defaults.correction = Switchable<CorrectionPlan>{CorrectionPlan{false, WeightRounding::Nearest, true, 64}};
        const auto context = built(false);
        QCOMPARE(equalizedChannels(*context, all(*context)).scales.at(LayerIndex(0)).rows, scales);
        const Tensor equalized = outputOf(context);
        double worst = 0, moved = 0, largest = 0;
        for (std::size_t i = 0; i < equalized.values<float>().size(); ++i) {
            worst = std::max(worst, std::abs(static_cast<double>(equalized.values<float>()[i]) - static_cast<double>(rescaled.values<float>()[i])));
            moved = std::max(moved, std::abs(static_cast<double>(equalized.values<float>()[i]) - static_cast<double>(plain.values<float>()[i])));
            largest = std::max(largest, std::abs(static_cast<double>(rescaled.values<float>()[i])));
        }
        QVERIFY2(worst < 1e-6 * largest, qPrintable(QString("%1 of %2").arg(worst).arg(largest)));
        QVERIFY(moved > 0.01 * largest);
    }

    void aPictureIsDividedByItsChannelsScales()
    {
        InputTreatment input(fitActivationQuantizer(NumberFormat::named("int4").value(), -7, 7));
        input.scaleChannels({1, 2});
        std::vector<float> out(8);
        input.apply({1, 2, 4, false}, std::vector<float>{1.4f, -1.6f, 3, 9, 1.4f, -1.6f, 3, 9}, out);
        QCOMPARE(out, (std::vector<float>{1, -2, 3, 7, 2, -2, 4, 8}));   // 0.7 -> 1, -0.8 -> -1, 1.5 -> 2, 4.5 -> 4 (even), each times 2
        input.apply({4, 2, 1, true}, std::vector<float>{1.4f, 1.4f, -1.6f, -1.6f, 3, 3, 9, 9}, out);
        QCOMPARE(out, (std::vector<float>{1, 2, -2, -2, 3, 4, 7, 8}));
        InputTreatment exact;
        exact.scaleChannels({1, 2});
        QVERIFY(exact.isExact() && exact.channelScales().empty());
    }
};

QTEST_APPLESS_MAIN(TestEqualization)
#include "tst_equalization.moc"
