// SPDX-License-Identifier: Apache-2.0
#pragma once
// A running sum in an integer accumulator of few bits: two's complement, and what happens past its ends. The scalar reference
// defines it; multiplyByIntegerSums is the same, many sums side by side.

#include <array>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace core {

enum class IntegerOverflow { Wrap, Saturate };
inline constexpr std::array kIntegerOverflows{IntegerOverflow::Wrap, IntegerOverflow::Saturate};
std::string_view integerOverflowName(IntegerOverflow overflow);  // "wrap", "saturate"

inline constexpr int kFewestSumBits = 8, kMostSumBits = 32;

struct IntegerSumRule {
    int bits = 32;  // -2^(bits-1) ... 2^(bits-1) - 1
    IntegerOverflow overflow = IntegerOverflow::Wrap;
    bool operator==(const IntegerSumRule&) const = default;
    std::int64_t lowest() const { return -(std::int64_t{1} << (bits - 1)); }
    std::int64_t highest() const { return (std::int64_t{1} << (bits - 1)) - 1; }
};

struct IntegerSum {
    std::int32_t value = 0;
    bool overflowed = false;  // the exact sum of some first products lay outside the accumulator
};

/// The definition: after each product, in order, the sum is brought back into the accumulator. Products are exact.
IntegerSum integerSum(const IntegerSumRule& rule, std::span<const std::int8_t> weights, std::span<const std::int16_t> inputs);

struct IntegerSumOperands {
    const std::int8_t* weights = nullptr;  // rows x columns
    std::int64_t rows = 0, columns = 0;    // at most kMostSumColumns columns
    const std::int16_t* inputs = nullptr;  // vectors x columns, at most 2^8 in magnitude
    std::int64_t vectors = 0;
};
inline constexpr std::int64_t kMostSumColumns = 65535;  // products below 2^15 then stay below 2^31 together

/// sums[row * vectors + vector] = integerSum of the row with the vector; `overflowed`, if given, in the same order.
void multiplyByIntegerSums(const IntegerSumRule& rule, const IntegerSumOperands& operands, std::int32_t* sums,
                           std::vector<std::int32_t>& packed, std::uint8_t* overflowed = nullptr);

}  // namespace core
