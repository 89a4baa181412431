// SPDX-License-Identifier: Apache-2.0
#pragma once
// One element from one type to another, with an answer for every value.

#include "core/base/half.h"

#include <cmath>
#include <limits>
#include <type_traits>

namespace core {

/// Floats to integers truncate toward zero, clamp to the type and turn NaN into 0; integers to narrower integers keep
/// the low bits; anything but 0 is true.
template <class To, class From>
To convertElement(From value)
{
    if constexpr (std::is_same_v<From, Float16> || std::is_same_v<From, BFloat16>) {
        return convertElement<To>(static_cast<float>(value));
    } else if constexpr (std::is_same_v<To, Float16> || std::is_same_v<To, BFloat16>) {
        return To(static_cast<float>(value));
    } else if constexpr (std::is_same_v<To, bool>) {
        return value != From{0};
    } else if constexpr (std::is_floating_point_v<From> && std::is_integral_v<To>) {
        if (std::isnan(value))
            return To{0};
        // The largest integer may round up when made a float, so ">=" already clamps it.
        if (value <= static_cast<From>(std::numeric_limits<To>::min()))
            return std::numeric_limits<To>::min();
        if (value >= static_cast<From>(std::numeric_limits<To>::max()))
            return std::numeric_limits<To>::max();
        return static_cast<To>(value);
    } else {
        return static_cast<To>(value);
    }
}

}  // namespace core
