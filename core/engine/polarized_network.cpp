// SPDX-License-Identifier: Apache-2.0
#include "core/engine/polarized_network.h"

#include "core/base/hash.h"
#include "core/base/parallel.h"
#include "core/engine/layer_compiler.h"
#include "core/engine/patches.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

/// Input vectors a fit looks at, at most: positions of one picture resemble one another, and more than a few per column
/// only make a dial slower.
std::int64_t fitVectors(std::int64_t columns) { return std::max<std::int64_t>(2048, 4 * columns); }

/// Walks the calibration samples through the layers compiled so far, as far as somebody needs to see.
class DegradedWalk {
public:
    DegradedWalk(const EngineContext& context, const BatchedTensors& inputs, int threads)
        : m_context(context), m_threads(threads), m_live{context.input()}, m_values(inputs) {}

    /// The value that layer reads, for every batch, when all layers before it are `compiled`.
    Result<std::vector<Tensor>> inputOf(LayerIndex layer, std::span<const CompiledLayerPtr> compiled, const RunControl& control)
    {
        const std::size_t cut = m_context.groupOfLayer[layer.value()];
        if (cut > m_cut) {
            const std::vector<ValueIndex> crossing = valuesCrossing(*m_context.network, m_context.groups, cut);
            const std::span<const NodeGroup> between(m_context.groups.data() + m_cut, cut - m_cut);
            CORE_TRY(m_values, runBatches(m_context, {compiled, between, m_live, crossing, m_threads, 0}, m_values, control));
            m_live = crossing;
            m_cut = cut;
        }
        const auto at = static_cast<std::size_t>(std::find(m_live.begin(), m_live.end(), m_context.inputOf(layer)) - m_live.begin());
        std::vector<Tensor> result;
        for (const auto& batch : m_values)
            result.push_back(batch[at]);
        return result;
    }

private:
    const EngineContext& m_context;
    int m_threads;
    std::size_t m_cut = 0;
    std::vector<ValueIndex> m_live;
    BatchedTensors m_values;
};

/// Inputs x and output errors e = reference - main of one layer over all batches.
Result<ErrorMoments> measureErrors(const EngineContext& context, const WeightedLayer& layer, const CompiledLayerPtr& main, const std::vector<Tensor>& degraded,
                                   const Calibration::Reference& reference, SurrogateInput surrogateInput, int threads, const RunControl& control)
{
    std::vector<CompiledLayerPtr> compiled = context.exact;
    compiled[layer.index.value()] = main;
    const std::vector<NodeGroup> alone{{{layer.node}, layer.index}};
    BatchedTensors inputs;
    for (const Tensor& tensor : degraded)
        inputs.push_back({tensor});
    CORE_TRY(const auto outputs, runBatches(context, {compiled, alone, {context.inputOf(layer.index)}, {context.outputOf(layer.index)}, threads, 0}, inputs, control));

    const bool readsRounded = surrogateInput == SurrogateInput::Quantized;
    if (readsRounded && !main->input.uniform())   // the range depends on where a value lies, so whole inputs are rounded before vectors are picked
        for (auto& batch : inputs) {
            const InputGeometry geometry = InputGeometry::of(layer, batch.front().shape());
            main->input.apply(geometry, batch.front().values<float>(), batch.front().edit<float>());
        }
    const Patches patches(*context.network, layer, degraded.front().shape(), outputs.front().front().shape());
    const std::int64_t total = patches.vectors() * static_cast<std::int64_t>(degraded.size());
    const std::int64_t wantedVectors = fitVectors(patches.columns());
    const std::int64_t stride = total > wantedVectors ? ((total + wantedVectors - 1) / wantedVectors) | 1 : 1;
    // Few parts, whatever the number of threads: each is one product, and they are added in one order.
    constexpr std::size_t kParts = 4;
    const std::size_t batchesPerPart = (degraded.size() + kParts - 1) / kParts;
    std::vector<ErrorMoments> parts(kParts, ErrorMoments(0, 0));
    forEachChunk(degraded.size(), batchesPerPart, threads, [&](const Chunk& chunk) {
        const std::int64_t begin = static_cast<std::int64_t>(chunk.begin) * patches.vectors(), end = static_cast<std::int64_t>(chunk.end) * patches.vectors();
        const std::int64_t first = (begin + stride - 1) / stride * stride;
        const Eigen::Index count = first < end ? (end - first + stride - 1) / stride : 0;
        RowMatrix x(count, patches.columns()), errors(count, layer.rows), target(count, layer.rows);
        for (Eigen::Index v = 0; v < count; ++v) {
            const auto batch = static_cast<std::size_t>((first + v * stride) / patches.vectors());
            const std::int64_t vector = (first + v * stride) % patches.vectors();
            const auto wanted = reference.layerOutputs[batch][layer.index.value()].values<float>();
            const auto got = outputs[batch].front().values<float>();
            patches.gather(inputs[batch].front().values<float>().data(), vector, 0, 0.0f, x.row(v).data());
            for (Eigen::Index row = 0; row < layer.rows; ++row) {
                const auto at = static_cast<std::size_t>(patches.outputOffset(vector, row));
                target(v, row) = wanted[at];
                errors(v, row) = wanted[at] - got[at];
            }
        }
        if (const ActivationQuantizer* quantizer = main->input.uniform(); quantizer && readsRounded)
            quantizer->applyInPlace({x.data(), static_cast<std::size_t>(x.size())});
        parts[chunk.index] = ErrorMoments(patches.columns(), layer.rows);
        if (count > 0)
            parts[chunk.index].add(x, errors, target);
        return true;
    });
    ErrorMoments sum(patches.columns(), layer.rows);
    for (const ErrorMoments& part : parts)
        if (part.vectors > 0)
            sum += part;
    return sum;
}

std::uint64_t fitKey(std::uint64_t upstream, std::uint64_t mainHash, const SurrogatePlan& plan)
{
    return Hasher().add(upstream).add(mainHash).add(plan.method).add(plan.input).add(plan.calibrationSamples).value();
}

std::uint64_t withRecovery(std::uint64_t mainHash, const RecoveryPath& path)
{
    return Hasher().add(mainHash).add(path.input)
        .all(std::span<const float>(path.down.data(), static_cast<std::size_t>(path.down.size())))
        .all(std::span<const float>(path.up.data(), static_cast<std::size_t>(path.up.size())))
        .value();
}

}  // namespace

std::shared_ptr<const SurrogateFit> FitCache::find(std::uint64_t key)
{
    const auto found = m_fits.find(key);
    return found == m_fits.end() ? nullptr : found->second;
}

void FitCache::keep(std::uint64_t key, std::shared_ptr<const SurrogateFit> fit)
{
    if (m_fits.emplace(key, std::move(fit)).second)
        m_order.push_back(key);
    if (m_order.size() > kCapacity) {
        m_fits.erase(m_order.front());
        m_order.pop_front();
    }
}

std::optional<LayerIndex> PolarizedNetwork::firstDifference(const PolarizedNetwork& other) const
{
    for (std::size_t l = 0; l < layers.size(); ++l)
        if (layers[l]->hash != other.layers[l]->hash)
            return LayerIndex(l);
    return std::nullopt;
}

Result<std::shared_ptr<const PolarizedNetwork>> compile(const Calibration& calibration, const CompileRequest& request, const RunControl& control)
{
    const EngineContext& context = calibration.context();
    auto network = std::make_shared<PolarizedNetwork>();
    FitCache unshared;
    FitCache& fits = request.fits ? *request.fits : unshared;

    std::vector<LayerTreatment> treatments;
    std::int64_t fitSamples = 0;
    for (const WeightedLayer& layer : context.layers) {
        treatments.push_back(resolve(request.plan, layer.name));
        if (treatments.back().surrogate)
            fitSamples = std::max<std::int64_t>(fitSamples, treatments.back().surrogate->calibrationSamples);
    }
    std::shared_ptr<const Calibration::Reference> reference;
    std::optional<DegradedWalk> walk;

    Hasher upstream;   // of every layer so far: what reaches the next one
    for (const WeightedLayer& layer : context.layers) {
        if (control.stopped())
            return stoppedProblem();
        const LayerTreatment& treatment = treatments[layer.index.value()];
        std::optional<SurrogateReport> report;
        CompiledLayerPtr done;
        if (treatment.isExact()) {
            done = context.exact[layer.index.value()];
        } else {
            CORE_TRY(InputTreatment input, inputTreatment(calibration, layer, treatment));
            const std::uint64_t mainHash = mainPathHash(layer, treatment, input, request.chip);
            const CompiledLayerPtr before = request.previous ? request.previous->layers[layer.index.value()] : nullptr;
            std::shared_ptr<CompiledLayer> compiled;
            if (before && before->mainHash == mainHash) {
                compiled = std::make_shared<CompiledLayer>(*before);
                compiled->treatment = treatment;
                compiled->recovery.reset();
            } else {
                CORE_TRY(compiled, compileMainPath(calibration, layer, treatment, std::move(input), request.chip));
            }
            compiled->hash = mainHash;
            if (treatment.surrogate && layer.groups > 1) {
                network->remarks.push_back(fmt::format("{}: a grouped convolution has {} separate matrices of {} x {}; no recovery path is placed", layer.name,
                                                       layer.groups, layer.rows / layer.groups, layer.columns));
            } else if (treatment.surrogate) {
                const std::uint64_t key = fitKey(upstream.value(), mainHash, *treatment.surrogate);
                std::shared_ptr<const SurrogateFit> fit = fits.find(key);
                if (!fit) {
                    if (!walk) {
                        CORE_TRY(reference, calibration.reference(fitSamples, request.threads, control));
                        walk.emplace(context, reference->inputs, request.threads);
                    }
                    CORE_TRY(auto degraded, walk->inputOf(layer.index, network->layers, control));
                    const auto batches = (std::min<std::int64_t>(treatment.surrogate->calibrationSamples, calibration.samples()) + context.batch - 1) / context.batch;
                    degraded.resize(std::min(degraded.size(), static_cast<std::size_t>(batches)));
                    CORE_TRY(const auto moments, measureErrors(context, layer, compiled, degraded, *reference, treatment.surrogate->input, request.threads, control));
                    if (moments.isFinite()) {
                        fit = std::make_shared<const SurrogateFit>(treatment.surrogate->method == SurrogateMethod::Svd
                                                                       ? fitToWeights(layer.weights, compiled->weights, moments)
                                                                       : fitToActivations(moments, layer.weights - compiled->weights));
                        fits.keep(key, fit);
                    }
                }
                if (!fit) {
                    network->remarks.push_back(fmt::format("{}: its output on the calibration samples is infinite or not a number; no recovery path is fitted", layer.name));
                } else {
                    report = fit->report;
                    report->rank = std::min(treatment.surrogate->rank, fit->fullRank());
                }
                if (report && report->rank > 0) {
                    compiled->recovery = fit->path(*treatment.surrogate);
                    compiled->hash = withRecovery(mainHash, *compiled->recovery);
                }
            }
            done = compiled;
        }
        upstream.add(done->hash);
        network->layers.push_back(std::move(done));
        network->surrogates.push_back(std::move(report));
    }
    network->hash = upstream.value();
    return std::shared_ptr<const PolarizedNetwork>(std::move(network));
}

}  // namespace core
