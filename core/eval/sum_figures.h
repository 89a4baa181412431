// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a layer's running sums did on samples that really arrived: how ill-conditioned they are, what was summed again, what
// overflowed, and how the error compares with its bound.

#include "core/formats/sums/mixed_sum.h"
#include "core/formats/sums/overflow_certificate.h"

#include <optional>
#include <vector>

namespace core {

struct ConditionQuantiles {
    double median = 0, p90 = 0, p99 = 0;
    bool operator==(const ConditionQuantiles&) const = default;
};

struct SumFigures {
    std::int64_t components = 0;            // that were looked at: rows times vectors, evenly spread over the samples
    double recomputedFraction = 0;          // of the components: in a format above the low one
    double middleFraction = 0;              // of these, in the third format, as a share of all
    double overflowRate = 0;                // of the components: some sum left the accumulator
    ConditionQuantiles condition;           // kappa_v = (|W| |x| + |b|) / |W x + b|
    double perturbation = 0;                // n u of the low rule, c(n) for n: from 1 on its bound says nothing
    std::optional<double> boundOverError;   // median of bound / error, where the bound says something
    double beyondBound = 0;                 // share of components that did not overflow and err by more than their bound
    std::optional<double> rankCorrelation;  // of kappa' and the relative error, over components that the activation lets through
    double cost = 1;                        // of the mixed rule, in sums of the low format; a format costs as its bits
    double uniformCost = 1;                 // of the high format throughout
    std::vector<OverflowVerdict> rows;
    std::vector<SafeBits> safeBits;           // by row, of integer accumulators: the widths no input overflows
    int leastSafeBits = 0, mostSafeBits = 0;  // of these, the exact ones, over the rows; 0: floats
};

/// One sample at one layer: rows x positions, row-major, before activation.
struct SumSample {
    int rows = 0;
    std::int64_t positions = 1;
    std::vector<float> value, error;  // error: value - the exact sum of what the layer reads
    std::vector<float> condition;     // kappa_v; infinite where the exact sum is 0
    std::vector<SumChoice> choices;   // what was summed again
    std::vector<std::uint8_t> overflowed;
    // How the error grows along the sum: after `products[i]` products, over some components, relative to sum |w x| of those.
    std::vector<int> products;
    std::vector<float> rootMeanSquareError, bound;  // bound: infinite where it says nothing; empty for integers
};

}  // namespace core
