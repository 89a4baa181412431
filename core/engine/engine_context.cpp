// SPDX-License-Identifier: Apache-2.0
#include "core/engine/engine_context.h"

#include "core/base/parallel.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>
#include <mutex>

namespace core {

namespace {

/// As many samples as keep the largest activation of a run in the second-level cache, so a step finds in cache what
/// the step before it left there.
std::int64_t chooseBatch(const std::vector<TensorDescription>& values, const Network& network)
{
    constexpr std::int64_t kCacheBytes = 256 * 1024;
    std::int64_t largest = 1;
    for (std::size_t v = 0; v < values.size(); ++v)
        if (!network.values[v].constant && !values[v].constant)
            largest = std::max(largest, elementCount(values[v].shape) * static_cast<std::int64_t>(byteSize(values[v].type)));
    std::int64_t batch = 1;
    while (batch < kChunkSamples && 2 * batch * largest <= kCacheBytes)
        batch *= 2;
    return batch;
}

}  // namespace

CompiledLayerPtr exactLayer(const WeightedLayer& layer)
{
    auto compiled = std::make_shared<CompiledLayer>();
    compiled->weights = layer.weights;
    compiled->bias = layer.bias;
    compiled->storedBits = 32.0 * static_cast<double>(layer.weights.size());
    return compiled;
}

Result<std::shared_ptr<const EngineContext>> prepareEngine(std::shared_ptr<const Network> network)
{
    if (network->inputs.size() != 1 || network->outputs.empty())
        return Problem{network->name, fmt::format("the network has {} inputs and {} outputs; an evaluation needs one input and at least one output",
                                                  network->inputs.size(), network->outputs.size())};
    auto context = std::make_shared<EngineContext>();
    CORE_TRY(const auto single, describeValues(*network, 1));
    context->layers = weightedLayers(*network, single);
    if (context->layers.empty())
        return Problem{network->name, "no Conv, Gemm or MatMul with constant weights; there is nothing a plan could treat"};
    const Value& input = network->value(network->inputs.front());
    const bool fixedBatch = input.shape && !input.shape->empty() && input.shape->front().size.has_value();
    context->batch = fixedBatch ? *input.shape->front().size : chooseBatch(single, *network);
    if (fixedBatch && (context->batch < 1 || kChunkSamples % context->batch != 0))
        return Problem{network->name, fmt::format("the input's first axis is fixed to {}; wanted a symbolic one or a divisor of {}", context->batch, kChunkSamples)};
    CORE_TRY(context->values, describeValues(*network, context->batch));
    context->groups = fuseNodes(*network, context->layers);
    context->groupOfLayer.resize(context->layers.size());
    for (std::size_t g = 0; g < context->groups.size(); ++g)
        if (context->groups[g].layer.isValid())
            context->groupOfLayer[context->groups[g].layer.value()] = g;
    for (const WeightedLayer& layer : context->layers)
        context->exact.push_back(exactLayer(layer));
    context->network = std::move(network);
    return std::shared_ptr<const EngineContext>(std::move(context));
}

BatchedTensors batched(const EngineContext& context, const SampleSet& samples, std::int64_t begin, std::int64_t end)
{
    const TensorDescription& input = context.values[context.input().value()];
    const std::size_t sampleBytes = samples.inputs.byteCount() / static_cast<std::size_t>(samples.samples());
    BatchedTensors batches;
    for (std::int64_t first = begin; first < end; first += context.batch) {
        Tensor tensor(input.type, input.shape);
        const std::span<std::byte> bytes = tensor.editBytes();
        for (std::int64_t i = 0; i < context.batch; ++i) {
            const std::int64_t sample = first + i < end ? first + i : begin + (first + i - end) % (end - begin);
            std::memcpy(bytes.data() + static_cast<std::size_t>(i) * sampleBytes,
                        samples.inputs.bytes().data() + static_cast<std::size_t>(sample) * sampleBytes, sampleBytes);
        }
        batches.push_back({std::move(tensor)});
    }
    return batches;
}

Result<BatchedTensors> runBatches(const EngineContext& context, const RunRequest& request, const BatchedTensors& inputs, const RunControl& control)
{
    CORE_TRY(const auto program, Program::build({*context.network, context.layers, context.values, request.compiled, request.groups,
                                                          request.inputs, request.outputs}));
    BatchedTensors results(inputs.size());
    std::mutex guard;
    std::vector<std::unique_ptr<Program::Frame>> idle;
    std::optional<Problem> problem;
    forEachChunk(inputs.size(), 1, request.threads, [&](const Chunk& chunk) {
        if (control.stopped())
            return false;
        std::unique_ptr<Program::Frame> frame;
        {
            const std::lock_guard lock(guard);
            if (!idle.empty()) {
                frame = std::move(idle.back());
                idle.pop_back();
            }
        }
        if (!frame)
            frame = Program::makeFrame(program);
        for (std::size_t i = 0; i < request.inputs.size(); ++i)
            std::memcpy(frame->input(i).data(), inputs[chunk.index][i].bytes().data(), frame->input(i).size());
        if (const auto ran = frame->run(request.firstRead + chunk.index); !ran) {
            const std::lock_guard lock(guard);
            problem = ran.error();
            return false;
        }
        for (std::size_t o = 0; o < request.outputs.size(); ++o) {
            const TensorDescription& what = context.values[request.outputs[o].value()];
            Tensor tensor = Tensor::uninitialized(what.type, what.shape);
            std::memcpy(tensor.editBytes().data(), frame->output(o).data(), tensor.byteCount());
            results[chunk.index].push_back(std::move(tensor));
        }
        const std::lock_guard lock(guard);
        idle.push_back(std::move(frame));
        return true;
    });
    if (problem)
        return *problem;
    if (control.stopped())
        return stoppedProblem();
    return results;
}

Problem stoppedProblem() { return {"", "stopped"}; }

bool isStopped(const Problem& problem) { return problem == stoppedProblem(); }

}  // namespace core
