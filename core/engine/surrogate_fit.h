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
    double errorEnergy = 0;  // sum of |e|^2
    double signalEnergy = 0; // sum of |reference output|^2
    ErrorMoments(Eigen::Index columns, Eigen::Index rows);
    /// x: vectors x n, errors and reference: vectors x m.
    void add(const RowMatrix& x, const RowMatrix& errors, const RowMatrix& reference);
    ErrorMoments& operator+=(const ErrorMoments& other);
};

struct SurrogateFit {
    RowMatrixD down;         // full rank x n: row k belongs to the k-th direction
    RowMatrixD up;           // m x full rank
    SurrogateReport report;  // rank left at 0

    int fullRank() const { return static_cast<int>(down.rows()); }
    RecoveryPath path(const SurrogatePlan& plan) const;   // the first plan.rank directions, rounded to plan.format
};

/// Reduced-rank regression (Izenman 1975; closed form of the layer-output error): with M = (G + lambda tr(G)/n I)^-1 C,
/// lambda = 1e-3, and M^T G M = V S^2 V^T: A = (M V)^T, B = V. Rank k removes v_k^T (2 C^T M - M^T G M) v_k >= 0 of the
/// squared error, so the error on the calibration vectors never grows with rank.
SurrogateFit fitToActivations(const ErrorMoments& moments, double lambda = 1e-3);

/// Truncated SVD of the weight error W - W^ = U S V^T: A = S V^T, B = U; needs no data. The moments only serve the report.
SurrogateFit fitToWeights(const RowMatrix& weights, const RowMatrix& quantized, const ErrorMoments& moments);

}  // namespace core
