// SPDX-License-Identifier: Apache-2.0
#include "core/formats/fit.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

namespace core {

namespace {

constexpr float kLargest = std::numeric_limits<float>::max();
constexpr float kSmallestScale = std::numeric_limits<float>::min();   // below it, quotients by the scale would lose bits

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

float roundedToHalf(float scale)
{
    constexpr std::uint32_t kDropped = (1u << 13) - 1;
    constexpr float kLargestHalf = 0x1.ffcp127f;
    const auto bits = std::bit_cast<std::uint32_t>(std::clamp(scale, kSmallestScale, kLargestHalf));
    return std::bit_cast<float>((bits + kDropped / 2 + (bits >> 13 & 1u)) & ~kDropped);
}

GridFit::GridFit(const NumberFormat& format, ScaleShape shape)
    : m_shape(shape), m_isScaled(!isWideFloat(format.spec())), m_hasZeroPoint(hasZeroPoint(format)), m_largestLevel(format.largestLevel())
{
}

float GridFit::scaleFor(ValueRange range) const
{
    if (!m_isScaled)
        return 1.0f;
    const double low = static_cast<double>(range.low);
    const double high = static_cast<double>(range.high);
    const double bound = m_hasZeroPoint ? high - low : std::max(-low, high);
    if (bound == 0)
        return 0.0f;
    if (m_shape == ScaleShape::PowerOfTwo)
        return std::ldexp(1.0f, std::clamp(std::ilogb(bound) - std::ilogb(m_largestLevel), -127, 127));
    const double scale = bound / static_cast<double>(m_largestLevel);
    const auto exact = static_cast<float>(std::clamp(scale, static_cast<double>(kSmallestScale), static_cast<double>(kLargest)));
    return m_shape == ScaleShape::Half ? roundedToHalf(exact) : exact;
}

CodeGrid GridFit::gridOfScale(float scale, ValueRange range) const
{
    const float used = scale > 0 ? scale : 1.0f;
    if (!m_hasZeroPoint)
        return {used, 0.0f};
    return {used, std::clamp(std::nearbyint(-range.low / used), 0.0f, m_largestLevel)};
}

}  // namespace core
