// SPDX-License-Identifier: Apache-2.0
#include "core/engine/node_groups.h"

#include <algorithm>
#include <limits>
#include <unordered_map>
#include <unordered_set>

namespace core {

namespace {

using Consumers = std::unordered_map<ValueIndex, std::vector<NodeIndex>>;

Consumers consumersOf(const Network& network)
{
    Consumers consumers;
    for (std::size_t n = 0; n < network.nodes.size(); ++n)
        for (const ValueIndex input : network.nodes[n].inputs)
            if (input.isValid())
                consumers[input].push_back(NodeIndex(n));
    return consumers;
}

/// The one node that reads `value`, if there is exactly one and the value is no output of the network.
std::optional<NodeIndex> onlyReader(const Network& network, const Consumers& consumers, ValueIndex value)
{
    if (std::find(network.outputs.begin(), network.outputs.end(), value) != network.outputs.end())
        return std::nullopt;
    const auto found = consumers.find(value);
    if (found == consumers.end() || found->second.size() != 1)
        return std::nullopt;
    return found->second.front();
}

/// x + b with a constant vector b over the layer's rows: the bias an exporter wrote as a node of its own.
bool isBiasAddition(const Network& network, const Node& node, const WeightedLayer& layer)
{
    if (node.operation != "Add" || layer.kind != LayerKind::Dense || !layer.bias.empty())
        return false;
    for (const ValueIndex input : node.inputs) {
        const Tensor* constant = network.constant(input);
        if (constant && constant->type() == DataType::Float32 && constant->rank() == 1 && constant->size() == layer.rows)
            return true;
    }
    return false;
}

bool isResidualAddition(const Network& network, const Node& node)
{
    return node.operation == "Add" && !network.constant(node.inputs[0]) && !network.constant(node.inputs[1]);
}

}  // namespace

float activated(const FusedActivation& activation, float x)
{
    using Kind = FusedActivation::Kind;
    switch (activation.kind) {
    case Kind::Relu: return x > 0 ? x : 0.0f;
    case Kind::LeakyRelu: return x > 0 ? x : activation.first * x;
    case Kind::Clip: return std::min(std::max(x, activation.first), activation.second);
    }
    return x;
}

std::optional<FusedActivation> fusedActivation(const Network& network, const Node& node)
{
    using Kind = FusedActivation::Kind;
    if (node.operation == "Relu")
        return FusedActivation{Kind::Relu, 0, 0};
    if (node.operation == "LeakyRelu")
        return FusedActivation{Kind::LeakyRelu, node.attributes.real("alpha", 0.01f), 0};
    if (node.operation != "Clip")
        return std::nullopt;
    float bounds[2] = {node.attributes.real("min", std::numeric_limits<float>::lowest()),
                       node.attributes.real("max", std::numeric_limits<float>::max())};
    for (std::size_t i = 1; i < node.inputs.size(); ++i) {
        if (!node.inputs[i].isValid())
            continue;
        const Tensor* bound = network.constant(node.inputs[i]);
        if (!bound || bound->type() != DataType::Float32 || bound->size() != 1)
            return std::nullopt;
        bounds[i - 1] = bound->values<float>()[0];
    }
    return FusedActivation{Kind::Clip, bounds[0], bounds[1]};
}

std::vector<NodeGroup> fuseNodes(const Network& network, const std::vector<WeightedLayer>& layers)
{
    const Consumers consumers = consumersOf(network);
    std::unordered_map<std::size_t, LayerIndex> layerOfNode;
    for (const WeightedLayer& layer : layers)
        layerOfNode[layer.node.value()] = layer.index;

    std::vector<bool> taken(network.nodes.size(), false);
    std::vector<NodeGroup> groups;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        if (taken[n])
            continue;
        NodeGroup group{{NodeIndex(n)}, {}};
        if (const auto found = layerOfNode.find(n); found != layerOfNode.end()) {
            group.layer = found->second;
            const WeightedLayer& layer = layers[found->second.value()];
            bool added = false;
            for (;;) {
                const auto next = onlyReader(network, consumers, network.node(group.nodes.back()).outputs.front());
                if (!next || taken[next->value()] || layerOfNode.contains(next->value()))
                    break;
                const Node& follower = network.node(*next);
                if (fusedActivation(network, follower)) {
                    group.nodes.push_back(*next);
                    taken[next->value()] = true;
                    break;
                }
                if (group.nodes.size() > 1 || added || !isBiasAddition(network, follower, layer))
                    break;
                added = true;
                group.nodes.push_back(*next);
                taken[next->value()] = true;
            }
        }
        if (isResidualAddition(network, network.nodes[n])) {
            const auto next = onlyReader(network, consumers, network.nodes[n].outputs.front());
            if (next && !taken[next->value()] && fusedActivation(network, network.node(*next))) {
                group.nodes.push_back(*next);
                taken[next->value()] = true;
            }
        }
        taken[n] = true;
        groups.push_back(std::move(group));
    }
    // A group runs when its last node would have run: by then everything it reads exists.
    std::stable_sort(groups.begin(), groups.end(), [](const NodeGroup& a, const NodeGroup& b) { return a.nodes.back() < b.nodes.back(); });
    return groups;
}

std::vector<NodeGroup> separateNodes(const Network& network, const std::vector<WeightedLayer>& layers)
{
    std::vector<NodeGroup> groups;
    for (std::size_t n = 0; n < network.nodes.size(); ++n)
        groups.push_back({{NodeIndex(n)}, {}});
    for (const WeightedLayer& layer : layers)
        groups[layer.node.value()].layer = layer.index;
    return groups;
}

std::vector<ValueIndex> valuesCrossing(const Network& network, const std::vector<NodeGroup>& groups, std::size_t cut)
{
    std::unordered_set<ValueIndex> madeAfter;
    std::vector<ValueIndex> wanted;
    const auto want = [&](ValueIndex value) {
        if (value.isValid() && !network.constant(value) && !madeAfter.contains(value) &&
            std::find(wanted.begin(), wanted.end(), value) == wanted.end())
            wanted.push_back(value);
    };
    for (std::size_t g = cut; g < groups.size(); ++g)
        for (const NodeIndex node : groups[g].nodes) {
            for (const ValueIndex input : network.node(node).inputs)
                want(input);
            for (const ValueIndex output : network.node(node).outputs)
                if (output.isValid())
                    madeAfter.insert(output);
        }
    for (const ValueIndex output : network.outputs)
        want(output);
    return wanted;
}

}  // namespace core
