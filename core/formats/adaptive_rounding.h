// SPDX-License-Identifier: Apache-2.0
#pragma once
// Rounding for what a layer computes instead of for each weight alone: every weight goes to the lower or the upper of its two
// neighbouring levels, so that the error of the layer's outputs is least. Scales stay, and codes are as valid as before.

#include "core/base/matrix.h"
#include "core/formats/treatment.h"

namespace core {

/// How a layer's squared output error depends on its weights, row by row: moving a row's weights by d changes it by
///   d^T G d - 2 s . d      with G = sum of x x^T and s = sum of x (wanted - computed) over the vectors x that meet the row.
struct OutputErrors {
    std::vector<RowMatrixD> grams;   // G, columns x columns, one for each group of rows; all groups have as many rows
    RowMatrixD slopes;               // s, rows x columns

    /// Where only the weights are known: computed - wanted = (W^ - W) x, so s = (W - W^) G.
    static OutputErrors ofWeights(const RowMatrix& weights, const RowMatrix& quantized, std::vector<RowMatrixD> grams);
    const RowMatrixD& gramOf(Eigen::Index row) const
    {
        return grams[static_cast<std::size_t>(row) * grams.size() / static_cast<std::size_t>(slopes.rows())];
    }
};

struct AdaptiveRounding {
    QuantizedMatrix matrix;
    std::vector<double> removed;     // by row: how much less squared error than before; never negative
    std::int64_t moved = 0;          // weights that left the level they came with
};

/// Minimises AdaRound's objective (Nagel et al., 2020, arXiv 2004.10568) directly instead of through its relaxation: of all single
/// weights that would do better on their other neighbour the one that gains most goes there (a tie: the first column); where none
/// does, the best pair of which one is among the 32 that lose least alone; until no such move gains. Rows are independent, so
/// the answer is the same on any number of threads. A weight of several points moves in its last one; one on a level, beyond the
/// last level, or of a format too wide to list its levels stays. `quantized` is what quantizeWeights(weights, palette, choices) gave.
AdaptiveRounding roundAdaptively(const RowMatrix& weights, QuantizedMatrix quantized, const std::vector<Treatment>& palette, const PaletteChoices& choices,
                                 const OutputErrors& errors, int threads = 1);

}  // namespace core
