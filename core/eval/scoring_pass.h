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

/// Of the network's output against the reference's, summed over samples.
struct OutputError {
    double signal = 0, error = 0;
    OutputError& operator+=(const OutputError& other)
    {
        signal += other.signal;
        error += other.error;
        return *this;
    }
};

struct PassResult {
    PassCounts counts;
    std::vector<bool> done;                                // by chunk
    std::vector<Answer> answers;                           // by place in the order; meaningful where the chunk is done
    std::vector<OutputError> errors;                       // by chunk; the same
    double busySeconds = 0;                                // of the polarized network, summed over workers
    bool wholeNetwork = true;                              // false: some chunk began behind the input
};

/// One read of one chip. Read 0 is the one of PassRequest.
struct ChipRead {
    std::shared_ptr<const PolarizedNetwork> network;
    int read = 0;
};

struct ChipPassRequest {
    std::span<const ChipRead> reads;                       // of chips of one plan
    std::int64_t samples = 0;                              // of the order, from its start; run() has scored as many
    int threads = 0;
    std::function<void(double share)> tell;                // of what is done; never two at once
};

/// What one read of one chip answered.
struct ChipScore {
    bool isDone = false;                                   // all of it; else nothing here is meant
    std::vector<std::uint8_t> right;                       // by place in the order: 0 or 1
    OutputError error;
};

class ScoringPass {
public:
    /// `order`: indices into the subject's test samples.
    ScoringPass(std::shared_ptr<const EngineContext> context, std::shared_ptr<const Subject> subject, std::vector<std::int64_t> order);
    ~ScoringPass();

    Result<PassResult> run(const PassRequest& request, const RunControl& control);

    /// Further chips and reads, over reads and chunks side by side. What is in front of the first array is computed once.
    Result<std::vector<ChipScore>> runChips(const ChipPassRequest& request, const RunControl& control);

    const std::vector<std::int64_t>& order() const;
    const Answer& referenceAnswer(std::size_t place) const;
    bool isRight(const Answer& answer, std::size_t place) const;
    /// Whether PassResult::errors and ChipScore::error are of all samples: not so where the outputs are too large to keep.
    bool measuresOutputs() const;

    static std::size_t chunks(std::int64_t samples) { return static_cast<std::size_t>((samples + kChunkSamples - 1) / kChunkSamples); }

private:
    struct State;
    std::unique_ptr<State> m_state;
};

}  // namespace core
