// SPDX-License-Identifier: Apache-2.0
#pragma once
// A parsed ModelProto as a Network: names resolved, nodes put into data order, every refusal collected.

#include "core/io/onnx_reader.h"

namespace onnx {
class ModelProto;
}

namespace core {

/// `folder` is where tensors kept outside the file are looked for.
Result<Network> networkFromProto(const onnx::ModelProto& model, const std::filesystem::path& folder, RefusedNodes refused);

}  // namespace core
