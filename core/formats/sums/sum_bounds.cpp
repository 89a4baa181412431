// SPDX-License-Identifier: Apache-2.0
#include "core/formats/sums/sum_bounds.h"

#include <algorithm>
#include <bit>
#include <cassert>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

namespace core {

namespace {

constexpr double kFloatRoundoff = 0x1p-24;

/// Of one step: fp32's own rounding, then the format's. By chance the error may be a whole step, not half of one.
double stepRoundoff(const NumberFormat& format, bool byChance)
{
    if (format.isFloat32())
        return kFloatRoundoff;
    const double u = unitRoundoff(format) * (byChance ? 2 : 1);
    return u + kFloatRoundoff + u * kFloatRoundoff;
}

/// What a result below the smallest normal number may be off by.
double smallestError(const NumberFormat& format, bool byChance)
{
    const auto* const minifloat = std::get_if<MinifloatFormat>(&format.spec());
    const double step = minifloat ? std::ldexp(1.0, 1 - minifloat->bias - minifloat->mantissaBits) : 0x1p-149;
    return byChance ? step : step / 2;
}

std::vector<double> ranks(std::span<const double> values)
{
    std::vector<std::size_t> order(values.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
    std::vector<double> result(values.size());
    for (std::size_t first = 0, last = 0; first < order.size(); first = last) {
        while (last < order.size() && values[order[last]] == values[order[first]])
            ++last;
        for (std::size_t i = first; i < last; ++i)
            result[order[i]] = static_cast<double>(first + last - 1) / 2;
    }
    return result;
}

}  // namespace

SumBound sumBound(const SumRule& rule, std::int64_t products, bool hasBias)
{
    const bool byChance = rule.randomBits.has_value();
    const double inner = stepRoundoff(rule.format, byChance), outer = stepRoundoff(rule.outerFormat(), byChance);
    const auto n = static_cast<double>(products);
    const double length = rule.block > 0 ? std::min<double>(rule.block, n) : n;
    const double outerSteps = rule.block > 0 ? std::ceil(n / rule.block) : 0;
    double innerSteps = length;
    if (rule.order == SumOrder::Pairwise)
        innerSteps = std::max(1.0, std::ceil(std::log2(std::max(1.0, length))));
    else if (rule.order == SumOrder::Kahan)
        innerSteps = 2 + 4 * length * inner;
    const double productSteps = rule.products == ProductRounding::Fused ? 0 : 1;
    const double biasSteps = hasBias ? 1 : 0;
    SumBound bound;
    bound.roundings = innerSteps + productSteps + outerSteps + biasSteps;
    bound.perturbation = (innerSteps + productSteps) * inner + (outerSteps + biasSteps) * outer;
    bound.relative = bound.perturbation < 1 ? bound.perturbation / (1 - bound.perturbation) : std::numeric_limits<double>::infinity();
    const double steps = n * (rule.order == SumOrder::Kahan ? 4 : 1) + productSteps * n;
    bound.absolute = (1 + bound.relative) * (steps * smallestError(rule.format, byChance) +
                                             (outerSteps + biasSteps) * smallestError(rule.outerFormat(), byChance));
    return bound;
}

double rankCorrelation(std::span<const double> a, std::span<const double> b)
{
    assert(a.size() == b.size());
    if (a.empty())
        return 0;
    const std::vector<double> x = ranks(a), y = ranks(b);
    const double mean = static_cast<double>(a.size() - 1) / 2;
    double xx = 0, yy = 0, xy = 0;
    for (std::size_t i = 0; i < x.size(); ++i) {
        xx += (x[i] - mean) * (x[i] - mean);
        yy += (y[i] - mean) * (y[i] - mean);
        xy += (x[i] - mean) * (y[i] - mean);
    }
    return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

}  // namespace core
