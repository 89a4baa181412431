// SPDX-License-Identifier: Apache-2.0
#pragma once
// One pass of a polarized network over samples in a fixed order, chunk by chunk, beside the reference. Remembers the
// reference's answers and the activations in front of the first layer that last changed.

#include "core/engine/polarized_network.h"
#include "core/eval/evaluator.h"

#include <functional>

namespace core {

/// What one network said about one sample. Reconstruction: answer 1 is "accepted", margin is threshold minus error.
struct Answer {
    std::int32_t choice = -1;
    float margin = 0;
};

struct PassCounts {
    std::int64_t scored = 0, right = 0, referenceRight = 0, agreed = 0;
};

struct PassRequest {
    const PolarizedNetwork& network;
    std::int64_t samples = 0;                              // of the order, from its start
    int threads = 0;
    std::uint64_t reads = 0;                               // number of the first read of noisy arrays
    std::function<void(const PassCounts&)> tell;           // after each chunk; never two at once
};

struct PassResult {
    PassCounts counts;
    std::vector<bool> done;                                // by chunk
    std::vector<Answer> answers;                           // by place in the order; meaningful where the chunk is done
    double busySeconds = 0;                                // of the polarized network, summed over workers
    bool wholeNetwork = true;                              // false: some chunk began behind the input
};

class ScoringPass {
public:
    /// `order`: indices into the subject's test samples.
    ScoringPass(std::shared_ptr<const EngineContext> context, std::shared_ptr<const Subject> subject, std::vector<std::int64_t> order);
    ~ScoringPass();

    Result<PassResult> run(const PassRequest& request, const RunControl& control);

    const std::vector<std::int64_t>& order() const;
    const Answer& referenceAnswer(std::size_t place) const;

    static std::size_t chunks(std::int64_t samples) { return static_cast<std::size_t>((samples + kChunkSamples - 1) / kChunkSamples); }

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace core
