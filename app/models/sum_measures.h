// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What can be seen of a layer's running sums, component by component, as a matrix.

#include "core/base/matrix.h"
#include "core/eval/sum_figures.h"

#include <vector>

namespace app {

enum class SumMeasure { Condition, Recomputed, Overflow, Error };

/// Conditions at and above this one all mean that nothing is left of the sum.
inline constexpr double kMostDecadesOfCondition = 8;

/// Rows x positions of one sample, or rows x samples where there are several, which have one position each. Condition: its
/// logarithm to ten; NaN where there is nothing to sum. Recomputed: 1 in the high format, 1/2 in the middle one. Overflow:
/// 0 or 1. Error: computed minus exact.
core::RowMatrix sumMatrix(const std::vector<core::SumSample>& samples, SumMeasure measure);

}  // namespace app
