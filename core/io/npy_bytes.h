// SPDX-License-Identifier: Apache-2.0
#pragma once
// The NPY format in memory (numpy.lib.format, versions 1 to 3): a magic word, a Python dictionary as text, then the elements.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <cstddef>
#include <span>
#include <vector>

namespace core {

/// Booleans, whole numbers, float16, float32 and float64 of either byte order, in C or Fortran order. Problems have the
/// place "header" or "elements".
Result<Tensor> npyFromBytes(std::span<const std::byte> bytes);

/// Version 1, little-endian, C order. NumPy has no bfloat16: it is written as float32, which holds each one exactly.
std::vector<std::byte> npyToBytes(const Tensor& tensor);

}  // namespace core
