// SPDX-License-Identifier: Apache-2.0
#pragma once
// How much the loss minds an error of each row's output: what loss-weighted fits and rank allocation weigh errors by.

#include <cstdint>
#include <vector>

namespace core {

/// layers[LayerIndex][row]: mean over samples and positions of (dLoss / dy)^2, y the row's output before bias and activation:
/// the diagonal of the empirical Fisher information. Made by core/learn.
struct RowImportance {
    std::vector<std::vector<float>> layers;
    std::uint64_t hash = 0;
};

}  // namespace core
