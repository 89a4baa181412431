// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a digital layer's products are added up in: floats of some format, in a fixed order; integers of few bits; or a low
// format with a high one where the result is ill-conditioned.

#include "core/base/problem.h"
#include "core/formats/sums/integer_sum.h"
#include "core/formats/sums/mixed_sum.h"

#include <string>

namespace core {

struct AccumulatorPlan {
    SumRule sum = {};                            // with `mixed` the low format's
    std::optional<IntegerSumRule> integer = {};  // instead of `sum`: of the codes of weights and activations
    std::optional<MixedSum> mixed = {};
    std::uint64_t seed = 1;  // of rounding by chance
    bool operator==(const AccumulatorPlan&) const = default;
    /// fp32 and nothing more: the engine's own sums, in whichever order is quickest.
    bool isEngineSum() const { return *this == AccumulatorPlan{}; }
    /// What a plan file's "product" is where it says nothing: a fused step for the mixed scheme, as published; else rounded.
    ProductRounding usualProducts() const { return mixed ? ProductRounding::Fused : ProductRounding::Rounded; }
};

inline constexpr int kLargestSumBlock = 1 << 20, kLargestSumTile = 1 << 16;

/// All flaws, each with its place under the accumulator: "mixed.tolerance"; "" for the accumulator as a whole.
std::vector<Problem> check(const AccumulatorPlan& accumulator);

std::string text(const AccumulatorPlan& accumulator);  // "fp32", "e4m3 in blocks of 8", "int16 wrap", "e4m3 / fp16 above 0.1"

}  // namespace core
