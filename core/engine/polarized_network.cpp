// SPDX-License-Identifier: Apache-2.0
#include "core/engine/polarized_network.h"

#include "core/base/hash.h"
#include "core/engine/chip_compilation.h"
#include "core/engine/chip_number.h"
#include "core/engine/score_product.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace core {

namespace {

/// The chips whose errors a path is fitted to.
using FitChips = std::vector<ChipCompilation*>;

/// All chips of one compilation: the one the network will run on, and those its paths are fitted to.
class ChipSet {
public:
    ChipSet(const Calibration& calibration, const CompileRequest& request, const CorrectionOrders& orders, const RunControl& control)
        : m_calibration(calibration), m_request(request), m_orders(orders), m_control(control)
    {
        m_all.push_back(
            std::make_unique<ChipCompilation>(calibration, ChipCompilation::Kind::Real, request, request.chip, orders, control));
    }

    ChipCompilation& target() { return *m_all.front(); }
    const std::vector<std::unique_ptr<ChipCompilation>>& all() const { return m_all; }

    /// Before the layers are announced.
    void prepare(const FitDevice& device)
    {
        if (device.kind == FitDevice::Kind::Own || m_groups.contains(device))
            return;
        FitChips& group = m_groups[device];
        const auto add = [&](ChipCompilation::Kind kind, std::uint64_t chip) {
            m_all.push_back(std::make_unique<ChipCompilation>(m_calibration, kind, m_request, chip, m_orders, m_control));
            group.push_back(m_all.back().get());
        };
        switch (device.kind) {
        case FitDevice::Kind::Own: break;
        case FitDevice::Kind::Mean: add(ChipCompilation::Kind::Mean, 0); break;  // the same for every chip
        case FitDevice::Kind::Chip: add(ChipCompilation::Kind::Real, siblingChip(m_request.chip, device.number)); break;
        case FitDevice::Kind::Average:
            for (int k = 0; k < device.number; ++k)
                add(ChipCompilation::Kind::Real, fitChip(m_request.chip, k));
        }
    }

    FitChips of(const FitDevice& device) { return m_groups.contains(device) ? m_groups[device] : FitChips{m_all.front().get()}; }

private:
    const Calibration& m_calibration;
    const CompileRequest& m_request;
    const CorrectionOrders& m_orders;
    const RunControl& m_control;
    std::vector<std::unique_ptr<ChipCompilation>> m_all;
    std::map<FitDevice, FitChips> m_groups;
};

std::uint64_t fitKey(const FitChips& chips, const SurrogatePlan& plan, const RowImportance* importance)
{
    Hasher hasher;
    for (const ChipCompilation* chip : chips)
        hasher.add(chip->errorHash());
    hasher.add(plan.method).add(plan.input).add(plan.calibrationSamples).add(plan.paths.hash());
    if (plan.method == SurrogateMethod::Fisher && importance)
        hasher.add(importance->hash);
    return hasher.value();
}

Result<SurrogateFit> fitted(const WeightedLayer& layer, const SurrogatePlan& plan, const ErrorMoments& moments,
                            const RowMatrix& weightError, const RowImportance* importance)
{
    switch (plan.method) {
    case SurrogateMethod::Svd: return fitToWeightError(moments, weightError, InputMetric::None);
    case SurrogateMethod::Lqer: return fitToWeightError(moments, weightError, InputMetric::Magnitudes);
    case SurrogateMethod::Qera: return fitToWeightError(moments, weightError, InputMetric::Moments);
    case SurrogateMethod::Activation: return fitToActivations(moments, weightError);
    case SurrogateMethod::Fisher:
        if (!importance)
            return Problem{layer.name, "surrogate.method \"fisher\" needs the gradients of a loss, and nobody gave them"};
        return fitToLoss(moments, weightError, importance->layers[layer.index.value()]);
    case SurrogateMethod::Trained:
        if (const StoredPath* path = plan.paths.find(layer.name))
            return fitFromStored(*path, moments);
        return Problem{layer.name, fmt::format("surrogate.paths \"{}\" holds no path for it", plan.paths.file())};
    }
    return Problem{layer.name, "unknown surrogate method"};
}

/// The fit of the layer at hand: one of late, or a new one. Empty where its errors are not finite.
Result<std::shared_ptr<const SurrogateFit>> fitOf(const WeightedLayer& layer, const SurrogatePlan& plan, const FitChips& chips,
                                                  const CompileRequest& request, FitCache& fits,
                                                  const std::function<Result<std::shared_ptr<const Calibration::Reference>>()>& reference,
                                                  const RunControl& control)
{
    const std::uint64_t key = fitKey(chips, plan, request.importance);
    if (auto known = fits.find(key))
        return known;
    CORE_TRY(const auto samples, reference());
    ErrorMoments moments(layer.columns, layer.rows);
    RowMatrix weightError = RowMatrix::Zero(layer.rows, layer.columns);
    for (ChipCompilation* chip : chips) {
        CORE_TRY(const ErrorMoments own, chip->measure(plan, *samples, control));
        CORE_TRY(const CompiledLayerPtr main, chip->mainPath());
        moments += own;
        weightError += (layer.weights - main->weights) / static_cast<float>(chips.size());
    }
    if (!moments.isFinite())
        return std::shared_ptr<const SurrogateFit>();
    CORE_TRY(SurrogateFit fit, fitted(layer, plan, moments, weightError, request.importance));
    auto kept = std::make_shared<const SurrogateFit>(std::move(fit));
    fits.keep(key, kept);
    return std::shared_ptr<const SurrogateFit>(std::move(kept));
}

}  // namespace

bool needsImportance(const PrecisionPlan& plan, const EngineContext& context)
{
    return std::any_of(context.layers.begin(), context.layers.end(), [&](const WeightedLayer& layer) {
        const LayerTreatment treatment = resolve(plan, layer.name);
        return treatment.surrogate && treatment.surrogate->method == SurrogateMethod::Fisher && layer.groups == 1;
    });
}

std::shared_ptr<const SurrogateFit> FitCache::find(std::uint64_t key) const
{
    const std::lock_guard lock(m_guard);
    const auto found = m_fits.find(key);
    return found == m_fits.end() ? nullptr : found->second;
}

void FitCache::keep(std::uint64_t key, std::shared_ptr<const SurrogateFit> fit)
{
    const std::lock_guard lock(m_guard);
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

namespace {

/// Orders for logits hold where a layer makes queries; elsewhere there are none to sum, and a layer told so on its own is named.
void keepScoresOfQueries(const EngineContext& context, const PrecisionPlan& plan, std::vector<LayerTreatment>& treatments,
                         std::vector<std::string>& remarks)
{
    if (std::ranges::none_of(treatments, [](const LayerTreatment& treatment) { return treatment.scores.has_value(); }))
        return;
    const std::vector<ScoreProduct> products = scoreProducts(*context.network, context.layers);
    for (const WeightedLayer& layer : context.layers) {
        if (std::ranges::any_of(products, [&](const ScoreProduct& product) { return product.layer == layer.index; }))
            continue;
        treatments[layer.index.value()].scores.reset();
        if (const auto own = plan.layers.find(layer.name); own != plan.layers.end() && own->second.scores && own->second.scores->value)
            remarks.push_back(fmt::format("{}: scores: its outputs are no queries of a softmax; nothing is summed so", layer.name));
    }
}

}  // namespace

Result<std::shared_ptr<const PolarizedNetwork>> compile(const Calibration& calibration, const CompileRequest& request,
                                                        const RunControl& control)
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
    keepScoresOfQueries(context, request.plan, treatments, network->remarks);
    if (fitSamples > calibration.samples())
        network->remarks.push_back(fmt::format("surrogate.calibration_samples is {}; the calibration samples are {}, and all are used",
                                               fitSamples, calibration.samples()));
    CorrectionOrders corrections = correctionOrders(context, treatments);
    network->remarks.insert(network->remarks.end(), corrections.equalization.remarks.begin(), corrections.equalization.remarks.end());
    fitSamples = std::max(fitSamples, corrections.samples);  // all look at the same samples
    if (request.fewSamples > 0)
        fitSamples = std::min<std::int64_t>(fitSamples, request.fewSamples);
    corrections.samples = fitSamples;
    std::shared_ptr<const Calibration::Reference> reference;
    const auto samples = [&]() -> Result<std::shared_ptr<const Calibration::Reference>> {
        if (!reference) {
            CORE_TRY(reference, calibration.reference(fitSamples, request.threads, control));
        }
        return reference;
    };

    ChipSet chips(calibration, request, corrections, control);
    // Only chips of arrays differ from one another; without any, every path is fitted to its own chip.
    if (std::any_of(treatments.begin(), treatments.end(), [](const LayerTreatment& treatment) { return treatment.cim.has_value(); }))
        for (const LayerTreatment& treatment : treatments)
            if (treatment.surrogate)
                chips.prepare(treatment.surrogate->fitOn);
    for (const auto& chip : chips.all())
        CORE_TRY(chip->announce(treatments));
    CORE_TRY(chips.target().compileMains(control));
    for (const WeightedLayer& layer : context.layers) {
        if (control.stopped())
            return stoppedProblem();
        const LayerTreatment& treatment = treatments[layer.index.value()];
        std::optional<SurrogateReport> report;
        std::optional<RecoveryPath> path;
        if (treatment.surrogate && layer.groups > 1) {
            network->remarks.push_back(
                fmt::format("{}: a grouped convolution has {} separate matrices of {} x {}; no recovery path is placed", layer.name,
                            layer.groups, layer.rows / layer.groups, layer.columns));
        } else if (treatment.surrogate) {
            SurrogatePlan plan = *treatment.surrogate;
            const FitChips fitChips = chips.of(plan.fitOn);
            if (request.fewSamples > 0 && plan.calibrationSamples > request.fewSamples &&
                !fits.find(fitKey(fitChips, plan, request.importance))) {
                plan.calibrationSamples = request.fewSamples;
                network->isFirstLook = true;
            }
            CORE_TRY(const auto fit, fitOf(layer, plan, fitChips, request, fits, samples, control));
            if (fit) {
                report = fit->report;
                report->rank = std::min(treatment.surrogate->rank, fit->fullRank());
            } else {
                network->remarks.push_back(fmt::format(
                    "{}: its output on the calibration samples is infinite or not a number; no recovery path is fitted", layer.name));
            }
            if (report && report->rank > 0)
                path = fit->path(*treatment.surrogate);
        }
        for (const auto& chip : chips.all())
            chip->correct(path);
        network->surrogates.push_back(std::move(report));
    }
    CORE_TRY(network->layers, chips.target().layers());
    for (const CompiledLayerPtr& layer : network->layers)
        if (!layer->remark.empty())
            network->remarks.push_back(layer->remark);
    network->isFirstLook = network->isFirstLook || chips.target().isFirstLook();
    network->hash = chips.target().hash();
    return std::shared_ptr<const PolarizedNetwork>(std::move(network));
}

}  // namespace core
