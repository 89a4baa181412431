// SPDX-License-Identifier: Apache-2.0
#pragma once
// How much the loss minds what a layer's degradation does to its output: squared output gradients (Fisher), the four
// candidate metrics of neural precision polarization, layer by layer and row by row.

#include "core/engine/polarized_network.h"
#include "core/learn/gradient_graph.h"

namespace core {

/// What the loss compares a network's answers with.
enum class LossTarget {
    Labels,             // cross entropy with the samples' labels; without labels OwnAnswers stands in
    OwnAnswers,         // cross entropy with the reference's most probable class
    OwnDistribution,    // divergence from the reference's distribution: zero, with zero gradient, at the reference itself
    OwnInput            // squared error from the network's own input: autoencoders
};
std::string lossTargetName(LossTarget target);   // "labels", "own answers", "own distribution", "own input"

struct SampleObjective {
    Objective objective;
    LossTarget target;         // what was taken: Labels may have become OwnAnswers
    std::string remark;        // says so in words; empty where nothing need be said
};
/// Runs the reference where the target asks for its answers.
Result<SampleObjective> objectiveOf(const GradientGraph& graph, const SampleSet& samples, LossTarget target, int threads = 0, const RunControl& control = {});

/// g = gradient of a sample's loss with respect to one output value (before bias and activation), at the reference.
struct LayerImportance {
    double meanSquare = 0;              // mean of g^2 over samples, rows and positions
    std::vector<double> rows;           // the same over samples and positions, by row
};
struct OutputImportance {
    LossTarget target = LossTarget::Labels;
    std::string remark;
    std::int64_t samples = 0;
    std::vector<LayerImportance> layers;   // by LayerIndex
};
Result<OutputImportance> outputImportance(const GradientGraph& graph, const SampleSet& samples, LossTarget target = LossTarget::Labels, int threads = 0,
                                          const RunControl& control = {});

/// Changes of all layers' weights, by LayerIndex; an empty matrix leaves a layer out.
using WeightChanges = std::vector<RowMatrix>;

/// What a change of weights would do to the loss, row by row and seen from the reference: mean over samples of the sum over
/// positions of g^2 (dw_r . x)^2, x what the layer reads. [change][layer][row]; one pass back for all of the changes.
Result<std::vector<std::vector<std::vector<double>>>> fisherOutputErrors(const GradientGraph& graph, const SampleSet& samples, LossTarget target, std::span<const WeightChanges> changes,
                                                                         int threads = 0, const RunControl& control = {});

/// How sensitive the loss is to one layer as `network` has it. dy = that layer's output minus the reference's, both fed with
/// the reference's inputs; sums over i run over all the layer's output values of one sample.
struct LayerSensitivity {
    double taylor = 0;          // metric 1: mean over samples of sum_i |g_i dy_i|
    double signedTaylor = 0;    // the same without the bars: to first order the change of the loss
    double fisherError = 0;     // metric 2: mean over samples of sum_i s_r(i) dy_i^2, s_r = LayerImportance::rows
    double probe = 0;           // metric 3: loss with only this layer degraded, minus the reference's
    double curvature = 0;       // metric 4: largest eigenvalue of the loss's Hessian in this layer's weights, times |dW|^2
    std::vector<double> rowTaylor, rowFisherError;   // metrics 1 and 2 by row; they sum to the layer's
};

struct SensitivityRequest {
    const PolarizedNetwork& network;
    const SampleSet& samples;            // of the train split
    LossTarget target = LossTarget::Labels;
    bool withProbe = true;               // one forward pass a layer
    bool withCurvature = false;          // a power iteration a layer: tens of gradients each
    std::uint64_t seed = 1;              // of the power iteration's start
    int threads = 0;
};

struct Sensitivities {
    LossTarget target = LossTarget::Labels;
    std::string remark;
    std::int64_t samples = 0;
    double referenceLoss = 0;
    OutputImportance importance;
    std::vector<LayerSensitivity> layers;   // by LayerIndex
};
/// `graph` is to have its context's batch (GradientGraph::build(context, context->batch)).
Result<Sensitivities> sensitivities(const GradientGraph& graph, const SensitivityRequest& request, const RunControl& control = {});

}  // namespace core
