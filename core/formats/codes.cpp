// SPDX-License-Identifier: Apache-2.0
#include "core/formats/codes.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>

namespace core {

namespace {

using Limits = std::numeric_limits<float>;

std::uint32_t maskOf(int bits) { return bits >= 32 ? ~0u : (1u << bits) - 1; }

struct CodeOf {
    float level;
    std::uint32_t operator()(const Float32Format&) const { return std::bit_cast<std::uint32_t>(level); }
    std::uint32_t operator()(const IntegerFormat& format) const
    {
        return static_cast<std::uint32_t>(static_cast<std::int32_t>(std::isnan(level) ? 0.0f : level)) & maskOf(format.bits);
    }
    std::uint32_t operator()(const MinifloatFormat& format) const
    {
        const std::uint32_t sign = std::signbit(level) ? 1u << (format.exponentBits + format.mantissaBits) : 0;
        const std::uint32_t top = maskOf(format.exponentBits) << format.mantissaBits;
        if (std::isnan(level))   // quiet: the highest mantissa bit; OCP e4m3 has the mantissa of all ones; others have none
            return format.specials == Specials::Ieee ? sign | top | 1u << (format.mantissaBits - 1) : format.specials == Specials::Ocp ? sign | top | maskOf(format.mantissaBits) : sign;
        if (std::isinf(level) && format.specials == Specials::Ieee)
            return sign | top;
        const double magnitude = std::min(std::abs(static_cast<double>(level)), static_cast<double>(largestLevelOf(format)));
        if (magnitude == 0)
            return sign;
        const int exponent = std::max(std::ilogb(magnitude), 1 - format.bias);
        const auto significand = static_cast<std::uint32_t>(std::ldexp(magnitude, format.mantissaBits - exponent));
        // The leading one of a normal number adds one to the exponent field, which therefore starts one lower.
        return sign | ((static_cast<std::uint32_t>(exponent + format.bias - 1) << format.mantissaBits) + significand);
    }
    std::uint32_t operator()(const CodebookFormat& format) const
    {
        const auto at = std::lower_bound(format.levels.begin(), format.levels.end(), std::isnan(level) ? 0.0f : level);
        return static_cast<std::uint32_t>(std::min(at - format.levels.begin(), std::ssize(format.levels) - 1));
    }
};

struct LevelOf {
    std::uint32_t code;
    float operator()(const Float32Format&) const { return std::bit_cast<float>(code); }
    float operator()(const IntegerFormat& format) const
    {
        const auto unsignedCode = static_cast<std::int64_t>(code & maskOf(format.bits));
        const bool isNegative = format.isSigned && (unsignedCode >> (format.bits - 1)) != 0;
        return static_cast<float>(unsignedCode - (isNegative ? std::int64_t{1} << format.bits : 0));
    }
    float operator()(const MinifloatFormat& format) const
    {
        const float sign = (code >> (format.exponentBits + format.mantissaBits) & 1u) != 0 ? -1.0f : 1.0f;
        const std::uint32_t exponent = code >> format.mantissaBits & maskOf(format.exponentBits);
        const std::uint32_t mantissa = code & maskOf(format.mantissaBits);
        if (format.specials == Specials::Ieee && exponent == maskOf(format.exponentBits))
            return mantissa == 0 ? sign * Limits::infinity() : std::copysign(Limits::quiet_NaN(), sign);
        if (format.specials == Specials::Ocp && exponent == maskOf(format.exponentBits) && mantissa == maskOf(format.mantissaBits))
            return std::copysign(Limits::quiet_NaN(), sign);
        const std::uint32_t significand = exponent == 0 ? mantissa : mantissa + (1u << format.mantissaBits);
        const int power = static_cast<int>(std::max(exponent, 1u)) - format.bias - format.mantissaBits;
        return sign * static_cast<float>(std::ldexp(static_cast<double>(significand), power));
    }
    float operator()(const CodebookFormat& format) const
    {
        const std::uint32_t rank = code & maskOf(static_cast<int>(std::bit_width(format.levels.size() - 1)));
        return format.levels[std::min<std::size_t>(rank, format.levels.size() - 1)];
    }
};

}  // namespace

int codeBits(const NumberFormat& format) { return static_cast<int>(format.storageBits()); }

std::uint32_t codeOf(const NumberFormat& format, float level) { return std::visit(CodeOf{level}, format.spec()); }

float levelOfCode(const NumberFormat& format, std::uint32_t code) { return std::visit(LevelOf{code}, format.spec()); }

std::uint32_t codeOfValue(const NumberFormat& format, CodeGrid grid, float value)
{
    // Dividing what was a product may miss the level by a bit; rounding finds it again.
    const float level = value / grid.scale;
    return codeOf(format, format.nearestLevel(grid.zeroPoint == 0 ? level : level + grid.zeroPoint));   // -0 + 0 would lose its sign
}

float valueOfCode(const NumberFormat& format, CodeGrid grid, std::uint32_t code)
{
    const float level = levelOfCode(format, code);
    return grid.zeroPoint == 0 ? grid.scale * level : grid.scale * (level - grid.zeroPoint);
}

float withFlippedBit(const NumberFormat& format, CodeGrid grid, float value, int bit)
{
    assert(bit >= 0 && bit < codeBits(format));
    return valueOfCode(format, grid, codeOfValue(format, grid, value) ^ 1u << bit);
}

}  // namespace core
