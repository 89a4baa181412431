// SPDX-License-Identifier: Apache-2.0
#pragma once
// The fast path of multiplyComponents, for callers that know what they multiply.

#include "core/formats/sums/mixed_sum.h"

namespace core {

/// multiplyComponents of weights and inputs without NaN.
void multiplyComponentsOfNumbers(const SumRule& rule, const SumOperands& operands, std::span<const std::uint32_t> numbers, float* sums,
                                 SumBuffers& buffers);

}  // namespace core
