// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every plan of one network shares: its weighted layers, the number of samples a program runs at once, the shapes
// at that number, and the groups of nodes that run as one step.

#include "core/base/run_control.h"
#include "core/data/dataset.h"
#include "core/engine/program.h"

namespace core {

struct EngineContext {
    std::shared_ptr<const Network> network;      // exactly one input and one output
    std::vector<WeightedLayer> layers;
    std::int64_t batch = 1;                      // samples of one run
    std::vector<TensorDescription> values;       // at that batch
    std::vector<NodeGroup> groups;               // fused
    std::vector<std::size_t> groupOfLayer;       // by LayerIndex
    std::vector<CompiledLayerPtr> exact;         // every layer as the file has it

    ValueIndex input() const { return network->inputs.front(); }
    ValueIndex output() const { return network->outputs.front(); }
    ValueIndex inputOf(LayerIndex layer) const { return network->node(layers[layer.value()].node).inputs.front(); }
    ValueIndex outputOf(LayerIndex layer) const { return network->node(layers[layer.value()].node).outputs.front(); }
};

/// Chunks of this many samples are scored at a time; a context's batch divides it.
constexpr std::int64_t kChunkSamples = 32;

/// Fails where the network has more than one input or output, or no weighted layer reads its first axis as samples.
Result<std::shared_ptr<const EngineContext>> prepareEngine(std::shared_ptr<const Network> network);

/// Values for several runs of a program: perBatch[b][v], in the order of some list of values.
using BatchedTensors = std::vector<std::vector<Tensor>>;

/// The samples [begin, end) cut into runs of the context's batch; the last one is filled up with the first samples again.
BatchedTensors batched(const EngineContext& context, const SampleSet& samples, std::int64_t begin, std::int64_t end);

struct RunRequest {
    std::span<const CompiledLayerPtr> compiled;
    std::span<const NodeGroup> groups;
    std::vector<ValueIndex> inputs, outputs;
    int threads = 0;
    std::uint64_t firstRead = 0;                 // run b reads noisy arrays as read firstRead + b
};

/// Runs groups of nodes over batches that are already there. A stop gives a Problem "stopped".
Result<BatchedTensors> runBatches(const EngineContext& context, const RunRequest& request, const BatchedTensors& inputs, const RunControl& control = {});

/// The problem a stopped computation hands on where there is nothing true to show yet.
Problem stoppedProblem();
bool isStopped(const Problem& problem);

}  // namespace core
