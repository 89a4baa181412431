// SPDX-License-Identifier: Apache-2.0
#include "core/formats/number_format.h"

#include "core/formats/kernels.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr int kWidestListed = 16;   // levels() of wider formats would be hundreds of thousands

std::shared_ptr<const Rounding> float32Rounding()
{
    static const auto rounding = std::make_shared<const Rounding>(Float32Format{});
    return rounding;
}

/// The definition of minifloat rounding: to a multiple of the step of x's binade, ties to the even multiple, which is
/// the even code. All in double, where every intermediate is exact.
float nearestMinifloat(const MinifloatFormat& format, float x)
{
    const double largest = largestLevelOf(format);
    const double magnitude = std::abs(static_cast<double>(x));
    double rounded = magnitude;
    if (std::isfinite(x) && x != 0) {
        const int exponent = std::max(std::ilogb(magnitude), 1 - format.bias);
        const double step = std::ldexp(1.0, exponent - format.mantissaBits);
        rounded = std::nearbyint(magnitude / step) * step;
    }
    if (rounded > largest)
        rounded = isWideFloat(format) ? std::numeric_limits<double>::infinity() : largest;
    return std::copysign(static_cast<float>(rounded), x);
}

struct NearestLevel {
    const Rounding& rounding;
    float x;
    float operator()(const Float32Format&) const { return x; }
    float operator()(const IntegerFormat&) const
    {
        const IntegerRange& range = std::get<IntegerRange>(rounding.rule);
        return std::clamp(std::nearbyint(x), range.lowest, range.highest) + 0.0f;   // + 0: an integer zero has no sign
    }
    float operator()(const MinifloatFormat& format) const { return nearestMinifloat(format, x); }
    float operator()(const CodebookFormat& format) const
    {
        const std::vector<float>& decisions = std::get<CodebookRounding>(rounding.rule).decisions;
        const auto above = std::lower_bound(decisions.begin(), decisions.end(), x);   // the first decision not below x
        return format.levels[static_cast<std::size_t>(above - decisions.begin())];
    }
};

std::vector<float> minifloatLevels(const MinifloatFormat& format)
{
    const int mantissas = 1 << format.mantissaBits;
    const float largest = largestLevelOf(format);
    std::vector<float> positive;
    for (int exponent = 0; exponent < 1 << format.exponentBits; ++exponent)
        for (int mantissa = 0; mantissa < mantissas; ++mantissa) {
            const int significand = exponent == 0 ? mantissa : mantissas + mantissa;
            const auto level = std::ldexp(static_cast<double>(significand), std::max(exponent, 1) - format.bias - format.mantissaBits);
            if (level > 0 && level <= static_cast<double>(largest))
                positive.push_back(static_cast<float>(level));
        }
    std::vector<float> levels;
    for (auto level = positive.rbegin(); level != positive.rend(); ++level)
        levels.push_back(-*level);
    levels.push_back(0.0f);
    levels.insert(levels.end(), positive.begin(), positive.end());
    return levels;
}

struct Levels {
    const Rounding& rounding;
    std::vector<float> operator()(const Float32Format&) const { return {}; }
    std::vector<float> operator()(const IntegerFormat&) const
    {
        const IntegerRange& range = std::get<IntegerRange>(rounding.rule);
        std::vector<float> levels;
        for (float level = range.lowest; level <= range.highest; level += 1)
            levels.push_back(level);
        return levels;
    }
    std::vector<float> operator()(const MinifloatFormat& format) const
    {
        return 1 + format.exponentBits + format.mantissaBits <= kWidestListed ? minifloatLevels(format) : std::vector<float>{};
    }
    std::vector<float> operator()(const CodebookFormat& format) const { return format.levels; }
};

struct LargestLevel {
    const Rounding& rounding;
    float operator()(const Float32Format&) const { return std::numeric_limits<float>::max(); }
    float operator()(const IntegerFormat&) const { return std::get<IntegerRange>(rounding.rule).highest; }
    float operator()(const MinifloatFormat& format) const { return largestLevelOf(format); }
    float operator()(const CodebookFormat& format) const { return std::max(std::abs(format.levels.front()), std::abs(format.levels.back())); }
};

}  // namespace

NumberFormat::NumberFormat() : m_rounding(float32Rounding()) {}

NumberFormat::NumberFormat(std::string name, FormatSpec spec, double storageBits)
    : m_name(std::move(name)), m_spec(std::move(spec)), m_storageBits(storageBits), m_rounding(std::make_shared<const Rounding>(m_spec))
{
}

Result<NumberFormat> NumberFormat::fromLevels(std::string name, std::vector<float> levels)
{
    if (levels.size() < 2 || levels.size() > 65536)
        return Problem{name, fmt::format("a codebook of {} levels; wanted 2 to 65536", levels.size())};
    for (std::size_t code = 0; code < levels.size(); ++code) {
        if (!std::isfinite(levels[code]))
            return Problem{name, fmt::format("level {} is {}; a level must be finite", code, levels[code])};
        if (code > 0 && levels[code] <= levels[code - 1])
            return Problem{name, fmt::format("level {} is {}, not above {} before it; levels must ascend", code, levels[code], levels[code - 1])};
    }
    const auto bits = static_cast<double>(std::bit_width(levels.size() - 1));
    return NumberFormat(std::move(name), CodebookFormat{std::move(levels)}, bits);
}

bool NumberFormat::holdsZero() const
{
    const auto* codebook = std::get_if<CodebookFormat>(&m_spec);
    return !codebook || std::binary_search(codebook->levels.begin(), codebook->levels.end(), 0.0f);
}

float NumberFormat::largestLevel() const { return std::visit(LargestLevel{*m_rounding}, m_spec); }

std::vector<float> NumberFormat::levels() const { return std::visit(Levels{*m_rounding}, m_spec); }

std::vector<float> NumberFormat::thresholds() const
{
    const std::vector<float> all = levels();
    std::vector<float> midpoints;
    for (std::size_t code = 0; code + 1 < all.size(); ++code)
        midpoints.push_back(static_cast<float>((static_cast<double>(all[code]) + static_cast<double>(all[code + 1])) / 2));
    return midpoints;
}

float NumberFormat::nearestLevel(float x) const { return std::isnan(x) ? x : std::visit(NearestLevel{*m_rounding, x}, m_spec); }

void NumberFormat::roundToLevels(std::span<const float> in, std::span<float> out) const
{
    quantizeValues(*this, {}, in, out);
}

}  // namespace core
