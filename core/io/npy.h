// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tensors as .npy files, the way NumPy reads and writes them.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <filesystem>

namespace core {

/// Versions 1 to 3, either byte order, C or Fortran order. Problems begin with the file.
Result<Tensor> readNpy(const std::filesystem::path& file);

/// Version 1, little-endian, C order. NumPy has no bfloat16: it is written as float32, which holds each one exactly.
Result<void> writeNpy(const Tensor& tensor, const std::filesystem::path& file);

}  // namespace core
