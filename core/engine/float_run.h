// SPDX-License-Identifier: Apache-2.0
#pragma once
// One forward pass: in FP32 through the engine's kernels where they fit, else by the scalar reference.

#include "core/engine/polarized_network.h"

namespace core {

/// The network's outputs for any inputs it declares, in the order of network.inputs and network.outputs.
Result<std::vector<Tensor>> runNetwork(const Network& network, std::span<const Tensor> inputs);

/// The first output for samples of any number (first axis), under a plan carried out for `context`.
Result<Tensor> runPolarized(const EngineContext& context, const PolarizedNetwork& network, const Tensor& input, int threads = 0);

}  // namespace core
