// SPDX-License-Identifier: Apache-2.0
#pragma once
// Small networks with known answers, and what turns a problem into a failed test.

#include "core/learn/gradient_graph.h"
#include "tests/core/engine/network_builder.h"

#include <QtTest>

namespace core {

template <class T>
T valueOf(const Result<T>& result)
{
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value();
}

inline std::shared_ptr<const GradientGraph> graphOf(const Network& network, std::int64_t batch)
{
    return valueOf(GradientGraph::build(valueOf(prepareEngine(std::make_shared<const Network>(network))), batch));
}

/// y = W x: under a squared error the loss is a quadratic in W, whose Hessian is 2 / rows mean(x x^T) in every row's block and
/// zero between rows.
inline Network linearNetwork(const Tensor& weights)
{
    NetworkBuilder builder;
    return builder.finish(builder.node("Gemm", {builder.input("x", {weights.dimension(1)}), builder.constant(weights)}, {{"transB", std::int64_t{1}}}));
}

/// 3 - tanh - 4 - 2.
inline Network tinyNetwork()
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {3});
    const ValueIndex hidden = builder.node("Tanh", {builder.node("Gemm", {x, builder.constant(seeded({4, 3}, 1)), builder.constant(seeded({4}, 2))}, {{"transB", std::int64_t{1}}})});
    return builder.finish(builder.node("Gemm", {hidden, builder.constant(seeded({2, 4}, 3)), builder.constant(seeded({2}, 4))}, {{"transB", std::int64_t{1}}}));
}

inline RowMatrixD matrixOf(const Tensor& tensor)
{
    return Eigen::Map<const RowMatrix>(tensor.values<float>().data(), tensor.dimension(0), tensor.size() / tensor.dimension(0)).cast<double>();
}

}  // namespace core
