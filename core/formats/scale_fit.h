// SPDX-License-Identifier: Apache-2.0
#pragma once
// The grids of one part of a quantized matrix: ranges, what clips leave of them, and scales rounded to what is stored.

#include "core/formats/kernels.h"
#include "core/formats/weight_parts.h"

namespace core {

struct PartGrids {
    std::vector<CodeGrid> grids;   // in the order of the part's scales
    std::vector<float> units;      // in the order of its units
    int exponent = 0;              // its fp16 scales count in 2^exponent
};

/// Fits `weights`, which are the part's rows and columns, as the treatments say; a part that is not the only point of its row
/// is fitted by least squared error.
PartGrids fitPart(const WeightPart& part, const RowMatrixRef& weights, const std::vector<Treatment>& palette);

/// The number that stands above e4m3 scales is 1 / 448 of the largest scale (NVFP4).
inline constexpr double kLargestE4m3 = 448;

}  // namespace core
