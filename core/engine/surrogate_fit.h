// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fits recovery paths: a low-rank correction B A of a layer's output error. All ranks come from one decomposition.

#include "core/engine/error_moments.h"
#include "core/engine/surrogate_report.h"

#include <span>

namespace core {

struct SurrogateFit {
    RowMatrixD down;         // full rank x n: row k belongs to the k-th direction
    RowMatrixD up;           // m x full rank
    SurrogateReport report;  // rank left at 0
    bool isStored = false;   // taken from a file: used number by number as it is there

    int fullRank() const { return static_cast<int>(down.rows()); }
    RecoveryPath path(const SurrogatePlan& plan) const;   // the first plan.rank directions, rounded to plan.format
};

/// Reduced-rank regression (Izenman 1975) that starts from what is known: without noise the error is D x, D = W - W^.
/// M minimises |E - X M|^2 + ridge |M - D^T|^2, so M = D^T + (G + ridge I)^-1 (C - G D^T); few vectors bend it little.
/// With M^T (G + ridge I) M = V S^2 V^T the path is A = (M V)^T, B = V; a direction that would add error on the
/// calibration vectors is weakened, so their error never grows with rank.
/// ridge = kPriorVectors * mean |x|^2: D counts as much as that many vectors in every direction. On mlp-mnist at two
/// bits, 64 samples and rank 8 this gives 97.5 % where a ridge towards zero (1e-3 tr(G)/n) gives 97.0 %.
constexpr double kPriorVectors = 0.05;
SurrogateFit fitToActivations(const ErrorMoments& moments, const RowMatrix& weightError, double priorVectors = kPriorVectors);

/// The same with the error of row i weighted by s_i, its importance to the loss: E S^1/2 instead of E, B = S^-1/2 V. The
/// weighted error on the calibration vectors never grows with rank; the plain one may. An importance under kLeastImportance
/// of the layer's mean counts as that. report.gains is in units of the loss.
constexpr double kLeastImportance = 1e-3;
SurrogateFit fitToLoss(const ErrorMoments& moments, const RowMatrix& weightError, std::span<const float> importance, double priorVectors = kPriorVectors);

/// Projections of the weight error D = W - W^: B = V, A = V^T D, V the leading eigenvectors of D M D^T. What M is makes
/// the method: nothing known of the inputs (truncated SVD of D), the squared mean magnitude of each input (LQER, arXiv
/// 2402.02446), or the inputs' second moments (QERA, exact solution, arXiv 2410.06040).
enum class InputMetric { None, Magnitudes, Moments };
SurrogateFit fitToWeightError(const ErrorMoments& moments, const RowMatrix& weightError, InputMetric metric);

/// A path that is there already; the moments tell what each of its directions removes.
SurrogateFit fitFromStored(const StoredPath& path, const ErrorMoments& moments);

}  // namespace core
