// SPDX-License-Identifier: Apache-2.0
#pragma once
// Running sums of a whole layer at once: runningSum() of every row with every vector, many sums side by side in registers,
// never along a sum. Equal to the reference bit for bit. README.md, "The fast path", says how and how fast.

#include "core/formats/sums/running_sum.h"

#include <vector>

namespace core {

/// Rows of weights and vectors of inputs, each of `columns` numbers side by side.
struct SumOperands {
    const float* weights = nullptr;
    std::int64_t rows = 0, columns = 0;
    const float* inputs = nullptr;
    std::int64_t vectors = 0;
    const float* bias = nullptr;  // by row; null: none
    SumPlace place = {};          // of row 0 with vector 0
};

/// Memory that grows on demand; one for each thread.
struct SumBuffers {
    std::vector<float> packed, weights, tile;
};

/// sums[row * vectors + vector] = runningSum(rule, row's weights, vector's inputs). `overflowed`, if given, in the same order.
/// A rule that rounds by chance, sums pairwise or by Kahan, and any rule whose overflows are asked for, takes a slower loop.
void multiplyBySums(const SumRule& rule, const SumOperands& operands, float* sums, SumBuffers& buffers, std::uint8_t* overflowed = nullptr);

}  // namespace core
