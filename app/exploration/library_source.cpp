// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/library_source.h"

#include "app/exploration/training_outcome.h"
#include "core/io/library.h"
#include "core/learn/row_importance.h"
#include "core/plan/check.h"

#include <algorithm>
#include <filesystem>
#include <mutex>

namespace app {
namespace {

namespace fs = std::filesystem;

constexpr auto kUsualTechnology = "45nm"; // what `polar evaluate` prices by when nobody says otherwise

bool endsWith(const std::string& text, std::string_view ending)
{
    return text.size() >= ending.size() && text.compare(text.size() - ending.size(), ending.size(), ending) == 0;
}

core::Problem stopped() { return {"", "opening was stopped"}; }

/// What the samples are, for drawing them: as the dataset's manifest says, else by what the network reads.
core::SampleKind sampleKindOf(const core::Subject& subject)
{
    for (const core::DatasetSummary& dataset : core::bundledDatasets())
        if (dataset.name == subject.datasetName) {
            if (dataset.kind == "image")
                return core::SampleKind::Image;
            if (dataset.kind == "spectrogram")
                return core::SampleKind::Spectrogram;
            return dataset.kind == "sequence" ? core::SampleKind::Sequence : core::SampleKind::Table;
        }
    switch (subject.preprocessing.layout) {
    case core::TensorLayout::ChannelHeightWidth:
    case core::TensorLayout::HeightWidthChannel: return core::SampleKind::Image;
    case core::TensorLayout::Sequence: return core::SampleKind::Sequence;
    case core::TensorLayout::Features:
    case core::TensorLayout::Flat: break;
    }
    return core::SampleKind::Table;
}

/// The whole train split of what is open, read when it is first asked for and kept.
class TrainSplit {
public:
    TrainSplit(std::string network, std::string dataset) : m_network(std::move(network)), m_dataset(std::move(dataset)) {}

    core::Result<std::shared_ptr<const core::Subject>> read()
    {
        const std::lock_guard lock(m_guard);
        if (!m_subject) {
            CORE_TRY(m_subject, core::openSubject(m_network, m_dataset, kAllSamples));
        }
        return m_subject;
    }

private:
    static constexpr std::int64_t kAllSamples = std::int64_t{1} << 40;
    std::string m_network, m_dataset;
    std::mutex m_guard;
    std::shared_ptr<const core::Subject> m_subject;
};

/// Top 1 on the whole test split; none where it was stopped on the way.
core::Result<std::optional<core::Proportion>> scored(const std::shared_ptr<const core::Subject>& subject, const core::PrecisionPlan& plan,
                                                     const core::RunControl& control)
{
    const auto evaluator = core::Evaluator::create(subject, control, core::rowImportance);
    if (!evaluator && control.stopped())
        return std::optional<core::Proportion>();
    if (!evaluator)
        return evaluator.error();
    core::EvaluationRequest request;
    request.plan = plan;
    request.layerErrors = false;
    CORE_TRY(const core::ReportPtr report, evaluator.value()->evaluate(request, control));
    return report->partial ? std::optional<core::Proportion>() : report->top1;
}

/// `subject` is what the window scores by: the figures are on the same footing as those on its bench.
core::Result<TrainingOutcome> train(const std::shared_ptr<const core::Subject>& subject, TrainSplit& split, const core::PrecisionPlan& plan,
                                    const core::TrainingOrders& orders, const core::RunControl& control, const core::EpochListener& tell)
{
    control.report(0.0, "reading the train split");
    CORE_TRY(const auto whole, split.read());
    CORE_TRY(const auto context, core::prepareEngine(subject->network));
    CORE_TRY(const auto graph, core::GradientGraph::build(context));
    control.report(0.0, "scoring before");
    TrainingOutcome outcome;
    CORE_TRY(outcome.before, scored(subject, plan, {control.stop, {}}));
    core::QuantizedTraining training{plan, whole->calibration};
    training.orders = orders;
    CORE_TRY(core::QuantizedTrainingState state, core::trainQuantized(*graph, training, {}, control, tell));
    if (state.best.empty())
        state.current = state.best = core::parametersOf(context->layers);  // stopped before it began
    CORE_TRY(outcome.trained, core::trainedNetwork(subject, context->layers, plan, std::move(state)));
    control.report(1.0, "scoring after");
    if (outcome.trained.state.progress.epoch > 0) {
        CORE_TRY(outcome.after,
                 scored(outcome.trained.subject, outcome.trained.plan, {}));  // asked to stop, it still tells what was reached
    }
    return outcome;
}

core::Result<EvaluationSource> openSource(const std::string& network, const std::string& dataset, const core::RunControl& opening)
{
    CORE_TRY(auto subject, core::openSubject(network, dataset));
    if (opening.stopped())
        return stopped();
    opening.report(0.6, "calibrating");
    CORE_TRY(auto evaluator, core::Evaluator::create(subject, {opening.stop, {}}, core::rowImportance));
    EvaluationSource source;
    source.network = network;
    source.dataset = dataset;
    source.subject = subject;
    source.layers = LayersPtr(evaluator, &evaluator->layers());
    source.sampleKind = sampleKindOf(*subject);
    source.technologies = core::bundledPriceTables();
    std::ranges::stable_partition(source.technologies, [](const core::PriceTable& table) { return table.name == kUsualTechnology; });
    const auto guard = std::make_shared<std::mutex>();   // the evaluator is asked by one thread at a time
    source.evaluate = [evaluator, guard](const core::EvaluationRequest& request, const core::RunControl& control, const OnEstimate& onEstimate) {
        const std::lock_guard lock(*guard);
        return evaluator->evaluate(request, control, onEstimate);
    };
    source.compareMethods = [evaluator, guard](const core::PrecisionPlan& plan, core::LayerIndex layer, std::uint64_t seed, const core::RunControl& control) {
        const std::lock_guard lock(*guard);
        return core::compareMethods(*evaluator, plan, layer, seed, 0, control);
    };
    source.sampleAt = [evaluator, guard](const core::PrecisionPlan& plan, core::LayerIndex layer, std::int64_t sample, std::uint64_t seed, const core::RunControl& control) {
        const std::lock_guard lock(*guard);
        return evaluator->sampleAt(plan, layer, sample, seed, control);
    };
    source.arrayAt = [evaluator, guard](const core::PrecisionPlan& plan, core::LayerIndex layer, std::int64_t tile, std::uint64_t seed, const core::RunControl& control) {
        const std::lock_guard lock(*guard);
        return evaluator->arrayAt(plan, layer, tile, seed, control);
    };
    source.sumsAt = [evaluator, guard](const core::PrecisionPlan& plan, core::LayerIndex layer, std::int64_t sample, std::uint64_t seed,
                                       const core::RunControl& control) {
        const std::lock_guard lock(*guard);
        return evaluator->sumsAt(plan, layer, sample, seed, control);
    };
    source.compareCost = [evaluator,
                          guard](const core::EqualCostRequest& request, const core::RunControl& control,
                                 const EvaluationSource::OnContender& onContender) -> core::Result<std::vector<core::Contender>> {
        const std::lock_guard lock(*guard);
        CORE_TRY(const core::RowScores scores, core::fisherRowScores(*evaluator, request.plan, request.threads, control));
        return core::compareAtEqualCost(*evaluator, request, scores, control, onContender);
    };
    source.sensitivities = [subject, evaluator, guard](const core::PlanSensitivityRequest& request,
                                                       const core::RunControl& control) -> core::Result<core::Sensitivities> {
        const auto context = evaluator->sharedContext();
        std::shared_ptr<const core::PolarizedNetwork> compiled;
        {
            const std::lock_guard lock(*guard);  // what is compiled is measured without the evaluator, which may score meanwhile
            CORE_TRY(compiled, evaluator->compiled(request.plan, request.seed, 1, request.threads, control));
        }
        CORE_TRY(const auto graph, core::GradientGraph::build(context, context->batch));
        return core::planSensitivities(*subject, *graph, *compiled, request, control);
    };
    source.compiledLayer = [evaluator, guard](const core::PrecisionPlan& plan, core::LayerIndex layer, std::uint64_t seed,
                                              const core::RunControl& control) -> core::Result<core::CompiledLayerPtr> {
        const std::lock_guard lock(*guard);
        CORE_TRY(const auto compiled, evaluator->compiled(plan, seed, 1, 0, control));
        return compiled->layers.at(layer.value());
    };
    source.trainPaths = [subject, evaluator, guard](const core::PathTrainingRequest& request, const core::RunControl& control,
                                                    const core::EpochListener& tell) -> core::Result<core::TrainedPaths> {
        const auto context = evaluator->sharedContext();
        std::shared_ptr<const core::PolarizedNetwork> compiled;
        {
            const std::lock_guard lock(*guard);
            CORE_TRY(compiled, evaluator->compiled(request.plan, request.seed, 1, request.threads, control));
        }
        CORE_TRY(const auto graph, core::GradientGraph::build(context, context->batch));
        core::PathTrainingRequest asked = request;
        asked.orders.target = core::lossTargetOf(*subject);
        return core::trainPaths(*subject, *graph, *compiled, asked, control, tell);
    };
    source.waterfall = [evaluator, guard](const core::WaterfallRequest& request, const core::RunControl& control, const EvaluationSource::OnWaterfall& onStep) {
        const std::lock_guard lock(*guard);
        return core::noiseWaterfall(*evaluator, request, control, onStep);
    };
    const std::string command = "polar train " + network + ' ' + dataset;
    source.train = [subject, command, split = std::make_shared<TrainSplit>(network, dataset)](
                       const core::PrecisionPlan& plan, const core::TrainingOrders& orders, const core::RunControl& control,
                       const core::EpochListener& tell) -> core::Result<TrainingOutcomePtr> {
        CORE_TRY(TrainingOutcome outcome, train(subject, *split, plan, orders, control, tell));
        const int epochs = outcome.trained.state.progress.epoch;
        outcome.trained.source = command + ", " + std::to_string(epochs) + " epochs, seed " + std::to_string(orders.seed);
        return std::make_shared<const TrainingOutcome>(std::move(outcome));
    };
    return source;
}

/// The dataset a network is shown on when nobody named one: what its manifest says, else what is open now.
core::Result<std::string> datasetFor(const std::string& network, const EvaluationSource& current)
{
    CORE_TRY(auto loaded, core::loadNetwork(network));
    if (!loaded.manifest.dataset.empty())
        return loaded.manifest.dataset;
    if (!current.dataset.empty())
        return current.dataset;
    return core::Problem{network, "no dataset is known for this network; open one together with it"};
}

/// A flaw of a layer that is there, or of the defaults, is shown and mended at its field. Not one of its weights: what draws and
/// quantizes them counts on choices that fit the matrix.
bool isMendable(const core::PlanFlaw& flaw, const std::vector<core::WeightedLayer>& layers)
{
    if (flaw.field.starts_with("weights"))
        return false;
    return flaw.layer == "default" || std::ranges::any_of(layers, [&](const auto& layer) { return layer.name == flaw.layer; });
}

core::Result<void> mustFit(const core::PrecisionPlan& plan, const std::string& origin, const EvaluationSource& source)
{
    auto flaws = core::check(plan, *source.layers, source.subject->networkName, source.subject->network->hash);
    std::erase_if(flaws, [&](const core::PlanFlaw& flaw) { return isMendable(flaw, *source.layers); });
    if (flaws.empty())
        return core::success();
    std::string message = flaws.front().text();
    if (flaws.size() > 1)
        message += " (and " + std::to_string(flaws.size() - 1) + " more)";
    return core::Problem{origin, message};
}

core::Result<core::PrecisionPlan> openPlan(const std::string& nameOrPath, const EvaluationSource& source)
{
    CORE_TRY(core::PrecisionPlan plan, core::loadPlan(nameOrPath, *source.layers));
    CORE_TRY(mustFit(plan, nameOrPath, source));
    return plan;
}

} // namespace

ThingKind kindOf(const std::string& nameOrPath)
{
    if (endsWith(nameOrPath, ".plan.json"))
        return ThingKind::Plan;
    if (endsWith(nameOrPath, ".onnx"))
        return ThingKind::Network;
    std::error_code ignored;
    if (fs::exists(fs::path(nameOrPath) / "network.json", ignored) || fs::path(nameOrPath).filename() == "network.json")
        return ThingKind::Network;
    const auto networks = core::bundledNetworks();
    if (std::ranges::any_of(networks, [&](const auto& network) { return network.name == nameOrPath; }))
        return ThingKind::Network;
    const auto& presets = core::planPresets();
    if (std::ranges::any_of(presets, [&](const auto& preset) { return preset.name == nameOrPath; }))
        return ThingKind::Plan;
    if (std::ranges::count(core::bundledPlans(), nameOrPath) > 0)
        return ThingKind::Plan;
    return ThingKind::Dataset;
}

core::Result<Opened> openFromLibrary(const OpenRequest& request, const core::RunControl& control)
{
    std::optional<std::string> network, dataset, plan;
    for (const std::string& thing : request.things) {
        const ThingKind kind = kindOf(thing);
        auto& slot = kind == ThingKind::Network ? network : kind == ThingKind::Plan ? plan : dataset;
        if (slot)
            return core::Problem{thing,
                                 "there is already \"" + *slot + "\" of this kind; open one network, one dataset and one plan at a time"};
        slot = thing;
    }

    Opened opened;
    if (network || dataset) {
        control.report(0.1, "reading network");
        if (!network && !request.current.subject)
            return core::Problem{*dataset, "there is no network yet to show this dataset on; open one together with it"};
        const std::string networkName = network.value_or(request.current.network);
        if (!dataset) {
            CORE_TRY(auto known, datasetFor(networkName, request.current));
            dataset = known;
        }
        if (control.stopped())
            return stopped();
        control.report(0.3, "reading dataset");
        const bool same = networkName == request.current.network && *dataset == request.current.dataset;
        if (same && request.current.subject && request.reading == Reading::Reuse) {
            opened.source = request.current;
        } else {
            CORE_TRY(auto source, openSource(networkName, *dataset, control));
            opened.source = std::move(source);
        }
    }
    if (control.stopped())
        return stopped();
    opened.plan = request.plan;
    const EvaluationSource& source = opened.source ? *opened.source : request.current;
    if ((plan || opened.plan) && !source.subject)
        return core::Problem{plan.value_or(opened.planOrigin), "there is no network yet to apply this plan to; open one together with it"};
    if (plan) {
        control.report(0.9, "reading plan");
        if (auto read = openPlan(*plan, source)) {
            opened.plan = std::move(read).value();
            opened.planOrigin = *plan;
        } else if (opened.source) {
            opened.refusedPlan = RefusedPlan{*plan, read.error()};
        } else {
            return read.error();
        }
    } else if (opened.plan) {
        const auto fits = mustFit(*opened.plan, opened.plan->name.empty() ? "the plan kept" : opened.plan->name, source);
        if (!fits) {
            opened.refusedPlan = RefusedPlan{{}, fits.error()};
            opened.plan.reset();
        }
    }
    return opened;
}

} // namespace app
