// SPDX-License-Identifier: Apache-2.0
#pragma once
// From a range of values to the grid of codes that covers it.

#include "core/formats/kernels.h"

namespace core {

/// The range widened to hold zero; ends that are not numbers count as zero, infinite ones as the largest float.
ValueRange holdingZero(float low, float high);

bool hasZeroPoint(const NumberFormat& format);

enum class ScaleShape {
    Exact,        // bound / largestLevel
    Half,         // the same to 11 significant bits, nearest even: an fp16 times a power of two
    PowerOfTwo    // 2^(floor(log2(bound)) - floor(log2(largestLevel))), exponent in -127 ... 127: e8m0, OCP MX 1.0 section 6.3
};

/// To 11 significant bits, ties to even, what is stored as an fp16 of normal size; at least 2^-126, at most the largest such float.
float roundedToHalf(float scale);

/// Fits grids of one format. The bound is max(-low, high), or high - low where there is a zero point. With scales that are
/// powers of two the largest values may lie beyond the largest level; they saturate.
class GridFit {
public:
    GridFit(const NumberFormat& format, ScaleShape shape);

    bool isScaled() const { return m_isScaled; }         // not so for wide floats: their grid is always {1, 0}
    float scaleFor(ValueRange range) const;              // 0 for an empty range
    /// The grid of this scale (0 becomes 1) with the zero point that puts code 0 nearest to the range's low end.
    CodeGrid gridOfScale(float scale, ValueRange range) const;
    CodeGrid gridFor(ValueRange range) const { return gridOfScale(scaleFor(range), range); }

private:
    ScaleShape m_shape;
    bool m_isScaled, m_hasZeroPoint;
    float m_largestLevel;
};

}  // namespace core
