// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/library_source.h"

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
    source.compareCost = [evaluator, guard](const core::EqualCostRequest& request, const core::RunControl& control, const EvaluationSource::OnContender& onContender)
        -> core::Result<std::vector<core::Contender>> {
        const std::lock_guard lock(*guard);
        CORE_TRY(const core::RowScores scores, core::fisherRowScores(*evaluator, request.plan, request.threads, control));
        return core::compareAtEqualCost(*evaluator, request, scores, control, onContender);
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

core::Result<void> mustFit(const core::PrecisionPlan& plan, const std::string& origin, const EvaluationSource& source)
{
    const auto flaws = core::check(plan, *source.layers, source.subject->networkName, source.subject->network->hash);
    if (flaws.empty())
        return core::success();
    std::string message = flaws.front().text();
    if (flaws.size() > 1)
        message += " (and " + std::to_string(flaws.size() - 1) + " more)";
    return core::Problem{origin, message};
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
        CORE_TRY(auto source, openSource(networkName, *dataset, control));
        opened.source = std::move(source);
    }
    if (control.stopped())
        return stopped();
    opened.plan = request.plan;
    if (plan || opened.plan) {
        const EvaluationSource& source = opened.source ? *opened.source : request.current;
        if (!source.subject)
            return core::Problem{plan.value_or(opened.planOrigin), "there is no network yet to apply this plan to; open one together with it"};
        if (plan) {
            control.report(0.9, "reading plan");
            CORE_TRY(auto loaded, core::loadPlan(*plan, *source.layers));
            opened.plan = std::move(loaded);
            opened.planOrigin = *plan;
        }
        CORE_TRY(mustFit(*opened.plan, opened.planOrigin, source));
    }
    return opened;
}

} // namespace app
