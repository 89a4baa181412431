// SPDX-License-Identifier: Apache-2.0
// Softmax and the normalizations. Means and deviations are taken anew from the input, in double.

#include "core/learn/gradient_builder.h"

#include <cmath>

namespace core {

namespace {

/// A tensor as outer x along x inner.
struct Lanes { std::int64_t outer = 1, along = 1, inner = 1; };

template <class Visit>
void forEachLane(const Lanes& lanes, Visit&& visit)
{
    for (std::int64_t outer = 0; outer < lanes.outer; ++outer)
        for (std::int64_t inner = 0; inner < lanes.inner; ++inner)
            visit(outer * lanes.along * lanes.inner + inner);
}

Lanes lanesAround(const Shape& shape, std::size_t axis, bool isFlattening)
{
    const auto sizes = std::span(shape);
    if (isFlattening || axis >= shape.size())
        return {product(sizes.first(axis)), product(sizes.subspan(axis)), 1};
    return {product(sizes.first(axis)), shape[axis], product(sizes.subspan(axis + 1))};
}

/// dx = y (dy - sum of y dy); of the logarithm dx = dy - e^y sum of dy.
class SoftmaxStep : public ReferenceForward {
public:
    Lanes lanes;
    bool isLogarithm = false;

    void backward(GradientFrame& frame) const override
    {
        const float* const y = frame.value(outputs[0]);
        const float* const dy = frame.gradient(outputs[0]);
        deliver(frame, 0, [&](float* dx) {
            forEachLane(lanes, [&](std::int64_t first) {
                double sum = 0;
                for (std::int64_t i = first; i < first + lanes.along * lanes.inner; i += lanes.inner)
                    sum += static_cast<double>(dy[i]) * (isLogarithm ? 1.0 : static_cast<double>(y[i]));
                for (std::int64_t i = first; i < first + lanes.along * lanes.inner; i += lanes.inner)
                    dx[i] = static_cast<float>(isLogarithm ? static_cast<double>(dy[i]) - std::exp(static_cast<double>(y[i])) * sum : static_cast<double>(y[i]) * (static_cast<double>(dy[i]) - sum));
            });
        });
    }
};

Result<void> addSoftmax(GradientBuilder& builder, const Node& node)
{
    auto step = std::make_unique<SoftmaxStep>();
    builder.fill(*step, node);
    // One axis since opset 13, before that all axes from `axis` on.
    const bool isFlattening = builder.context().network->opset < 13;
    const Shape& shape = builder.described(node.inputs.front()).shape;
    const std::int64_t axis = node.attributes.integer("axis", isFlattening ? 1 : -1);
    step->lanes = lanesAround(shape, static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(shape.size()) : axis), isFlattening);
    step->isLogarithm = node.operation == "LogSoftmax";
    builder.add(std::move(step));
    return success();
}

/// y = (x - mean) / deviation * scale + shift over `length` numbers in a row, scale repeating along them:
/// with z = (x - mean) / deviation and g = dy scale, dx = (g - mean of g - z mean of (g z)) / deviation.
class RowNormalizationStep : public ReferenceForward {
public:
    std::int64_t rows = 0, length = 0;
    double epsilon = 1e-5;
    Tensor scale;
    std::int64_t scaleChannels = 0;    // 0: the scale lies along the row; else one number a row, repeating after so many

    void backward(GradientFrame& frame) const override
    {
        const auto factors = scale.values<float>();
        deliver(frame, 0, [&](float* dx) {
            const float* const x = frame.value(inputs[0]);
            const float* const dy = frame.gradient(outputs[0]);
            const auto count = static_cast<double>(length);
            for (std::int64_t row = 0; row < rows; ++row) {
                const auto factor = [&](std::int64_t i) {
                    const std::int64_t at = scaleChannels > 0 ? row % scaleChannels : factors.size() == 1 ? 0 : i;
                    return static_cast<double>(factors[static_cast<std::size_t>(at)]);
                };
                const float* const in = x + row * length;
                const float* const upper = dy + row * length;
                double mean = 0, variance = 0, meanGradient = 0, meanProduct = 0;
                for (std::int64_t i = 0; i < length; ++i)
                    mean += static_cast<double>(in[i]) / count;
                for (std::int64_t i = 0; i < length; ++i)
                    variance += std::pow(static_cast<double>(in[i]) - mean, 2) / count;
                const double deviation = std::sqrt(variance + epsilon);
                for (std::int64_t i = 0; i < length; ++i) {
                    const double gradient = static_cast<double>(upper[i]) * factor(i);
                    meanGradient += gradient / count;
                    meanProduct += gradient * (static_cast<double>(in[i]) - mean) / deviation / count;
                }
                for (std::int64_t i = 0; i < length; ++i)
                    dx[row * length + i] = static_cast<float>((static_cast<double>(upper[i]) * factor(i) - meanGradient - (static_cast<double>(in[i]) - mean) / deviation * meanProduct) / deviation);
            }
        });
    }
};

Result<void> addRowNormalization(GradientBuilder& builder, const Node& node)
{
    for (std::size_t i = 1; i < node.inputs.size(); ++i)
        if (node.inputs[i].isValid() && !builder.constant(node.inputs[i]))
            return builder.refused(node, "its scale or shift is computed while the network runs; the gradient wants constant ones");
    for (std::size_t o = 1; o < node.outputs.size(); ++o)
        if (node.outputs[o].isValid())
            return builder.refused(node, "somebody reads its mean or deviation; the gradient passes through the result alone");
    auto step = std::make_unique<RowNormalizationStep>();
    builder.fill(*step, node);
    const Shape& shape = builder.described(node.inputs.front()).shape;
    step->epsilon = static_cast<double>(node.attributes.real("epsilon", 1e-5f));
    step->scale = *builder.constant(node.inputs[1]);
    if (node.operation == "InstanceNormalization") {
        step->rows = shape[0] * shape[1];
        step->scaleChannels = shape[1];
    } else {
        const std::int64_t axis = node.attributes.integer("axis", -1);
        step->rows = product(std::span(shape).first(static_cast<std::size_t>(axis < 0 ? axis + static_cast<std::int64_t>(shape.size()) : axis)));
    }
    step->length = elementCount(shape) / std::max<std::int64_t>(step->rows, 1);
    builder.add(std::move(step));
    return success();
}

/// Inference: y = scale (x - mean) / sqrt(variance + epsilon) + shift with constants per channel.
class BatchNormalizationStep : public ReferenceForward {
public:
    std::vector<double> slopes;    // by channel
    std::int64_t plane = 1;

    void backward(GradientFrame& frame) const override
    {
        deliver(frame, 0, [&](float* dx) {
            const float* const dy = frame.gradient(outputs[0]);
            for (std::size_t i = 0; i < frame.form(inputs[0]).floats(); ++i)
                dx[i] = static_cast<float>(static_cast<double>(dy[i]) * slopes[i / static_cast<std::size_t>(plane) % slopes.size()]);
        });
    }
};

Result<void> addBatchNormalization(GradientBuilder& builder, const Node& node)
{
    std::vector<const Tensor*> constants;
    for (std::size_t i = 1; i < 5; ++i) {
        constants.push_back(builder.constant(node.inputs[i]));
        if (!constants.back() || constants.back()->type() != DataType::Float32)
            return builder.refused(node, "its statistics are computed while the network runs; the gradient wants constant ones");
    }
    if (node.attributes.integer("training_mode", 0) != 0)
        return builder.refused(node, "it is in training mode, where samples depend on one another; the gradient is of inference");
    auto step = std::make_unique<BatchNormalizationStep>();
    builder.fill(*step, node);
    const Shape& shape = builder.described(node.inputs.front()).shape;
    step->plane = shape.size() < 2 ? 1 : product(std::span(shape).subspan(2));
    const auto epsilon = static_cast<double>(node.attributes.real("epsilon", 1e-5f));
    for (std::size_t c = 0; c < constants[0]->values<float>().size(); ++c)
        step->slopes.push_back(static_cast<double>(constants[0]->values<float>()[c]) / std::sqrt(static_cast<double>(constants[3]->values<float>()[c]) + epsilon));
    builder.add(std::move(step));
    return success();
}

constexpr DifferentiableOperation kOperations[] = {
    {"BatchNormalization", addBatchNormalization}, {"InstanceNormalization", addRowNormalization}, {"LayerNormalization", addRowNormalization},
    {"LogSoftmax", addSoftmax},                    {"Softmax", addSoftmax},
};

}  // namespace

std::span<const DifferentiableOperation> normalizationGradients() { return kOperations; }

}  // namespace core
