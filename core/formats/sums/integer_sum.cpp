// SPDX-License-Identifier: Apache-2.0
#include "core/formats/sums/integer_sum.h"

#include <algorithm>
#include <cassert>

// Vectors of unknown length cannot be kept in arrays; such machines run a fixed-length target.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/formats/sums/integer_sum.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h wants to come before highway.h.
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;

using Integers = hn::ScalableTag<std::int32_t>;
using IntegerVector = hn::Vec<Integers>;
constexpr std::int64_t kIntegerLanes = static_cast<std::int64_t>(hn::MaxLanes(Integers{}));
constexpr int kSumRegisters = 4;

/// One row against kSumRegisters registers of vectors. The exact sum is kept beside a saturating one where somebody watches.
template <bool saturates, bool watches>
HWY_INLINE void integerRow(const IntegerSumRule& rule, const std::int8_t* weights, std::int64_t columns,
                           const std::int32_t* HWY_RESTRICT packed, std::int32_t* HWY_RESTRICT sums, std::uint8_t* HWY_RESTRICT overflowed)
{
    const Integers d;
    const auto lowest = hn::Set(d, static_cast<std::int32_t>(rule.lowest())),
               highest = hn::Set(d, static_cast<std::int32_t>(rule.highest()));
    IntegerVector exact[kSumRegisters], held[kSumRegisters], least[kSumRegisters], most[kSumRegisters];
    for (int r = 0; r < kSumRegisters; ++r)
        exact[r] = held[r] = least[r] = most[r] = hn::Zero(d);
    for (std::int64_t k = 0; k < columns; ++k, packed += kSumRegisters * kIntegerLanes) {
        const auto weight = hn::Set(d, weights[k]);
        HWY_UNROLL(4)
        for (int r = 0; r < kSumRegisters; ++r) {
            const auto product = hn::Mul(weight, hn::LoadU(d, packed + r * kIntegerLanes));
            if constexpr (saturates) {
                // 32 bits cannot be left by the products that fit (kMostSumColumns), so neither can the sum here.
                held[r] = hn::Min(hn::Max(hn::Add(held[r], product), lowest), highest);
            }
            if constexpr (!saturates || watches)
                exact[r] = hn::Add(exact[r], product);
            if constexpr (watches) {
                least[r] = hn::Min(least[r], exact[r]);
                most[r] = hn::Max(most[r], exact[r]);
            }
        }
    }
    const int spare = 32 - rule.bits;
    for (int r = 0; r < kSumRegisters; ++r) {
        const auto wrapped = hn::ShiftRightSame(hn::ShiftLeftSame(exact[r], spare), spare);  // the sign comes down again
        hn::StoreU(saturates ? held[r] : wrapped, d, sums + r * kIntegerLanes);
        if constexpr (watches) {
            std::int32_t below[kIntegerLanes], above[kIntegerLanes];
            hn::StoreU(least[r], d, below);
            hn::StoreU(most[r], d, above);
            for (std::int64_t lane = 0; lane < kIntegerLanes; ++lane)
                overflowed[r * kIntegerLanes + lane] = below[lane] < rule.lowest() || above[lane] > rule.highest();
        }
    }
}

void MultiplyByIntegerSums(const IntegerSumRule& rule, const IntegerSumOperands& operands, std::int32_t* sums, std::int32_t* packed,
                           std::uint8_t* overflowed)
{
    constexpr std::int64_t kWidth = kSumRegisters * kIntegerLanes;
    std::int32_t values[kWidth];
    std::uint8_t flags[kWidth];
    for (std::int64_t first = 0; first < operands.vectors; first += kWidth) {
        const std::int64_t count = std::min(kWidth, operands.vectors - first);
        std::fill_n(packed, kWidth * operands.columns, 0);
        for (std::int64_t vector = 0; vector < count; ++vector)
            for (std::int64_t column = 0; column < operands.columns; ++column)
                packed[column * kWidth + vector] = operands.inputs[(first + vector) * operands.columns + column];
        for (std::int64_t row = 0; row < operands.rows; ++row) {
            const std::int8_t* const weights = operands.weights + row * operands.columns;
            const bool saturates = rule.overflow == IntegerOverflow::Saturate;
            if (saturates && overflowed)
                integerRow<true, true>(rule, weights, operands.columns, packed, values, flags);
            else if (saturates)
                integerRow<true, false>(rule, weights, operands.columns, packed, values, flags);
            else if (overflowed)
                integerRow<false, true>(rule, weights, operands.columns, packed, values, flags);
            else
                integerRow<false, false>(rule, weights, operands.columns, packed, values, flags);
            std::copy_n(values, count, sums + row * operands.vectors + first);
            if (overflowed)
                std::copy_n(flags, count, overflowed + row * operands.vectors + first);
        }
    }
}

std::int64_t IntegerSumWidth() { return kSumRegisters * kIntegerLanes; }

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace core {

namespace {
HWY_EXPORT(MultiplyByIntegerSums);
HWY_EXPORT(IntegerSumWidth);

std::int64_t wrapped(std::int64_t sum, const IntegerSumRule& rule)
{
    const std::int64_t period = std::int64_t{1} << rule.bits;
    const std::int64_t above = (sum - rule.lowest()) % period;
    return rule.lowest() + (above < 0 ? above + period : above);
}

}  // namespace

std::string_view integerOverflowName(IntegerOverflow overflow) { return overflow == IntegerOverflow::Wrap ? "wrap" : "saturate"; }

IntegerSum integerSum(const IntegerSumRule& rule, std::span<const std::int8_t> weights, std::span<const std::int16_t> inputs)
{
    assert(weights.size() == inputs.size());
    std::int64_t exact = 0, held = 0;
    bool overflowed = false;
    for (std::size_t k = 0; k < weights.size(); ++k) {
        const std::int64_t product = std::int64_t{weights[k]} * inputs[k];
        exact += product;
        overflowed = overflowed || exact < rule.lowest() || exact > rule.highest();
        held = rule.overflow == IntegerOverflow::Wrap ? wrapped(held + product, rule)
                                                      : std::clamp(held + product, rule.lowest(), rule.highest());
    }
    return {static_cast<std::int32_t>(held), overflowed};
}

void multiplyByIntegerSums(const IntegerSumRule& rule, const IntegerSumOperands& operands, std::int32_t* sums,
                           std::vector<std::int32_t>& packed, std::uint8_t* overflowed)
{
    assert(operands.columns <= kMostSumColumns);
    packed.resize(static_cast<std::size_t>(HWY_DYNAMIC_DISPATCH(IntegerSumWidth)() * operands.columns));
    HWY_DYNAMIC_DISPATCH(MultiplyByIntegerSums)(rule, operands, sums, packed.data(), overflowed);
}

}  // namespace core
#endif
