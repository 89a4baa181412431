// SPDX-License-Identifier: Apache-2.0
#include "core/formats/treatment.h"

#include "core/formats/fit.h"
#include "core/formats/kernels.h"
#include "core/formats/scale_fit.h"
#include "core/formats/weight_parts.h"

#include <algorithm>

namespace core {

namespace {

constexpr double kHalfBits = 16;         // tensor, row and group scales and a row's unit are fp16
constexpr double kBlockScaleBits = 8;    // e8m0 or e4m3
constexpr double kFloatBits = 32;        // what stands above e4m3 scales

double scaleBitsOf(const ScaleRule& rule)
{
    switch (rule.kind) {
    case ScaleRule::Kind::Tensor:
    case ScaleRule::Kind::Row:
    case ScaleRule::Kind::Group: return kHalfBits;
    case ScaleRule::Kind::Vector: return rule.scaleBits;
    case ScaleRule::Kind::Block: return kBlockScaleBits;
    }
    return kHalfBits;
}

double unitBitsOf(const Treatment& treatment, std::size_t rows)
{
    switch (unitKindOf(treatment)) {
    case UnitKind::None: return 0;
    case UnitKind::OfRow: return kHalfBits * static_cast<double>(rows);
    case UnitKind::OfEntry: return kFloatBits;
    }
    return 0;
}

/// A part's rows and columns of a matrix. A part that is the whole matrix is not copied.
class PartView {
public:
    PartView(RowMatrix& matrix, const WeightPart& part)
        : m_matrix(matrix), m_part(part), m_isWhole(part.rows.size() == static_cast<std::size_t>(matrix.rows()) && part.columns.size() == static_cast<std::size_t>(matrix.cols()))
    {
        if (!m_isWhole)
            m_copy = matrix(part.rows, part.columns);
    }
    RowMatrix& values() { return m_isWhole ? m_matrix : m_copy; }
    void writeBack()
    {
        if (!m_isWhole)
            m_matrix(m_part.rows, m_part.columns) = m_copy;
    }

private:
    RowMatrix& m_matrix;
    const WeightPart& m_part;
    bool m_isWhole;
    RowMatrix m_copy;
};

/// Rounds the part in place and records its scales.
void quantizePart(const WeightPart& part, const std::vector<Treatment>& palette, RowMatrix& values, QuantizedMatrix& result)
{
    const PartGrids fitted = fitPart(part, values, palette);
    const auto columns = static_cast<std::size_t>(values.cols());
    for (std::size_t row = 0; row < part.rows.size(); ++row) {
        const Treatment& treatment = palette[part.entries[row]];
        const std::size_t length = groupLengthOf(treatment.scale, columns);
        const std::span<float> own(values.data() + row * columns, columns);
        const std::span<const CodeGrid> grids = std::span(fitted.grids).subspan(part.firstScales[row] - part.firstScales.front());
        quantizeGroups(treatment.format, grids.first((columns + length - 1) / length), length, own, own);
    }
    for (const CodeGrid grid : fitted.grids) {
        result.scales.push_back(grid.scale);
        result.zeroPoints.push_back(grid.zeroPoint);
    }
    result.units.insert(result.units.end(), fitted.units.begin(), fitted.units.end());
    result.exponents.push_back(fitted.exponent);
    result.storedBits += storedBitsOf(part, palette);
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
    const double points = std::max(1, treatment.points);
    const double codeBits = treatment.format.storageBits() * static_cast<double>(rows * columns);
    if (rows == 0 || isWideFloat(treatment.format.spec()))
        return points * codeBits;
    const std::size_t scales = treatment.scale.kind == ScaleRule::Kind::Tensor ? 1 : rows * scalesPerRow(treatment.scale, columns);
    const double zeroPointBits = hasZeroPoint(treatment.format) ? treatment.format.storageBits() : 0;
    return points * (codeBits + (scaleBitsOf(treatment.scale) + zeroPointBits) * static_cast<double>(scales) + unitBitsOf(treatment, rows));
}

QuantizedMatrix quantizeWeights(const RowMatrix& weights, const std::vector<Treatment>& palette, const PaletteChoices& choices)
{
    const WeightParts layout = weightParts(palette, choices, weights.rows(), weights.cols());
    QuantizedMatrix result;
    result.values = weights;
    if (layout.pointCount > 1)
        result.points.assign(layout.pointCount, RowMatrix::Zero(weights.rows(), weights.cols()));
    RowMatrix rest = layout.pointCount > 1 ? weights : RowMatrix();
    for (const WeightPart& part : layout.parts) {
        PartView view(layout.pointCount > 1 ? rest : result.values, part);
        if (layout.pointCount == 1) {
            quantizePart(part, palette, view.values(), result);
        } else {
            RowMatrix point = view.values();
            quantizePart(part, palette, point, result);
            result.points[part.point](part.rows, part.columns) = point;
            view.values() -= point;
        }
        view.writeBack();
    }
    for (std::size_t point = 0; point < result.points.size(); ++point)
        result.values = point == 0 ? result.points[point] : RowMatrix(result.values + result.points[point]);
    if (std::none_of(palette.begin(), palette.end(), [](const Treatment& treatment) { return hasZeroPoint(treatment.format); }))
        result.zeroPoints.clear();
    if (std::all_of(result.exponents.begin(), result.exponents.end(), [](int exponent) { return exponent == 0; }))
        result.exponents.clear();
    result.storedBits += kExponentBits * static_cast<double>(result.exponents.size());
    return result;
}

}  // namespace core
