// SPDX-License-Identifier: Apache-2.0
#include "core/formats/scale_fit.h"

#include "core/formats/fit.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr std::size_t kClipSteps = 33;   // c = 0.2, 0.225, ... 1.0
constexpr double kSmallestClip = 0.2;

using Values = std::span<const float>;
using Strips = std::span<const Values>;   // the weights that share a scale: a part of a row, or several whole rows

/// The quantile of |w|, interpolated between neighbours in order (as numpy does unless told otherwise).
float magnitudePercentile(Strips strips, double percentile)
{
    std::vector<float> magnitudes;
    for (const Values strip : strips)
        std::transform(strip.begin(), strip.end(), std::back_inserter(magnitudes), [](float w) { return std::abs(w); });
    if (magnitudes.empty())
        return 0.0f;
    const double place = percentile / 100 * static_cast<double>(magnitudes.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto middle = magnitudes.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(magnitudes.begin(), middle, magnitudes.end());
    if (below + 1 == magnitudes.size())
        return *middle;
    const auto lower = static_cast<double>(*middle);
    const auto upper = static_cast<double>(*std::min_element(middle + 1, magnitudes.end()));
    return static_cast<float>(lower + (upper - lower) * (place - static_cast<double>(below)));
}

ValueRange shrunk(ValueRange range, double factor)
{
    return {static_cast<float>(factor * static_cast<double>(range.low)), static_cast<float>(factor * static_cast<double>(range.high))};
}

/// The clip of least squared error; a tie goes to the wider one.
ValueRange leastErrorRange(const NumberFormat& format, const GridFit& fit, Strips strips, ValueRange full)
{
    std::array<ValueRange, kClipSteps> ranges;
    std::array<CodeGrid, kClipSteps> grids;
    for (std::size_t step = 0; step < kClipSteps; ++step) {
        ranges[step] = shrunk(full, kSmallestClip + (1 - kSmallestClip) * static_cast<double>(step) / (kClipSteps - 1));
        grids[step] = fit.gridFor(ranges[step]);
    }
    return ranges[leastErrorGrid(format, grids, strips, -full.low > full.high ? full.low : full.high)];
}

/// What a clip rule keeps of the full range. A percentile that would keep nothing (nearly all weights are zero) keeps
/// everything.
ValueRange clippedRange(const NumberFormat& format, const ClipRule& clip, const GridFit& fit, Strips strips, ValueRange full)
{
    if (!fit.isScaled())
        return full;
    switch (clip.kind) {
    case ClipRule::Kind::AbsMax: break;
    case ClipRule::Kind::Mse: return leastErrorRange(format, fit, strips, full);
    case ClipRule::Kind::Percentile: {
        const float bound = magnitudePercentile(strips, clip.percentile);
        return bound > 0 ? ValueRange{std::max(full.low, -bound), std::min(full.high, bound)} : full;
    }
    }
    return full;
}

ScaleShape shapeOf(const ScaleRule& rule)
{
    switch (rule.kind) {
    case ScaleRule::Kind::Tensor:
    case ScaleRule::Kind::Row:
    case ScaleRule::Kind::Group: return ScaleShape::Half;
    case ScaleRule::Kind::Vector: break;
    case ScaleRule::Kind::Block: return rule.blockScale == ScaleRule::BlockScale::E8m0 ? ScaleShape::PowerOfTwo : ScaleShape::Exact;
    }
    return ScaleShape::Exact;
}

/// The exponent that brings fp16 scales from `smallest` to `largest` into its normal range; 0 where they are there, else the
/// one that puts the largest into [2^14, 2^15).
int exponentFor(float smallest, float largest)
{
    constexpr float kSmallestNormal = 0x1p-14f, kLargestHalf = 65504.0f;
    constexpr int kTop = 14, kLowestExponent = -128;
    const bool isThere = largest == 0 || (smallest >= kSmallestNormal && largest <= kLargestHalf);
    return isThere ? 0 : std::max(std::ilogb(largest) - kTop, kLowestExponent);
}

class PartFit {
public:
    PartFit(const WeightPart& part, const RowMatrixRef& weights, const std::vector<Treatment>& palette) : m_part(part), m_weights(weights), m_palette(palette)
    {
        for (const Treatment& treatment : palette)
            m_fits.emplace_back(treatment.format, shapeOf(treatment.scale));
        std::size_t scales = 0, units = 0;
        for (std::size_t row = 0; row < part.rows.size(); ++row) {
            scales = std::max(scales, firstScale(row) + scaleCount(row));
            units = std::max(units, firstUnit(row) + (unitKindOf(treatmentOf(row)) == UnitKind::None ? 0 : 1));
        }
        m_ranges.resize(scales);
        m_scales.resize(scales);
        m_result.grids.resize(scales);
        m_result.units.resize(units);
    }

    PartGrids fit()
    {
        findAllRanges();
        for (std::size_t row = 0; row < m_part.rows.size(); ++row)
            for (std::size_t s = firstScale(row); s < firstScale(row) + scaleCount(row); ++s)
                m_scales[s] = fitOf(row).scaleFor(m_ranges[s]);
        fitUnits();
        useOneExponent();
        for (std::size_t row = 0; row < m_part.rows.size(); ++row)
            fitGrids(row);
        return std::move(m_result);
    }

private:
    const Treatment& treatmentOf(std::size_t row) const { return m_palette[m_part.entries[row]]; }
    const GridFit& fitOf(std::size_t row) const { return m_fits[m_part.entries[row]]; }
    std::size_t firstScale(std::size_t row) const { return m_part.firstScales[row] - m_part.firstScales.front(); }
    std::size_t firstUnit(std::size_t row) const { return m_part.firstUnits[row] - m_part.firstUnits.front(); }
    std::size_t scaleCount(std::size_t row) const { return std::max<std::size_t>(1, scalesPerRow(treatmentOf(row).scale, m_part.columns.size())); }
    Values valuesOf(std::size_t row) const
    {
        return {m_weights.data() + static_cast<Eigen::Index>(row) * m_weights.outerStride(), m_part.columns.size()};
    }
    ClipRule clipOf(const Treatment& treatment) const { return treatment.points > 1 ? ClipRule{ClipRule::Kind::Mse} : treatment.clip; }

    void findAllRanges()
    {
        std::vector<std::vector<Values>> sharing(m_palette.size());
        for (std::size_t row = 0; row < m_part.rows.size(); ++row)
            if (treatmentOf(row).scale.kind == ScaleRule::Kind::Tensor)
                sharing[m_part.entries[row]].push_back(valuesOf(row));
            else
                findRowRanges(row);
        for (std::size_t row = 0; row < m_part.rows.size(); ++row)
            if (std::vector<Values>& strips = sharing[m_part.entries[row]]; !strips.empty()) {
                m_ranges[firstScale(row)] = sharedRange(treatmentOf(row), fitOf(row), strips);
                strips.clear();
            }
    }

    ValueRange sharedRange(const Treatment& treatment, const GridFit& fit, Strips rows) const
    {
        ValueRange full;
        for (const Values row : rows) {
            ValueRange range;
            findRanges(row, std::max<std::size_t>(1, row.size()), {&range, 1});
            full = {std::min(full.low, range.low), std::max(full.high, range.high)};
        }
        return clippedRange(treatment.format, clipOf(treatment), fit, rows, full);
    }

    void findRowRanges(std::size_t row)
    {
        const Treatment& treatment = treatmentOf(row);
        const Values values = valuesOf(row);
        const std::size_t length = groupLengthOf(treatment.scale, values.size());
        const std::span<ValueRange> ranges = std::span(m_ranges).subspan(firstScale(row), scaleCount(row));
        findRanges(values, length, ranges);
        const ClipRule clip = clipOf(treatment);
        if (clip.kind == ClipRule::Kind::AbsMax)
            return;
        for (std::size_t group = 0; group * length < values.size(); ++group) {
            const Values own = values.subspan(group * length, std::min(length, values.size() - group * length));
            ranges[group] = clippedRange(treatment.format, clip, fitOf(row), {&own, 1}, ranges[group]);
        }
    }

    /// What stands above two-level scales: the largest of them is the largest count times the unit.
    void fitUnits()
    {
        for (std::size_t row = 0; row < m_part.rows.size(); ++row) {
            const Treatment& treatment = treatmentOf(row);
            const auto scales = std::span(m_scales).subspan(firstScale(row), scaleCount(row));
            switch (unitKindOf(treatment)) {
            case UnitKind::None: break;
            case UnitKind::OfRow: {
                const float largest = *std::max_element(scales.begin(), scales.end());
                m_result.units[firstUnit(row)] = largest > 0 ? roundedToHalf(largest / static_cast<float>((1 << treatment.scale.scaleBits) - 1)) : 0.0f;
                break;
            }
            case UnitKind::OfEntry: {
                float& unit = m_result.units[firstUnit(row)];
                const double largest = static_cast<double>(*std::max_element(scales.begin(), scales.end()));
                unit = std::max(unit, static_cast<float>(largest / kLargestE4m3));
                break;
            }
            }
        }
    }

    /// Everything that is stored as fp16, by the number it is in.
    template <class Visit>
    void forEachHalf(Visit&& visit)
    {
        for (std::size_t row = 0; row < m_part.rows.size(); ++row) {
            if (!fitOf(row).isScaled())
                continue;
            if (unitKindOf(treatmentOf(row)) == UnitKind::OfRow)
                visit(m_result.units[firstUnit(row)]);
            else if (shapeOf(treatmentOf(row).scale) == ScaleShape::Half)
                for (float& scale : std::span(m_scales).subspan(firstScale(row), scaleCount(row)))
                    visit(scale);
        }
    }

    void useOneExponent()
    {
        float smallest = std::numeric_limits<float>::infinity(), largest = 0;
        forEachHalf([&](float half) {
            if (half > 0) {
                smallest = std::min(smallest, half);
                largest = std::max(largest, half);
            }
        });
        m_result.exponent = exponentFor(smallest, largest);
        // Nothing, or zeros alone: one unit. What is over 28 binades below the largest is raised to that.
        const float one = std::ldexp(1.0f, m_result.exponent), least = std::ldexp(one, -14);
        forEachHalf([&](float& half) { half = half > 0 ? std::max(half, least) : one; });
    }

    void fitGrids(std::size_t row)
    {
        const Treatment& treatment = treatmentOf(row);
        const GridFit& fit = fitOf(row);
        const UnitKind kind = unitKindOf(treatment);
        for (std::size_t s = firstScale(row); s < firstScale(row) + scaleCount(row); ++s) {
            float scale = m_scales[s];
            if (kind == UnitKind::OfRow)
                scale = countOf(scale, m_result.units[firstUnit(row)], treatment.scale.scaleBits) * m_result.units[firstUnit(row)];
            if (kind == UnitKind::OfEntry)
                scale = blockScale(scale, m_result.units[firstUnit(row)]);
            m_result.grids[s] = fit.isScaled() ? fit.gridOfScale(scale, m_ranges[s]) : CodeGrid{};
        }
    }

    /// VS-Quant (arXiv 2102.04503): clamp(round(s / unit), 1, 2^M - 1).
    static float countOf(float scale, float unit, int bits)
    {
        return std::clamp(std::nearbyint(scale / unit), 1.0f, static_cast<float>((1 << bits) - 1));
    }

    /// NVFP4: s / unit to the nearest e4m3 above zero. Blocks of zeros take one unit.
    static float blockScale(float scale, float& unit)
    {
        static const NumberFormat e4m3 = NumberFormat::named("e4m3").value();
        constexpr float kSmallest = 0x1p-9f;
        unit = unit > 0 ? unit : 1.0f;
        return scale > 0 ? unit * std::max(kSmallest, e4m3.nearestLevel(scale / unit)) : unit;
    }

    const WeightPart& m_part;
    const RowMatrixRef& m_weights;
    const std::vector<Treatment>& m_palette;
    std::vector<GridFit> m_fits;       // one for each entry
    std::vector<ValueRange> m_ranges;  // in the order of the part's scales, as are
    std::vector<float> m_scales;       // what the ranges ask for; 0 where they are empty
    PartGrids m_result;
};

}  // namespace

PartGrids fitPart(const WeightPart& part, const RowMatrixRef& weights, const std::vector<Treatment>& palette)
{
    return PartFit(part, weights, palette).fit();
}

}  // namespace core
