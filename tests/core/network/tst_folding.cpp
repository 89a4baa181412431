// SPDX-License-Identifier: Apache-2.0
#include "core/network/folding.h"

#include "core/network/operation.h"
#include "support/network_builder.h"

#include <QtTest>

#include <cmath>

using core::Network;
using core::Tensor;
using core::ValueIndex;
using support::NetworkBuilder;

namespace {

std::vector<ValueIndex> normalizationInputs(NetworkBuilder& builder, ValueIndex x, std::int64_t channels)
{
    Tensor variance = support::noiseTensor({channels}, 44);
    for (float& value : variance.edit<float>())
        value = 0.5f + std::abs(value);
    return {x, builder.constant("scale", support::noiseTensor({channels}, 41)), builder.constant("shift", support::noiseTensor({channels}, 42)),
            builder.constant("mean", support::noiseTensor({channels}, 43)), builder.constant("variance", variance)};
}

const core::ImportNote* noteOf(const Network& network, const std::string& node)
{
    for (const core::ImportNote& note : network.importNotes)
        if (note.node == node)
            return &note;
    return nullptr;
}

/// The largest difference, in epsilons of the larger of 1 and the wanted value.
double epsilonsApart(const Tensor& found, const Tensor& wanted)
{
    double worst = 0;
    for (std::size_t i = 0; i < wanted.values<float>().size(); ++i) {
        const double a = static_cast<double>(found.values<float>()[i]), b = static_cast<double>(wanted.values<float>()[i]);
        worst = std::max(worst, std::abs(a - b) / std::max(1.0, std::abs(b)));
    }
    return worst / static_cast<double>(std::numeric_limits<float>::epsilon());
}

}  // namespace

class TestFolding : public QObject {
    Q_OBJECT

private slots:
    void foldedNormalizationComputesTheSame_data()
    {
        QTest::addColumn<QString>("operation");
        QTest::addColumn<QList<qlonglong>>("input");
        QTest::addColumn<QList<qlonglong>>("weights");
        QTest::addColumn<qlonglong>("group");
        QTest::addColumn<qlonglong>("transB");
        QTest::addColumn<qlonglong>("channels");
        QTest::newRow("Conv") << "Conv" << QList<qlonglong>{2, 3, 6, 6} << QList<qlonglong>{4, 3, 3, 3} << 1LL << 0LL << 4LL;
        QTest::newRow("depthwise Conv") << "Conv" << QList<qlonglong>{2, 4, 6, 6} << QList<qlonglong>{8, 1, 3, 3} << 4LL << 0LL << 8LL;
        QTest::newRow("ConvTranspose") << "ConvTranspose" << QList<qlonglong>{2, 4, 5, 5} << QList<qlonglong>{4, 3, 2, 2} << 2LL << 0LL << 6LL;
        QTest::newRow("Gemm") << "Gemm" << QList<qlonglong>{5, 7} << QList<qlonglong>{7, 6} << 1LL << 0LL << 6LL;
        QTest::newRow("Gemm transB") << "Gemm" << QList<qlonglong>{5, 7} << QList<qlonglong>{6, 7} << 1LL << 1LL << 6LL;
    }
    void foldedNormalizationComputesTheSame()
    {
        QFETCH(QString, operation);
        QFETCH(QList<qlonglong>, input);
        QFETCH(QList<qlonglong>, weights);
        QFETCH(qlonglong, group);
        QFETCH(qlonglong, transB);
        QFETCH(qlonglong, channels);
        NetworkBuilder builder;
        const core::Shape shape(input.begin(), input.end());
        const ValueIndex x = builder.input("x", shape);
        const ValueIndex w = builder.constant("w", support::noiseTensor({weights.begin(), weights.end()}, 5));
        const ValueIndex b = builder.constant("b", support::noiseTensor({channels}, 6));
        const core::Attributes attributes = operation == "Gemm"
            ? support::attributes({{"transB", std::int64_t{transB}}, {"alpha", 0.75f}, {"beta", 0.5f}})
            : support::attributes({{"group", std::int64_t{group}}});
        const ValueIndex y = builder.node(operation.toStdString(), {x, w, b}, attributes);
        const ValueIndex z = builder.node("BatchNormalization", normalizationInputs(builder, y, channels));
        const Network network = builder.build({z});
        const auto folded = core::foldBatchNormalization(network);
        QVERIFY(folded.has_value());
        QCOMPARE(folded.value().nodes.size(), std::size_t{1});
        QVERIFY(core::findFlaws(folded.value()).empty());
        QCOMPARE(noteOf(folded.value(), "BatchNormalization_1")->remark, "folded into " + operation.toStdString() + "_0");
        const std::vector<Tensor> inputs{support::noiseTensor(shape, 7)};
        const auto wanted = core::runReference(network, inputs), found = core::runReference(folded.value(), inputs);
        QVERIFY(wanted.has_value() && found.has_value());
        QVERIFY2(epsilonsApart(found.value()[0], wanted.value()[0]) < 32, qPrintable(QString::number(epsilonsApart(found.value()[0], wanted.value()[0]))));
    }

    void normalizationOfAValueOthersReadStays()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 1, 3, 3});
        const ValueIndex y = builder.node("Conv", {x, builder.constant("w", support::noiseTensor({2, 1, 1, 1}, 1))});
        const ValueIndex z = builder.node("BatchNormalization", normalizationInputs(builder, y, 2));
        const auto folded = core::foldBatchNormalization(builder.build({builder.node("Add", {y, z})}));
        QVERIFY(folded.has_value());
        QCOMPARE(folded.value().nodes.size(), std::size_t{3});
    }

    void constantsAreComputedAndChainsThatEndNowhereGo()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 2});
        const ValueIndex a = builder.constant("a", Tensor::of<float>({2}, {1.0f, 2.0f})), b = builder.constant("b", Tensor::of<float>({2}, {3.0f, 4.0f}));
        const ValueIndex sum = builder.node("Add", {a, b});
        builder.node("Relu", {builder.node("Neg", {x})});
        const ValueIndex y = builder.node("Mul", {builder.node("Identity", {x}), sum});
        const auto folded = core::foldConstants(builder.build({y}));
        QVERIFY(folded.has_value());
        const Network& network = folded.value();
        QCOMPARE(network.nodes.size(), std::size_t{1});
        QCOMPARE(network.values.size(), std::size_t{3});
        QCOMPARE(*network.constant(network.nodes[0].inputs[1]), (Tensor::of<float>({2}, {4.0f, 6.0f})));
        QCOMPARE(noteOf(network, "Add_0")->support, core::Support::Folded);
        QCOMPARE(noteOf(network, "Relu_2")->remark, std::string("nothing reads its result"));
    }

    void anOutputKeepsItsNameWhenTheIdentityBeforeItGoes()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 2});
        const ValueIndex y = builder.node("Identity", {builder.node("Relu", {x})});
        const Network network = builder.build({y});
        const auto folded = core::foldConstants(network);
        QVERIFY(folded.has_value());
        QCOMPARE(folded.value().nodes.size(), std::size_t{1});
        QCOMPARE(folded.value().value(folded.value().outputs[0]).name, network.value(y).name);
    }

    void constantsBeyondTheLimitAreAProblemOfTheirNode()
    {
        // Two nodes that each make 4 x 8 floats, 128 bytes, out of four.
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 8});
        const ValueIndex four = builder.constant("four", support::noiseTensor({4, 1}, 1));
        const ValueIndex wide = builder.node("Expand", {four, builder.constant("shape", Tensor::of<std::int64_t>({2}, {4, 8}))});
        const ValueIndex other = builder.node("Exp", {wide});
        const ValueIndex y = builder.node("Gemm", {x, other}, support::attributes({{"transB", std::int64_t{1}}}));
        const Network network = builder.build({y});
        QVERIFY(core::foldConstants(network, 256).has_value());
        const auto refused = core::foldConstants(network, 255);
        QVERIFY(!refused.has_value());
        const std::string exp = network.nodes[1].name;
        QCOMPARE(QString::fromStdString(refused.error().text()),
                 QString::fromStdString(exp + " (Exp): what is computed from constants takes 256 bytes up to here; at most 255 in all are wanted"));
    }

    void foldingNeverFreezesTheBatch()
    {
        // Flatten as exporters write it: Shape -> Gather -> Concat -> Reshape.
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 2, 3});
        const ValueIndex size = builder.node("Gather", {builder.node("Shape", {x}), builder.constant("zero", Tensor::scalar(std::int64_t{0}))});
        const ValueIndex first = builder.node("Unsqueeze", {size, builder.constant("axes", Tensor::of<std::int64_t>({1}, {0}))});
        const ValueIndex shape = builder.node("Concat", {first, builder.constant("rest", Tensor::of<std::int64_t>({1}, {-1}))},
                                              support::attributes({{"axis", std::int64_t{0}}}));
        const ValueIndex y = builder.node("Reshape", {x, shape});
        const auto folded = core::foldConstants(builder.build({y}));
        QVERIFY(folded.has_value());
        for (const std::int64_t batch : {1, 5, 32}) {
            const auto values = core::describeValues(folded.value(), batch);
            QVERIFY2(values.has_value(), values ? "" : values.error().text().c_str());
            QCOMPARE(values.value()[folded.value().outputs[0].value()].shape, (core::Shape{batch, 6}));
            const std::vector<Tensor> inputs{support::noiseTensor({batch, 2, 3}, 1)};
            const auto result = core::runReference(folded.value(), inputs);
            QVERIFY(result.has_value());
            QCOMPARE(result.value()[0], inputs[0].reshaped({batch, 6}));
        }
    }
};

QTEST_APPLESS_MAIN(TestFolding)
#include "tst_folding.moc"
