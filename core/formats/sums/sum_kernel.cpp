// SPDX-License-Identifier: Apache-2.0
#include "core/formats/sums/sum_kernel.h"

#include "core/formats/sums/sum_rounding.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>

// Vectors of unknown length cannot be kept in arrays; such machines run a fixed-length target. SSE4 has nothing here that SSSE3 lacks.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV | HWY_SSE4)
#ifdef __x86_64__
#define HWY_BASELINE_TARGETS HWY_SSSE3
#endif
#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/formats/sums/sum_kernel.cpp"
#include <hwy/foreach_target.h>
// foreach_target.h wants to come before highway.h.
#include <hwy/highway.h>

#include "core/formats/sums/sum_loops.inl"

HWY_BEFORE_NAMESPACE();
namespace core::HWY_NAMESPACE {

using Quick = SumRounding::Kind;

/// Rows and registers of a block: together kRegisters running vectors, enough to hide the latency of one step.
template <class Rounder, ProductRounding products>
void quickRows(const SumTask& task, const Rounder& round, int registers)
{
    switch (registers) {
    case 1: return quickBlocks<Rounder, products, kRegisters, 1>(task, round);
    case 2: return quickBlocks<Rounder, products, kRegisters / 2, 2>(task, round);
    default: return quickBlocks<Rounder, products, 1, kRegisters>(task, round);
    }
}

template <class Rounder>
void quickProducts(const SumTask& task, const Rounder& round, int registers)
{
    switch (task.rule->products) {
    case ProductRounding::Rounded: return quickRows<Rounder, ProductRounding::Rounded>(task, round, registers);
    case ProductRounding::Float32: return quickRows<Rounder, ProductRounding::Float32>(task, round, registers);
    case ProductRounding::Fused: return quickRows<Rounder, ProductRounding::Fused>(task, round, registers);
    }
}

void quickSums(const SumTask& task, int registers)
{
    const SumRounding& inner = task.inner;
    switch (inner.kind) {
    case Quick::Exact: return quickProducts(task, ExactRounder{}, registers);
    case Quick::LongExponent: return quickProducts(task, LongExponentRounder(inner), registers);
    case Quick::Half: return quickProducts(task, HalfRounder(inner), registers);
    case Quick::Saturating: return quickProducts(task, SaturatingRounder(inner), registers);
    case Quick::Overflowing: return quickProducts(task, OverflowingRounder(inner), registers);
    }
}

/// Lays `count` vectors side by side, column by column: packed[column * stride + vector]; the rest of a column is zero.
void pack(const float* inputs, std::int64_t columns, std::int64_t count, std::int64_t stride, float* HWY_RESTRICT packed)
{
    constexpr std::int64_t kTile = 16;
    for (std::int64_t first = 0; first < columns; first += kTile) {
        const std::int64_t last = std::min(first + kTile, columns);
        for (std::int64_t vector = 0; vector < count; ++vector) {
            const float* const from = inputs + vector * columns;
            for (std::int64_t column = first; column < last; ++column)
                packed[column * stride + vector] = canonical(from[column]);
        }
        for (std::int64_t column = first; column < last; ++column)
            std::fill(packed + column * stride + count, packed + (column + 1) * stride, 0.0f);
    }
}

void MultiplyBySums(const SumRule& rule, const SumOperands& operands, float* sums, SumBuffers& buffers, std::uint8_t* overflowed)
{
    const bool isQuick = rule.order == SumOrder::Sequential && !rule.randomBits && !overflowed;
    SumTask task{&rule, SumRounding(rule.format, rule.randomBits), SumRounding(rule.outerFormat(), rule.randomBits)};
    task.operands = operands;
    task.stride = operands.vectors;
    task.buffers = &buffers;
    for (std::int64_t first = 0; first < operands.vectors;) {
        const std::int64_t left = operands.vectors - first;
        const int registers = left <= kLanes ? 1 : left <= 2 * kLanes ? 2 : kRegisters;
        const std::int64_t width = registers * kLanes, count = std::min(width, left);
        buffers.packed.resize(static_cast<std::size_t>(width * operands.columns));
        pack(operands.inputs + first * operands.columns, operands.columns, count, width, buffers.packed.data());
        task.packed = buffers.packed.data();
        task.count = count;
        task.width = width;
        task.sums = sums + first;
        task.overflowed = overflowed ? overflowed + first : nullptr;
        task.operands.place.vector = operands.place.vector + static_cast<std::uint32_t>(first);
        if (isQuick)
            quickSums(task, registers);
        else
            generalSums(task);
        first += count;
    }
}

}  // namespace core::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace core {

namespace {
HWY_EXPORT(MultiplyBySums);
}  // namespace

SumRounding::SumRounding(const NumberFormat& format, std::optional<int> chance)
    : largest(format.largestLevel()),
      threshold(overflowThreshold(format)),
      overflowBits(std::bit_cast<std::uint32_t>(std::numeric_limits<float>::infinity()))
{
    const auto* const minifloat = std::get_if<MinifloatFormat>(&format.spec());
    if (!minifloat)
        return;
    const bool isWide = isWideFloat(format.spec());
    const bool isHalf = minifloat->exponentBits == 5 && minifloat->mantissaBits == 10 && isWide;
    kind = minifloat->exponentBits >= 8 ? Kind::LongExponent : isHalf ? Kind::Half : isWide ? Kind::Overflowing : Kind::Saturating;
    mantissaBits = static_cast<std::uint32_t>(minifloat->mantissaBits);
    lowestBinade = static_cast<std::uint32_t>(127 + 1 - minifloat->bias) << 23;
    anchorRaise = ((23 - mantissaBits) << 23) | 0x00400000u;
    if (!isWide)
        overflowBits = std::bit_cast<std::uint32_t>(largest);
    randomBits = chance.value_or(0);
}

bool hasNotANumber(const float* values, std::int64_t count)
{
    std::uint32_t found = 0;
    for (std::int64_t i = 0; i < count; ++i)
        found |= values[i] != values[i] ? 1u : 0u;
    return found != 0;
}

void multiplyBySums(const SumRule& rule, const SumOperands& operands, float* sums, SumBuffers& buffers, std::uint8_t* overflowed)
{
    SumOperands clean = operands;  // with NaN as the kernels want it
    const std::size_t size = static_cast<std::size_t>(operands.rows * operands.columns);
    if (hasNotANumber(operands.weights, static_cast<std::int64_t>(size))) {
        buffers.weights.assign(operands.weights, operands.weights + size);
        std::replace_if(
            buffers.weights.begin(), buffers.weights.end(), [](float x) { return std::isnan(x); }, std::numeric_limits<float>::quiet_NaN());
        clean.weights = buffers.weights.data();
    }
    HWY_DYNAMIC_DISPATCH(MultiplyBySums)(rule, clean, sums, buffers, overflowed);
}

}  // namespace core
#endif
