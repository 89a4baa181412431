// SPDX-License-Identifier: Apache-2.0
#include "core/engine/float_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace core {

namespace {

/// The number of samples the inputs share, if kernels built for that number fit them exactly.
std::optional<std::int64_t> kernelBatch(const Network& network, const std::vector<TensorDescription>& values, std::span<const Tensor> inputs)
{
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const TensorDescription& wanted = values[network.inputs[i].value()];
        if (wanted.type != inputs[i].type() || wanted.shape != inputs[i].shape())
            return std::nullopt;
    }
    const bool constantOutput = std::any_of(network.outputs.begin(), network.outputs.end(), [&](ValueIndex output) {
        return network.constant(output) || values[output.value()].constant;
    });
    return constantOutput ? std::nullopt : std::optional(inputs.front().dimension(0));
}

}  // namespace

Result<std::vector<Tensor>> runNetwork(const Network& network, std::span<const Tensor> inputs)
{
    if (inputs.size() != network.inputs.size())
        return Problem{network.name, fmt::format("{} inputs given; the network reads {}", inputs.size(), network.inputs.size())};
    if (inputs.empty() || inputs.front().rank() == 0)
        return runReference(network, inputs);
    const auto values = describeValues(network, inputs.front().dimension(0));
    if (!values || !kernelBatch(network, values.value(), inputs))
        return runReference(network, inputs);   // dynamic in more than the first axis
    const std::vector<WeightedLayer> layers = weightedLayers(network, values.value());
    std::vector<CompiledLayerPtr> exact;
    for (const WeightedLayer& layer : layers)
        exact.push_back(exactLayer(layer));
    const std::vector<NodeGroup> groups = fuseNodes(network, layers);
    CORE_TRY(const auto program, Program::build({network, layers, values.value(), exact, groups, network.inputs, network.outputs}));
    const auto frame = Program::makeFrame(program);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        std::memcpy(frame->input(i).data(), inputs[i].bytes().data(), inputs[i].byteCount());
    CORE_TRY(frame->run());
    std::vector<Tensor> outputs;
    for (std::size_t o = 0; o < network.outputs.size(); ++o) {
        const TensorDescription& what = values.value()[network.outputs[o].value()];
        outputs.push_back(Tensor::uninitialized(what.type, what.shape));
        std::memcpy(outputs.back().editBytes().data(), frame->output(o).data(), outputs.back().byteCount());
    }
    return outputs;
}

Result<Tensor> runPolarized(const EngineContext& context, const PolarizedNetwork& network, const Tensor& input, int threads)
{
    const TensorDescription& wanted = context.values[context.input().value()];
    const bool fits = input.rank() == wanted.shape.size() && input.rank() > 0 && input.dimension(0) > 0 && input.type() == wanted.type &&
                      std::equal(input.shape().begin() + 1, input.shape().end(), wanted.shape.begin() + 1);
    if (!fits)
        return Problem{context.network->name, fmt::format("the input is {} {}; wanted any number of samples of {} {}", dataTypeName(input.type()), shapeText(input.shape()),
                                                          dataTypeName(wanted.type), shapeText(Shape(wanted.shape.begin() + 1, wanted.shape.end())))};
    const std::int64_t samples = input.dimension(0);
    const BatchedTensors batches = batched(context, SampleSet{input, {}}, 0, samples);
    CORE_TRY(const BatchedTensors made, runBatches(context, {network.layers, context.groups, {context.input()}, {context.output()}, threads, 0}, batches));
    Shape shape = context.values[context.output().value()].shape;
    const std::size_t sampleBytes = made.front().front().byteCount() / static_cast<std::size_t>(context.batch);
    shape.front() = samples;
    Tensor output(made.front().front().type(), shape);
    for (std::int64_t sample = 0; sample < samples; ++sample)
        std::memcpy(output.editBytes().data() + static_cast<std::size_t>(sample) * sampleBytes,
                    made[static_cast<std::size_t>(sample / context.batch)].front().bytes().data() + static_cast<std::size_t>(sample % context.batch) * sampleBytes, sampleBytes);
    return output;
}

}  // namespace core
