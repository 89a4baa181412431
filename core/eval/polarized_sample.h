// SPDX-License-Identifier: Apache-2.0
#pragma once
// One sample as one layer computes it: what the cheap main path gives, what the recovery path adds, and what the reference
// would have said.

#include "core/engine/polarized_network.h"

namespace core {

/// Row-major rows x positions of the layer's output, its own bias included, before activation. sum = main + recovery is what
/// the layer hands on; residual = target - sum is what is left wrong.
struct PolarizedSample {
    int rows = 0;
    std::int64_t positions = 1;
    std::vector<float> main, recovery, sum, target, residual;
};

/// The layer reads what really arrives under `network`; the target is what the reference computes from its own inputs.
/// `sample` is one preprocessed sample (first axis 1).
Result<PolarizedSample> polarizedSample(const EngineContext& context, const PolarizedNetwork& network, LayerIndex layer, const Tensor& sample);

}  // namespace core
