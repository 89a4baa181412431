// SPDX-License-Identifier: Apache-2.0
#pragma once
// A running sum in few bits: what an accumulator of some float format makes of an inner product, step by step. The order of
// the steps is part of the meaning. The scalar reference here defines it; sum_kernel.h is the same, fast. README.md derives
// each rule.

#include "core/formats/number_format.h"

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace core {

/// What becomes of a product before it is added. Rounded: to the accumulator's format. Float32: to fp32 only. Fused: nothing,
/// w x + s is rounded once to fp32 (a fused multiply-add) and then to the format.
enum class ProductRounding { Rounded, Float32, Fused };
inline constexpr std::array kProductRoundings{ProductRounding::Rounded, ProductRounding::Float32, ProductRounding::Fused};
std::string_view productRoundingName(ProductRounding rounding);  // "rounded", "fp32", "fused"

/// Sequential: one product after the other. Pairwise: a binary tree, neighbours first. Kahan: sequential with a second number
/// that carries what rounding lost.
enum class SumOrder { Sequential, Pairwise, Kahan };
inline constexpr std::array kSumOrders{SumOrder::Sequential, SumOrder::Pairwise, SumOrder::Kahan};
std::string_view sumOrderName(SumOrder order);  // "sequential", "pairwise", "kahan"

inline constexpr int kMostRandomBits = 16, kUsualRandomBits = 10;

struct SumRule {
    NumberFormat format;  // of the running sum; see isSumFormat
    ProductRounding products = ProductRounding::Rounded;
    SumOrder order = SumOrder::Sequential;     // within a block
    int block = 0;                             // products summed for themselves before they join the outer sum; 0: all in one
    std::optional<NumberFormat> combine = {};  // of the outer sum; empty: `format`. Wider: FABsum
    std::optional<int> randomBits = {};        // stochastic rounding with so many bits; empty: nearest, ties to even
    bool operator==(const SumRule&) const = default;

    const NumberFormat& outerFormat() const { return combine ? *combine : format; }
};

/// fp32, or a minifloat: what a running sum can be held in.
bool isSumFormat(const NumberFormat& format);

/// Half the distance from 1 to the next number: 2^-(mantissa bits + 1). fp32 2^-24, fp16 2^-11, bf16 2^-8, e4m3 2^-4.
double unitRoundoff(const NumberFormat& format);

/// Beyond it in magnitude a value does not round to the largest level any more: an overflow. Infinity for fp32 and formats of
/// its range, whose overflow is fp32's own.
float overflowThreshold(const NumberFormat& format);

/// Which sum's random bits are drawn: rounding number n of a sum takes word n % 4 of the counter {vector, row, n / 4}.
struct SumPlace {
    std::uint64_t seed = 1;
    std::uint32_t vector = 0, row = 0;
};

struct RunningSum {
    float value = 0;
    bool overflowed = false;  // some sum, or rounded product, lay beyond overflowThreshold
};

/// The definition: sum over k of weights[k] * inputs[k] by `rule`, then plus the bias, where there is one, rounded to the outer
/// format. Zero has no sign. Infinite and NaN inputs do as in IEEE 754; a format that saturates turns infinity into its largest level.
RunningSum runningSum(const SumRule& rule, std::span<const float> weights, std::span<const float> inputs, std::optional<float> bias = {},
                      SumPlace place = {});

/// x to the format by `randomBits` bits of chance: of its distance to the level below (towards zero), in steps, the first
/// randomBits binary places are kept and become the probability of the level above; `random` decides by its upper bits.
float stochasticLevel(const NumberFormat& format, int randomBits, std::uint32_t random, float x);

}  // namespace core
