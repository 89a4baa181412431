// SPDX-License-Identifier: Apache-2.0
#include "core/engine/chip_compilation.h"

#include "core/base/parallel.h"
#include "core/engine/layer_compiler.h"

#include <algorithm>

namespace core {

namespace {

std::uint64_t withRecovery(std::uint64_t mainHash, const RecoveryPath& path)
{
    return Hasher()
        .add(mainHash)
        .add(path.input)
        .all(std::span<const float>(path.down.data(), static_cast<std::size_t>(path.down.size())))
        .all(std::span<const float>(path.up.data(), static_cast<std::size_t>(path.up.size())))
        .value();
}

}  // namespace

ChipCompilation::ChipCompilation(const Calibration& calibration, Kind kind, const CompileRequest& request, std::uint64_t chip,
                                 const CorrectionOrders& orders, const RunControl& control)
    : m_calibration(calibration),
      m_kind(kind),
      m_previous(request.previous),
      m_chip(chip),
      m_orders(orders),
      m_control(control),
      m_threads(request.threads),
      m_fewSamples(request.fewSamples)
{
}

Result<void> ChipCompilation::announce(std::span<const LayerTreatment> treatments)
{
    for (const WeightedLayer& layer : m_calibration.context().layers) {
        const LayerTreatment& treatment = treatments[layer.index.value()];
        Layer next{&layer, treatment, {}, 0, 0, 0, {}, {}, {}};
        if (treatment.isExact()) {
            next.main = m_calibration.context().exact[layer.index.value()];
            next.mainHash = next.main->hash;
        } else {
            if (m_kind == Kind::Mean && next.treatment.cim)
                next.treatment.cim = meanDevice(*next.treatment.cim);
            const ChannelScales& scales = m_orders.scalesOf(layer.index);
            CORE_TRY(next.input, inputTreatment(m_calibration, layer, next.treatment, scales));
            next.mainHash = mainPathHash(layer, next.treatment, next.input, m_chip, scales);
        }
        m_layers.push_back(std::move(next));
    }
    meetNext();
    return success();
}

void ChipCompilation::meetNext()
{
    if (m_atHand == m_layers.size() || !m_layers[m_atHand].isCorrected())
        return;
    Layer& layer = m_layers[m_atHand];
    const int asked = layer.treatment.correction->calibrationSamples;
    const auto hashFor = [&](int samples) { return Hasher().add(m_upstream.value()).add(layer.mainHash).add(samples).value(); };
    const bool isKept = m_previous && m_previous->layers[layer.layer->index.value()]->mainHash == hashFor(asked);
    layer.samples = m_fewSamples > 0 && !isKept ? std::min(m_fewSamples, asked) : asked;
    m_isFirstLook = m_isFirstLook || layer.samples < asked;
    layer.mainHash = hashFor(layer.samples);
}

Result<void> ChipCompilation::compileMains(const RunControl& control)
{
    // Asked for once before: a worker that waits for the first answer could be given another layer that asks for it too.
    if (std::ranges::any_of(m_layers, [](const Layer& layer) {
            const auto& mixed = layer.treatment.accumulator.mixed;
            return (layer.treatment.cim || (mixed && mixed->isStatic())) && !layer.main;
        }))
        CORE_TRY(m_calibration.reference(Calibration::kConverterSamples, m_threads, control));
    std::vector<std::optional<Problem>> problems(m_layers.size());
    forEachChunk(m_layers.size(), 1, m_threads, [&](const Chunk& chunk) {
        if (control.stopped())
            return false;
        if (m_layers[chunk.index].isCorrected())
            return true;
        if (const auto compiled = compileMain(m_layers[chunk.index]); !compiled)
            problems[chunk.index] = compiled.error();
        return true;
    });
    if (control.stopped())
        return stoppedProblem();
    for (const auto& problem : problems)
        if (problem)
            return *problem;
    return success();
}

std::uint64_t ChipCompilation::errorHash() const { return Hasher().add(m_upstream.value()).add(m_layers[m_atHand].mainHash).value(); }

Result<void> ChipCompilation::compileMain(Layer& layer)
{
    if (layer.main)
        return success();
    const CompiledLayerPtr before = m_previous ? m_previous->layers[layer.layer->index.value()] : nullptr;
    std::shared_ptr<CompiledLayer> main;
    if (before && before->mainHash == layer.mainHash) {
        main = std::make_shared<CompiledLayer>(*before);
        main->treatment = layer.treatment;
        main->recovery.reset();
    } else {
        CORE_TRY(main, compileAnew(layer));
    }
    main->mainHash = main->hash = layer.mainHash;
    layer.main = std::move(main);
    return success();
}

Result<std::shared_ptr<CompiledLayer>> ChipCompilation::compileAnew(const Layer& layer)
{
    const WeightedLayer& weighted = *layer.layer;
    const ChannelScales& scales = m_orders.scalesOf(weighted.index);
    if (!layer.isCorrected())
        return compileMainPath(m_calibration, weighted, layer.treatment, layer.input, m_chip, {&scales, nullptr, m_threads});
    CORE_TRY(const auto reference, m_calibration.reference(m_orders.samples, m_threads, m_control));
    CORE_TRY(const auto degraded, degradedInputs(weighted.index, layer.samples, *reference, m_control));
    return compileCorrectedPath(m_calibration, {m_calibration.context(), weighted, *reference, degraded, m_threads}, layer.treatment,
                                layer.input, m_chip, scales, m_control);
}

Result<std::vector<Tensor>> ChipCompilation::degradedInputs(LayerIndex layer, int samples, const Calibration::Reference& reference,
                                                            const RunControl& control)
{
    const EngineContext& context = m_calibration.context();
    CORE_TRY(compileThrough(layer.value()));
    std::vector<CompiledLayerPtr> before;
    for (const Layer& one : std::span(m_layers).first(layer.value()))
        before.push_back(one.done);
    if (!m_walk)
        m_walk.emplace(context, reference.inputs, m_threads);
    CORE_TRY(auto degraded, m_walk->inputOf(layer, before, control));
    const auto batches = (std::min<std::int64_t>(samples, m_calibration.samples()) + context.batch - 1) / context.batch;
    degraded.resize(std::min(degraded.size(), static_cast<std::size_t>(batches)));
    return degraded;
}

Result<CompiledLayerPtr> ChipCompilation::mainPath()
{
    CORE_TRY(compileMain(m_layers[m_atHand]));
    return m_layers[m_atHand].main;
}

Result<void> ChipCompilation::compileThrough(std::size_t count)
{
    for (Layer& layer : std::span(m_layers).first(count)) {
        if (layer.done)
            continue;
        CORE_TRY(compileMain(layer));
        if (!layer.path) {
            layer.done = layer.main;
            continue;
        }
        auto corrected = std::make_shared<CompiledLayer>(*layer.main);
        corrected->recovery = std::move(layer.path);
        corrected->hash = layer.hash;
        layer.done = std::move(corrected);
    }
    return success();
}

Result<ErrorMoments> ChipCompilation::measure(const SurrogatePlan& plan, const Calibration::Reference& reference, const RunControl& control)
{
    const WeightedLayer& layer = *m_layers[m_atHand].layer;
    CORE_TRY(const auto degraded, degradedInputs(layer.index, plan.calibrationSamples, reference, control));
    CORE_TRY(compileMain(m_layers[m_atHand]));
    return measureErrors({m_calibration.context(), layer, m_layers[m_atHand].main, degraded, reference, plan.input, m_threads}, control);
}

void ChipCompilation::correct(std::optional<RecoveryPath> path)
{
    Layer& layer = m_layers[m_atHand];
    layer.hash = path ? withRecovery(layer.mainHash, *path) : layer.mainHash;
    layer.path = std::move(path);
    m_upstream.add(layer.hash);
    ++m_atHand;
    meetNext();
}

Result<std::vector<CompiledLayerPtr>> ChipCompilation::layers()
{
    CORE_TRY(compileThrough(m_layers.size()));
    std::vector<CompiledLayerPtr> result;
    for (const Layer& layer : m_layers)
        result.push_back(layer.done);
    return result;
}

}  // namespace core
