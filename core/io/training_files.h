// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a training leaves behind: a network in a folder of its own, and a state to go on from.

#include "core/io/library.h"
#include "core/learn/quantized_training.h"

namespace core {

/// FOLDER/model.onnx and FOLDER/network.json, as loadNetwork reads them: the manifest says how inputs are prepared.
Result<void> writeNetworkFolder(const Network& network, const NetworkManifest& manifest, const std::filesystem::path& folder);

/// An NPZ: current, best and moments of every layer by name, progress as a table. Reading checks every shape against the
/// layers; the place of a problem is the file and the array.
Result<void> writeTrainingState(const QuantizedTrainingState& state, const std::vector<WeightedLayer>& layers, const std::filesystem::path& file);
Result<QuantizedTrainingState> readTrainingState(const std::filesystem::path& file, const std::vector<WeightedLayer>& layers);

}  // namespace core
