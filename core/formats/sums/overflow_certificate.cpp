// SPDX-License-Identifier: Apache-2.0
#include "core/formats/sums/overflow_certificate.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>

namespace core {

namespace {

/// The fewest bits of two's complement that hold both.
int bitsFor(const SumExtremes& extremes)
{
    int bits = 1;
    while (!fits({bits, IntegerOverflow::Wrap}, extremes))
        ++bits;
    return bits;
}

/// The least P that `holds`.
template <class Holds>
int leastBits(Holds&& holds)
{
    int bits = 1;
    while (bits < 63 && !holds(bits))
        ++bits;
    return bits;
}

}  // namespace

std::string_view overflowVerdictName(OverflowVerdict verdict)
{
    switch (verdict) {
    case OverflowVerdict::Cannot: return "cannot";
    case OverflowVerdict::Can: return "can";
    case OverflowVerdict::Does: return "does";
    }
    return "unknown";
}

SumExtremes sumExtremes(std::span<const std::int8_t> weights, CodeInterval inputs)
{
    SumExtremes extremes;
    for (const std::int8_t weight : weights) {
        const std::int64_t a = std::int64_t{weight} * inputs.low, b = std::int64_t{weight} * inputs.high;
        extremes.low += std::min(a, b);
        extremes.high += std::max(a, b);
    }
    return extremes;
}

std::vector<std::int16_t> worstInput(std::span<const std::int8_t> weights, CodeInterval inputs, SumEnd end)
{
    std::vector<std::int16_t> worst;
    for (const std::int8_t weight : weights)
        worst.push_back(static_cast<std::int16_t>((weight > 0) == (end == SumEnd::Highest) ? inputs.high : inputs.low));
    return worst;
}

bool fits(const IntegerSumRule& rule, const SumExtremes& extremes)
{
    return extremes.low >= rule.lowest() && extremes.high <= rule.highest();
}

SafeBits safeBits(std::span<const std::int8_t> weights, CodeInterval inputs, InputType type, int weightBits)
{
    SafeBits bits;
    std::int64_t norm = 0, sum = 0;
    for (const std::int8_t weight : weights) {
        norm += std::abs(static_cast<int>(weight));
        sum += weight;
    }
    const auto l1 = static_cast<double>(norm);
    const int shift = (type.isSigned ? 1 : 0) - type.bits;
    bits.exact = bitsFor(sumExtremes(weights, inputs));
    bits.weights = leastBits([&](int p) { return l1 <= std::ldexp(std::ldexp(1.0, p - 1) - 1, shift); });
    if (sum == 0)
        bits.centred = leastBits([&](int p) { return l1 <= (std::ldexp(1.0, p) - 2) / (std::ldexp(1.0, type.bits) - 1); });
    bits.types =
        static_cast<int>(std::ceil(std::log2(static_cast<double>(std::max<std::size_t>(1, weights.size()))) + type.bits + weightBits - 1)) +
        1;
    return bits;
}

bool cannotOverflow(const SumRule& rule, const SumBound& bound, double size)
{
    if (!bound.saysSomething())
        return false;
    const double reach = size + bound.of(size);
    return reach <= static_cast<double>(overflowThreshold(rule.format)) &&
           reach <= static_cast<double>(overflowThreshold(rule.outerFormat()));
}

}  // namespace core
