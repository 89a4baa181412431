// SPDX-License-Identifier: Apache-2.0
#pragma once
// Scores plans of one network on one dataset, progressively: first estimates within tens of milliseconds, exact
// figures when it is done. Keeps what a next plan can use again: compiled layers, reference answers, activations in
// front of the first layer that changed.

#include "core/base/run_control.h"
#include "core/engine/polarized_network.h"
#include "core/eval/array_view.h"
#include "core/eval/polarized_sample.h"
#include "core/eval/report.h"
#include "core/network/weighted_layer.h"

#include <functional>
#include <memory>

namespace core {

struct Task {
    enum class Kind { Classification, Reconstruction };
    Kind kind = Kind::Classification;
    double threshold = 0;        // Reconstruction: a sample is right where its mean squared error is at most this
    bool operator==(const Task&) const = default;
};

/// What is evaluated: immutable and shared.
struct Subject {
    std::string networkName, datasetName, split;
    std::shared_ptr<const Network> network;       // constants and batch norm folded
    Task task;
    Preprocessing preprocessing;
    SampleSet test;                               // scored
    SampleSet calibration;                        // of the train split; ranges and surrogates see only these
    std::vector<std::string> classes;
    std::vector<std::string> remarks;
};

inline constexpr int kMostReads = 255;   // of one chip, that one evaluation takes

struct EvaluationRequest {
    PrecisionPlan plan;
    std::int64_t samples = 0;    // 0: all
    int chips = 1;
    int reads = 1;               // of every chip, each with its own read noise; one speaks for all where reads are alike
    std::uint64_t seed = 1;      // of the order of samples and of chips
    int threads = 0;             // 0: all cores
    PriceTable technology;
    bool layerErrors = true;     // local and propagated SQNR, on the first samples of the order
};

/// Makes the row importance that plans with the method `fisher` need (core/learn: rowImportance).
using ImportanceSource = std::function<Result<RowImportance>(const std::shared_ptr<const EngineContext>& context, const Subject& subject, const RunControl& control)>;

class Evaluator {
public:
    /// Runs the reference over the calibration samples; asked to stop, it gives up between two batches.
    static Result<std::shared_ptr<Evaluator>> create(std::shared_ptr<const Subject> subject, const RunControl& control = {}, ImportanceSource importance = {});
    ~Evaluator();

    const Subject& subject() const;
    const std::vector<WeightedLayer>& layers() const;
    const Calibration& calibration() const;
    std::shared_ptr<const EngineContext> sharedContext() const;

    /// The plan carried out on one chip of a seed (1 for the first); fits of late are used again. One thread at a time.
    Result<std::shared_ptr<const PolarizedNetwork>> compiled(const PrecisionPlan& plan, std::uint64_t seed = 1, int chip = 1, int threads = 0, const RunControl& control = {});

    /// Blocks; call it from one thread at a time. `onEstimate` is told partial reports as they come, from any worker
    /// but never two at once. A stop gives what was finished, marked partial.
    Result<ReportPtr> evaluate(const EvaluationRequest& request, const RunControl& control = {},
                               const std::function<void(ReportPtr)>& onEstimate = {});

    /// One test sample (index in the split) at one layer, under a plan on the first chip of a seed.
    Result<PolarizedSample> sampleAt(const PrecisionPlan& plan, LayerIndex layer, std::int64_t sample, std::uint64_t seed = 1, const RunControl& control = {});
    /// Tile `tile` of this layer's array on chip 1, and what its converters see.
    Result<ArrayView> arrayAt(const PrecisionPlan& plan, LayerIndex layer, std::int64_t tile, std::uint64_t seed = 1, const RunControl& control = {});

    /// The running sums of one test sample at a layer whose accumulator is the plan's, in the same way.
    Result<SumSample> sumsAt(const PrecisionPlan& plan, LayerIndex layer, std::int64_t sample, std::uint64_t seed = 1,
                             const RunControl& control = {});

    /// The network's first output for preprocessed samples (first axis: any number) under a plan, on the first chip of a seed.
    Result<Tensor> outputs(const PrecisionPlan& plan, const Tensor& input, std::uint64_t seed = 1, int threads = 0);

private:
    struct State;
    explicit Evaluator(std::unique_ptr<State> state);
    std::unique_ptr<State> m_state;
};

}  // namespace core
