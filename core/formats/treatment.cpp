// SPDX-License-Identifier: Apache-2.0
#include "core/formats/treatment.h"

#include "core/formats/fit.h"
#include "core/formats/kernels.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>
#include <optional>

namespace core {

namespace {

constexpr int kClipSteps = 33;             // c = 0.2, 0.225, ... 1.0
constexpr double kSmallestClip = 0.2;
constexpr double kFloatScaleBits = 16;     // tensor, row and group scales are shipped as fp16
constexpr double kBlockScaleBits = 8;      // e8m0

using Values = std::span<const float>;
using Strips = std::vector<Values>;        // the weights that share a scale: one strip of a row, or whole rows

std::size_t sizeOf(const Strips& strips)
{
    std::size_t size = 0;
    for (const Values strip : strips)
        size += strip.size();
    return size;
}

ValueRange rangeOf(const Strips& strips)
{
    ValueRange range;
    for (const Values strip : strips) {
        const ValueRange part = core::rangeOf(strip);
        range = {std::min(range.low, part.low), std::max(range.high, part.high)};
    }
    return range;
}

double squaredError(const NumberFormat& format, CodeGrid grid, const Strips& strips)
{
    double error = 0;
    for (const Values strip : strips)
        error += core::squaredError(format, grid, strip);
    return error;
}

/// The share's quantile of |w|, interpolated between neighbours in order (numpy's default).
float magnitudePercentile(const Strips& strips, double percentile)
{
    std::vector<float> magnitudes;
    magnitudes.reserve(sizeOf(strips));
    for (const Values strip : strips)
        std::transform(strip.begin(), strip.end(), std::back_inserter(magnitudes), [](float w) { return std::abs(w); });
    if (magnitudes.empty())
        return 0.0f;
    const double place = percentile / 100 * static_cast<double>(magnitudes.size() - 1);
    const auto below = static_cast<std::size_t>(place);
    const auto middle = magnitudes.begin() + static_cast<std::ptrdiff_t>(below);
    std::nth_element(magnitudes.begin(), middle, magnitudes.end());
    const auto lower = static_cast<double>(*middle);
    if (below + 1 == magnitudes.size())
        return *middle;
    const auto upper = static_cast<double>(*std::min_element(middle + 1, magnitudes.end()));
    return static_cast<float>(lower + (upper - lower) * (place - static_cast<double>(below)));
}

ValueRange shrunk(ValueRange range, double factor)
{
    return {static_cast<float>(factor * static_cast<double>(range.low)), static_cast<float>(factor * static_cast<double>(range.high))};
}

using ScaleOfRange = float (*)(const NumberFormat&, ValueRange);

/// The range a clip rule keeps of these weights. Ties between clips go to the wider one. A percentile that would keep
/// nothing (nearly all weights zero) keeps everything.
ValueRange clippedRange(const Treatment& treatment, const Strips& strips, ScaleOfRange scaleOf)
{
    const ValueRange full = rangeOf(strips);
    switch (treatment.clip.kind) {
    case ClipRule::Kind::AbsMax: break;
    case ClipRule::Kind::Percentile: {
        const float bound = magnitudePercentile(strips, treatment.clip.percentile);
        return bound > 0 ? ValueRange{std::max(full.low, -bound), std::min(full.high, bound)} : full;
    }
    case ClipRule::Kind::Mse: {
        ValueRange best = full;
        double least = std::numeric_limits<double>::infinity();
        for (int step = kClipSteps - 1; step >= 0; --step) {
            const ValueRange range = shrunk(full, kSmallestClip + (1 - kSmallestClip) * step / (kClipSteps - 1));
            const double error = squaredError(treatment.format, gridOfScale(treatment.format, scaleOf(treatment.format, range), range), strips);
            if (error < least) {
                least = error;
                best = range;
            }
        }
        return best;
    }
    }
    return full;
}

CodeGrid fittedGrid(const Treatment& treatment, const Strips& strips)
{
    if (isWideFloat(treatment.format.spec()))
        return {};
    const ScaleOfRange scaleOf = treatment.scale.kind == ScaleRule::Kind::Block ? powerOfTwoScale : exactScale;
    const ValueRange range = clippedRange(treatment, strips, scaleOf);
    return gridOfScale(treatment.format, scaleOf(treatment.format, range), range);
}

/// VS-Quant (arXiv 2102.04503): s_v = bound_v / largestLevel, gamma = max s_v / (2^M - 1), and the scale used is
/// gamma * clamp(round(s_v / gamma), 1, 2^M - 1).
std::vector<CodeGrid> twoLevelGrids(const Treatment& treatment, const std::vector<Values>& vectors)
{
    if (isWideFloat(treatment.format.spec()))
        return std::vector<CodeGrid>(vectors.size());
    std::vector<ValueRange> ranges;
    std::vector<float> scales;
    for (const Values values : vectors) {
        ranges.push_back(clippedRange(treatment, {values}, exactScale));
        scales.push_back(exactScale(treatment.format, ranges.back()));
    }
    const auto steps = static_cast<float>((1 << treatment.scale.scaleBits) - 1);
    const float unit = *std::max_element(scales.begin(), scales.end()) / steps;
    std::vector<CodeGrid> grids;
    for (std::size_t v = 0; v < vectors.size(); ++v) {
        const float count = unit > 0 ? std::clamp(std::nearbyint(scales[v] / unit), 1.0f, steps) : 0.0f;
        grids.push_back(gridOfScale(treatment.format, unit * count, ranges[v]));
    }
    return grids;
}

class WeightQuantizer {
public:
    WeightQuantizer(const RowMatrix& weights, const std::vector<Treatment>& palette, std::span<const std::uint8_t> choices)
        : m_weights(weights), m_palette(palette), m_choices(choices), m_tensorGrids(palette.size())
    {
        m_result.values.resize(weights.rows(), weights.cols());
    }

    QuantizedMatrix run()
    {
        for (Eigen::Index row = 0; row < m_weights.rows(); ++row)
            quantizeRow(row);
        const bool anyZeroPoint = std::any_of(m_palette.begin(), m_palette.end(), [](const Treatment& t) { return hasZeroPoint(t.format); });
        if (!anyZeroPoint)
            m_result.zeroPoints.clear();
        return std::move(m_result);
    }

private:
    std::size_t choice(Eigen::Index row) const { return m_choices.empty() ? 0 : m_choices[static_cast<std::size_t>(row)]; }
    Values rowValues(Eigen::Index row) const { return {m_weights.row(row).data(), static_cast<std::size_t>(m_weights.cols())}; }

    void quantizeRow(Eigen::Index row)
    {
        const Treatment& treatment = m_palette[choice(row)];
        const Values values = rowValues(row);
        m_result.storedBits += treatment.format.storageBits() * static_cast<double>(values.size());
        switch (treatment.scale.kind) {
        case ScaleRule::Kind::Tensor: write(treatment, row, 0, values, tensorGrid(row)); break;
        case ScaleRule::Kind::Row: write(treatment, row, 0, values, record(treatment, fittedGrid(treatment, {values}), kFloatScaleBits)); break;
        case ScaleRule::Kind::Group: quantizeGroups(treatment, row, kFloatScaleBits); break;
        case ScaleRule::Kind::Block: quantizeGroups(treatment, row, kBlockScaleBits); break;
        case ScaleRule::Kind::Vector: quantizeVectors(treatment, row); break;
        }
    }

    std::vector<Values> groupsOf(const Treatment& treatment, Values values) const
    {
        const auto length = static_cast<std::size_t>(std::max(1, treatment.scale.length));
        std::vector<Values> groups;
        for (std::size_t begin = 0; begin < values.size(); begin += length)
            groups.push_back(values.subspan(begin, std::min(length, values.size() - begin)));
        return groups;
    }

    void quantizeGroups(const Treatment& treatment, Eigen::Index row, double scaleBits)
    {
        std::size_t begin = 0;
        for (const Values group : groupsOf(treatment, rowValues(row))) {
            write(treatment, row, begin, group, record(treatment, fittedGrid(treatment, {group}), scaleBits));
            begin += group.size();
        }
    }

    void quantizeVectors(const Treatment& treatment, Eigen::Index row)
    {
        const std::vector<Values> vectors = groupsOf(treatment, rowValues(row));
        if (vectors.empty())
            return;
        const std::vector<CodeGrid> grids = twoLevelGrids(treatment, vectors);
        if (!isWideFloat(treatment.format.spec()))
            m_result.storedBits += kFloatScaleBits;
        std::size_t begin = 0;
        for (std::size_t v = 0; v < vectors.size(); ++v) {
            write(treatment, row, begin, vectors[v], record(treatment, grids[v], treatment.scale.scaleBits));
            begin += vectors[v].size();
        }
    }

    CodeGrid tensorGrid(Eigen::Index row)
    {
        std::optional<CodeGrid>& grid = m_tensorGrids[choice(row)];
        if (!grid) {
            Strips strips;
            for (Eigen::Index other = row; other < m_weights.rows(); ++other)
                if (choice(other) == choice(row))
                    strips.push_back(rowValues(other));
            const Treatment& treatment = m_palette[choice(row)];
            grid = record(treatment, fittedGrid(treatment, strips), kFloatScaleBits);
        }
        return *grid;
    }

    CodeGrid record(const Treatment& treatment, CodeGrid grid, double scaleBits)
    {
        m_result.scales.push_back(grid.scale);
        m_result.zeroPoints.push_back(grid.zeroPoint);
        if (!isWideFloat(treatment.format.spec()))
            m_result.storedBits += scaleBits + (hasZeroPoint(treatment.format) ? treatment.format.storageBits() : 0);
        return grid;
    }

    void write(const Treatment& treatment, Eigen::Index row, std::size_t begin, Values values, CodeGrid grid)
    {
        float* out = m_result.values.row(row).data() + begin;
        quantizeValues(treatment.format, grid, values, {out, values.size()});
    }

    const RowMatrix& m_weights;
    const std::vector<Treatment>& m_palette;
    std::span<const std::uint8_t> m_choices;
    std::vector<std::optional<CodeGrid>> m_tensorGrids;   // of each palette entry
    QuantizedMatrix m_result;
};

}  // namespace

QuantizedMatrix quantizeWeights(const RowMatrix& weights, const std::vector<Treatment>& palette, std::span<const std::uint8_t> choices)
{
    assert(!palette.empty());
    assert(choices.empty() || choices.size() == static_cast<std::size_t>(weights.rows()));
    return WeightQuantizer(weights, palette, choices).run();
}

}  // namespace core
