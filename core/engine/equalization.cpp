// SPDX-License-Identifier: Apache-2.0
#include "core/engine/equalization.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr int kSweeps = 50;
constexpr float kSettled = 1e-3f;

bool isOneOf(const std::string& operation, std::initializer_list<const char*> list) { return std::find(list.begin(), list.end(), operation) != list.end(); }

/// Which row of the layer each element of a value comes from, where that can be said.
class RowLabels {
public:
    RowLabels(const EngineContext& context, const WeightedLayer& layer) : m_context(context), m_labels(DataType::Float32, shapeOf(context.outputOf(layer.index)))
    {
        const Shape& shape = m_labels.shape();
        const std::size_t axis = layer.kind == LayerKind::Convolution ? 1 : shape.size() - 1;
        fillAlong(axis, [](std::int64_t channel) { return static_cast<float>(channel); });
    }

    /// Through a node that reads only this value and constants; nothing where it mixes rows.
    bool pass(const Node& node)
    {
        const Shape& to = shapeOf(node.outputs.front());
        if (isOneOf(node.operation, {"MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool"})) {
            const auto channels = alongAxis(1);
            if (!channels)
                return false;
            m_labels = Tensor(DataType::Float32, to);
            fillAlong(1, [&](std::int64_t channel) { return (*channels)[static_cast<std::size_t>(channel)]; });
            return true;
        }
        if (!isOneOf(node.operation, {"Flatten", "Reshape", "Squeeze", "Unsqueeze", "Transpose", "Identity", "Dropout"}))
            return m_labels.shape() == to;   // element by element
        std::vector<const Tensor*> inputs{&m_labels};
        for (std::size_t i = 1; i < node.inputs.size(); ++i)
            inputs.push_back(constantOf(m_context, node.inputs[i]));
        const auto moved = runOperation(node, m_context.network->opset, inputs);
        if (!moved)
            return false;
        m_labels = moved.value().front();
        return true;
    }

    /// One row for each input channel of the layer that reads the value.
    std::optional<std::vector<int>> channelsOf(const WeightedLayer& reader) const
    {
        const auto labels = alongAxis(reader.kind == LayerKind::Convolution ? 1 : m_labels.shape().size() - 1);
        if (!labels || static_cast<int>(labels->size()) != reader.channels() * reader.groups)
            return std::nullopt;
        return std::vector<int>(labels->begin(), labels->end());
    }

    static const Tensor* constantOf(const EngineContext& context, ValueIndex value)
    {
        if (!value.isValid())
            return nullptr;
        if (const Tensor* constant = context.network->constant(value))
            return constant;
        const TensorDescription& description = context.values[value.value()];
        return description.constant ? &*description.constant : nullptr;
    }

private:
    const Shape& shapeOf(ValueIndex value) const { return m_context.values[value.value()].shape; }

    static std::int64_t innerOf(const Shape& shape, std::size_t axis) { return elementCount(Shape(shape.begin() + static_cast<std::ptrdiff_t>(axis) + 1, shape.end())); }

    template <class Label>
    void fillAlong(std::size_t axis, const Label& label)
    {
        const std::int64_t inner = innerOf(m_labels.shape(), axis), size = m_labels.shape()[axis];
        const std::span<float> values = m_labels.edit<float>();
        for (std::size_t i = 0; i < values.size(); ++i)
            values[i] = label(static_cast<std::int64_t>(i) / inner % size);
    }

    /// The label of each index of an axis; nothing where it is not the same at all others.
    std::optional<std::vector<float>> alongAxis(std::size_t axis) const
    {
        const Shape& shape = m_labels.shape();
        if (axis >= shape.size())
            return std::nullopt;
        const std::int64_t inner = innerOf(shape, axis), size = shape[axis];
        const std::span<const float> values = m_labels.values<float>();
        std::vector<float> labels(static_cast<std::size_t>(size));
        for (std::size_t i = 0; i < values.size(); ++i) {
            const auto at = static_cast<std::size_t>(static_cast<std::int64_t>(i) / inner % size);
            if (static_cast<std::int64_t>(i) < inner * size && static_cast<std::int64_t>(i) % inner == 0)
                labels[at] = values[i];
            if (values[i] != labels[at])
                return std::nullopt;
        }
        return labels;
    }

    const EngineContext& m_context;
    Tensor m_labels;
};

/// Whether f(s x) = s f(x) holds for positive s, where a constant that is added counts as scaled too.
bool isHomogeneous(const EngineContext& context, const Node& node)
{
    if (const auto activation = fusedActivation(*context.network, node))
        return activation->kind != FusedActivation::Kind::Clip ||
               ((activation->first == 0 || activation->first == std::numeric_limits<float>::lowest()) && activation->second >= std::numeric_limits<float>::max());
    if (isOneOf(node.operation, {"Add", "Mul"}))
        return RowLabels::constantOf(context, node.inputs[0]) || RowLabels::constantOf(context, node.inputs[1]);
    return isOneOf(node.operation, {"MaxPool", "AveragePool", "GlobalMaxPool", "GlobalAveragePool", "Flatten", "Reshape", "Squeeze", "Unsqueeze",
                                    "Transpose", "Identity", "Dropout"});
}

std::vector<NodeIndex> readersOf(const Network& network, ValueIndex value)
{
    std::vector<NodeIndex> readers;
    for (std::size_t n = 0; n < network.nodes.size(); ++n)
        for (const ValueIndex input : network.nodes[n].inputs)
            if (input == value)
                readers.push_back(NodeIndex(n));
    return readers;
}

/// |w|'s largest for each row, or for each input channel, of weights that are multiplied by the scales so far.
std::vector<float> largestByRow(const WeightedLayer& layer, const ChannelScales& scales)
{
    std::vector<float> largest(static_cast<std::size_t>(layer.rows), 0.0f);
    for (Eigen::Index row = 0; row < layer.rows; ++row)
        for (Eigen::Index column = 0; column < layer.columns; ++column) {
            float& most = largest[static_cast<std::size_t>(row)];
            most = std::max(most, std::abs(layer.weights(row, column)) * scales.factor(layer, row, column));
        }
    return largest;
}

std::size_t channelAt(const WeightedLayer& layer, Eigen::Index row, Eigen::Index column)
{
    const Eigen::Index group = row / (layer.rows / layer.groups);
    return static_cast<std::size_t>(group * layer.channels() + column / layer.columnsPerChannel);
}

std::vector<float> largestByChannel(const WeightedLayer& layer, const ChannelScales& scales)
{
    std::vector<float> largest(static_cast<std::size_t>(layer.channels() * layer.groups), 0.0f);
    for (Eigen::Index row = 0; row < layer.rows; ++row)
        for (Eigen::Index column = 0; column < layer.columns; ++column) {
            float& most = largest[channelAt(layer, row, column)];
            most = std::max(most, std::abs(layer.weights(row, column)) * scales.factor(layer, row, column));
        }
    return largest;
}

/// One pair's step towards equal ranges. Answers the largest change of a scale, in parts of it.
float equalizePair(const EngineContext& context, const LayerPair& pair, std::map<LayerIndex, ChannelScales>& scales)
{
    ChannelScales& first = scales.at(pair.first);
    ChannelScales& second = scales.at(pair.second);
    const std::vector<float> byRow = largestByRow(context.layers[pair.first.value()], first);
    const std::vector<float> byChannel = largestByChannel(context.layers[pair.second.value()], second);
    std::vector<float> reached(byRow.size(), 0.0f);   // a row that several channels come from, as behind a Flatten, takes the largest
    for (std::size_t c = 0; c < byChannel.size(); ++c) {
        float& most = reached[static_cast<std::size_t>(pair.rowOfChannel[c])];
        most = std::max(most, byChannel[c]);
    }
    float change = 0;
    for (std::size_t row = 0; row < byRow.size(); ++row) {
        const float ratio = std::sqrt(byRow[row] / reached[row]);
        const float scale = first.rows[row] * ratio;
        if (!(ratio > 0) || !std::isnormal(scale) || !std::isnormal(1 / scale))
            continue;
        first.rows[row] = scale;
        change = std::max(change, std::abs(ratio - 1));
    }
    for (std::size_t c = 0; c < byChannel.size(); ++c)
        second.inputs[c] = first.rows[static_cast<std::size_t>(pair.rowOfChannel[c])];
    return change;
}

}  // namespace

float ChannelScales::factor(const WeightedLayer& layer, Eigen::Index row, Eigen::Index column) const
{
    const float in = inputs.empty() ? 1.0f : inputs[channelAt(layer, row, column)];
    return rows.empty() ? in : in / rows[static_cast<std::size_t>(row)];
}

RowMatrix ChannelScales::applied(const WeightedLayer& layer, const RowMatrix& weights) const
{
    RowMatrix result = weights;
    for (Eigen::Index row = 0; row < weights.rows(); ++row)
        for (Eigen::Index column = 0; column < weights.cols(); ++column)
            result(row, column) *= factor(layer, row, column);
    return result;
}

void ChannelScales::takeBack(const WeightedLayer& layer, RowMatrix& weights) const
{
    for (Eigen::Index row = 0; row < weights.rows(); ++row)
        for (Eigen::Index column = 0; column < weights.cols(); ++column)
            weights(row, column) /= factor(layer, row, column);
}

LayerBehind layerBehind(const EngineContext& context, const WeightedLayer& layer)
{
    const Network& network = *context.network;
    RowLabels labels(context, layer);
    for (ValueIndex value = context.outputOf(layer.index);;) {
        if (std::find(network.outputs.begin(), network.outputs.end(), value) != network.outputs.end())
            return {{}, "its output is the network's"};
        const std::vector<NodeIndex> readers = readersOf(network, value);
        if (readers.size() != 1)
            return {{}, fmt::format("{} nodes read its output", readers.size())};
        const Node& node = network.node(readers.front());
        const auto second = std::find_if(context.layers.begin(), context.layers.end(), [&](const WeightedLayer& other) { return other.node == readers.front(); });
        if (second != context.layers.end()) {
            const auto rows = node.inputs.front() == value ? labels.channelsOf(*second) : std::nullopt;
            if (!rows)
                return {{}, fmt::format("{} reads its rows mixed", node.name)};
            return {LayerPair{layer.index, second->index, *rows}, {}};
        }
        if (!isHomogeneous(context, node))
            return {{}, fmt::format("{} ({}) behind it does not keep channels apart under a scale", node.name, node.operation)};
        if (!labels.pass(node))
            return {{}, fmt::format("{} ({}) mixes its rows", node.name, node.operation)};
        value = node.outputs.front();
    }
}

Equalization equalizedChannels(const EngineContext& context, const std::vector<bool>& asks)
{
    Equalization result;
    std::vector<LayerPair> pairs;
    std::vector<std::string> reasons(context.layers.size());
    for (const WeightedLayer& layer : context.layers) {
        if (!asks[layer.index.value()])
            continue;
        LayerBehind behind = layerBehind(context, layer);
        std::string& reason = reasons[layer.index.value()];
        if (!behind.pair)
            reason = behind.reason;
        else if (!asks[behind.pair->second.value()])
            reason = fmt::format("{} behind it is not equalized", context.layers[behind.pair->second.value()].name);
        else
            pairs.push_back(std::move(*behind.pair));
    }
    for (const LayerPair& pair : pairs) {
        result.scales[pair.first].rows.assign(static_cast<std::size_t>(context.layers[pair.first.value()].rows), 1.0f);
        result.scales[pair.second].inputs.assign(pair.rowOfChannel.size(), 1.0f);
    }
    for (int sweep = 0; sweep < kSweeps; ++sweep) {
        float change = 0;
        for (const LayerPair& pair : pairs)
            change = std::max(change, equalizePair(context, pair, result.scales));
        if (change < kSettled)
            break;
    }
    for (const WeightedLayer& layer : context.layers)
        if (asks[layer.index.value()] && !result.scales.contains(layer.index))
            result.remarks.push_back(fmt::format("{}: not equalized: {}, and no layer in front of it is equalized with it", layer.name, reasons[layer.index.value()]));
    return result;
}

}  // namespace core
