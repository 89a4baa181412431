// SPDX-License-Identifier: Apache-2.0
#pragma once
// The operations a network may use: for each, the scalar reference that defines its meaning and the shape it gives.
// The reference is plain and slow on purpose; the engine's fast kernels are judged by it.

#include "core/network/network.h"

#include <span>

namespace core {

/// What is known about a value before anything has run: type and shape, and the elements where they are constant.
struct TensorDescription {
    DataType type = DataType::Float32;
    Shape shape;
    std::optional<Tensor> constant;
};

/// True where the operation of this name (default ONNX domain) is one of ours.
bool isKnownOperation(const std::string& operation);
std::vector<std::string> knownOperations();   // sorted

/// What becomes of a node: Exact where a plan can treat it (Conv, Gemm and MatMul by constant weights) or where it only
/// moves or selects elements, Float where it rounds in float whatever a plan says, Refused where we do not know it.
Support supportOf(const Network& network, const Node& node);

/// Runs one node. Inputs stand in the node's order; an omitted one is nullptr.
/// Problems name the node: "conv1 (Conv): input X is 1x3x8x8; ...". Meaning: the ONNX operator specification of `opset`.
Result<std::vector<Tensor>> runOperation(const Node& node, int opset, std::span<const Tensor* const> inputs);

/// Types and shapes of a node's outputs; runs the reference where all inputs are constant and the result is small.
Result<std::vector<TensorDescription>> describeOutputs(const Node& node, int opset, std::span<const TensorDescription* const> inputs);

/// Types and shapes of every value of the network when each input's symbolic first axis has size `batch`.
/// Indexed by ValueIndex. A fixed first axis keeps its size.
Result<std::vector<TensorDescription>> describeValues(const Network& network, std::int64_t batch);

/// The network with an input's open axes given sizes; -1 leaves one open. For files whose pictures may have any size.
Result<Network> withInputShape(const Network& network, ValueIndex input, const Shape& shape);

/// The whole network by the scalar reference, inputs in the order of network.inputs. A uint16 tensor is taken for a
/// bfloat16 input as its bits.
Result<std::vector<Tensor>> runReference(const Network& network, std::span<const Tensor> inputs);

}  // namespace core
