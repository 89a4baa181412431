// SPDX-License-Identifier: Apache-2.0
#include "core/network/weighted_layer.h"

#include <algorithm>

namespace core {

namespace {

/// The first axis of the network's first input, 1 unless the file fixes it.
std::int64_t samplesOf(const Network& network, const std::vector<TensorDescription>& values)
{
    if (network.inputs.empty())
        return 1;
    const Shape& input = values[network.inputs.front().value()].shape;
    return input.size() > 1 ? std::max<std::int64_t>(input.front(), 1) : 1;
}

std::int64_t perSample(std::int64_t count, std::int64_t samples) { return count % samples == 0 ? count / samples : count; }

/// Inner products per row and sample: the elements of the output over rows and samples.
std::int64_t positionsOf(const Network& network, const std::vector<TensorDescription>& values, const Node& node, std::int64_t rows)
{
    const std::int64_t perRow = elementCount(values[node.outputs.front().value()].shape) / std::max<std::int64_t>(rows, 1);
    return perSample(perRow, samplesOf(network, values));
}

std::int64_t inputValuesOf(const Network& network, const std::vector<TensorDescription>& values, const Node& node)
{
    return perSample(elementCount(values[node.inputs.front().value()].shape), samplesOf(network, values));
}

const Tensor* floatConstant(const Network& network, const Node& node, std::size_t input)
{
    const Tensor* tensor = input < node.inputs.size() ? network.constant(node.inputs[input]) : nullptr;
    return tensor && tensor->type() == DataType::Float32 ? tensor : nullptr;
}

bool hasInput(const Node& node, std::size_t input) { return input < node.inputs.size() && node.inputs[input].isValid(); }

std::vector<float> listOf(const Tensor& tensor) { return {tensor.values<float>().begin(), tensor.values<float>().end()}; }

Eigen::Map<const RowMatrix> matrixOf(const Tensor& tensor, std::int64_t rows)
{
    return {tensor.values<float>().data(), rows, rows == 0 ? 0 : tensor.size() / rows};
}

std::optional<WeightedLayer> convolutionLayer(const Network& network, const Node& node)
{
    const Tensor* weights = floatConstant(network, node, 1);
    const Tensor* bias = floatConstant(network, node, 2);
    if (!weights || weights->rank() < 3 || weights->size() == 0 || (hasInput(node, 2) && !bias))
        return std::nullopt;
    WeightedLayer layer;
    layer.kind = LayerKind::Convolution;
    layer.groups = static_cast<int>(node.attributes.integer("group", 1));
    layer.weights = matrixOf(*weights, weights->dimension(0));
    layer.columnsPerChannel = static_cast<int>(layer.weights.cols() / weights->dimension(1));
    if (bias)
        layer.bias = listOf(*bias);
    return layer;
}

/// Gemm's C as one number per row of the layer, times beta; nothing where it differs from sample to sample.
std::optional<std::vector<float>> gemmBias(const Tensor& c, Eigen::Index rows, float beta)
{
    const bool isPerSample = c.rank() == 2 && c.dimension(0) != 1;
    if (isPerSample || c.rank() > 2 || (c.size() != 1 && c.size() != rows))
        return std::nullopt;
    std::vector<float> bias = listOf(c);
    bias.resize(static_cast<std::size_t>(rows), bias.front());
    for (float& value : bias)
        value *= beta;
    return bias;
}

std::optional<WeightedLayer> gemmLayer(const Network& network, const Node& node)
{
    const Tensor* b = floatConstant(network, node, 1);
    if (!b || b->rank() != 2 || b->size() == 0 || node.attributes.integer("transA", 0) != 0)
        return std::nullopt;
    WeightedLayer layer;
    if (node.attributes.integer("transB", 0) != 0)
        layer.weights = matrixOf(*b, b->dimension(0));
    else
        layer.weights = matrixOf(*b, b->dimension(0)).transpose();
    layer.weights *= node.attributes.real("alpha", 1.0f);
    if (!hasInput(node, 2))
        return layer;
    const Tensor* c = floatConstant(network, node, 2);
    const auto bias = c ? gemmBias(*c, layer.weights.rows(), node.attributes.real("beta", 1.0f)) : std::nullopt;
    if (!bias)
        return std::nullopt;
    layer.bias = *bias;
    return layer;
}

std::optional<WeightedLayer> matMulLayer(const Network& network, const Node& node)
{
    const Tensor* b = floatConstant(network, node, 1);
    if (!b || b->rank() != 2 || b->size() == 0)
        return std::nullopt;
    WeightedLayer layer;
    layer.weights = matrixOf(*b, b->dimension(0)).transpose();
    return layer;
}

std::optional<WeightedLayer> layerOf(const Network& network, const Node& node)
{
    if (node.operation == "Conv")
        return convolutionLayer(network, node);
    if (node.operation == "Gemm")
        return gemmLayer(network, node);
    if (node.operation == "MatMul")
        return matMulLayer(network, node);
    return std::nullopt;
}

}  // namespace

std::vector<WeightedLayer> weightedLayers(const Network& network, const std::vector<TensorDescription>& values)
{
    std::vector<WeightedLayer> layers;
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        const Node& node = network.nodes[i];
        if (node.outputs.empty() || !node.outputs.front().isValid())
            continue;
        std::optional<WeightedLayer> layer = layerOf(network, node);
        if (!layer || layer->weights.size() == 0)
            continue;
        layer->index = LayerIndex(layers.size());
        layer->node = NodeIndex(i);
        layer->name = node.name;
        layer->operation = node.operation;
        layer->rows = static_cast<int>(layer->weights.rows());
        layer->columns = static_cast<int>(layer->weights.cols());
        layer->positions = positionsOf(network, values, node, layer->rows);
        layer->inputValues = inputValuesOf(network, values, node);
        layers.push_back(std::move(*layer));
    }
    return layers;
}

}  // namespace core
