// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a layer is shipped as under its orders: the bits that packing its weights writes (core/formats/packing.h), its
// biases and its recovery path.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

struct LayerStorage {
    double weightBits = 0;    // codes, scales, zero points and exponents; of an array its codes and a 16-bit scale a row
    double biasBits = 0;      // 32 each
    double recoveryBits = 0;  // rank x (columns of all groups + rows) numbers of the path's format
    double total() const { return weightBits + biasBits + recoveryBits; }
};

/// The treatment must fit the layer (see check). Quantizes the weights: whether fp16 scales need an exponent of their own
/// depends on them.
LayerStorage storageOf(const WeightedLayer& layer, const LayerTreatment& treatment);

}  // namespace core
