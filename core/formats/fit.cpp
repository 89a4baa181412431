// SPDX-License-Identifier: Apache-2.0
#include "core/formats/fit.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kSmallestScale = std::numeric_limits<float>::min();   // below it, quotients by the scale would lose bits

double boundOf(const NumberFormat& format, ValueRange range)
{
    if (hasZeroPoint(format))
        return static_cast<double>(range.high) - static_cast<double>(range.low);
    return static_cast<double>(std::max(-range.low, range.high));
}

}  // namespace

ValueRange holdingZero(float low, float high)
{
    return {std::isnan(low) ? 0.0f : std::clamp(low, -kLargest, 0.0f), std::isnan(high) ? 0.0f : std::clamp(high, 0.0f, kLargest)};
}

bool hasZeroPoint(const NumberFormat& format)
{
    const auto* integer = std::get_if<IntegerFormat>(&format.spec());
    return integer && !integer->isSigned;
}

float exactScale(const NumberFormat& format, ValueRange range)
{
    const double bound = boundOf(format, range);
    if (bound == 0)
        return 0.0f;
    const double scale = bound / static_cast<double>(format.largestLevel());
    return static_cast<float>(std::clamp(scale, static_cast<double>(kSmallestScale), static_cast<double>(kLargest)));
}

float powerOfTwoScale(const NumberFormat& format, ValueRange range)
{
    const double bound = boundOf(format, range);
    if (bound == 0)
        return 0.0f;
    return std::ldexp(1.0f, std::clamp(std::ilogb(bound) - std::ilogb(format.largestLevel()), -127, 127));
}

CodeGrid gridOfScale(const NumberFormat& format, float scale, ValueRange range)
{
    const float used = scale > 0 ? scale : 1.0f;
    if (!hasZeroPoint(format))
        return {used, 0.0f};
    return {used, std::clamp(std::nearbyint(-range.low / used), 0.0f, format.largestLevel())};
}

CodeGrid fitGrid(const NumberFormat& format, ValueRange range)
{
    if (isWideFloat(format.spec()))
        return {};
    return gridOfScale(format, exactScale(format, range), range);
}

}  // namespace core
