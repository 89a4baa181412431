// SPDX-License-Identifier: Apache-2.0
#pragma once
// Cross-layer equalization (Nagel et al., 2019, arXiv 1906.04721): what a channel between two layers gains in the one and loses
// in the other does not change what the two compute, but may give the channels of each one range.

#include "core/engine/engine_context.h"

#include <map>

namespace core {

/// Numbers that a layer's channels are divided by before anything is rounded, and multiplied by afterwards: its weights are
///   diag(rows) Q(diag(1 / rows) W diag(inputs)) diag(1 / inputs), and an input value x of a channel with s becomes s Q_a(x / s).
/// Because ReLU(s x) = s ReLU(x), that is what the network with the rescaled weights computes, and yet every layer's output can
/// still be held against the reference.
struct ChannelScales {
    std::vector<float> rows;     // by row; empty: all 1
    std::vector<float> inputs;   // by input channel, those of all groups; empty: all 1
    bool isNone() const { return rows.empty() && inputs.empty(); }
    /// What the weight at (row, column) is multiplied by before it is rounded.
    float factor(const WeightedLayer& layer, Eigen::Index row, Eigen::Index column) const;
    RowMatrix applied(const WeightedLayer& layer, const RowMatrix& weights) const;
    void takeBack(const WeightedLayer& layer, RowMatrix& weights) const;
};

/// Two weighted layers with nothing between them but what is positively homogeneous and keeps channels apart: ReLU, leaky ReLU,
/// constants that are added or multiplied by, pooling, and what only moves elements.
struct LayerPair {
    LayerIndex first, second;
    std::vector<int> rowOfChannel;   // of each input channel of `second`, the row of `first` that it comes from
};

/// The layer behind this one, or why there is none, in words that follow "fc1: ".
struct LayerBehind { std::optional<LayerPair> pair; std::string reason; };
LayerBehind layerBehind(const EngineContext& context, const WeightedLayer& layer);

/// The scales of the layers of which `asks` (by LayerIndex); a pair is equalized where both ask. A channel whose largest weight
/// is r1 in the first and r2 in the second takes s = sqrt(r1 / r2), so that both become sqrt(r1 r2); of several pairs in a row
/// until no scale changes by a thousandth, or 50 times. A channel without a weight in one of the two keeps 1.
struct Equalization {
    std::map<LayerIndex, ChannelScales> scales;   // of the layers that have any
    std::vector<std::string> remarks;             // one for each layer that asks in vain
};
Equalization equalizedChannels(const EngineContext& context, const std::vector<bool>& asks);

}  // namespace core
