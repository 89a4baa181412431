// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a training leaves behind: a network in a folder of its own, and a state to go on from.

#include "core/io/library.h"
#include "core/learn/quantized_training.h"

namespace core {

/// FOLDER/model.onnx and FOLDER/network.json, as loadNetwork reads them: the manifest says how inputs are prepared.
Result<void> writeNetworkFolder(const Network& network, const NetworkManifest& manifest, const std::filesystem::path& folder);

/// A network that was trained in a plan's precision, and all that says so.
struct TrainedNetwork {
    std::shared_ptr<const Subject> subject;  // the trained weights are in its network
    PrecisionPlan plan;                      // they were trained in, without recovery paths; pinned to no network
    QuantizedTrainingState state;
    std::vector<WeightedLayer> layers;  // of the network it began from: names and shapes
    std::string source;                 // "polar train mlp-mnist mnist, 3 epochs, seed 1"
};

/// The subject with the state's best weights in its network. `plan` may be pinned to the network as it was; the result is not.
Result<TrainedNetwork> trainedNetwork(const std::shared_ptr<const Subject>& subject, const std::vector<WeightedLayer>& layers,
                                      const PrecisionPlan& plan, QuantizedTrainingState state);

inline constexpr const char* kTrainedPlanFile = "trained.plan.json";
inline constexpr const char* kTrainingStateFile = "training.npz";
/// FOLDER/model.onnx and network.json that open as a network does, the plan, and the state to go on from.
Result<void> writeTrainedNetwork(const TrainedNetwork& trained, const std::filesystem::path& folder);

/// An NPZ: current, best and moments of every layer by name, progress as a table. Reading checks every shape against the
/// layers; the place of a problem is the file and the array.
Result<void> writeTrainingState(const QuantizedTrainingState& state, const std::vector<WeightedLayer>& layers,
                                const std::filesystem::path& file);
Result<QuantizedTrainingState> readTrainingState(const std::filesystem::path& file, const std::vector<WeightedLayer>& layers);

}  // namespace core
