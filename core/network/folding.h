// SPDX-License-Identifier: Apache-2.0
#pragma once
// Steps that make a network smaller without changing what it computes. Each returns a new network whose
// importNotes say which nodes went.

#include "core/network/network.h"

namespace core {

/// Computes every node whose inputs are all constant, and drops Identity, Dropout and nodes nobody reads.
Result<Network> foldConstants(const Network& network);

/// Folds a BatchNormalization (inference form) into the Conv, ConvTranspose or Gemm that alone feeds it:
/// w' = w * scale / sqrt(variance + epsilon) per row, b' = (b - mean) * scale / sqrt(variance + epsilon) + shift.
Result<Network> foldBatchNormalization(const Network& network);

}  // namespace core
