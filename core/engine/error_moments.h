// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a layer does wrong on calibration samples, as the sums that a fit of a recovery path needs.

#include "core/engine/calibration.h"

namespace core {

/// The moments of a layer's inputs x (n) and of its output errors e (m) over calibration vectors: all a fit needs.
struct ErrorMoments {
    RowMatrixD gram;         // n x n: sum of x x^T
    RowMatrixD cross;        // n x m: sum of x e^T
    Eigen::VectorXd absolute; // n: sum of |x|
    std::int64_t vectors = 0;
    double errorEnergy = 0;  // sum of |e|^2
    double signalEnergy = 0; // sum of |reference output|^2
    ErrorMoments(Eigen::Index columns, Eigen::Index rows);
    /// x: vectors x n, errors and reference: vectors x m.
    void add(const RowMatrix& x, const RowMatrix& errors, const RowMatrix& reference);
    ErrorMoments& operator+=(const ErrorMoments& other);
    bool isFinite() const;   // not so where a weight's or a value's code says infinity or NaN
};


/// One layer to be measured: what it reads when the layers before it are as the plan has them, against what the reference
/// computes there. At most max(2048, 4 * columns) vectors, evenly spread, are looked at.
struct ErrorMeasurement {
    const EngineContext& context;
    const WeightedLayer& layer;
    CompiledLayerPtr main;                       // without its recovery path
    const std::vector<Tensor>& degraded;         // its input, batch by batch
    const Calibration::Reference& reference;     // of at least as many batches
    SurrogateInput input = SurrogateInput::Exact;   // whether x is rounded as the main path rounds it
    int threads = 0;
};

/// Inputs x and output errors e = reference - main. The same sums on any number of threads.
Result<ErrorMoments> measureErrors(const ErrorMeasurement& measurement, const RunControl& control = {});

}  // namespace core
