// SPDX-License-Identifier: Apache-2.0
// Every operation's gradient and every bundled network's, against central differences of the scalar reference in float64.

#include "core/io/library.h"
#include "core/learn/gradient_graph.h"
#include "core/learn/sensitivity.h"
#include "tests/core/engine/network_builder.h"
#include "tests/core/learn/wide_reference.h"

#include <QtTest>

using namespace core;

namespace {

using Integers = std::vector<std::int64_t>;

std::vector<double> directionOf(std::size_t count, std::uint32_t seed)
{
    const Tensor noise = seeded({static_cast<std::int64_t>(count)}, seed);
    return {noise.values<float>().begin(), noise.values<float>().end()};
}

std::shared_ptr<const GradientGraph> graphOf(const Network& network, std::int64_t batch)
{
    const auto context = prepareEngine(std::make_shared<const Network>(network));
    if (!context)
        qFatal("%s", context.error().text().c_str());
    const auto graph = GradientGraph::build(context.value(), batch);
    if (!graph)
        qFatal("%s", graph.error().text().c_str());
    return graph.value();
}

Gradients gradientsOf(const GradientGraph& graph, const GradientRequest& request)
{
    const auto gradients = graph.differentiate(request);
    if (!gradients)
        qFatal("%s", gradients.error().text().c_str());
    return gradients.value();
}

/// A kink between the two points of a difference spoils it; one ten times as narrow then decides.
template <class Difference>
Agreement compared(double got, double scale, double tolerance, Difference&& difference)
{
    Agreement slopes{got, difference(1e-6), scale};
    if (!agrees(slopes, tolerance))
        slopes.wanted = difference(1e-7);
    return slopes;
}

QByteArray text(const Agreement& slopes, const std::string& where)
{
    return QByteArray::fromStdString(where) + ": gradient " + QByteArray::number(slopes.got, 'g', 12) + ", difference " + QByteArray::number(slopes.wanted, 'g', 12) + ", scale " + QByteArray::number(slopes.scale);
}

/// Loss, gradient of the input and of every layer's weights and bias along random directions.
void compareWithDifferences(const Network& network, const Tensor& input, const Objective& objective, std::int64_t batch = 2, double tolerance = 1e-5)
{
    const auto graph = graphOf(network, batch);
    const bool ofInput = input.type() == DataType::Float32;
    const Gradients gradients = gradientsOf(*graph, {.inputs = input, .objective = objective, .ofInput = ofInput});
    const Network wide = widened(network);
    const Tensor wideInput = widened(input);
    const double loss = wideLoss(wide, wideInput, objective);
    QVERIFY2(std::abs(loss - gradients.loss) <= 1e-5 * std::max(1.0, std::abs(loss)), qPrintable(QString("loss %1, wanted %2").arg(gradients.loss).arg(loss)));
    for (std::uint32_t seed = 1; ofInput && seed <= 3; ++seed) {
        const auto direction = directionOf(static_cast<std::size_t>(input.size()), 100 + seed);
        const auto samples = static_cast<double>(input.dimension(0));
        const auto own = gradients.input.values<float>();
        const Agreement slopes = compared(dot(own, direction) / samples, lengthOf(own) * lengthOf(direction) / samples, tolerance, [&](double step) {
            return slopeAlong(wideInput, direction, [&](const Tensor& moved) { return wideLoss(wide, moved, objective); }, step);
        });
        QVERIFY2(agrees(slopes, tolerance), text(slopes, "input"));
    }
    for (const WeightedLayer& layer : graph->layers()) {
        const RowMatrix& own = gradients.layers[layer.index.value()].weights;
        const auto along = directionOf(static_cast<std::size_t>(own.size()), 200 + static_cast<std::uint32_t>(layer.index.value()));
        const Eigen::Map<const RowMatrixD> direction(along.data(), own.rows(), own.cols());
        const auto slopeOfConstant = [&](ValueIndex constant, std::span<const double> moves, double step) {
            Network moved = wide;
            return slopeAlong(*wide.constant(constant), moves, [&](const Tensor& tensor) {
                moved.values[constant.value()].constant = tensor;
                return wideLoss(moved, wideInput, objective);
            }, step);
        };
        const Node& node = network.node(layer.node);
        const std::span<const float> flat(own.data(), static_cast<std::size_t>(own.size()));
        const Agreement slopes = compared(dot(flat, along), lengthOf(flat) * lengthOf(along), tolerance, [&](double step) {
            return slopeOfConstant(node.inputs[1], inConstant(network, layer, direction), step);
        });
        QVERIFY2(agrees(slopes, tolerance), text(slopes, layer.name + ", weights"));
        if (layer.bias.empty())
            continue;
        const std::span<const float> bias(gradients.layers[layer.index.value()].bias);
        const auto moves = directionOf(bias.size(), 300);
        const Agreement biasSlopes = compared(dot(bias, moves), lengthOf(bias) * lengthOf(moves), tolerance, [&](double step) { return slopeOfConstant(node.inputs[2], moves, step); });
        QVERIFY2(agrees(biasSlopes, tolerance), text(biasSlopes, layer.name + ", bias"));
    }
}

Objective squaredErrorFor(const Network& network, const Tensor& input)
{
    const auto made = runReference(network, std::span(&input, 1));
    if (!made)
        qFatal("%s", made.error().text().c_str());
    Tensor target = seeded(made.value().front().shape(), 77);
    for (float& value : target.edit<float>())
        value *= 0.5f;
    return Objective::squaredError(target);
}

/// A layer with weights, the tail, a loss: the tail's gradient reaches the weights and the input.
using Tail = std::function<ValueIndex(NetworkBuilder&, ValueIndex)>;
struct Case { const char* name; Shape sample; Tail tail; };

Tail unary(const char* operation, std::vector<std::pair<std::string, AttributeValue>> attributes = {})
{
    return [=](NetworkBuilder& builder, ValueIndex x) { return builder.node(operation, {x}, attributes); };
}

Tail withConstant(const char* operation, const Shape& shape, bool constantFirst = false, bool isPositive = false)
{
    return [=](NetworkBuilder& builder, ValueIndex x) {
        Tensor tensor = seeded(shape, 31);
        for (float& value : tensor.edit<float>())
            value = isPositive ? 0.5f + std::abs(value) : value;
        const ValueIndex constant = builder.constant(tensor);
        return constantFirst ? builder.node(operation, {constant, x}) : builder.node(operation, {x, constant});
    };
}

/// x^2 + 0.5 in front, where an operation wants positive numbers.
Tail positive(const Tail& tail)
{
    return [=](NetworkBuilder& builder, ValueIndex x) { return tail(builder, builder.node("Add", {builder.node("Mul", {x, x}), builder.constant(Tensor::scalar(0.5f))})); };
}

const std::vector<Case>& cases()
{
    const auto integers = [](NetworkBuilder& builder, const Integers& list) { return builder.constant(Tensor::of({static_cast<std::int64_t>(list.size())}, list)); };
    static const std::vector<Case> kCases{
        {"Relu", {3, 4}, unary("Relu")},
        {"LeakyRelu", {3, 4}, unary("LeakyRelu", {{"alpha", 0.125f}})},
        {"Clip", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("Clip", {x, b.constant(Tensor::scalar(-0.5f)), b.constant(Tensor::scalar(0.75f))}); }},
        {"Clip away from zero", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("Clip", {x, b.constant(Tensor::scalar(0.25f))}); }},
        {"Sigmoid", {3, 4}, unary("Sigmoid")},
        {"Tanh", {3, 4}, unary("Tanh")},
        {"Erf", {3, 4}, unary("Erf")},
        {"Gelu", {3, 4}, unary("Gelu")},
        {"Gelu by tanh", {3, 4}, unary("Gelu", {{"approximate", std::string("tanh")}})},
        {"Exp", {3, 4}, unary("Exp")},
        {"Log", {3, 4}, positive(unary("Log"))},
        {"Sqrt", {3, 4}, positive(unary("Sqrt"))},
        {"Neg", {3, 4}, unary("Neg")},
        {"Abs", {3, 4}, unary("Abs")},
        {"Reciprocal", {3, 4}, positive(unary("Reciprocal"))},
        {"Softplus", {3, 4}, unary("Softplus")},
        {"Softsign", {3, 4}, unary("Softsign")},
        {"Mish", {3, 4}, unary("Mish")},
        {"HardSwish", {3, 4}, unary("HardSwish")},
        {"HardSigmoid", {3, 4}, unary("HardSigmoid")},
        {"Elu", {3, 4}, unary("Elu", {{"alpha", 0.7f}})},
        {"Celu", {3, 4}, unary("Celu", {{"alpha", 0.7f}})},
        {"Selu", {3, 4}, unary("Selu")},
        {"ThresholdedRelu", {3, 4}, unary("ThresholdedRelu", {{"alpha", 0.3f}})},
        {"Add", {3, 4}, withConstant("Add", {4})},
        {"Sub from a constant", {3, 4}, withConstant("Sub", {3, 1}, true)},
        {"Mul", {3, 4}, withConstant("Mul", {3, 4})},
        {"Div", {3, 4}, withConstant("Div", {1}, false, true)},
        {"Div of a constant", {3, 4}, positive(withConstant("Div", {4}, true))},
        {"Pow", {3, 4}, positive([](NetworkBuilder& b, ValueIndex x) { return b.node("Pow", {x, b.constant(Tensor::scalar(1.7f))}); })},
        {"Pow of a constant", {3, 4}, withConstant("Pow", {4}, true, true)},
        {"PRelu", {3, 4}, withConstant("PRelu", {4})},
        {"x * x", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("Mul", {x, x}); }},
        {"broadcast of a computed operand", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("Mul", {b.node("ReduceMean", {x}, {{"axes", Integers{2}}}), x}); }},
        {"Softmax", {3, 4}, unary("Softmax")},
        {"Softmax along another axis", {3, 4}, unary("Softmax", {{"axis", std::int64_t{1}}})},
        {"LogSoftmax", {3, 4}, unary("LogSoftmax")},
        {"LayerNormalization", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("LayerNormalization", {x, b.constant(seeded({4}, 41)), b.constant(seeded({4}, 42))}); }},
        {"LayerNormalization over two axes", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("LayerNormalization", {x, b.constant(seeded({3, 4}, 41))}, {{"axis", std::int64_t{1}}}); }},
        {"ReduceMean", {3, 4}, unary("ReduceMean", {{"axes", Integers{1}}, {"keepdims", std::int64_t{0}}})},
        {"ReduceSum", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("ReduceSum", {x, integers(b, {-1})}); }},
        {"Transpose", {3, 4}, unary("Transpose", {{"perm", Integers{0, 2, 1}}})},
        {"Reshape", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Relu", {b.node("Reshape", {x, integers(b, {0, 2, 6})})}); }},
        {"Flatten", {3, 4}, unary("Flatten")},
        {"Squeeze", {1, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Squeeze", {x, integers(b, {1})}); }},
        {"Unsqueeze", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Unsqueeze", {x, integers(b, {1})}); }},
        {"Slice", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Slice", {x, integers(b, {3}), integers(b, {0}), integers(b, {2}), integers(b, {-2})}); }},
        {"Gather", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Gather", {x, integers(b, {2, 0, 2})}, {{"axis", std::int64_t{1}}}); }},
        {"Concat", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("Concat", {x, b.node("Exp", {x})}, {{"axis", std::int64_t{1}}}); }},
        {"Pad", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Pad", {x, integers(b, {0, 1, 0, 0, 0, 2})}); }},
        {"Pad by reflection", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Pad", {x, integers(b, {0, 1, 0, 0, 0, 2})}, {{"mode", std::string("reflect")}}); }},
        {"Expand", {1, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Expand", {x, integers(b, {1, 3, 4})}); }},
        {"Tile", {3, 4}, [=](NetworkBuilder& b, ValueIndex x) { return b.node("Tile", {x, integers(b, {1, 2, 1})}); }},
        {"Where", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("Where", {b.constant(Tensor::of<bool>({4}, std::array{true, false, true, true})), x, b.node("Exp", {x})}); }},
        {"MatMul of two computed matrices", {3, 4}, [](NetworkBuilder& b, ValueIndex x) { return b.node("MatMul", {x, b.node("Transpose", {b.node("Tanh", {x})}, {{"perm", Integers{0, 2, 1}}})}); }},
        {"MatMul by a constant on the left", {3, 4}, withConstant("MatMul", {5, 3}, true)},
        {"MatMul by a stack", {1, 3, 4}, withConstant("MatMul", {2, 4, 5})},
    };
    return kCases;
}

}  // namespace

class TestGradientGraph : public QObject {
    Q_OBJECT
private slots:
    void everyOperationAgreesWithDifferences_data()
    {
        QTest::addColumn<std::size_t>("which");
        for (std::size_t i = 0; i < cases().size(); ++i)
            QTest::newRow(cases()[i].name) << i;
    }

    void everyOperationAgreesWithDifferences()
    {
        QFETCH(std::size_t, which);
        const Case& one = cases()[which];
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", one.sample);
        Tensor weights = seeded({one.sample.back(), one.sample.back()}, 21);
        for (float& weight : weights.edit<float>())
            weight *= 0.5f;
        const Network network = builder.finish(one.tail(builder, builder.node("MatMul", {x, builder.constant(weights)})));
        Shape shape = one.sample;
        shape.insert(shape.begin(), 2);
        const Tensor input = seeded(shape, 22);
        compareWithDifferences(network, input, squaredErrorFor(network, input));
    }

    void everyConvolutionAgreesWithDifferences_data()
    {
        QTest::addColumn<int>("groups");
        QTest::addColumn<QString>("autoPad");
        QTest::addColumn<QList<qint64>>("pads");
        QTest::addColumn<QList<qint64>>("strides");
        QTest::addColumn<QList<qint64>>("dilations");
        const QList<qint64> none, one{1, 1, 1, 1}, lopsided{0, 1, 2, 0};
        QTest::newRow("plain") << 1 << "NOTSET" << none << none << none;
        QTest::newRow("padded") << 1 << "NOTSET" << one << none << none;
        QTest::newRow("lopsided pads") << 1 << "NOTSET" << lopsided << QList<qint64>{2, 1} << none;
        QTest::newRow("same upper, stride 2") << 1 << "SAME_UPPER" << none << QList<qint64>{2, 2} << none;
        QTest::newRow("same lower, stride 2") << 1 << "SAME_LOWER" << none << QList<qint64>{2, 2} << none;
        QTest::newRow("dilated") << 1 << "NOTSET" << one << none << QList<qint64>{2, 2};
        QTest::newRow("two groups") << 2 << "NOTSET" << one << none << none;
        QTest::newRow("depthwise") << 6 << "NOTSET" << one << QList<qint64>{2, 2} << none;
    }

    void everyConvolutionAgreesWithDifferences()
    {
        QFETCH(int, groups);
        QFETCH(QString, autoPad);
        QFETCH(QList<qint64>, pads);
        QFETCH(QList<qint64>, strides);
        QFETCH(QList<qint64>, dilations);
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {6, 9, 11});
        std::vector<std::pair<std::string, AttributeValue>> attributes{{"group", std::int64_t{groups}}, {"auto_pad", autoPad.toStdString()}};
        if (!pads.isEmpty())
            attributes.emplace_back("pads", Integers(pads.begin(), pads.end()));
        if (!strides.isEmpty())
            attributes.emplace_back("strides", Integers(strides.begin(), strides.end()));
        if (!dilations.isEmpty())
            attributes.emplace_back("dilations", Integers(dilations.begin(), dilations.end()));
        // A 1 x 1 convolution in front, so that the input's layout is the kernels' own.
        const ValueIndex first = builder.node("Relu", {builder.node("Conv", {x, builder.constant(seeded({6, 6, 1, 1}, 1))})});
        const ValueIndex y = builder.node("Conv", {first, builder.constant(seeded({12, 6 / groups, 3, 3}, 2)), builder.constant(seeded({12}, 3))}, attributes);
        const Network network = builder.finish(builder.node("Sigmoid", {y}));
        const Tensor input = seeded({3, 6, 9, 11}, 4);
        compareWithDifferences(network, input, squaredErrorFor(network, input));
    }

    void aResidualBlockAgreesWithDifferences()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {8, 6, 6});
        const Integers pads{1, 1, 1, 1};
        const ValueIndex first = builder.node("Relu", {builder.node("Conv", {x, builder.constant(seeded({8, 8, 3, 3}, 5))}, {{"pads", pads}})});
        const ValueIndex second = builder.node("Conv", {first, builder.constant(seeded({8, 8, 3, 3}, 6))}, {{"pads", pads}});
        const ValueIndex shortcut = builder.node("Conv", {x, builder.constant(seeded({8, 8, 1, 1}, 7))});
        const ValueIndex sum = builder.node("Relu", {builder.node("Add", {builder.node("Add", {second, shortcut}), first})});
        const ValueIndex flat = builder.node("Flatten", {builder.node("GlobalAveragePool", {sum})});
        const Network network = builder.finish(builder.node("Gemm", {flat, builder.constant(seeded({5, 8}, 8)), builder.constant(seeded({5}, 9))}, {{"transB", std::int64_t{1}}}));
        compareWithDifferences(network, seeded({4, 8, 6, 6}, 10), Objective::crossEntropy({0, 3, 4, 1}), 3);
    }

    void poolsAndNormalizationsAgreeWithDifferences_data()
    {
        QTest::addColumn<QString>("operation");
        for (const char* operation : {"MaxPool", "AveragePool", "AveragePool with its pads", "GlobalAveragePool", "GlobalMaxPool", "BatchNormalization", "InstanceNormalization"})
            QTest::newRow(operation) << operation;
    }

    void poolsAndNormalizationsAgreeWithDifferences()
    {
        QFETCH(QString, operation);
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {4, 9, 7});
        const ValueIndex y = builder.node("Conv", {x, builder.constant(seeded({4, 4, 1, 1}, 1))});
        const std::vector<std::pair<std::string, AttributeValue>> window{{"kernel_shape", Integers{3, 2}}, {"strides", Integers{2, 2}}, {"pads", Integers{1, 0, 1, 1}}};
        std::vector<ValueIndex> inputs{y};
        std::vector<std::pair<std::string, AttributeValue>> attributes;
        if (operation == "MaxPool" || operation.startsWith("AveragePool"))
            attributes = window;
        if (operation.endsWith("with its pads"))
            attributes.emplace_back("count_include_pad", std::int64_t{1});
        if (operation.endsWith("Normalization"))
            for (const std::uint32_t seed : {51u, 52u})
                inputs.push_back(builder.constant(seeded({4}, seed)));
        if (operation == "BatchNormalization") {
            inputs.push_back(builder.constant(seeded({4}, 53)));
            inputs.push_back(builder.constant(Tensor::of<float>({4}, std::array{0.5f, 1.0f, 2.0f, 0.25f})));
        }
        const Network network = builder.finish(builder.node(operation.section(' ', 0, 0).toStdString(), inputs, attributes));
        const Tensor input = seeded({3, 4, 9, 7}, 2);
        compareWithDifferences(network, input, squaredErrorFor(network, input));
    }

    void everyBundledNetworkAgreesWithDifferences_data()
    {
        QTest::addColumn<QString>("name");
        for (const NetworkManifest& manifest : bundledNetworks())
            if (!manifest.dataset.empty())
                QTest::newRow(manifest.name.c_str()) << QString::fromStdString(manifest.name);
        QVERIFY(!bundledNetworks().empty());
    }

    void everyBundledNetworkAgreesWithDifferences()
    {
        QFETCH(QString, name);
        const auto loaded = loadNetwork(name.toStdString());
        QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
        const auto subject = openSubject(name.toStdString(), loaded.value().manifest.dataset, 8);
        QVERIFY2(subject.has_value(), subject ? "" : subject.error().text().c_str());
        SampleSet samples = subject.value()->test.slice(0, 3);
        if (samples.inputs.type() == DataType::Float32) {   // on a picture's black ground pools have ties, which are kinks
            const Tensor noise = seeded(samples.inputs.shape(), 62);
            std::transform(samples.inputs.values<float>().begin(), samples.inputs.values<float>().end(), noise.values<float>().begin(), samples.inputs.edit<float>().begin(),
                           [](float x, float by) { return x + 0.01f * by; });
        }
        const bool isClassification = subject.value()->task.kind == Task::Kind::Classification;
        compareWithDifferences(*loaded.value().network, samples.inputs, isClassification ? Objective::crossEntropy(samples.labels) : Objective::squaredError(samples.inputs), 2, 2e-5);
    }

    void aTieInAPoolGoesToTheFirst()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {1, 4, 4});
        const ValueIndex y = builder.node("Conv", {x, builder.constant(Tensor::of<float>({1, 1, 1, 1}, std::array{1.0f}))});
        const Network network = builder.finish(builder.node("MaxPool", {y}, {{"kernel_shape", Integers{2, 2}}, {"strides", Integers{2, 2}}}));
        const Tensor flat = Tensor::of<float>({1, 1, 4, 4}, std::vector<float>(16, 0.5f));
        const Gradients gradients = gradientsOf(*graphOf(network, 1), {.inputs = flat, .objective = Objective::squaredError(Tensor(DataType::Float32, {1, 1, 2, 2})), .ofInput = true});
        std::vector<float> wanted(16, 0.0f);
        for (const std::size_t corner : {0u, 2u, 8u, 10u})
            wanted[corner] = 0.25f;    // 2 y / 4
        QVERIFY(std::equal(wanted.begin(), wanted.end(), gradients.input.values<float>().begin()));
    }

    /// The two that come without a dataset as well.
    void everyBundledNetworkCanBeDifferentiated()
    {
        for (const NetworkManifest& manifest : bundledNetworks()) {
            const auto loaded = loadNetwork(manifest.name);
            QVERIFY2(loaded.has_value(), loaded ? "" : loaded.error().text().c_str());
            Network network = *loaded.value().network;
            if (!describeValues(network, 1)) {
                const auto shaped = withInputShape(network, network.inputs.front(), {1, 3, 48, 192});
                QVERIFY2(shaped.has_value(), shaped ? "" : shaped.error().text().c_str());
                network = shaped.value();
            }
            const auto context = prepareEngine(std::make_shared<const Network>(network));
            QVERIFY2(context.has_value(), context ? "" : context.error().text().c_str());
            const auto graph = GradientGraph::build(context.value(), 1);
            QVERIFY2(graph.has_value(), graph ? "" : graph.error().text().c_str());
        }
        const auto names = differentiableOperations();
        QVERIFY(std::is_sorted(names.begin(), names.end()));
        for (const char* name : {"Conv", "Gemm", "MatMul", "LayerNormalization", "Erf", "Split"})
            QVERIFY(std::binary_search(names.begin(), names.end(), name));
    }

    void aSplitsPartsShareItsGradient()
    {
        Network network = [] {
            NetworkBuilder builder;
            const ValueIndex x = builder.input("x", {6});
            const ValueIndex y = builder.node("MatMul", {x, builder.constant(seeded({6, 6}, 1))});
            return builder.finish(builder.node("Relu", {y}));
        }();
        // y is cut into 2 + 1 + 3; the first part is used twice, the second not at all.
        const ValueIndex y = network.nodes[0].outputs.front();
        const auto value = [&](const char* name) {
            network.values.push_back({name, DataType::Float32, {}, {}});
            return ValueIndex(network.values.size() - 1);
        };
        const ValueIndex first = value("first"), second = value("second"), third = value("third"), squared = value("squared"), joined = value("joined");
        network.values.push_back({"sizes", DataType::Int64, {}, Tensor::of<std::int64_t>({3}, std::array<std::int64_t, 3>{2, 1, 3})});
        const ValueIndex sizes(network.values.size() - 1);
        Node split{"split", "Split", {y, sizes}, {first, second, third}, {}}, square{"square", "Mul", {first, first}, {squared}, {}}, join{"join", "Concat", {squared, third, first}, {joined}, {}};
        split.attributes.set("axis", std::int64_t{1});
        join.attributes.set("axis", std::int64_t{1});
        network.nodes.resize(1);
        for (const Node& node : {split, square, join})
            network.nodes.push_back(node);
        network.outputs = {joined};
        const Tensor input = seeded({3, 6}, 2);
        compareWithDifferences(network, input, squaredErrorFor(network, input));
    }

    void anOperationWithoutGradientIsNamed()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {4});
        const ValueIndex y = builder.node("MatMul", {x, builder.constant(seeded({4, 4}, 1))});
        const Network network = builder.finish(builder.node("CumSum", {y, builder.constant(Tensor::scalar(std::int64_t{1}))}));
        const auto context = prepareEngine(std::make_shared<const Network>(network));
        QVERIFY(context.has_value());
        const auto graph = GradientGraph::build(context.value(), 2);
        QVERIFY(!graph.has_value());
        QCOMPARE(graph.error().place, std::string("CumSum1 (CumSum)"));
        QVERIFY(graph.error().message.starts_with("no gradient of CumSum is known"));
    }
};

QTEST_APPLESS_MAIN(TestGradientGraph)
#include "tst_gradient_graph.moc"
