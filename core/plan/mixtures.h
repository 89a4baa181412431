// SPDX-License-Identifier: Apache-2.0
#pragma once
// Mixtures that need no data: which row, or input channel, of a layer takes which treatment, from its weights alone.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

/// Percent of a layer's rows: pot4 and int8; the rest takes int4.
struct RowShares {
    int powerOfTwo = 65, eightBit = 5;
};

/// RMSMP (arXiv 2111.00153) over the palette pot4, int4, int8, all per row. Of m rows n8 = max(1, round(p8 m)) take int8, and
/// of the others the nP = floor(pP m) of the smallest raw variance pot4. Where the paper ranks rows for int8 by their
/// Hessian, this takes the squared error that pot4 would make: the Fisher output error of a row under unit inputs and unit
/// gradients. Ties go to the lower row.
WeightPlan mixedRows(const WeightedLayer& layer, RowShares shares);

/// SMOL's odd multiples over input channels (arXiv 2311.14114), each of `bits` once: the widths with the least sum of squared
/// weight errors, found by cheapestChoices, that need no more than `meanBits` bits a weight. That is the diagonal
/// output-error model with unit activations; the published allocation is trained.
WeightPlan mixedChannels(const WeightedLayer& layer, const std::vector<int>& bits, double meanBits);

/// One option for each item so that the errors' sum is small and the mean cost at most `meanCost` (or the cheapest option's, if
/// that is more). Greedy on the lower convex hull of each item's error over cost: the steepest step that still fits comes
/// next, a tie goes to the lower item; what is left goes to options off the hull. Off the optimum by less than the gain of
/// one step. `errors` is items x options; `costs` ascends.
std::vector<std::uint8_t> cheapestChoices(const Eigen::Ref<const Eigen::MatrixXd>& errors, const std::vector<double>& costs,
                                          double meanCost);

}  // namespace core
