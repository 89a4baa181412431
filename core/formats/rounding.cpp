// SPDX-License-Identifier: Apache-2.0
#include "core/formats/rounding.h"

#include "core/formats/codebooks.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

namespace core {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

IntegerRange rangeOf(const IntegerFormat& format)
{
    const float highest = format.isSigned ? std::exp2(static_cast<float>(format.bits - 1)) - 1 : std::exp2(static_cast<float>(format.bits)) - 1;
    return {format.isSigned ? -highest : 0.0f, highest};
}

constexpr double kLargestMultiple = 127;

/// The unit of the levels, if they have one.
struct UnitOf {
    float operator()(const Float32Format&) const { return 0; }
    float operator()(const IntegerFormat& format) const { return format.bits <= 8 ? 1.0f : 0.0f; }
    float operator()(const MinifloatFormat& format) const
    {
        const double smallest = std::ldexp(1.0, 1 - format.bias - format.mantissaBits);
        return static_cast<double>(largestLevelOf(format)) <= kLargestMultiple * smallest ? static_cast<float>(smallest) : 0.0f;
    }
    float operator()(const CodebookFormat& format) const
    {
        const double step = commonStep(format.levels).value_or(0);
        int exponent = 0;
        return std::frexp(step, &exponent) == 0.5 ? static_cast<float>(step) : 0.0f;
    }
};

struct Compile {
    Rounding& target;
    void operator()(const Float32Format&) const { target.rule = Unrounded{}; }
    void operator()(const IntegerFormat& format) const { target.rule = rangeOf(format); }
    void operator()(const MinifloatFormat& format) const { target.rule = MinifloatRounding(format); }
    void operator()(const CodebookFormat& format) const { target.rule = CodebookRounding(format); }
};

}  // namespace

bool isWideFloat(const FormatSpec& spec)
{
    const auto* format = std::get_if<MinifloatFormat>(&spec);
    if (!format)
        return std::holds_alternative<Float32Format>(spec);
    return format->specials == Specials::Ieee && format->exponentBits >= 5 && 1 + format->exponentBits + format->mantissaBits > 8;
}

float largestLevelOf(const MinifloatFormat& format)
{
    const int topExponent = (1 << format.exponentBits) - 1 - (format.specials == Specials::Ieee ? 1 : 0);
    const int topMantissa = (1 << format.mantissaBits) - 1 - (format.specials == Specials::Ocp ? 1 : 0);
    if (topExponent == 0)   // e1mY: only subnormals
        return static_cast<float>(std::ldexp(topMantissa, 1 - format.bias - format.mantissaBits));
    return static_cast<float>(std::ldexp((1 << format.mantissaBits) + topMantissa, topExponent - format.bias - format.mantissaBits));
}

std::optional<double> commonStep(std::span<const float> values)
{
    double step = 0, largest = 0;
    for (const float value : values) {
        double rest = std::abs(static_cast<double>(value));
        if (!std::isfinite(rest))
            return std::nullopt;
        largest = std::max(largest, rest);
        // A quotient up to 127 that is an integer was one before it was rounded: a fraction would be at least 2^-24.
        if (const double multiple = rest / step; step > 0 && multiple == std::nearbyint(multiple) && multiple <= kLargestMultiple)
            continue;
        while (rest > 0)
            step = std::exchange(rest, std::fmod(step, rest));   // Euclid's algorithm; fmod does not round
        if (largest > kLargestMultiple * step)
            return std::nullopt;
    }
    return step;
}

MinifloatRounding::MinifloatRounding(const MinifloatFormat& format)
    : shift(static_cast<std::uint32_t>(23 - format.mantissaBits)),
      smallestNormal(static_cast<float>(std::ldexp(1.0, 1 - format.bias))),
      subnormalAnchor(static_cast<float>(std::ldexp(1.0, 23 + 1 - format.bias - format.mantissaBits))),
      largestBits(std::bit_cast<std::uint32_t>(largestLevelOf(format))),
      overflowBits(isWideFloat(format) ? std::bit_cast<std::uint32_t>(kInfinity) : largestBits)
{
}

CodebookRounding::CodebookRounding(const CodebookFormat& format) : levels(format.levels)
{
    for (std::size_t code = 0; code + 1 < levels.size(); ++code) {
        const auto threshold = static_cast<float>((static_cast<double>(levels[code]) + static_cast<double>(levels[code + 1])) / 2);
        decisions.push_back(code % 2 == 0 ? threshold : std::nextafter(threshold, -kInfinity));
    }
    decisions.resize(std::bit_ceil(levels.size()) - 1, kInfinity);
    if (!hasTree()) {
        const auto codeBits = static_cast<int>(std::bit_width(levels.size()));   // 2^B or 2^B - 1 levels
        if (codeBits <= 9 && levels == oddMultipleLevels(codeBits - 1)) {
            shape = Shape::OddMultiples;
            bits = codeBits - 1;
        } else if (codeBits <= 8 && levels == powerOfTwoLevels(codeBits)) {
            shape = Shape::PowersOfTwo;
            bits = codeBits;
        }
        return;
    }
    tree.fill(kInfinity);
    constexpr std::size_t kDepth = 4;
    for (std::size_t depth = 0; depth < kDepth; ++depth)
        for (std::size_t node = 0; node < std::size_t{1} << depth; ++node)
            if (const std::size_t code = ((2 * node + 1) << (kDepth - 1 - depth)) - 1; code < decisions.size())
                tree[(std::size_t{1} << depth) - 1 + node] = decisions[code];
    for (std::size_t code = 0; code < kTreeLevels; ++code)
        treeLevels[code] = levels[std::min(code, levels.size() - 1)];
}

Rounding::Rounding(const FormatSpec& spec) : unit(std::visit(UnitOf{}, spec)) { std::visit(Compile{*this}, spec); }

}  // namespace core
