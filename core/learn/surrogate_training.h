// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recovery paths trained by gradient, the main path left as it is: what `surrogate.method: trained` asks for. Starts from the
// paths that are there and is never worse than they are on the samples kept back.

#include "core/learn/training.h"

namespace core {

using RecoveryPaths = std::vector<std::optional<RecoveryPath>>;    // by LayerIndex

/// The recovery paths of a compiled network.
RecoveryPaths recoveryPaths(const PolarizedNetwork& network);

/// A path that adds nothing yet: A ~ N(0, 1 / columns), B = 0.
RecoveryPath freshPath(const WeightedLayer& layer, int rank, SurrogateInput input, std::uint64_t seed);

/// The network with these paths in place of its own; hashes follow.
std::shared_ptr<const PolarizedNetwork> withRecoveryPaths(const PolarizedNetwork& network, const RecoveryPaths& paths);

struct SurrogateTraining {
    const PolarizedNetwork& network;             // main paths; arrays run as they are measured on their chip
    RecoveryPaths start = {};                    // empty: the network's own
    const SampleSet& samples;                    // of the train split
    std::vector<LayerIndex> held = {};           // whose paths stay as they are
    TrainingOrders orders = {.rule = AdamRule{.rate = 1e-3}, .epochs = 20, .patience = 5};
};

struct TrainedSurrogates {
    RecoveryPaths paths;                         // the best on the samples kept back, rounded to each surrogate's format
    TrainingProgress progress;
    std::string remark;                          // what stood in for labels; empty where nothing need be said
    bool isStopped = false;
};

/// A and B of every layer that has a path, by the orders' rule on numbers in float32; each step runs with them rounded to the
/// surrogate's format. `graph` is to have the batch of its context where the network has arrays.
Result<TrainedSurrogates> trainSurrogates(const GradientGraph& graph, const SurrogateTraining& training, const RunControl& control = {}, const EpochListener& tell = {});

}  // namespace core
