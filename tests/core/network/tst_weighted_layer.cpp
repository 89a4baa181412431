// SPDX-License-Identifier: Apache-2.0
#include "core/network/weighted_layer.h"

#include "support/network_builder.h"

#include <QtTest>

using core::Tensor;
using core::ValueIndex;
using core::WeightedLayer;
using support::NetworkBuilder;

namespace {

std::vector<WeightedLayer> layersOf(const core::Network& network) { return core::weightedLayers(network, core::describeValues(network, 1).value()); }

}  // namespace

class TestWeightedLayer : public QObject {
    Q_OBJECT

private slots:
    void aConvolutionIsItsIm2colMatrix()
    {
        NetworkBuilder builder;
        const Tensor w = support::noiseTensor({4, 3, 2, 2}, 1);
        const ValueIndex x = builder.input("x", {-1, 3, 5, 6});
        const auto layers = layersOf(builder.build({builder.node("Conv", {x, builder.constant("w", w), builder.constant("b", support::noiseTensor({4}, 2))})}));
        QCOMPARE(layers.size(), std::size_t{1});
        QCOMPARE(layers[0].rows, 4);
        QCOMPARE(layers[0].columns, 12);
        QCOMPARE(layers[0].columnsPerChannel, 4);
        QCOMPARE(layers[0].channels(), 3);
        QCOMPARE(layers[0].positions, std::int64_t{20});
        QCOMPARE(layers[0].inputValues, std::int64_t{3 * 5 * 6});
        QCOMPARE(layers[0].macs(), std::int64_t{4 * 12 * 20});
        QCOMPARE(layers[0].parameters(), std::int64_t{4 * 12 + 4});
        QCOMPARE(layers[0].weights(2, 7), w.values<float>()[2 * 12 + 7]);
    }

    void aDepthwiseConvolutionHasAGroupPerChannel()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 4, 5, 5});
        const ValueIndex y = builder.node("Conv", {x, builder.constant("w", support::noiseTensor({8, 1, 3, 3}, 1))}, support::attributes({{"group", std::int64_t{4}}}));
        const auto layers = layersOf(builder.build({y}));
        QCOMPARE(layers[0].groups, 4);
        QCOMPARE(layers[0].rows, 8);
        QCOMPARE(layers[0].columns, 9);
        QCOMPARE(layers[0].columnsPerChannel, 9);
        QCOMPARE(layers[0].channels(), 1);   // of one group
    }

    void gemmTakesAlphaAndBetaIntoItsNumbers()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 2});
        const ValueIndex b = builder.constant("b", Tensor::of<float>({2, 3}, {1, 2, 3, 4, 5, 6})), c = builder.constant("c", Tensor::of<float>({3}, {10, 20, 30}));
        const auto layers = layersOf(builder.build({builder.node("Gemm", {x, b, c}, support::attributes({{"alpha", 2.0f}, {"beta", 0.5f}}))}));
        QCOMPARE(layers[0].rows, 3);
        QCOMPARE(layers[0].columns, 2);
        QCOMPARE(layers[0].weights(1, 0), 4.0f);    // row 1 is B's column 1: 2 and 5, times 2
        QCOMPARE(layers[0].weights(1, 1), 10.0f);
        QCOMPARE(layers[0].bias, (std::vector<float>{5, 10, 15}));
        QCOMPARE(layers[0].positions, std::int64_t{1});
    }

    void aMatMulOverTokensHasAPositionPerToken()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 9, 4});
        const auto layers = layersOf(builder.build({builder.node("MatMul", {x, builder.constant("w", support::noiseTensor({4, 7}, 1))})}));
        QCOMPARE(layers[0].rows, 7);
        QCOMPARE(layers[0].columns, 4);
        QCOMPARE(layers[0].channels(), 4);
        QCOMPARE(layers[0].positions, std::int64_t{9});
    }

    void whatAPlanCannotTreatIsNotListed()
    {
        NetworkBuilder builder;
        const ValueIndex x = builder.input("x", {-1, 4, 4});
        const ValueIndex square = builder.node("MatMul", {x, x});   // no constant
        const ValueIndex stack = builder.node("MatMul", {square, builder.constant("w", support::noiseTensor({2, 4, 4}, 1))});   // no matrix
        const auto network = builder.build({stack});
        core::Network fixed = network;
        fixed.values[x.value()].shape->front().size = 2;
        QVERIFY(layersOf(fixed).empty());
    }
};

QTEST_APPLESS_MAIN(TestWeightedLayer)
#include "tst_weighted_layer.moc"
