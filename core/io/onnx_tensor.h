// SPDX-License-Identifier: Apache-2.0
#pragma once
// One TensorProto as a Tensor. Sizes a file claims are held against the bytes it has before memory is taken.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <filesystem>

namespace onnx {
class TensorProto;
}

namespace core {

/// Data outside the file is looked for below `folder`, nowhere else. The problem's place is "tensor 'NAME'".
Result<Tensor> tensorFromProto(const onnx::TensorProto& proto, const std::filesystem::path& folder);

}  // namespace core
