// SPDX-License-Identifier: Apache-2.0
#include "core/formats/sums/mixed_sum.h"

#include "core/formats/sums/component_kernel.h"
#include "core/formats/sums/sum_rounding.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>
#include <limits>
#include <numeric>

namespace core {

namespace {

using Kind = ActivationShape::Kind;

constexpr float kInfinity = std::numeric_limits<float>::infinity();

SumChoice choiceOf(const MixedSum& mixed, float condition)
{
    if (condition <= static_cast<float>(mixed.tolerance))  // false for NaN
        return SumChoice::Low;
    if (mixed.middle && condition <= static_cast<float>(mixed.middle->tolerance))
        return SumChoice::Middle;
    return SumChoice::High;
}

/// The activation whose condition a component's rule sees.
ActivationShape seenActivation(const MixedRule& rule)
{
    if (rule.isLast && rule.activation.kind == Kind::Identity && rule.mixed.last == MixedSum::LastLayer::Rectified)
        return {Kind::Relu};
    return rule.activation;
}

bool usesMargin(const MixedRule& rule)
{
    return rule.isLast && rule.activation.kind == Kind::Identity && rule.mixed.last == MixedSum::LastLayer::Margin;
}

/// The least positive v whose 1 / v, rounded, is at most `tolerance`; NaN or infinite where there is none.
float leastWithin(float tolerance)
{
    float least = 1 / tolerance;
    while (1 / least <= tolerance && least > 0)
        least = std::nextafter(least, 0.0f);
    while (1 / least > tolerance && least < kInfinity)
        least = std::nextafter(least, kInfinity);
    return least;
}

/// 1 / (top - v) is the condition of the difference that decides an order, in the unit of kappa'.
void chooseByMargin(const MixedSum& mixed, std::span<const float> sums, std::int64_t rows, std::int64_t vectors,
                    std::span<SumChoice> choices)
{
    for (std::int64_t vector = 0; vector < vectors; ++vector) {
        const auto at = [&](std::int64_t row) { return static_cast<std::size_t>(row * vectors + vector); };
        std::int64_t top = 0;
        bool isSound = true;
        for (std::int64_t row = 0; row < rows; ++row) {
            isSound = isSound && !std::isnan(sums[at(row)]);
            top = sums[at(row)] > sums[at(top)] ? row : top;
        }
        SumChoice strongest = SumChoice::Low;
        for (std::int64_t row = 0; row < rows; ++row) {
            choices[at(row)] = !isSound     ? SumChoice::High
                               : row == top ? SumChoice::Low
                                            : choiceOf(mixed, componentCondition(1, 1, sums[at(top)] - sums[at(row)]));
            strongest = std::max(strongest, choices[at(row)]);
        }
        choices[at(top)] = strongest;
    }
}

void widenToTiles(int tile, std::int64_t rows, std::int64_t vectors, std::span<SumChoice> choices)
{
    for (std::int64_t first = 0; first < rows; first += tile) {
        const std::int64_t last = std::min<std::int64_t>(first + tile, rows);
        for (std::int64_t vector = 0; vector < vectors; ++vector) {
            SumChoice strongest = SumChoice::Low;
            for (std::int64_t row = first; row < last; ++row)
                strongest = std::max(strongest, choices[static_cast<std::size_t>(row * vectors + vector)]);
            for (std::int64_t row = first; row < last; ++row)
                choices[static_cast<std::size_t>(row * vectors + vector)] = strongest;
        }
    }
}

/// sum |w x| + |b| of every component, by the low rule.
void sumNumerators(const MixedRule& rule, const SumOperands& operands, MixedBuffers& buffers)
{
    const auto absolute = [](const float* values, std::int64_t count, std::vector<float>& target) {
        target.resize(static_cast<std::size_t>(count));
        std::transform(values, values + count, target.begin(), [](float x) { return std::abs(x); });
        return target.data();
    };
    SumOperands positive = operands;
    positive.weights = absolute(operands.weights, operands.rows * operands.columns, buffers.absolute);
    positive.inputs = absolute(operands.inputs, operands.vectors * operands.columns, buffers.absoluteInputs);
    if (operands.bias)
        positive.bias = absolute(operands.bias, operands.rows, buffers.absoluteBias);
    buffers.numerators.resize(static_cast<std::size_t>(operands.rows * operands.vectors));
    multiplyBySums(rule.low, positive, buffers.numerators.data(), buffers.sums);
}

/// The numbers of the components that take `wanted`, ascending, in `room`. Eight at a time: most take another.
std::span<const std::uint32_t> componentsOf(std::span<const SumChoice> choices, SumChoice wanted, std::vector<std::uint32_t>& room)
{
    static_assert(sizeof(SumChoice) == 1 && static_cast<int>(SumChoice::High) < 4);
    constexpr std::uint64_t kOnes = 0x0101010101010101u;
    if (room.size() < choices.size())
        room.resize(choices.size());
    std::uint32_t* next = room.data();
    std::size_t first = 0;
    for (; std::endian::native == std::endian::little && first + 8 <= choices.size(); first += 8) {
        std::uint64_t others = 0;
        std::memcpy(&others, choices.data() + first, 8);
        others ^= kOnes * static_cast<std::uint64_t>(wanted);  // 0 in the bytes of those wanted, else 1 to 3
        for (std::uint64_t found = ~(others | others >> 1) & kOnes; found != 0; found &= found - 1)
            *next++ = static_cast<std::uint32_t>(first) + static_cast<std::uint32_t>(std::countr_zero(found)) / 8;
    }
    for (; first < choices.size(); ++first)
        if (choices[first] == wanted)
            *next++ = static_cast<std::uint32_t>(first);
    return {room.data(), next};
}

/// Rows of one choice together, by that choice's rule.
void multiplyFixedRows(const MixedRule& rule, const SumOperands& operands, SumChoice choice, float* sums, SumChoice* choices,
                       MixedBuffers& buffers)
{
    std::vector<std::int64_t> taken;
    if (rule.low.randomBits) {  // chance is drawn by a row's number: all rows, and the chosen ones taken
        buffers.rowSums.resize(static_cast<std::size_t>(operands.rows * operands.vectors));
        multiplyBySums(rule.ruleOf(choice), operands, buffers.rowSums.data(), buffers.sums);
        for (std::int64_t row = 0; row < operands.rows; ++row)
            if ((rule.highRows[static_cast<std::size_t>(row)] != 0) == (choice == SumChoice::High)) {
                std::copy_n(buffers.rowSums.data() + row * operands.vectors, operands.vectors, sums + row * operands.vectors);
                std::fill_n(choices + row * operands.vectors, operands.vectors, choice);
            }
        return;
    }
    buffers.rows.clear();
    buffers.rowBias.clear();
    for (std::int64_t row = 0; row < operands.rows; ++row) {
        if ((rule.highRows[static_cast<std::size_t>(row)] != 0) != (choice == SumChoice::High))
            continue;
        taken.push_back(row);
        buffers.rows.insert(buffers.rows.end(), operands.weights + row * operands.columns, operands.weights + (row + 1) * operands.columns);
        if (operands.bias)
            buffers.rowBias.push_back(operands.bias[row]);
    }
    SumOperands part = operands;
    part.weights = buffers.rows.data();
    part.rows = std::ssize(taken);
    part.bias = operands.bias ? buffers.rowBias.data() : nullptr;
    buffers.rowSums.resize(taken.size() * static_cast<std::size_t>(operands.vectors));
    if (!taken.empty())
        multiplyBySums(rule.ruleOf(choice), part, buffers.rowSums.data(), buffers.sums);
    for (std::size_t i = 0; i < taken.size(); ++i) {
        std::copy_n(buffers.rowSums.data() + static_cast<std::int64_t>(i) * operands.vectors, operands.vectors,
                    sums + taken[i] * operands.vectors);
        std::fill_n(choices + taken[i] * operands.vectors, operands.vectors, choice);
    }
}

}  // namespace

std::string_view mixedConditionName(MixedSum::Condition condition)
{
    return condition == MixedSum::Condition::Magnitude ? "magnitude" : "full";
}

std::string_view lastLayerName(MixedSum::LastLayer last)
{
    switch (last) {
    case MixedSum::LastLayer::Identity: return "identity";
    case MixedSum::LastLayer::Rectified: return "rectified";
    case MixedSum::LastLayer::Margin: return "margin";
    }
    return "unknown";
}

SumRule MixedRule::ruleOf(SumChoice choice) const
{
    SumRule rule = low;
    if (choice == SumChoice::Middle && mixed.middle)
        rule.format = mixed.middle->format;
    else if (choice == SumChoice::High)
        rule.format = mixed.high;
    return rule;
}

float componentCondition(float activationCondition, float numerator, float v)
{
    if (std::isnan(v))
        return v;
    return activationCondition == 0 ? 0.0f : activationCondition * numerator / std::abs(v);
}

void chooseComponents(const MixedRule& rule, std::span<const float> sums, std::span<const float> numerators, std::int64_t rows,
                      std::int64_t vectors, std::span<SumChoice> choices)
{
    assert(sums.size() == choices.size());
    const MixedSum& mixed = rule.mixed;
    const ActivationShape activation = seenActivation(rule);
    if (usesMargin(rule)) {
        chooseByMargin(mixed, sums, rows, vectors, choices);
    } else if (mixed.condition == MixedSum::Condition::Magnitude && activation.kind == Kind::Relu && !mixed.middle) {
        // The common case without branches and divisions: 0 where v < 0, else 1 / v, which falls as v grows.
        const float least = leastWithin(static_cast<float>(mixed.tolerance));
        for (std::size_t i = 0; i < sums.size(); ++i) {
            const bool isLow = static_cast<int>(sums[i] < 0) | static_cast<int>(sums[i] >= least);
            choices[i] = isLow ? SumChoice::Low : SumChoice::High;
        }
    } else {
        for (std::size_t i = 0; i < sums.size(); ++i)
            choices[i] = choiceOf(
                mixed, componentCondition(activationCondition(activation, sums[i]), numerators.empty() ? 1.0f : numerators[i], sums[i]));
    }
    if (mixed.tile > 1)
        widenToTiles(mixed.tile, rows, vectors, choices);
}

void multiplyMixed(const MixedRule& rule, const SumOperands& operands, float* sums, SumChoice* choices, MixedBuffers& buffers)
{
    if (rule.mixed.isStatic()) {
        for (const SumChoice choice : {SumChoice::Low, SumChoice::High})
            multiplyFixedRows(rule, operands, choice, sums, choices, buffers);
        return;
    }
    multiplyBySums(rule.low, operands, sums, buffers.sums);
    buffers.numerators.clear();
    if (rule.mixed.condition == MixedSum::Condition::Full)
        sumNumerators(rule, operands, buffers);
    const auto size = static_cast<std::size_t>(operands.rows * operands.vectors);
    const bool areNumbers = !hasNotANumber(sums, static_cast<std::int64_t>(size));  // NaN in an operand is NaN in its sums
    chooseComponents(rule, {sums, size}, buffers.numerators, operands.rows, operands.vectors, {choices, size});
    for (const SumChoice choice : {SumChoice::Middle, SumChoice::High}) {
        if (choice == SumChoice::Middle && !rule.mixed.middle)
            continue;
        const auto multiply = areNumbers ? multiplyComponentsOfNumbers : multiplyComponents;
        multiply(rule.ruleOf(choice), operands, componentsOf({choices, size}, choice, buffers.components), sums, buffers.sums);
    }
}

std::vector<std::uint8_t> lowLogits(std::span<const float> logits, double tolerance)
{
    double top = -kInfinity, mass = 0;
    for (const float logit : logits)
        top = std::max(top, static_cast<double>(logit));
    std::vector<double> cost(logits.size());
    for (std::size_t i = 0; i < logits.size(); ++i)
        mass += cost[i] = std::exp(static_cast<double>(logits[i]) - top);
    for (double& p : cost)
        p = p / mass * (1 - p / mass);
    std::vector<std::size_t> order(logits.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return cost[a] < cost[b]; });
    std::vector<std::uint8_t> low(logits.size());
    double used = 0;
    for (const std::size_t i : order) {
        used += cost[i];
        if (!(used <= tolerance))
            break;
        low[i] = 1;
    }
    return low;
}

}  // namespace core
