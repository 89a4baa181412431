// SPDX-License-Identifier: Apache-2.0
#include "core/formats/treatment.h"

#include "core/formats/fit.h"
#include "core/formats/kernels.h"

#include <algorithm>
#include <cassert>
#include <cmath>
#include <limits>

namespace core {

namespace {

constexpr int kClipSteps = 33;             // c = 0.2, 0.225, ... 1.0
constexpr double kSmallestClip = 0.2;
constexpr double kFloatScaleBits = 16;     // tensor, row and group scales and a row's unit are shipped as fp16
constexpr double kBlockScaleBits = 8;      // e8m0

using Values = std::span<const float>;
using Strips = std::span<const Values>;    // the weights that share a scale: a part of a row, or several whole rows

std::size_t sizeOf(Strips strips)
{
    std::size_t size = 0;
    for (const Values strip : strips)
        size += strip.size();
    return size;
}

double squaredErrorOf(const NumberFormat& format, CodeGrid grid, Strips strips)
{
    double error = 0;
    for (const Values strip : strips)
        error += squaredError(format, grid, strip);
    return error;
}

/// The quantile of |w|, interpolated between neighbours in order (as numpy does unless told otherwise).
float magnitudePercentile(Strips strips, double percentile)
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
    ValueRange best = full;
    double least = std::numeric_limits<double>::infinity();
    for (int step = kClipSteps - 1; step >= 0; --step) {
        const ValueRange range = shrunk(full, kSmallestClip + (1 - kSmallestClip) * step / (kClipSteps - 1));
        const double error = squaredErrorOf(format, fit.gridFor(range), strips);
        if (error < least) {
            least = error;
            best = range;
        }
    }
    return best;
}

/// What a clip rule keeps of the full range. A percentile that would keep nothing (nearly all weights are zero) keeps
/// everything.
ValueRange clippedRange(const Treatment& treatment, const GridFit& fit, Strips strips, ValueRange full)
{
    if (!fit.isScaled())
        return full;
    switch (treatment.clip.kind) {
    case ClipRule::Kind::AbsMax: break;
    case ClipRule::Kind::Mse: return leastErrorRange(treatment.format, fit, strips, full);
    case ClipRule::Kind::Percentile: {
        const float bound = magnitudePercentile(strips, treatment.clip.percentile);
        return bound > 0 ? ValueRange{std::max(full.low, -bound), std::min(full.high, bound)} : full;
    }
    }
    return full;
}

/// VS-Quant (arXiv 2102.04503): s_v = bound_v / largestLevel, gamma = max s_v / (2^M - 1), and the scale used is
/// gamma * clamp(round(s_v / gamma), 1, 2^M - 1).
void fitTwoLevels(const GridFit& fit, int scaleBits, std::span<const ValueRange> ranges, std::span<CodeGrid> grids)
{
    float largest = 0;
    for (const ValueRange range : ranges)
        largest = std::max(largest, fit.scaleFor(range));
    const auto steps = static_cast<float>((1 << scaleBits) - 1);
    const float unit = largest / steps;
    for (std::size_t v = 0; v < ranges.size(); ++v) {
        const float count = unit > 0 ? std::clamp(std::nearbyint(fit.scaleFor(ranges[v]) / unit), 1.0f, steps) : 0.0f;
        grids[v] = fit.isScaled() ? fit.gridOfScale(unit * count, ranges[v]) : CodeGrid{};
    }
}

/// One treatment at work on the rows that chose it.
class RowQuantizer {
public:
    explicit RowQuantizer(const Treatment& treatment)
        : m_treatment(treatment), m_fit(treatment.format, treatment.scale.kind == ScaleRule::Kind::Block ? ScaleShape::PowerOfTwo : ScaleShape::Exact)
    {
    }

    bool sharesOneScale() const { return m_treatment.scale.kind == ScaleRule::Kind::Tensor; }
    bool hasScale() const { return m_hasScale; }

    void fitAll(Strips rows)
    {
        ValueRange full;
        for (const Values row : rows) {
            ValueRange range;
            findRanges(row, std::max<std::size_t>(1, row.size()), {&range, 1});
            full = {std::min(full.low, range.low), std::max(full.high, range.high)};
        }
        m_grids.assign(1, m_fit.gridFor(clippedRange(m_treatment, m_fit, rows, full)));
        m_hasScale = true;
    }

    /// Fits the groups of one row.
    void fitRow(Values row)
    {
        const std::size_t length = groupLength(row);
        m_ranges.resize((row.size() + length - 1) / length);
        m_grids.resize(m_ranges.size());
        findRanges(row, length, m_ranges);
        if (m_treatment.clip.kind != ClipRule::Kind::AbsMax)
            for (std::size_t group = 0; group < m_ranges.size(); ++group) {
                const Values values = row.subspan(group * length, std::min(length, row.size() - group * length));
                m_ranges[group] = clippedRange(m_treatment, m_fit, {&values, 1}, m_ranges[group]);
            }
        if (m_treatment.scale.kind == ScaleRule::Kind::Vector)
            fitTwoLevels(m_fit, m_treatment.scale.scaleBits, m_ranges, m_grids);
        else
            std::transform(m_ranges.begin(), m_ranges.end(), m_grids.begin(), [this](ValueRange range) { return m_fit.gridFor(range); });
    }

    void quantize(Values row, std::span<float> out) const { quantizeGroups(m_treatment.format, m_grids, groupLength(row), row, out); }

    /// Adds the scales just fitted to the result's.
    void record(QuantizedMatrix& result) const
    {
        for (const CodeGrid grid : m_grids) {
            result.scales.push_back(grid.scale);
            result.zeroPoints.push_back(grid.zeroPoint);
        }
    }

private:
    std::size_t groupLength(Values row) const
    {
        const bool isWhole = m_treatment.scale.kind == ScaleRule::Kind::Tensor || m_treatment.scale.kind == ScaleRule::Kind::Row;
        return std::max<std::size_t>(1, isWhole ? row.size() : static_cast<std::size_t>(std::max(1, m_treatment.scale.length)));
    }

    const Treatment& m_treatment;
    GridFit m_fit;
    bool m_hasScale = false;            // of a shared scale
    std::vector<ValueRange> m_ranges;   // of the row at work, kept to spare allocations
    std::vector<CodeGrid> m_grids;
};

double scaleBitsOf(const ScaleRule& rule)
{
    switch (rule.kind) {
    case ScaleRule::Kind::Tensor:
    case ScaleRule::Kind::Row:
    case ScaleRule::Kind::Group: return kFloatScaleBits;
    case ScaleRule::Kind::Vector: return rule.scaleBits;
    case ScaleRule::Kind::Block: return kBlockScaleBits;
    }
    return kFloatScaleBits;
}

}  // namespace

std::size_t scalesPerRow(const ScaleRule& rule, std::size_t columns)
{
    switch (rule.kind) {
    case ScaleRule::Kind::Tensor: return 0;
    case ScaleRule::Kind::Row: return 1;
    case ScaleRule::Kind::Group:
    case ScaleRule::Kind::Vector:
    case ScaleRule::Kind::Block: break;
    }
    const auto length = static_cast<std::size_t>(std::max(1, rule.length));
    return (columns + length - 1) / length;
}

double storedBits(const Treatment& treatment, std::size_t rows, std::size_t columns)
{
    const double codeBits = treatment.format.storageBits() * static_cast<double>(rows * columns);
    if (rows == 0 || isWideFloat(treatment.format.spec()))
        return codeBits;
    const std::size_t scales = treatment.scale.kind == ScaleRule::Kind::Tensor ? 1 : rows * scalesPerRow(treatment.scale, columns);
    const double zeroPointBits = hasZeroPoint(treatment.format) ? treatment.format.storageBits() : 0;
    const double unitBits = treatment.scale.kind == ScaleRule::Kind::Vector ? kFloatScaleBits * static_cast<double>(rows) : 0;
    return codeBits + (scaleBitsOf(treatment.scale) + zeroPointBits) * static_cast<double>(scales) + unitBits;
}

namespace {

QuantizedMatrix quantizeRows(const RowMatrix& weights, const std::vector<Treatment>& palette, std::span<const std::uint8_t> choices)
{
    const auto rows = static_cast<std::size_t>(weights.rows());
    const auto columns = static_cast<std::size_t>(weights.cols());
    assert(!palette.empty());
    assert(choices.empty() || choices.size() == rows);
    const auto choice = [&](std::size_t row) { return choices.empty() ? std::size_t{0} : std::size_t{choices[row]}; };
    const auto rowValues = [&](std::size_t row) { return Values(weights.data() + row * columns, columns); };

    std::vector<RowQuantizer> quantizers(palette.begin(), palette.end());
    std::vector<std::size_t> rowsOf(palette.size());
    QuantizedMatrix result;
    result.values.resize(weights.rows(), weights.cols());
    for (std::size_t row = 0; row < rows; ++row) {
        RowQuantizer& quantizer = quantizers[choice(row)];
        if (!quantizer.sharesOneScale()) {
            quantizer.fitRow(rowValues(row));
            quantizer.record(result);
        } else if (!quantizer.hasScale()) {
            std::vector<Values> sharing;
            for (std::size_t other = row; other < rows; ++other)
                if (choice(other) == choice(row))
                    sharing.push_back(rowValues(other));
            quantizer.fitAll(sharing);
            quantizer.record(result);
        }
        quantizer.quantize(rowValues(row), {result.values.data() + row * columns, columns});
        ++rowsOf[choice(row)];
    }
    for (std::size_t entry = 0; entry < palette.size(); ++entry)
        result.storedBits += storedBits(palette[entry], rowsOf[entry], columns);
    if (std::none_of(palette.begin(), palette.end(), [](const Treatment& treatment) { return hasZeroPoint(treatment.format); }))
        result.zeroPoints.clear();
    return result;
}

/// The columns of each entry's channels as a matrix of its own.
QuantizedMatrix quantizeChannels(const RowMatrix& weights, const std::vector<Treatment>& palette, const PaletteChoices& choices)
{
    assert(choices.channels.size() * choices.columnsPerChannel == static_cast<std::size_t>(weights.cols()));
    QuantizedMatrix result;
    result.values.resize(weights.rows(), weights.cols());
    for (std::size_t entry = 0; entry < palette.size(); ++entry) {
        std::vector<Eigen::Index> columns;
        for (Eigen::Index column = 0; column < weights.cols(); ++column)
            if (choices.channels[static_cast<std::size_t>(column) / choices.columnsPerChannel] == entry)
                columns.push_back(column);
        if (columns.empty())
            continue;
        const QuantizedMatrix part = quantizeRows(weights(Eigen::all, columns), {palette[entry]}, {});
        result.values(Eigen::all, columns) = part.values;
        result.scales.insert(result.scales.end(), part.scales.begin(), part.scales.end());
        result.zeroPoints.insert(result.zeroPoints.end(), part.zeroPoints.begin(), part.zeroPoints.end());
        result.storedBits += part.storedBits;
    }
    return result;
}

}  // namespace

QuantizedMatrix quantizeWeights(const RowMatrix& weights, const std::vector<Treatment>& palette, const PaletteChoices& choices)
{
    assert(choices.rows.empty() || choices.channels.empty());
    return choices.channels.empty() ? quantizeRows(weights, palette, choices.rows) : quantizeChannels(weights, palette, choices);
}

}  // namespace core
