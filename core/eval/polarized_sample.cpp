// SPDX-License-Identifier: Apache-2.0
#include "core/eval/polarized_sample.h"

#include "core/engine/degraded_walk.h"
#include "core/engine/patches.h"

namespace core {

Result<PolarizedSample> polarizedSample(const EngineContext& context, const PolarizedNetwork& network, LayerIndex index,
                                        const Tensor& sample)
{
    const WeightedLayer& layer = context.layers[index.value()];
    const BatchedTensors inputs = batched(context, {sample, {}}, 0, 1);
    constexpr int kOneThread = 1;

    const auto groups = separateNodes(*context.network, context.layers);
    CORE_TRY(const auto reference,
             runBatches(context, {context.exact, groups, {context.input()}, {context.outputOf(index)}, kOneThread, 0}, inputs));
    DegradedWalk walk(context, inputs, kOneThread);
    CORE_TRY(const auto arrived, walk.inputOf(index, network.layers));
    const BatchedTensors layerInput{{arrived.front()}};
    const std::vector<NodeGroup> alone{{{layer.node}, index}};
    std::vector<CompiledLayerPtr> compiled = network.layers;
    const auto output = [&]() {
        return runBatches(context, {compiled, alone, {context.inputOf(index)}, {context.outputOf(index)}, kOneThread, 0}, layerInput);
    };
    CORE_TRY(const auto whole, output());
    auto mainOnly = std::make_shared<CompiledLayer>(*network.layers[index.value()]);
    mainOnly->recovery.reset();
    compiled[index.value()] = std::move(mainOnly);
    CORE_TRY(const auto main, output());

    const Tensor& shape = whole.front().front();
    const Patches patches(*context.network, layer, arrived.front().shape(), shape.shape());
    PolarizedSample result;
    result.rows = layer.rows;
    result.positions = patches.positions();
    if (layer.kind == LayerKind::Dense)  // a sample's vectors: tokens
        result.positions = patches.vectors() / context.batch;
    const auto rowsByPositions = [&](const Tensor& tensor) {
        const auto values = tensor.values<float>();
        std::vector<float> picked;
        for (std::int64_t row = 0; row < layer.rows; ++row)
            for (std::int64_t position = 0; position < result.positions; ++position)
                picked.push_back(values[static_cast<std::size_t>(patches.outputOffset(position, row))]);
        return picked;
    };
    result.main = rowsByPositions(main.front().front());
    result.sum = rowsByPositions(whole.front().front());
    result.target = rowsByPositions(reference.front().front());
    for (std::size_t i = 0; i < result.sum.size(); ++i) {
        result.recovery.push_back(result.sum[i] - result.main[i]);
        result.residual.push_back(result.target[i] - result.sum[i]);
    }
    return result;
}

}  // namespace core
