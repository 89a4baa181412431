// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the reference network does on calibration samples (of the train split): the values every weighted layer reads,
// for ranges, and its inputs and outputs in full, for fits.

#include "core/engine/engine_context.h"
#include "core/engine/input_treatment.h"
#include "core/formats/kernels.h"
#include "core/plan/precision_plan.h"

#include <mutex>

namespace core {

class Calibration {
public:
    /// Runs the reference over all the samples once. At most kKeptValues values of each layer's input are kept, evenly
    /// spread; the extremes are of all of them.
    static Result<std::shared_ptr<Calibration>> observe(std::shared_ptr<const EngineContext> context, SampleSet samples, int threads, const RunControl& control = {});
    static constexpr std::size_t kKeptValues = 1u << 16;

    /// The range a rule gives a layer's input: `max` the extremes; `percentile:P` the (100-P)-th and P-th percentile of
    /// the values; `mse` the symmetric cut, of 40 evenly spaced ones, that makes `format`'s squared error least. Dynamic
    /// rules find theirs on every sample; here they give the extremes.
    ValueRange inputRange(LayerIndex layer, const RangeRule& rule, const NumberFormat& format) const;
    /// Some input channels, each divided by its scale.
    struct ChannelChoice {
        std::span<const std::uint8_t> entries;   // of a palette; they repeat over the groups of a convolution. Empty: all channels
        std::uint8_t entry = 0;                  // the channels that have this one
        std::span<const float> scales;           // by channel, those of all groups; empty: all 1
    };
    /// The same over the chosen channels, on the first kRangeSamples samples. No channel at all gives an empty range.
    Result<ValueRange> channelRange(LayerIndex layer, const ChannelChoice& choice, const RangeRule& rule, const NumberFormat& format) const;
    static constexpr std::int64_t kRangeSamples = 64;

    /// The first samples as batches, each with the reference's input and output of every weighted layer (outputs before
    /// bias nodes and activations). Answers are kept.
    struct Reference { BatchedTensors inputs, layerInputs, layerOutputs; };   // inputs[b][0] the network's; the others [b][layer]
    Result<std::shared_ptr<const Reference>> reference(std::int64_t samples, int threads, const RunControl& control = {}) const;

    /// What the ranges of converters are taken from.
    static constexpr std::int64_t kConverterSamples = 64;

    std::int64_t samples() const { return m_samples.samples(); }
    const EngineContext& context() const { return *m_context; }

private:
    struct Observation {
        std::vector<float> sorted;
        float low = 0, high = 0;
        ValueRange range(const RangeRule& rule, const NumberFormat& format) const;
    };
    std::shared_ptr<const EngineContext> m_context;
    SampleSet m_samples;
    std::vector<Observation> m_observations;   // by LayerIndex
    mutable std::mutex m_guard;
    mutable std::map<std::int64_t, std::shared_ptr<const Reference>> m_references;   // by number of samples
};

}  // namespace core
