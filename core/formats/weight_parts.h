// SPDX-License-Identifier: Apache-2.0
#pragma once
// The parts of a quantized matrix, and where their scales are (see QuantizedMatrix): what quantizing, packing and turning
// single bits over must agree on.

#include "core/formats/treatment.h"

namespace core {

/// Weights of a row that share a scale.
std::size_t groupLengthOf(const ScaleRule& rule, std::size_t columns);

/// Numbers above the scales: one a row of vectors, one for all rows under e4m3 blocks; others have none.
enum class UnitKind { None, OfRow, OfEntry };
UnitKind unitKindOf(const Treatment& treatment);

struct WeightPart {
    std::vector<Eigen::Index> rows, columns;   // of the matrix, ascending
    std::vector<std::uint8_t> entries;         // of the palette, one a row
    std::size_t point = 0;
    std::vector<std::size_t> firstScales, firstUnits;   // of each row: indices into QuantizedMatrix::scales and units

    /// Which of QuantizedMatrix::scales the weight at (row, column) of this part has.
    std::size_t scaleOf(const std::vector<Treatment>& palette, std::size_t row, std::size_t column) const
    {
        return firstScales[row] + column / groupLengthOf(palette[entries[row]].scale, columns.size());
    }
};

struct WeightParts {
    std::vector<WeightPart> parts;
    std::size_t scaleCount = 0, unitCount = 0, pointCount = 1;
};

WeightParts weightParts(const std::vector<Treatment>& palette, const PaletteChoices& choices, Eigen::Index rows, Eigen::Index columns);

/// Codes, scales and zero points of a part; its exponent is not in it.
double storedBitsOf(const WeightPart& part, const std::vector<Treatment>& palette);
inline constexpr double kExponentBits = 8;

}  // namespace core
