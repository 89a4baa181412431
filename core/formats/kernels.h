// SPDX-License-Identifier: Apache-2.0
#pragma once
// The loops over arrays, vectorised with run-time dispatch. Each equals its scalar definition bit for bit on every
// machine: the same roundings, the same order of sums whatever the vector width.

#include "core/formats/rounding.h"

#include <limits>
#include <span>

namespace core {

/// The scalar definition: integers scale * (clamp(round(x / scale) + zero, codes) - zero), others
/// scale * nearestLevel(x / scale). NaN stays as it is.
float quantizeValue(const NumberFormat& format, CodeGrid grid, float x);

/// quantizeValue of every element, group by group: element i lies on grids[i / groupLength]. in and out may be the same,
/// and have equal sizes.
void quantizeGroups(const NumberFormat& format, std::span<const CodeGrid> grids, std::size_t groupLength, std::span<const float> in, std::span<float> out);
inline void quantizeValues(const NumberFormat& format, CodeGrid grid, std::span<const float> in, std::span<float> out)
{
    quantizeGroups(format, {&grid, 1}, in.size(), in, out);
}

/// `before` and the sum of (x - quantizeValue(x))^2, in sixteen running sums in float (element i into sum i mod 16), added up in
/// double. May stop early, with less than the sum, once that is more than `enough`.
double squaredError(const NumberFormat& format, CodeGrid grid, std::span<const float> values, double before = 0, double enough = std::numeric_limits<double>::infinity());

/// The grid under which squaredError over all strips together is least; a tie goes to the later grid. Tries every one, but each
/// only until it is known to be worse. `extreme`: one of the values, best the largest; 0: none.
std::size_t leastErrorGrid(const NumberFormat& format, std::span<const CodeGrid> grids, std::span<const std::span<const float>> strips, float extreme);

struct ValueRange { float low = 0, high = 0; };   // always holds zero
/// The range of each group of finite values.
void findRanges(std::span<const float> values, std::size_t groupLength, std::span<ValueRange> ranges);

}  // namespace core
