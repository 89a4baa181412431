// SPDX-License-Identifier: Apache-2.0
#pragma once
// Fits recovery paths: a low-rank correction B A of a layer's output error. All ranks come from one decomposition.

#include "core/base/matrix.h"
#include "core/engine/compiled_layer.h"
#include "core/engine/surrogate_report.h"

namespace core {

/// The moments of a layer's inputs x (n) and of its output errors e (m) over calibration vectors: all a fit needs.
struct ErrorMoments {
    RowMatrixD gram;         // n x n: sum of x x^T
    RowMatrixD cross;        // n x m: sum of x e^T
    std::int64_t vectors = 0;
    double errorEnergy = 0;  // sum of |e|^2
    double signalEnergy = 0; // sum of |reference output|^2
    ErrorMoments(Eigen::Index columns, Eigen::Index rows);
    /// x: vectors x n, errors and reference: vectors x m.
    void add(const RowMatrix& x, const RowMatrix& errors, const RowMatrix& reference);
    ErrorMoments& operator+=(const ErrorMoments& other);
    bool isFinite() const;   // not so where a weight's or a value's code says infinity or NaN
};

struct SurrogateFit {
    RowMatrixD down;         // full rank x n: row k belongs to the k-th direction
    RowMatrixD up;           // m x full rank
    SurrogateReport report;  // rank left at 0

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

/// Truncated SVD of the weight error W - W^ = U S V^T: A = S V^T, B = U; needs no data. The moments only serve the report.
SurrogateFit fitToWeights(const RowMatrix& weights, const RowMatrix& quantized, const ErrorMoments& moments);

}  // namespace core
