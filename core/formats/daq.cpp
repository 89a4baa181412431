// SPDX-License-Identifier: Apache-2.0
#include "core/formats/daq.h"

#include "core/formats/fit.h"
#include "core/formats/kernels.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <numbers>

namespace core {

namespace {

double density(double z) { return std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi); }

double probabilityBelow(double z) { return std::erfc(-z / std::numbers::sqrt2) / 2; }

/// E (z - s nearest(z / s))^2 of a unit Gaussian, cell by cell: over (a, b) the integral of z times its density is
/// density(a) - density(b).
double gaussianError(const std::vector<double>& levels, double scale)
{
    double error = 1, densityAt = 0, below = 0;   // at the low end of the cell
    for (std::size_t i = 0; i < levels.size(); ++i) {
        const bool isLast = i + 1 == levels.size();
        const double end = isLast ? 0 : scale * (levels[i] + levels[i + 1]) / 2;
        const double densityThere = isLast ? 0 : density(end), belowThere = isLast ? 1 : probabilityBelow(end);
        const double y = scale * levels[i];
        error += y * y * (belowThere - below) - 2 * y * (densityAt - densityThere);
        densityAt = densityThere;
        below = belowThere;
    }
    return error;
}

float middleOf(const NumberFormat& format) { return hasZeroPoint(format) ? format.largestLevel() / 2 : 0.0f; }

}  // namespace

double gaussianScale(const NumberFormat& format)
{
    if (isWideFloat(format.spec()))
        return 1;
    std::vector<double> levels;
    for (const float level : format.levels())
        levels.push_back(static_cast<double>(level) - static_cast<double>(middleOf(format)));
    // The largest level stands for 0.2 to 12 deviations. Uneven levels may have several minima: first a grid, then its best place.
    const double largest = std::max(std::abs(levels.front()), std::abs(levels.back()));
    constexpr int kGrid = 200;
    const auto scaleAt = [&](double place) { return 0.2 * std::pow(60.0, place / kGrid) / largest; };
    int best = 0;
    for (int place = 1; place <= kGrid; ++place)
        if (gaussianError(levels, scaleAt(place)) < gaussianError(levels, scaleAt(best)))
            best = place;
    double low = scaleAt(best - 1), high = scaleAt(best + 1);
    for (int step = 0; step < 60; ++step) {
        const double third = (high - low) / 3;
        if (gaussianError(levels, low + third) <= gaussianError(levels, high - third))
            high -= third;
        else
            low += third;
    }
    return (low + high) / 2;
}

DaqQuantizer::DaqQuantizer(NumberFormat format) : m_format(std::move(format)), m_scale(gaussianScale(m_format)), m_middle(middleOf(m_format)) {}

void DaqQuantizer::apply(std::span<const float> in, std::span<float> out) const
{
    assert(in.size() == out.size());
    if (isWideFloat(m_format.spec()))
        return quantizeValues(m_format, {}, in, out);
    double sum = 0, squares = 0, count = 0;
    for (const float x : in)
        if (std::isfinite(x)) {
            sum += static_cast<double>(x);
            ++count;
        }
    const double mean = count > 0 ? sum / count : 0;
    for (const float x : in)
        if (std::isfinite(x))
            squares += (static_cast<double>(x) - mean) * (static_cast<double>(x) - mean);
    const auto middle = static_cast<float>(mean);
    const auto step = static_cast<float>((count > 0 ? std::sqrt(squares / count) : 0) * m_scale);
    if (!(step >= std::numeric_limits<float>::min() && std::isfinite(step)))
        return quantizeValues(NumberFormat(), {}, in, out);   // constant: as it is
    const float offset = step * m_middle;   // moves the mean to the middle of unsigned codes
    std::transform(in.begin(), in.end(), out.begin(), [&](float x) { return (x - middle) + offset; });
    quantizeValues(m_format, {step, 0.0f}, out, out);
    std::transform(out.begin(), out.end(), out.begin(), [&](float y) { return (y - offset) + middle; });
}

}  // namespace core
