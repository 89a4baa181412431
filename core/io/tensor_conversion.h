// SPDX-License-Identifier: Apache-2.0
#pragma once
// Arrays of any stored type as the three types a dataset keeps, and as labels.

#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <vector>

namespace core {

/// uint8 stays; the other whole numbers become int64 (exactly, or it is a problem); floats become float32, and one
/// that is NaN or infinite is a problem that says which sample.
Result<Tensor> asStoredSamples(const Tensor& stored);

/// Whole numbers of 0 to 65,535, one per sample: shape N or Nx1.
Result<std::vector<std::int32_t>> asLabels(const Tensor& stored);

inline constexpr std::int64_t kMostClasses = 65'536;

}  // namespace core
