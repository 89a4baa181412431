// SPDX-License-Identifier: Apache-2.0
#pragma once
// Quantization-aware training: weights and biases in float32 that are quantized anew at every step, as a plan's formats and
// rows or channels say, with the gradient passed straight through to them. The result is a network of the same shape.

#include "core/learn/training.h"

namespace core {

struct LayerParameters {
    RowMatrix weights;
    std::vector<float> bias;     // rows, or empty
};
using Parameters = std::vector<LayerParameters>;    // by LayerIndex

Parameters parametersOf(const std::vector<WeightedLayer>& layers);

/// The network with these weights and biases in its layers' nodes; everything else, its hash too, as it was.
Result<Network> withParameters(const Network& network, const std::vector<WeightedLayer>& layers, const Parameters& parameters);

/// All that training needs to go on as if it had not been put aside: a plain value to store.
struct QuantizedTrainingState {
    Parameters current, best;
    struct Moments { OptimizerState weights, bias; };
    std::vector<Moments> moments;        // by LayerIndex
    TrainingProgress progress;
    std::string remark;                  // what stood in for labels; empty where nothing need be said
    bool isStopped = false;              // asked to stop before the last epoch; `current` is as the last finished epoch left it
};

struct QuantizedTraining {
    const PrecisionPlan& plan;           // without flaws for the network; its surrogates are left out, arrays are refused
    const SampleSet& samples;            // of the train split: learned from, judged by and calibrated on
    std::int64_t calibrationSamples = 256;    // the first of the samples, on which activation ranges are found anew before every epoch
    TrainingOrders orders = {.rule = AdamRule{.rate = 1e-3}, .epochs = 10};
};

/// From the network's own parameters, or on from `state`. Biases that an exporter wrote as Add nodes behind a MatMul stay as
/// they are. `best` is never worse than the start on the samples kept back; the same state and orders give the same bits.
Result<QuantizedTrainingState> trainQuantized(const GradientGraph& graph, const QuantizedTraining& training, QuantizedTrainingState state = {}, const RunControl& control = {},
                                              const EpochListener& tell = {});

}  // namespace core
