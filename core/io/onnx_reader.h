// SPDX-License-Identifier: Apache-2.0
#pragma once
// ONNX files become networks, and the tensors beside them become tensors. Reading is total: whatever the bytes are, the
// answer is a network or one problem that names the file, the place, what was found and what was wanted.

#include "core/network/network.h"

#include <filesystem>

namespace core {

/// What to do about nodes we cannot run. Problem: refuse the file, naming every such operator. Keep: read it all the same,
/// so that the import notes can be shown; such a network does not run.
enum class RefusedNodes { Problem, Keep };

/// The graph as the file has it: nothing folded, Constant nodes still nodes. Nodes come in data order (the file's own where
/// that is one) and bear unique names; importNotes has a line for each, in that order. The hash is of the file's bytes.
/// Any opset and IR version is read as long as the operations are known; gzipped files too.
Result<Network> readOnnx(const std::filesystem::path& file, RefusedNodes refused = RefusedNodes::Problem);

/// A single TensorProto, as ONNX's test data has them (input_0.pb).
Result<Tensor> readTensorFile(const std::filesystem::path& file);

}  // namespace core
