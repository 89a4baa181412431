// SPDX-License-Identifier: Apache-2.0
#include "core/eval/layer_errors.h"

#include "core/base/parallel.h"
#include "core/engine/patches.h"
#include "core/eval/sum_measurement.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

/// Squared signal and error of every row of a layer, over all batches.
struct RowEnergies {
    std::vector<double> signal, error;
    explicit RowEnergies(int rows) : signal(static_cast<std::size_t>(rows)), error(static_cast<std::size_t>(rows)) {}
};

/// Adds one batch; a layer's output is samples x rows x positions (dense layers: one position).
void add(RowEnergies& energies, const Patches& patches, std::span<const float> wanted, std::span<const float> made)
{
    const std::size_t rows = energies.signal.size(), positions = static_cast<std::size_t>(patches.positions());
    std::size_t at = 0;
    for (std::int64_t sample = 0; sample < patches.samples(); ++sample)
        for (std::size_t row = 0; row < rows; ++row) {
            double signal = 0, error = 0;
            for (const std::size_t end = at + positions; at < end; ++at) {
                const double reference = wanted[at], difference = static_cast<double>(made[at]) - reference;
                signal += reference * reference;
                error += difference * difference;
            }
            energies.signal[row] += signal;
            energies.error[row] += error;
        }
}

RowEnergies rowEnergies(const EngineContext& context, const WeightedLayer& layer, const BatchedTensors& reference, const BatchedTensors& got, std::size_t column,
                        std::size_t gotColumn, int threads)
{
    const Patches patches(*context.network, layer, context.values[context.inputOf(layer.index).value()].shape,
                          context.values[context.outputOf(layer.index).value()].shape);
    std::vector<RowEnergies> parts(reference.size(), RowEnergies(layer.rows));
    forEachChunk(reference.size(), 1, threads, [&](const Chunk& chunk) {
        add(parts[chunk.index], patches, reference[chunk.index][column].values<float>(), got[chunk.index][gotColumn].values<float>());
        return true;
    });
    RowEnergies sum(layer.rows);
    for (const RowEnergies& part : parts)
        for (std::size_t row = 0; row < sum.signal.size(); ++row) {
            sum.signal[row] += part.signal[row];
            sum.error[row] += part.error[row];
        }
    return sum;
}

/// One value of all batches.
std::vector<Tensor> column(const BatchedTensors& batches, std::size_t value)
{
    std::vector<Tensor> all;
    for (const auto& batch : batches)
        all.push_back(batch[value]);
    return all;
}

double sqnr(const RowEnergies& energies)
{
    double signal = 0, error = 0;
    for (std::size_t row = 0; row < energies.signal.size(); ++row) {
        signal += energies.signal[row];
        error += energies.error[row];
    }
    return error == 0 ? std::numeric_limits<double>::infinity() : 10.0 * std::log10(signal / error);
}

}  // namespace

Result<void> LayerErrors::runReference(int threads, const RunControl& control)
{
    const EngineContext& context = *m_context;
    const auto groups = separateNodes(*context.network, context.layers);
    std::vector<ValueIndex> values;
    for (const WeightedLayer& layer : context.layers) {
        values.push_back(context.inputOf(layer.index));
        values.push_back(context.outputOf(layer.index));
    }
    // Only whole runs: samples that fill up the last one would count twice.
    const std::int64_t whole = std::max<std::int64_t>(1, m_samples.samples() / context.batch) * context.batch;
    m_inputs = batched(context, m_samples, 0, std::min(whole, m_samples.samples()));
    CORE_TRY(const BatchedTensors tensors, runBatches(context, {context.exact, groups, {context.input()}, values, threads, 0}, m_inputs, control));
    for (const auto& batch : tensors) {
        m_layerInputs.emplace_back();
        m_layerOutputs.emplace_back();
        for (std::size_t l = 0; l < context.layers.size(); ++l) {
            m_layerInputs.back().push_back(batch[2 * l]);
            m_layerOutputs.back().push_back(batch[2 * l + 1]);
        }
    }
    return success();
}

Result<std::vector<LayerError>> LayerErrors::measure(const PolarizedNetwork& network, int threads, const RunControl& control)
{
    const EngineContext& context = *m_context;
    if (m_layerOutputs.empty())
        CORE_TRY(runReference(threads, control));

    std::vector<ValueIndex> outputs;
    for (const WeightedLayer& layer : context.layers)
        outputs.push_back(context.outputOf(layer.index));
    std::vector<ValueIndex> looked = outputs;  // and what arrives where sums are watched
    for (const WeightedLayer& layer : context.layers)
        if (network.layers[layer.index.value()]->sums)
            looked.push_back(context.inputOf(layer.index));
    std::vector<ScoreProduct> scores = scoreProducts(*context.network, context.layers);
    std::erase_if(scores, [&](const ScoreProduct& product) { return !network.layers[product.layer.value()]->treatment.scores; });
    const std::size_t firstScore = looked.size();
    for (const ScoreProduct& product : scores)
        for (const ValueIndex side : context.network->node(product.node).inputs)
            looked.push_back(side);
    const auto groups = separateNodes(*context.network, context.layers);
    CORE_TRY(const BatchedTensors propagated,
             runBatches(context, {network.layers, groups, {context.input()}, looked, threads, 0}, m_inputs, control));

    std::size_t watched = outputs.size();
    std::vector<LayerError> errors;
    for (const WeightedLayer& layer : context.layers) {
        const std::size_t l = layer.index.value();
        const CompiledLayerPtr& compiled = network.layers[l];
        LayerError error;
        error.propagatedSqnr = sqnr(rowEnergies(context, layer, m_layerOutputs, propagated, l, l, threads));
        if (compiled == context.exact[l]) {
            error.localSqnr = std::numeric_limits<double>::infinity();
            error.rowErrors.assign(static_cast<std::size_t>(layer.rows), 0.0f);
        } else {
            auto known = m_local.find(compiled->hash);
            if (known == m_local.end()) {
                std::vector<CompiledLayerPtr> alone = context.exact;
                alone[l] = compiled;
                const std::vector<NodeGroup> group{{{layer.node}, layer.index}};
                BatchedTensors inputs;
                for (const auto& batch : m_layerInputs)
                    inputs.push_back({batch[l]});
                CORE_TRY(const BatchedTensors made, runBatches(context, {alone, group, {context.inputOf(layer.index)}, {outputs[l]}, threads, 0}, inputs, control));
                const RowEnergies energies = rowEnergies(context, layer, m_layerOutputs, made, l, 0, threads);
                Local local{sqnr(energies), {}};
                for (std::size_t row = 0; row < energies.signal.size(); ++row)
                    local.rowErrors.push_back(energies.signal[row] > 0 ? static_cast<float>(std::sqrt(energies.error[row] / energies.signal[row])) : 0.0f);
                known = m_local.emplace(compiled->hash, std::move(local)).first;
            }
            error.localSqnr = known->second.sqnr;
            error.rowErrors = known->second.rowErrors;
        }
        if (compiled->sums) {
            CORE_TRY(error.sums, sumFigures(context, layer, compiled, column(propagated, watched++), threads, control));
        }
        const auto product = std::ranges::find(scores, layer.index, &ScoreProduct::layer);
        if (product != scores.end()) {
            const std::size_t at = firstScore + 2 * static_cast<std::size_t>(product - scores.begin());
            error.scores = scoreFigures(*compiled->treatment.scores, product->scale, column(propagated, at), column(propagated, at + 1), threads);
        }
        errors.push_back(std::move(error));
    }
    return errors;
}

}  // namespace core
