// SPDX-License-Identifier: Apache-2.0
#pragma once
// A layer's input vectors and the gradients of its outputs as two matrices with a line for every sample and position: what row
// statistics are made of.

#include "core/learn/gradient_graph.h"

namespace core {

struct LayerVectors {
    RowMatrix inputs;       // vectors x columns, of one group of a grouped convolution
    RowMatrix gradients;    // vectors x rows of that group
    std::int64_t positions = 1;   // vectors of one sample
};

/// Calls use(group, vectors) for every group of the layer on the samples of a chunk.
void forEachGroup(const EngineContext& context, const WeightedLayer& layer, const GradientChunk& chunk, const std::function<void(int, const LayerVectors&)>& use);

}  // namespace core
