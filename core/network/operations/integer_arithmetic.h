// SPDX-License-Identifier: Apache-2.0
#pragma once
// Arithmetic that is defined for every pair of numbers: integers wrap as two's complement does.

#include <cstdint>
#include <type_traits>

namespace core {

/// f(a, b), for integers through uint64, whose low bits are the answer at every width.
template <class T, class F>
T wrapping(T a, T b, F f)
{
    if constexpr (std::is_integral_v<T>)
        return static_cast<T>(f(static_cast<std::uint64_t>(a), static_cast<std::uint64_t>(b)));
    else
        return f(a, b);
}

/// NaN wins on either side, as in NumPy.
template <class T>
T largerOf(T a, T b) { return a > b || a != a ? a : b; }
template <class T>
T smallerOf(T a, T b) { return a < b || a != a ? a : b; }

}  // namespace core
