// SPDX-License-Identifier: Apache-2.0
// Layers that compute otherwise than the file says: other weights, quantized inputs, recovery paths, measured arrays; and that
// neither threads nor batches are seen in a gradient's bits.

#include "core/engine/float_run.h"
#include "core/io/library.h"
#include "core/learn/gradient_graph.h"
#include "core/learn/straight_through.h"
#include "tests/core/engine/network_builder.h"
#include "tests/core/learn/wide_reference.h"

#include <QtTest>

using namespace core;

namespace {

using Integers = std::vector<std::int64_t>;

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

std::shared_ptr<const EngineContext> contextOf(const Network& network)
{
    const auto context = prepareEngine(std::make_shared<const Network>(network));
    if (!context)
        qFatal("%s", context.error().text().c_str());
    return context.value();
}

template <class T>
T valueOf(const Result<T>& result)
{
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value();
}

/// conv (8 -> 6, 3 x 3, stride 2) - ReLU - Flatten - Gemm.
Network smallNetwork()
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {8, 7, 5});
    const ValueIndex y = builder.node("Conv", {x, builder.constant(seeded({6, 8, 3, 3}, 1)), builder.constant(seeded({6}, 2))}, {{"strides", Integers{2, 2}}, {"pads", Integers{1, 1, 1, 1}}});
    const ValueIndex flat = builder.node("Flatten", {builder.node("Relu", {y})});
    return builder.finish(builder.node("Gemm", {flat, builder.constant(seeded({5, 72}, 3)), builder.constant(seeded({5}, 4))}, {{"transB", std::int64_t{1}}}));
}

RowMatrix matrixOf(Eigen::Index rows, Eigen::Index columns, std::uint32_t seed)
{
    const Tensor noise = seeded({rows * columns}, seed);
    return Eigen::Map<const RowMatrix>(noise.values<float>().data(), rows, columns);
}

std::vector<LayerSetting> recoveringSettings(SurrogateInput input)
{
    std::vector<LayerSetting> settings(2);
    settings[0].recovery = RecoveryPath{matrixOf(3, 72, 11), matrixOf(6, 3, 12), input};
    settings[1].recovery = RecoveryPath{matrixOf(2, 72, 13), matrixOf(5, 2, 14), input};
    return settings;
}

bool sameBits(const RowMatrix& a, const RowMatrix& b)
{
    return a.rows() == b.rows() && a.cols() == b.cols() && std::equal(a.data(), a.data() + a.size(), b.data());
}

}  // namespace

class TestLayerSettings : public QObject {
    Q_OBJECT
private slots:
    void neitherThreadsNorChunksAreSeenInTheBits()
    {
        for (const char* name : {"lenet5-mnist", "resnet8-photodigits", "vit-mnist"}) {
            const auto subject = valueOf(openSubject(name, std::string(name).starts_with("resnet") ? "photo-digits" : "mnist", 64));
            const auto graph = valueOf(GradientGraph::build(valueOf(prepareEngine(subject->network)), 4));
            const SampleSet samples = subject->calibration.slice(0, 30);
            const Objective objective = Objective::crossEntropy(samples.labels);
            const auto with = [&](int threads) { return valueOf(graph->differentiate({.inputs = samples.inputs, .objective = objective, .ofInput = true, .threads = threads})); };
            const Gradients one = with(1);
            for (const int threads : {2, 5}) {
                const Gradients many = with(threads);
                QCOMPARE(many.loss, one.loss);
                QVERIFY(many.outputs == one.outputs);
                QVERIFY(many.input == one.input);
                for (std::size_t l = 0; l < one.layers.size(); ++l) {
                    QVERIFY(sameBits(many.layers[l].weights, one.layers[l].weights));
                    QVERIFY(many.layers[l].bias == one.layers[l].bias);
                }
            }
            QVERIFY(valueOf(graph->run(samples.inputs, {}, 2)) == one.outputs);
        }
    }

    void substitutedWeightsAreTheNetworksOwnWithOtherNumbers()
    {
        const Network network = smallNetwork();
        Network changed = network;
        changed.values[network.nodes.front().inputs[1].value()].constant = seeded({6, 8, 3, 3}, 21);
        changed.values[network.nodes.front().inputs[2].value()].constant = seeded({6}, 22);
        const auto graph = valueOf(GradientGraph::build(contextOf(network), 3)), other = valueOf(GradientGraph::build(contextOf(changed), 3));
        std::vector<LayerSetting> settings(2);
        settings[0].weights = other->layers()[0].weights;
        settings[0].bias = other->layers()[0].bias;
        const Tensor input = seeded({4, 8, 7, 5}, 5);
        const Objective objective = Objective::crossEntropy({1, 0, 4, 2});
        const Gradients substituted = valueOf(graph->differentiate({.settings = settings, .inputs = input, .objective = objective}));
        const Gradients own = valueOf(other->differentiate({.inputs = input, .objective = objective}));
        QCOMPARE(substituted.loss, own.loss);
        for (std::size_t l = 0; l < 2; ++l) {
            QVERIFY(sameBits(substituted.layers[l].weights, own.layers[l].weights));
            QVERIFY(substituted.layers[l].bias == own.layers[l].bias);
        }
    }

    /// y = W x + B A x is linear in A and in B: a central difference is exact but for rounding.
    void aRecoveryPathAgreesWithDifferences_data()
    {
        QTest::addColumn<int>("layer");
        QTest::newRow("convolution") << 0;
        QTest::newRow("dense") << 1;
    }

    void aRecoveryPathAgreesWithDifferences()
    {
        QFETCH(int, layer);
        const auto index = static_cast<std::size_t>(layer);
        const Network network = smallNetwork();
        const auto graph = valueOf(GradientGraph::build(contextOf(network), 3));
        const std::vector<LayerSetting> settings = recoveringSettings(SurrogateInput::Exact);
        const Tensor input = seeded({4, 8, 7, 5}, 5);
        Tensor target = seeded({4, 5}, 6);
        const Objective objective = Objective::squaredError(target);
        const Gradients gradients = valueOf(graph->differentiate({.settings = settings, .inputs = input, .objective = objective, .ofInput = true}));

        // The same in double: W + B A in place of W.
        const Network wide = widened(network);
        const Tensor wideInput = widened(input);
        const auto loss = [&](const RowMatrixD& down, const RowMatrixD& up, const Tensor& at) {
            Network merged = wide;
            for (std::size_t l = 0; l < 2; ++l) {
                const RowMatrixD a = l == index ? down : RowMatrixD(settings[l].recovery->down.cast<double>()), b = l == index ? up : RowMatrixD(settings[l].recovery->up.cast<double>());
                const RowMatrixD weights = graph->layers()[l].weights.cast<double>() + b * a;
                const ValueIndex constant = network.node(graph->layers()[l].node).inputs[1];
                std::copy(weights.data(), weights.data() + weights.size(), merged.values[constant.value()].constant->edit<double>().begin());
            }
            return wideLoss(merged, at, objective);
        };
        const RowMatrixD down = settings[index].recovery->down.cast<double>(), up = settings[index].recovery->up.cast<double>();
        const auto check = [](const Agreement& slopes) { QVERIFY2(agrees(slopes), qPrintable(QString("%1, wanted %2, scale %3").arg(slopes.got).arg(slopes.wanted).arg(slopes.scale))); };
        constexpr double kStep = 1e-7;
        const RowMatrixD moveDown = matrixOf(down.rows(), down.cols(), 31).cast<double>(), moveUp = matrixOf(up.rows(), up.cols(), 32).cast<double>();
        const LayerGradient& got = gradients.layers[index];
        check({(got.down.cast<double>().array() * moveDown.array()).sum(), (loss(down + kStep * moveDown, up, wideInput) - loss(down - kStep * moveDown, up, wideInput)) / (2 * kStep),
               static_cast<double>(got.down.norm()) * moveDown.norm()});
        check({(got.up.cast<double>().array() * moveUp.array()).sum(), (loss(down, up + kStep * moveUp, wideInput) - loss(down, up - kStep * moveUp, wideInput)) / (2 * kStep),
               static_cast<double>(got.up.norm()) * moveUp.norm()});
        const Tensor along = seeded(input.shape(), 33);
        const std::vector<double> direction(along.values<float>().begin(), along.values<float>().end());
        check({dot(gradients.input.values<float>(), direction) / 4, slopeAlong(wideInput, direction, [&](const Tensor& at) { return loss(down, up, at); }, kStep),
               lengthOf(gradients.input.values<float>()) * lengthOf(direction) / 4});
    }

    void aGradientPassesAQuantizerWithinItsRange()
    {
        const ActivationQuantizer quantizer = fitActivationQuantizer(format("int4"), -1.4f, 1.4f);   // levels k / 5, k = -7 ... 7
        const ValueRange range = passRange(quantizer);
        QCOMPARE(range.low, -1.4f);
        QCOMPARE(range.high, 1.4f);
        const std::vector<float> x{-2.0f, -1.4f, -1.3f, 0.0f, 1.39f, 1.41f};
        std::vector<float> gradient(6, 2.0f);
        maskOutside(range, x, gradient);
        QCOMPARE(gradient, (std::vector<float>{0, 2, 2, 2, 2, 0}));
        const ValueRange unsignedRange = passRange(fitActivationQuantizer(format("uint8"), 0.0f, 2.55f));
        QCOMPARE(unsignedRange.low, 0.0f);
        QVERIFY(std::abs(unsignedRange.high - 2.55f) < 1e-6f);
        QVERIFY(passRange({}).high > 1e38f);
    }

    /// Loss sum of y^2 / 2 over one layer y = W q(x): dy = y, dW = y q(x)^T, dx = W^T y where q does not clip.
    void aQuantizedInputIsPassedStraightThrough_data()
    {
        QTest::addColumn<QString>("how");
        for (const char* how : {"one quantizer", "by channel", "dynamic"})
            QTest::newRow(how) << how;
    }

    void aQuantizedInputIsPassedStraightThrough()
    {
        QFETCH(QString, how);
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {4});
        const Tensor weights = seeded({4, 3}, 41);   // of MatMul: transposed
        const Network network = builder.finish(builder.node("MatMul", {x, builder.constant(weights)}));
        const auto graph = valueOf(GradientGraph::build(contextOf(network), 2));
        const std::vector<float> values{0.33f, -0.9f, 1.7f, -3.0f};
        const ActivationQuantizer narrow = fitActivationQuantizer(format("int4"), -1.0f, 1.0f), wide = fitActivationQuantizer(format("int8"), -4.0f, 4.0f);
        std::vector<LayerSetting> settings(1);
        std::vector<float> rounded(4), passes{1, 1, 0, 0};
        if (how == "one quantizer") {
            settings[0].input = InputTreatment(narrow);
        } else if (how == "by channel") {
            settings[0].input = InputTreatment({narrow, wide}, {0, 1, 0, 1});
            passes = {1, 1, 0, 1};
        } else {
            settings[0].input = InputTreatment(format("int4"), RangeRule::Kind::Dynamic);
            passes = {1, 1, 1, 1};
        }
        settings[0].input.apply(InputGeometry{1, 4, 1, true}, values, rounded);
        const Objective objective = Objective::squaredError(Tensor(DataType::Float32, {1, 3}));
        const Gradients got = valueOf(graph->differentiate({.settings = settings, .inputs = Tensor::of({1, 4}, values), .objective = objective, .ofInput = true}));
        const Eigen::Map<const RowMatrix> transposed(weights.values<float>().data(), 4, 3);
        const Eigen::Map<const Eigen::VectorXf> read(rounded.data(), 4);
        const Eigen::VectorXf y = transposed.transpose() * read, dy = y * (2.0f / 3.0f), dx = transposed * dy;
        QVERIFY((got.layers[0].weights - dy * read.transpose()).norm() <= 1e-6f * got.layers[0].weights.norm());
        for (std::size_t i = 0; i < 4; ++i)
            QVERIFY(std::abs(got.input.values<float>()[i] - passes[i] * dx[static_cast<Eigen::Index>(i)]) <= 1e-6f);
    }

    /// The same treatment on a convolution (whose layout is the kernels' own) and on the matrix product it is.
    void aConvolutionQuantizesAsItsProductDoes_data() { aQuantizedInputIsPassedStraightThrough_data(); }

    void aConvolutionQuantizesAsItsProductDoes()
    {
        QFETCH(QString, how);
        const Tensor weights = seeded({5, 6, 1, 1}, 51);
        NetworkBuilder picture, vectors;
        const Network convolution = picture.finish(picture.node("Conv", {picture.input("x", {6, 1, 1}), picture.constant(weights)}));
        const Network product = vectors.finish(vectors.node("Gemm", {vectors.input("x", {6}), vectors.constant(weights.reshaped({5, 6}))}, {{"transB", std::int64_t{1}}}));
        std::vector<LayerSetting> settings(1);
        const ActivationQuantizer narrow = fitActivationQuantizer(format("int4"), -1.0f, 1.0f), wide = fitActivationQuantizer(format("int8"), -4.0f, 4.0f);
        settings[0].input = how == "one quantizer" ? InputTreatment(narrow) : how == "by channel" ? InputTreatment({narrow, wide}, {0, 1, 1, 0, 1, 0}) : InputTreatment(format("int4"), RangeRule::Kind::Dynamic);
        for (const auto input : {SurrogateInput::Exact, SurrogateInput::Quantized}) {
            settings[0].recovery = RecoveryPath{matrixOf(2, 6, 52), matrixOf(5, 2, 53), input};
            const Tensor x = seeded({3, 6}, 54), target = seeded({3, 5}, 55);
            const auto gradientsOf = [&](const Network& network, const Shape& shape) {
                const Objective objective = Objective::squaredError(target.reshaped(shape.size() == 4 ? Shape{3, 5, 1, 1} : Shape{3, 5}));
                return valueOf(valueOf(GradientGraph::build(contextOf(network), 3))->differentiate({.settings = settings, .inputs = x.reshaped(shape), .objective = objective, .ofInput = true}));
            };
            const Gradients one = gradientsOf(convolution, {3, 6, 1, 1}), other = gradientsOf(product, {3, 6});
            const auto close = [](const RowMatrix& a, const RowMatrix& b) { return (a - b).norm() <= 1e-5f * b.norm(); };
            QVERIFY(std::abs(one.loss - other.loss) <= 1e-5 * other.loss);
            QVERIFY(close(one.layers[0].weights, other.layers[0].weights));
            QVERIFY(close(one.layers[0].down, other.layers[0].down));
            QVERIFY(close(one.layers[0].up, other.layers[0].up));
            QVERIFY(close(Eigen::Map<const RowMatrix>(one.input.values<float>().data(), 3, 6), Eigen::Map<const RowMatrix>(other.input.values<float>().data(), 3, 6)));
        }
    }

    /// A compiled network's forward pass is the engine's, arrays and recovery paths included.
    void aCompiledNetworkRunsAsTheEngineRunsIt_data()
    {
        QTest::addColumn<QString>("plan");
        for (const char* plan : {"npp-nf4-rank8", "cim-w4a8-rank8"})
            QTest::newRow(plan) << plan;
    }

    void aCompiledNetworkRunsAsTheEngineRunsIt()
    {
        QFETCH(QString, plan);
        const auto subject = valueOf(openSubject("lenet5-mnist", "mnist", 64));
        const auto context = valueOf(prepareEngine(subject->network));
        const auto calibration = valueOf(Calibration::observe(context, subject->calibration, 0));
        const auto network = valueOf(compile(*calibration, {.plan = valueOf(loadPlan(plan.toStdString()))}));
        const auto graph = valueOf(GradientGraph::build(context, context->batch));
        const auto settings = valueOf(settingsOf(*context, network->layers));
        const Tensor inputs = subject->test.slice(0, 40).inputs;
        const Tensor got = valueOf(graph->run(inputs, settings)), wanted = valueOf(runPolarized(*context, *network, inputs));
        double error = 0, largest = 0;
        for (std::size_t i = 0; i < got.values<float>().size(); ++i) {
            error = std::max(error, std::abs(static_cast<double>(got.values<float>()[i]) - static_cast<double>(wanted.values<float>()[i])));
            largest = std::max(largest, std::abs(static_cast<double>(wanted.values<float>()[i])));
        }
        // A value may fall on the other side of a quantizer's threshold where sums are added in another order: one step of
        // one input, far below a percent of the logits.
        QVERIFY2(error <= 0.01 * largest, qPrintable(QString("%1 of %2").arg(error).arg(largest)));
        const Objective objective = Objective::crossEntropy(subject->test.slice(0, 40).labels);
        const Gradients gradients = valueOf(graph->differentiate({.settings = settings, .inputs = inputs, .objective = objective}));
        QVERIFY(gradients.layers[0].down.norm() > 0);
        QVERIFY(gradients.layers[0].up.norm() > 0);
    }

    void aSettingThatDoesNotFitIsAProblem()
    {
        const auto graph = valueOf(GradientGraph::build(contextOf(smallNetwork()), 2));
        const Tensor input = seeded({2, 8, 7, 5}, 5);
        const Objective objective = Objective::crossEntropy({1, 2});
        std::vector<LayerSetting> settings(2);
        const auto problemOf = [&](const Tensor& inputs, const Objective& asked) {
            const auto result = graph->differentiate({.settings = settings, .inputs = inputs, .objective = asked});
            return result ? std::string() : result.error().text();
        };
        settings[0].weights = RowMatrix(6, 71);
        QCOMPARE(problemOf(input, objective), std::string("Conv0: weights are 6 x 71; 6 x 72 are wanted"));
        settings[0] = {};
        settings[1].recovery = RecoveryPath{RowMatrix(2, 72), RowMatrix(4, 2), SurrogateInput::Exact};
        QVERIFY(problemOf(input, objective).starts_with("Gemm3: a recovery path of 2 x 72 and 4 x 2"));
        settings[1] = {};
        QCOMPARE(problemOf(input, Objective::crossEntropy({1, 5})), std::string("objective, sample 1: label 5; the network has 5 outputs"));
        QVERIFY(problemOf(input, Objective::crossEntropy({1})).starts_with("objective: it has 1 labels for 2 samples"));
        QVERIFY(problemOf(seeded({2, 8, 7, 6}, 5), objective).starts_with("made in a test: the input is float32 2x8x7x6"));
    }
};

QTEST_APPLESS_MAIN(TestLayerSettings)
#include "tst_layer_settings.moc"
