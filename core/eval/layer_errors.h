// SPDX-License-Identifier: Apache-2.0
#pragma once
// What each layer does to the signal, told twice: local (fed with the reference's inputs) and propagated (fed with what
// really arrives).

#include "core/engine/polarized_network.h"
#include "core/eval/score_figures.h"
#include "core/eval/sum_figures.h"

#include <unordered_map>

namespace core {

struct LayerError {
    double localSqnr = 0, propagatedSqnr = 0;   // dB at the layer's output; infinity: no error
    std::vector<float> rowErrors;               // local, |y - ref| / |ref| per row (root mean square)
    std::optional<SumFigures> sums;             // of what really arrives, where the layer has an accumulator of its own
    std::optional<ScoreFigures> scores;         // of an attention's logits, where the layer makes its queries and the plan sums them
};

class LayerErrors {
public:
    /// Looks at these samples, in this order.
    LayerErrors(std::shared_ptr<const EngineContext> context, SampleSet samples) : m_context(std::move(context)), m_samples(std::move(samples)) {}

    Result<std::vector<LayerError>> measure(const PolarizedNetwork& network, int threads, const RunControl& control);

private:
    struct Local { double sqnr; std::vector<float> rowErrors; };
    Result<void> runReference(int threads, const RunControl& control);

    std::shared_ptr<const EngineContext> m_context;
    SampleSet m_samples;
    BatchedTensors m_inputs, m_layerInputs, m_layerOutputs;   // of the reference; [batch][layer]
    std::unordered_map<std::uint64_t, Local> m_local;         // by layer hash
};

}  // namespace core
