// SPDX-License-Identifier: Apache-2.0
#pragma once
// Steps that make a network smaller without changing what it computes. Each returns a new network whose
// importNotes say which nodes went.

#include "core/network/network.h"

namespace core {

inline constexpr std::int64_t kMostFoldedBytes = std::int64_t{1} << 30;   // twice the largest file that is read

/// Computes every node whose inputs are all constant, and drops Identity, Dropout and nodes nobody reads. Computed constants
/// that take more than `mostBytes` together are a problem of the node that goes beyond.
Result<Network> foldConstants(const Network& network, std::int64_t mostBytes = kMostFoldedBytes);

/// Folds a BatchNormalization (inference form) into the Conv, ConvTranspose or Gemm that alone feeds it:
/// w' = w * scale / sqrt(variance + epsilon) per row, b' = (b - mean) * scale / sqrt(variance + epsilon) + shift.
Result<Network> foldBatchNormalization(const Network& network);

}  // namespace core
