// SPDX-License-Identifier: Apache-2.0
#pragma once
// A sum format compiled for the kernels: the constants by which a vector is rounded in few instructions. The meaning is
// NumberFormat::nearestLevel, and stochasticLevel where chance decides.

#include "core/formats/rounding.h"
#include "core/formats/sums/running_sum.h"

namespace core {

struct SumRounding {
    // Exact: fp32. LongExponent: fp32's eight exponent bits, so the bits of a float are rounded where they are. Half: fp16,
    // which machines convert. Others by anchor: adding and taking away 1.5 * 2^(23 - mantissa bits) of x's own binade.
    enum class Kind { Exact, LongExponent, Half, Saturating, Overflowing };
    Kind kind = Kind::Exact;
    std::uint32_t mantissaBits = 23;
    std::uint32_t lowestBinade = 0;  // the smallest normal number's power of two, as the bits of a float
    std::uint32_t anchorRaise = 0;   // from a binade to its anchor, in the bits of a float
    float largest = 0;               // the largest level
    float threshold = 0;             // overflowThreshold
    std::uint32_t overflowBits = 0;  // what lies beyond becomes
    int randomBits = 0;              // 0: nearest

    SumRounding() = default;
    SumRounding(const NumberFormat& format, std::optional<int> chance);
};

/// Any NaN at all. Looks at every value, which is quicker than stopping at the first.
bool hasNotANumber(const float* values, std::int64_t count);

}  // namespace core
