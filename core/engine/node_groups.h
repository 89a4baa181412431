// SPDX-License-Identifier: Apache-2.0
#pragma once
// Nodes that run as one step: a weighted node with the bias and activation that alone follow it, or a residual
// addition with its activation.
// The grouping depends on the network only, never on a plan, so a plan's bits do not depend on what was cached.

#include "core/network/weighted_layer.h"

namespace core {

struct NodeGroup {
    std::vector<NodeIndex> nodes;   // in data order; the weighted node first where there is one
    LayerIndex layer;               // invalid: no weighted node here
};

/// Groups in an order in which every group follows those it reads.
std::vector<NodeGroup> fuseNodes(const Network& network, const std::vector<WeightedLayer>& layers);

/// Every node a group of its own, so that every value can be looked at.
std::vector<NodeGroup> separateNodes(const Network& network, const std::vector<WeightedLayer>& layers);

/// Values that groups [cut, end) or the network's outputs read and that exist before group `cut` runs; no constants.
std::vector<ValueIndex> valuesCrossing(const Network& network, const std::vector<NodeGroup>& groups, std::size_t cut);

/// A node's activation as the kernels know it; others run as nodes of their own.
struct FusedActivation {
    enum class Kind { Relu, LeakyRelu, Clip } kind = Kind::Relu;
    float first = 0, second = 0;    // LeakyRelu: slope; Clip: lowest and highest
};
float activated(const FusedActivation& activation, float x);
std::optional<FusedActivation> fusedActivation(const Network& network, const Node& node);

}  // namespace core
