// SPDX-License-Identifier: Apache-2.0
#pragma once
// A format compiled for the kernels: the constants a rounding needs, derived once when the format is made. The meaning is
// NumberFormat::nearestLevel; what is written here must give the same level, bit for bit.

#include "core/formats/number_format.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace core {

/// A wide float is used unscaled and overflows to infinity as in IEEE 754: fp16, bf16, tf32 and every eXmY of more than
/// 8 bits with at least 5 exponent bits. All other formats are scaled to their row and saturate.
bool isWideFloat(const FormatSpec& spec);

float largestLevelOf(const MinifloatFormat& format);

/// Rounds to a minifloat on the bits of the float: nearest, ties to the even code.
struct MinifloatRounding {
    std::uint32_t shift = 13;          // mantissa bits of a float that the format lacks
    float smallestNormal = 0;          // below it the step is constant, and adding `subnormalAnchor` rounds to it:
    float subnormalAnchor = 0;         // 2^23 subnormal steps, where a float's own step is one subnormal step
    std::uint32_t largestBits = 0;     // the largest level, as the bits of a float
    std::uint32_t overflowBits = 0;    // what lies beyond: the largest level, or infinity for a wide float

    MinifloatRounding() = default;
    explicit MinifloatRounding(const MinifloatFormat& format);
};

struct IntegerRange { float lowest = 0, highest = 0; };   // in codes

/// `decisions[i]` parts code i from code i + 1: x takes the upper one exactly where x > decisions[i]. It is the
/// threshold itself where i is even, and the float just below where i is odd, so that a tie goes to the even code.
/// Infinities, which nothing exceeds, fill it up to 2^k - 1 entries for a binary search.
struct CodebookRounding {
    static constexpr std::size_t kTreeLevels = 16;

    /// Books of more than 16 levels that arithmetic rounds to quicker than a search does.
    enum class Shape { Any, OddMultiples, PowersOfTwo };   // odd5 ... odd8, pot5 ... pot8

    std::vector<float> levels, decisions;
    Shape shape = Shape::Any;
    int bits = 0;   // of such a shape
    /// For at most 16 levels, the decisions as a search tree of depth four, breadth first: node c of depth k stands at
    /// 2^k - 1 + c. Filled up so that a vector of 16 may be loaded from the start of any depth.
    std::array<float, 24> tree{};
    std::array<float, kTreeLevels> treeLevels{};

    CodebookRounding() = default;
    explicit CodebookRounding(const CodebookFormat& format);
    bool hasTree() const { return levels.size() <= kTreeLevels; }
};

struct Unrounded {};   // fp32

/// The largest number that every value is an integer multiple of; 0 where all are zero. Nothing where a multiple would lie
/// beyond +-127, or a value is not finite. Exact.
std::optional<double> commonStep(std::span<const float> values);

struct Rounding {
    std::variant<Unrounded, IntegerRange, MinifloatRounding, CodebookRounding> rule;
    float unit = 0;   // a power of two that all levels are multiples of, up to 127 times (255 without a sign); 0: there is none
    explicit Rounding(const FormatSpec& spec);
};

/// Where the codes of a set of values lie on the real line: level = scale * (code - zeroPoint).
struct CodeGrid {
    float scale = 1.0f;
    float zeroPoint = 0.0f;   // in codes; of integers only
    bool operator==(const CodeGrid&) const = default;
};

}  // namespace core
