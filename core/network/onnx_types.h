// SPDX-License-Identifier: Apache-2.0
#pragma once
// The numbers and names ONNX gives to element types (onnx.proto, TensorProto.DataType), for Cast, Constant and files.

#include "core/base/tensor.h"

#include <optional>
#include <string_view>

namespace core {

/// Nothing for strings, complex numbers and what this project cannot hold.
std::optional<DataType> dataTypeFromOnnx(std::int64_t number);
std::optional<DataType> dataTypeFromOnnxName(std::string_view name);   // "FLOAT", "INT64"
std::string_view onnxTypeName(std::int64_t number);                    // "STRING"; "unknown" where ONNX has none

}  // namespace core
