// SPDX-License-Identifier: Apache-2.0
#pragma once
// Second derivatives of the mean loss in weighted layers' weights, by differences of gradients: Hessian-vector products, traces
// and largest eigenvalues, of whole layers and of single rows.

#include "core/learn/gradient_graph.h"

namespace core {

/// What a curvature is of: a loss on samples, at the weights `settings` has (empty: the network's own).
struct CurvatureSubject {
    const GradientGraph& graph;
    const Tensor& inputs;
    const Objective& objective;
    std::span<const LayerSetting> settings = {};
    int threads = 0;
};

/// H v for the block of one layer, v shaped as its weights: (g(W + h v) - g(W - h v)) / 2h with h = kRelativeStep |W| / |v|,
/// |W| of the layer (1 where it is zero). Error: h^2 / 6 of the third derivative along v, and float rounding of g,
/// about 2^-23 |g| / h; the step balances the two for losses of order one. Where W crosses kinks of ReLUs on its way the
/// difference is of the loss as it is, kinks included.
Result<RowMatrixD> hessianProduct(const CurvatureSubject& subject, LayerIndex layer, const RowMatrixD& v, const RunControl& control = {});
constexpr double kRelativeStep = 1e-3;

enum class Probing {
    LayerByLayer,    // a pair of gradients a probe and layer
    AllLayers        // a pair a probe: layers are moved together, what others' moves add has mean zero but widens the spread
};
struct TraceRequest {
    Probing probing = Probing::LayerByLayer;
    int probes = 32;               // T: Rademacher vectors z; tr H = mean of z^T H z (Hutchinson 1990)
    std::uint64_t seed = 1;
};
struct LayerTrace {
    double trace = 0;              // of the layer's block
    double standardError = 0;      // of `trace`, from the spread over probes
    std::vector<double> rows;      // traces of the rows' blocks; they sum to `trace`
};
/// Of all layers where `layers` is empty, else of these; by LayerIndex, the others left at zero.
Result<std::vector<LayerTrace>> hessianTraces(const CurvatureSubject& subject, const TraceRequest& request, std::span<const LayerIndex> layers = {}, const RunControl& control = {});

struct EigenRequest {
    int mostSteps = 20;            // the published rule: 20 iterations
    double tolerance = 1e-3;       // or a relative change below this
    std::uint64_t seed = 1;        // of the start, Rademacher
};
/// The eigenvalue largest in magnitude, v^T H v at the power iteration's end.
struct Eigenpair { double value = 0; RowMatrixD vector; int steps = 0; };
Result<Eigenpair> topEigenvalue(const CurvatureSubject& subject, LayerIndex layer, const EigenRequest& request = {}, const RunControl& control = {});

enum class RowCoupling {
    Exact,       // a power iteration for each row, moving that row alone
    Neglected    // all rows of the layer in one iteration: every row is normalised and read by itself, cross terms left in as error
};
/// The same for every row's own block, by row.
Result<std::vector<double>> topEigenvaluesOfRows(const CurvatureSubject& subject, LayerIndex layer, RowCoupling coupling, const EigenRequest& request = {},
                                                 const RunControl& control = {});

/// Largest eigenvalues of the rows' Gauss-Newton blocks in the empirical Fisher form, mean over samples and positions of
/// g^2 x x^T (g: gradient of the row's output, x: what it read), times the positions: exact, from one pass, no differences.
Result<std::vector<double>> topFisherEigenvaluesOfRows(const CurvatureSubject& subject, LayerIndex layer, const EigenRequest& request = {}, const RunControl& control = {});

}  // namespace core
