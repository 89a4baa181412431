// SPDX-License-Identifier: Apache-2.0
#include "core/formats/sums/running_sum.h"

#include "core/base/noise.h"
#include "core/formats/rounding.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <vector>

namespace core {

namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

const MinifloatFormat* minifloatOf(const NumberFormat& format) { return std::get_if<MinifloatFormat>(&format.spec()); }

/// One accumulator at work: it knows how to round, and notes what leaves its range.
class Accumulator {
public:
    Accumulator(const SumRule& rule, SumPlace place)
        : m_rule(rule),
          m_noise(place.seed, NoisePurpose::SumRounding),
          m_place(place),
          m_threshold(overflowThreshold(rule.format)),
          m_outerThreshold(overflowThreshold(rule.outerFormat()))
    {
    }

    float inner(float x) { return rounded(m_rule.format, m_threshold, x); }
    float outer(float x) { return rounded(m_rule.outerFormat(), m_outerThreshold, x); }
    bool overflowed() const { return m_overflowed; }

private:
    float rounded(const NumberFormat& format, float threshold, float x)
    {
        const std::uint32_t number = m_number++;
        m_overflowed = m_overflowed || std::abs(x) > threshold;
        if (!m_rule.randomBits || format.isFloat32())
            return format.nearestLevel(x);
        if (number / 4 != m_drawn) {
            m_drawn = number / 4;
            m_words = m_noise.words({m_place.vector, m_place.row, m_drawn});
        }
        return stochasticLevel(format, *m_rule.randomBits, m_words[number % 4], x);
    }

    const SumRule& m_rule;
    NoiseStream m_noise;
    SumPlace m_place;
    float m_threshold, m_outerThreshold;
    std::uint32_t m_number = 0, m_drawn = ~0u;
    std::array<std::uint32_t, 4> m_words{};
    bool m_overflowed = false;
};

float product(const SumRule& rule, Accumulator& to, float weight, float input)
{
    const float exact = weight * input;
    return rule.products == ProductRounding::Rounded ? to.inner(exact) : exact;
}

/// sum + weight * input before the sum is rounded.
float raised(const SumRule& rule, Accumulator& to, float sum, float weight, float input)
{
    return rule.products == ProductRounding::Fused ? std::fma(weight, input, sum) : sum + product(rule, to, weight, input);
}

float sequentialSum(const SumRule& rule, Accumulator& to, std::span<const float> weights, std::span<const float> inputs)
{
    float sum = 0;
    for (std::size_t k = 0; k < weights.size(); ++k)
        sum = to.inner(raised(rule, to, sum, weights[k], inputs[k]));
    return sum;
}

/// Kahan 1965, every operation rounded to the format: `lost` is what the last sum took too much.
float kahanSum(const SumRule& rule, Accumulator& to, std::span<const float> weights, std::span<const float> inputs)
{
    float sum = 0, lost = 0;
    for (std::size_t k = 0; k < weights.size(); ++k) {
        const float term = to.inner(raised(rule, to, -lost, weights[k], inputs[k]));
        const float next = to.inner(sum + term);
        const float taken = to.inner(next - sum);
        lost = to.inner(taken - term);
        sum = next;
    }
    return sum;
}

/// Equal neighbours join as in a binary counter: after k products the stack holds one sum for each bit of k. What is left at
/// the end joins from the right.
float pairwiseSum(const SumRule& rule, Accumulator& to, std::span<const float> weights, std::span<const float> inputs)
{
    std::vector<float> stack;
    const auto join = [&] {
        const float right = stack.back();
        stack.pop_back();
        stack.back() = to.inner(stack.back() + right);
    };
    for (std::size_t k = 0; k < weights.size(); ++k) {
        stack.push_back(product(rule, to, weights[k], inputs[k]));
        for (std::size_t count = k + 1; count % 2 == 0; count /= 2)
            join();
    }
    while (stack.size() > 1)
        join();
    return stack.empty() ? 0.0f : to.inner(stack.back());  // a single product is a sum too
}

float blockSum(const SumRule& rule, Accumulator& to, std::span<const float> weights, std::span<const float> inputs)
{
    switch (rule.order) {
    case SumOrder::Sequential: return sequentialSum(rule, to, weights, inputs);
    case SumOrder::Pairwise: return pairwiseSum(rule, to, weights, inputs);
    case SumOrder::Kahan: return kahanSum(rule, to, weights, inputs);
    }
    return 0;
}

}  // namespace

std::string_view productRoundingName(ProductRounding rounding)
{
    switch (rounding) {
    case ProductRounding::Rounded: return "rounded";
    case ProductRounding::Float32: return "fp32";
    case ProductRounding::Fused: return "fused";
    }
    return "unknown";
}

std::string_view sumOrderName(SumOrder order)
{
    switch (order) {
    case SumOrder::Sequential: return "sequential";
    case SumOrder::Pairwise: return "pairwise";
    case SumOrder::Kahan: return "kahan";
    }
    return "unknown";
}

bool isSumFormat(const NumberFormat& format) { return format.isFloat32() || minifloatOf(format) != nullptr; }

double unitRoundoff(const NumberFormat& format)
{
    const MinifloatFormat* const minifloat = minifloatOf(format);
    return std::ldexp(1.0, -(minifloat ? minifloat->mantissaBits : 23) - 1);
}

float overflowThreshold(const NumberFormat& format)
{
    const MinifloatFormat* const minifloat = minifloatOf(format);
    if (!minifloat)
        return std::numeric_limits<float>::max();
    // Half a step above the largest level; there a tie goes to the even code, which is the largest level's own or the next.
    const double largest = largestLevelOf(*minifloat);
    const double step = std::ldexp(1.0, std::max(std::ilogb(largest), 1 - minifloat->bias) - minifloat->mantissaBits);
    const auto middle = static_cast<float>(largest + step / 2);
    const bool isLargestEven = std::fmod(largest / step, 2.0) == 0;
    return isLargestEven ? middle : std::nextafter(middle, 0.0f);
}

float stochasticLevel(const NumberFormat& format, int randomBits, std::uint32_t random, float x)
{
    const MinifloatFormat* const minifloat = minifloatOf(format);
    if (!minifloat || std::isnan(x) || x == 0)
        return x;
    const double largest = largestLevelOf(*minifloat);
    double magnitude = std::abs(static_cast<double>(x));
    if (std::isfinite(x)) {
        const int exponent = std::max(std::ilogb(magnitude), 1 - minifloat->bias);
        const double step = std::ldexp(1.0, exponent - minifloat->mantissaBits);
        const double chance = static_cast<double>(random >> (32 - randomBits));  // an integer below 2^randomBits
        magnitude = std::floor((std::floor(std::ldexp(magnitude / step, randomBits)) + chance) * std::ldexp(1.0, -randomBits)) * step;
    }
    if (magnitude > largest)
        magnitude = isWideFloat(*minifloat) ? static_cast<double>(kInfinity) : largest;
    return std::copysign(static_cast<float>(magnitude), x);
}

RunningSum runningSum(const SumRule& rule, std::span<const float> weights, std::span<const float> inputs, std::optional<float> bias,
                      SumPlace place)
{
    assert(weights.size() == inputs.size());
    Accumulator accumulator(rule, place);
    const std::size_t length = rule.block > 0 ? static_cast<std::size_t>(rule.block) : std::max<std::size_t>(1, weights.size());
    float sum = 0;
    for (std::size_t begin = 0; begin < weights.size(); begin += length) {
        const std::size_t count = std::min(length, weights.size() - begin);
        const float part = blockSum(rule, accumulator, weights.subspan(begin, count), inputs.subspan(begin, count));
        sum = rule.block > 0 ? accumulator.outer(sum + part) : part;
    }
    if (bias)
        sum = accumulator.outer(sum + *bias);
    return {sum + 0.0f, accumulator.overflowed()};
}

}  // namespace core
