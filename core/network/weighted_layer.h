// SPDX-License-Identifier: Apache-2.0
#pragma once
// The nodes a plan can treat: those that multiply by constant weights. Each is seen as rows x columns, a
// convolution as its im2col matrix: row = output channel, column = (input channel of the group, kernel y, kernel x).

#include "core/base/matrix.h"
#include "core/network/network.h"
#include "core/network/operation.h"

namespace core {

enum class LayerKind { Dense, Convolution };   // Dense: Gemm, and MatMul with a constant right side

struct WeightedLayer {
    LayerIndex index;
    NodeIndex node;
    std::string name;         // the node's name; what plans call the layer
    std::string operation;
    LayerKind kind = LayerKind::Dense;
    int rows = 0;             // output channels, all groups together
    int columns = 0;          // inputs of one row
    int groups = 1;           // > 1: row r reads group r / (rows / groups)
    int columnsPerChannel = 1;    // of one input channel: a convolution's window
    std::int64_t positions = 1;   // inner products per row and sample (pixels, tokens)
    std::int64_t inputValues = 0; // numbers of the map it reads, per sample: overlapping windows read some again; 0: not known
    RowMatrix weights;        // rows x columns
    std::vector<float> bias;  // rows, or empty

    int channels() const { return columns / columnsPerChannel; }   // input channels of one group; groups have the same
    std::int64_t parameters() const { return static_cast<std::int64_t>(rows) * columns + static_cast<std::int64_t>(bias.size()); }
    std::int64_t macs() const { return static_cast<std::int64_t>(rows) * columns * positions; }   // per sample
};

/// In data order. Gemm's alpha and beta are multiplied into weights and bias. `values` is describeValues(network, 1).
/// Gemm or MatMul whose constant is not a matrix, and Gemm with transA, stay in float and are not listed.
std::vector<WeightedLayer> weightedLayers(const Network& network, const std::vector<TensorDescription>& values);

}  // namespace core
