// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a range of values to the grid of codes that covers it.

#include "core/formats/kernels.h"

namespace core {

/// The range widened to hold zero; ends that are not numbers count as zero, infinite ones as the largest float.
ValueRange holdingZero(float low, float high);

bool hasZeroPoint(const NumberFormat& format);

/// max(-low, high) / largestLevel, or (high - low) / (2^bits - 1) for unsigned integers; 0 for an empty range.
float exactScale(const NumberFormat& format, ValueRange range);

/// The power of two of OCP MX 1.0, section 6.3: 2^(floor(log2(bound)) - floor(log2(largestLevel))), exponent clamped to
/// -127 ... 127; bound as in exactScale. What lies beyond the largest level then saturates. 0 for an empty range.
float powerOfTwoScale(const NumberFormat& format, ValueRange range);

/// The grid of this scale (0 becomes 1) with the zero point that puts code 0 nearest to the range's low end.
CodeGrid gridOfScale(const NumberFormat& format, float scale, ValueRange range);

/// gridOfScale of exactScale; a wide float's grid is always {1, 0}.
CodeGrid fitGrid(const NumberFormat& format, ValueRange range);

}  // namespace core
