// SPDX-License-Identifier: Apache-2.0
#pragma once
// Whether a row can overflow its accumulator at all, by its weights and the range of its inputs; and how wide it must be not to.

#include "core/formats/sums/integer_sum.h"
#include "core/formats/sums/sum_bounds.h"

#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace core {

enum class OverflowVerdict { Cannot, Can, Does };               // Does: it was seen to
std::string_view overflowVerdictName(OverflowVerdict verdict);  // "cannot", "can", "does"

/// What each input may be; 0 lies within.
struct CodeInterval {
    std::int32_t low = 0, high = 0;
};

/// The largest and smallest sum of a row over all inputs in the interval. Both are reached by growing terms only, so no sum of
/// some first products leaves the two.
struct SumExtremes {
    std::int64_t low = 0, high = 0;
};
SumExtremes sumExtremes(std::span<const std::int8_t> weights, CodeInterval inputs);

/// The input that reaches an end: the interval's high where the weight is positive, its low where negative (or the reverse).
enum class SumEnd { Highest, Lowest };
std::vector<std::int16_t> worstInput(std::span<const std::int8_t> weights, CodeInterval inputs, SumEnd end);

bool fits(const IntegerSumRule& rule, const SumExtremes& extremes);

/// Accumulator bits that are enough for a row.
struct SafeBits {
    int exact = 0;                    // the fewest: of its extremes
    int weights = 0;                  // A2Q (arXiv 2308.13504): |q|_1 <= (2^(P-1) - 1) 2^(s - N), N-bit inputs, s = 1 where signed
    std::optional<int> centred = {};  // A2Q+ (arXiv 2401.10432): |q|_1 <= (2^P - 2) / (2^N - 1), of weights that sum to zero
    int types = 0;                    // of the data types alone: ceil(log2(n 2^(N + M - 1))) + 1, M-bit weights
};
struct InputType {
    int bits = 8;
    bool isSigned = false;
};
SafeBits safeBits(std::span<const std::int8_t> weights, CodeInterval inputs, InputType type, int weightBits);

/// A sum in floats whose terms add up to at most `size` in magnitude cannot overflow where even the largest rounding error
/// leaves it within the format. False where the bound says nothing.
bool cannotOverflow(const SumRule& rule, const SumBound& bound, double size);

}  // namespace core
