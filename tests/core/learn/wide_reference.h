// SPDX-License-Identifier: Apache-2.0
#pragma once
// The scalar reference in float64, where a central difference with step 1e-6 is good to nine digits: what gradients are
// judged by.

#include "core/learn/gradient_graph.h"
#include "core/network/operation.h"

#include <QtTest>

#include <cmath>

namespace core {

inline Tensor widened(const Tensor& tensor)
{
    if (tensor.type() != DataType::Float32)
        return tensor;
    Tensor wide(DataType::Float64, tensor.shape());
    std::copy(tensor.values<float>().begin(), tensor.values<float>().end(), wide.edit<double>().begin());
    return wide;
}

inline Network widened(Network network)
{
    for (Value& value : network.values) {
        if (value.type == DataType::Float32)
            value.type = DataType::Float64;
        if (value.constant)
            value.constant = widened(*value.constant);
    }
    return network;
}

/// The mean loss of the objective over the samples, all in double.
inline double wideLoss(const Network& wide, const Tensor& input, const Objective& objective)
{
    const auto made = runReference(wide, std::span(&input, 1));
    if (!made)
        qFatal("%s", made.error().text().c_str());
    const auto outputs = made.value().front().values<double>();
    const auto samples = static_cast<std::size_t>(objective.samples()), width = outputs.size() / samples;
    double loss = 0;
    for (std::size_t s = 0; s < samples; ++s) {
        const auto y = outputs.subspan(s * width, width);
        const auto logSum = [width](auto element) {
            double sum = 0;
            for (std::size_t i = 0; i < width; ++i)
                sum += std::exp(element(i));
            return std::log(sum);
        };
        const double own = logSum([&](std::size_t i) { return y[i]; });
        if (objective.kind == LossKind::CrossEntropy) {
            loss += own - y[static_cast<std::size_t>(objective.labels[s])];
            continue;
        }
        const auto target = objective.targets.values<float>().subspan(s * width, width);
        const auto at = [&](std::size_t i) { return static_cast<double>(target[i]); };
        const double wanted = objective.kind == LossKind::Divergence ? logSum(at) : 0.0;
        for (std::size_t i = 0; i < width; ++i) {
            if (objective.kind == LossKind::Divergence)
                loss += std::exp(at(i) - wanted) * (at(i) - wanted - y[i] + own);
            else
                loss += std::pow(y[i] - at(i), 2) / static_cast<double>(width);
        }
    }
    return loss / static_cast<double>(samples);
}

/// (loss(at + h d) - loss(at - h d)) / 2h for the elements of one tensor.
template <class Loss>
double slopeAlong(const Tensor& at, std::span<const double> direction, Loss&& loss, double step = 1e-6)
{
    const auto moved = [&](double by) {
        Tensor tensor = at;
        const auto elements = tensor.edit<double>();
        for (std::size_t i = 0; i < elements.size(); ++i)
            elements[i] += by * direction[i];
        return loss(tensor);
    };
    return (moved(step) - moved(-step)) / (2 * step);
}

struct Agreement { double got = 0, wanted = 0, scale = 0; };   // scale: |gradient| |direction|

/// A gradient is float32 summed over some thousand terms.
inline bool agrees(const Agreement& slopes, double tolerance = 1e-5) { return std::abs(slopes.got - slopes.wanted) <= tolerance * slopes.scale + 1e-10; }

inline double dot(std::span<const float> a, std::span<const double> b)
{
    double sum = 0;
    for (std::size_t i = 0; i < a.size(); ++i)
        sum += static_cast<double>(a[i]) * b[i];
    return sum;
}

inline double lengthOf(std::span<const float> a)
{
    double sum = 0;
    for (const float x : a)
        sum += static_cast<double>(x) * static_cast<double>(x);
    return std::sqrt(sum);
}

inline double lengthOf(std::span<const double> a)
{
    double sum = 0;
    for (const double x : a)
        sum += x * x;
    return std::sqrt(sum);
}

/// The constant a layer's weights stand in, moved along a direction given as rows x columns.
inline std::vector<double> inConstant(const Network& network, const WeightedLayer& layer, const RowMatrixD& direction)
{
    const Node& node = network.node(layer.node);
    const bool isTransposed = layer.operation == "MatMul" || (layer.operation == "Gemm" && node.attributes.integer("transB", 0) == 0);
    const double alpha = layer.operation == "Gemm" ? static_cast<double>(node.attributes.real("alpha", 1.0f)) : 1.0;
    const RowMatrixD placed = (isTransposed ? RowMatrixD(direction.transpose()) : direction) / alpha;
    return {placed.data(), placed.data() + placed.size()};
}

}  // namespace core
