// SPDX-License-Identifier: GPL-3.0-or-later
// polar recover: fits recovery paths beside a plan's layers and says what they win back.
#include "app/cli/options.h"
#include "app/cli/report_page.h"
#include "app/cli/table.h"

#include "core/assign/rank_allocation.h"
#include "core/base/quantity_text.h"
#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/io/plan_formats.h"
#include "core/io/plan_names.h"
#include "core/learn/path_training.h"
#include "core/learn/row_importance.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

struct Options {
    std::string network, dataset, plan, output;
    std::string technology = kDefaultTechnology;
    int rank = 8;
    std::string budget, method = "activation", input = "exact", format = "fp32", fitOn = "own";
    std::vector<std::string> layers;
    int calibration = 64, epochs = 20;
    double rate = 1e-3;
    std::string loss = "labels";
    std::int64_t samples = 0;
    int chips = 1, threads = 0;
    std::uint64_t seed = 1;
};

core::Result<core::SurrogatePlan> surrogateFrom(const Options& options)
{
    core::SurrogatePlan surrogate;
    surrogate.rank = options.rank;
    surrogate.calibrationSamples = options.calibration;
    const auto method = std::ranges::find(core::plan_names::kMethods, options.method, [](const auto& entry) { return entry.first; });
    surrogate.method =
        method->second == core::SurrogateMethod::Trained ? core::SurrogateMethod::Activation : method->second;  // what it starts from
    surrogate.input = options.input == "quantized" ? core::SurrogateInput::Quantized : core::SurrogateInput::Exact;
    auto format = core::formatNamed(options.format, {});
    if (!format)
        return core::Problem{"--format", format.error().text()};
    surrogate.format = std::move(format).value();
    auto device = core::FitDevice::parse(options.fitOn);
    if (!device)
        return core::Problem{"--fit-on", device.error().message};
    surrogate.fitOn = device.value();
    return surrogate;
}

/// A path on every layer that was asked for; where none was named, on all that the plan treats and a path can be placed on.
core::Result<core::PrecisionPlan> withPaths(core::PrecisionPlan plan, const Options& options, const core::SurrogatePlan& surrogate,
                                            const std::vector<core::WeightedLayer>& layers, std::vector<std::string>& remarks)
{
    for (const std::string& name : options.layers)
        if (std::ranges::find(layers, name, &core::WeightedLayer::name) == layers.end())
            return core::Problem{"--layers", fmt::format("the network has no weighted layer \"{}\"; polar inspect lists them", name)};
    int placed = 0;
    for (const core::WeightedLayer& layer : layers) {
        const bool isNamed = std::ranges::find(options.layers, layer.name) != options.layers.end();
        core::LayerTreatment treatment = core::resolve(plan, layer.name);
        treatment.surrogate.reset();
        if (!options.layers.empty() && !isNamed)
            continue;
        const int most = std::min(layer.rows, layer.columns);
        if (layer.groups > 1) {
            remarks.push_back(fmt::format("{}: a grouped convolution has {} separate matrices of {} x {}; no recovery path is placed",
                                          layer.name, layer.groups, layer.rows / layer.groups, layer.columns));
            plan.layers[layer.name].surrogate = core::Switchable<core::SurrogatePlan>{};
            continue;
        }
        if (treatment.isExact()) {
            if (isNamed)
                return core::Problem{layer.name, "computes in FP32 under this plan; there is no error to recover"};
            plan.layers[layer.name].surrogate = core::Switchable<core::SurrogatePlan>{};
            continue;
        }
        if (options.rank > most && (isNamed || layers.size() == 1))
            return core::Problem{layer.name, fmt::format("--rank {}; a layer of {} rows and {} columns takes at most {}", options.rank,
                                                         layer.rows, layer.columns, most)};
        if (options.rank > most)
            remarks.push_back(
                fmt::format("{}: takes rank {}, all that {} rows and {} columns have", layer.name, most, layer.rows, layer.columns));
        core::SurrogatePlan own = surrogate;
        own.rank = std::min(options.rank, most);
        plan.layers[layer.name].surrogate = core::Switchable<core::SurrogatePlan>{own};
        ++placed;
    }
    if (placed == 0)
        return core::Problem{options.plan, "leaves no layer with an error that a path could recover"};
    return plan;
}

/// Signal over what is left if no rank were spared.
std::optional<double> floorDecibels(const core::SurrogateReport& report)
{
    return report.predictedSqnr(static_cast<int>(report.removedEnergy.size()));
}

ordered_json layersJson(const core::Report& before, const core::Report& after)
{
    ordered_json layers = ordered_json::array();
    for (std::size_t l = 0; l < after.layers.size(); ++l) {
        const core::LayerReport& now = after.layers[l];
        ordered_json entry{{"name", now.name},
                           {"rank", now.surrogate ? now.surrogate->rank : 0},
                           {"before_sqnr_db", core::decibelsToJson(before.layers[l].sqnrDecibels)},
                           {"after_sqnr_db", core::decibelsToJson(now.sqnrDecibels)},
                           {"before_propagated_sqnr_db", core::decibelsToJson(before.layers[l].propagatedSqnrDecibels)},
                           {"after_propagated_sqnr_db", core::decibelsToJson(now.propagatedSqnrDecibels)}};
        if (now.surrogate) {
            entry["predicted_sqnr_db"] = core::decibelsToJson(now.surrogate->predictedSqnr(now.surrogate->rank));
            entry["floor_sqnr_db"] = core::decibelsToJson(floorDecibels(*now.surrogate));
        }
        layers.push_back(std::move(entry));
    }
    return layers;
}

std::string layersPage(const core::Report& before, const core::Report& after)
{
    using enum Table::Align;
    Table table({{"LAYER"},
                 {"rank", Right},
                 {"local dB before", Right},
                 {"after", Right},
                 {"no rank beyond", Right},
                 {"arrives dB before", Right},
                 {"after", Right}});
    for (std::size_t l = 0; l < after.layers.size(); ++l) {
        const core::LayerReport& was = before.layers[l];
        const core::LayerReport& now = after.layers[l];
        table.add({now.name, now.surrogate ? std::to_string(now.surrogate->rank) : "-", core::decibelText(was.sqnrDecibels),
                   core::decibelText(now.sqnrDecibels), now.surrogate ? core::decibelText(floorDecibels(*now.surrogate)) : "-",
                   core::decibelText(was.propagatedSqnrDecibels), core::decibelText(now.propagatedSqnrDecibels)});
    }
    return table.text();
}

ordered_json costJson(const core::PlanCost& cost, const core::PlanCost& bare, double macs)
{
    return {{"macs", cost.recoveryMacs},
            {"share_of_macs", cost.recoveryMacs / macs},
            {"bytes", cost.recoveryBytes},
            {"share_of_bytes", cost.recoveryBytes / bare.bytes},
            {"energy_pj", cost.recoveryEnergy.value()},
            {"share_of_energy", cost.recoveryEnergy.value() / bare.energy.value()}};
}

/// The plan's paths as they are fitted, trained on from there; the plan then names them as those of a file.
core::Result<core::PrecisionPlan> trained(core::Evaluator& evaluator, core::PrecisionPlan plan, const Options& options,
                                          std::vector<std::string>& remarks, const core::RunControl& control)
{
    core::PathTrainingRequest request{.plan = plan, .layers = options.layers};
    request.orders.rule = core::AdamRule{.rate = options.rate};
    request.orders.epochs = options.epochs;
    request.orders.seed = options.seed;
    request.orders.target = options.loss == "answers" ? core::LossTarget::OwnDistribution : core::lossTargetOf(evaluator.subject());
    request.samples = options.calibration;
    request.seed = options.seed;
    request.threads = options.threads;
    const auto tell = [&](const core::EpochReport& epoch) {
        control.report(static_cast<double>(epoch.epoch) / options.epochs, "training");
    };
    CORE_TRY(core::TrainedPaths result, core::trainPaths(evaluator, request, control, tell));
    if (!result.remark.empty())
        remarks.push_back(result.remark);
    remarks.push_back(
        fmt::format("trained for {} epochs; the paths of epoch {} are kept, where the loss on the samples kept back was least",
                    result.progress.epoch, result.progress.bestEpoch));
    const std::string stem = options.output.empty() ? "trained" : std::filesystem::path(options.output).filename().string();
    return core::withTrainedPaths(std::move(plan), std::move(result.paths), stem.substr(0, stem.find('.')) + ".paths.npz");
}

core::Result<Answer> recover(const Options& options, const core::RunControl& control)
{
    CORE_TRY(const core::SurrogatePlan surrogate, surrogateFrom(options));
    CORE_TRY(const core::PriceTable technology, core::loadPriceTable(options.technology));
    control.report(0.0, "reading");
    const std::int64_t wanted = std::max<std::int64_t>(options.calibration, core::kUsualCalibrationSamples);
    CORE_TRY(const auto subject, core::openSubject(options.network, options.dataset, wanted));
    if (subject->calibration.samples() < options.calibration)
        return core::Problem{"--calibration", fmt::format("found {}; {} has {} samples to fit to", options.calibration, options.dataset,
                                                          subject->calibration.samples())};
    const bool needsLabels =
        (options.method == "trained" && options.loss == "labels") || options.method == "fisher" || !options.budget.empty();
    if (needsLabels && subject->task.kind == core::Task::Kind::Classification && subject->calibration.labels.empty())
        return core::Problem{
            options.dataset,
            "has no labels, which the loss of this method needs; --method activation, or trained with --loss answers, needs none"};
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject, control, core::rowImportance));
    CORE_TRY(const core::PrecisionPlan base, planNamed(options.plan, evaluator->layers()));
    if (auto refusal = refusalOf(base, options.plan, *evaluator))
        return *refusal;
    const auto& layers = evaluator->layers();

    Answer answer;
    std::vector<std::string> remarks;
    CORE_TRY(core::PrecisionPlan plan, withPaths(base, options, surrogate, layers, remarks));
    core::PrecisionPlan bare = plan;
    double macs = 0;
    for (const core::WeightedLayer& layer : layers) {
        bare = core::withRank(std::move(bare), layer, 0);
        macs += static_cast<double>(layer.macs());
    }

    core::EvaluationRequest request;
    request.samples = options.samples;
    request.chips = options.chips;
    request.seed = options.seed;
    request.threads = options.threads;
    request.technology = technology;
    const auto evaluated = [&](const core::PrecisionPlan& what) {
        request.plan = what;
        return evaluator->evaluate(request, control);
    };
    CORE_TRY(const core::ReportPtr before, evaluated(bare));
    ordered_json budgetJson;
    std::string budgetPage;
    if (!options.budget.empty()) {
        const auto budget = core::RankBudget::parse(options.budget);
        if (!budget)
            return core::Problem{"--budget", budget.error().message};
        CORE_TRY(core::RankAllocation allocation, core::allocate(*evaluator, plan, budget.value(), technology, options.threads, control));
        CORE_TRY(const core::ReportPtr uniform, evaluated(allocation.uniform));
        budgetJson = {{"budget", budget.value().text()},         {"amount", allocation.budget},
                      {"spent", allocation.allocatedCost},       {"uniform_rank", allocation.uniformRank},
                      {"uniform_spent", allocation.uniformCost}, {"uniform_top1", core::proportionToJson(uniform->top1)}};
        budgetPage = fmt::format("uniform     {} at rank {} everywhere, which costs {:.6g} of the budget's {:.6g}\n",
                                 proportionText(uniform->top1), allocation.uniformRank, allocation.uniformCost, allocation.budget);
        plan = std::move(allocation.allocated);
    }
    if (options.method == "trained") {
        CORE_TRY(plan, trained(*evaluator, std::move(plan), options, remarks, control));
    }
    CORE_TRY(const core::ReportPtr after, evaluated(plan));
    CORE_TRY(const core::PlanCost cost, core::costOf(plan, layers, technology));
    CORE_TRY(const core::PlanCost bareCost, core::costOf(bare, layers, technology));
    remarks.insert(remarks.end(), after->remarks.begin(), after->remarks.end());
    std::ranges::sort(remarks);
    remarks.erase(std::unique(remarks.begin(), remarks.end()), remarks.end());

    answer.document = {{"network", subject->networkName},
                       {"dataset", subject->datasetName},
                       {"plan", base.name},
                       {"method", options.method},
                       {"calibration_samples", options.calibration},
                       {"samples", after->samples},
                       {"layers", layersJson(*before, *after)},
                       {"top1_before", core::proportionToJson(before->top1)},
                       {"top1_after", core::proportionToJson(after->top1)},
                       {"reference_top1", core::proportionToJson(after->referenceTop1)},
                       {"agreement_before", core::proportionToJson(before->agreement)},
                       {"agreement_after", core::proportionToJson(after->agreement)},
                       {"cost", costJson(cost, bareCost, macs)}};
    if (options.chips > 1)
        for (const auto& [key, report] : {std::pair{"chips_before", before}, std::pair{"chips_after", after}})
            answer.document[key] = {{"mean", report->chips.mean},
                                    {"std", report->chips.standardDeviation},
                                    {"min", report->chips.min},
                                    {"count", report->chips.count},
                                    {"top1", report->chips.top1}};
    if (!budgetJson.is_null())
        answer.document["budget"] = budgetJson;
    answer.document["remarks"] = remarks;

    answer.page = fmt::format("{} on {}, plan \"{}\", {} from {} samples\n", subject->networkName, subject->datasetName, base.name,
                              options.method, options.calibration);
    answer.page += fmt::format("reference   {}\nbefore      {}\nafter       {}\n{}", proportionText(after->referenceTop1),
                               proportionText(before->top1), proportionText(after->top1), budgetPage);
    if (options.chips > 1)
        answer.page += fmt::format("{} chips    mean {} before, {} after\n", options.chips, core::percentText(before->chips.mean),
                                   core::percentText(after->chips.mean));
    answer.page +=
        fmt::format("costs       {} MACs ({} of the main path's), {} bytes ({}), {} ({})\n\n",
                    core::countText(std::llround(cost.recoveryMacs)), core::percentText(cost.recoveryMacs / macs),
                    core::countText(std::llround(cost.recoveryBytes)), core::percentText(cost.recoveryBytes / bareCost.bytes),
                    core::energyText(cost.recoveryEnergy), core::percentText(cost.recoveryEnergy.value() / bareCost.energy.value()));
    answer.page += layersPage(*before, *after);
    for (const std::string& remark : remarks)
        answer.page += "note        " + remark + '\n';
    answer.ending = after->partial ? Ending::Stopped : Ending::Done;
    if (!options.output.empty()) {
        if (plan.name.empty())
            plan.name = base.name;
        plan.network = {subject->networkName, subject->network->hash};
        CORE_TRY(core::writePlan(plan, options.output));
        answer.document["file"] = options.output;
        answer.page += "plan        " + options.output + '\n';
    }
    return answer;
}

}  // namespace

void addRecoverVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("recover", "Fits recovery paths beside a plan's layers and says what they win back",
                               {"polar recover mlp-mnist mnist --plan int2-rank8 --rank 4 -o mlp.plan.json",
                                "polar recover resnet8-photodigits photo-digits --plan int2-rank8 --method fisher --budget bytes:5%",
                                "polar recover lenet5-mnist mnist --plan cim-w4a8-rank8 --rank 8 --fit-on chip:1 --chips 8 --samples 1000"},
                               [options](const core::RunControl& control) { return recover(*options, control); });
    std::vector<std::string> methods;
    for (const auto& [name, method] : core::plan_names::kMethods)
        methods.emplace_back(name);
    addNetwork(verb, options->network);
    addDataset(verb, options->dataset);
    addPlan(verb, options->plan)->required();
    CLI::Option* const rank = verb.add_option("--rank", options->rank, "Of every path, as far as a layer has it")
                                  ->check(CLI::Range(1, 65536))
                                  ->type_name("R")
                                  ->capture_default_str();
    verb.add_option("--budget", options->budget,
                    "Share ranks out instead: macs:N, bytes:N or energy:PICOJOULES of recovery, or a share (bytes:5%)")
        ->type_name("BUDGET")
        ->excludes(rank);
    verb.add_option("--method", options->method, "How paths are fitted")->check(CLI::IsMember(methods))->capture_default_str();
    verb.add_option("--input", options->input, "What a path reads: the exact activations, or the rounded ones of the main path")
        ->check(CLI::IsMember({"exact", "quantized"}))
        ->capture_default_str();
    verb.add_option("--format", options->format, "Number format of the paths")->type_name("FORMAT")->capture_default_str();
    verb.add_option("--fit-on", options->fitOn, "Whose errors they are fitted to: own, mean, average:N or chip:K")
        ->type_name("DEVICE")
        ->capture_default_str();
    verb.add_option("--layers", options->layers, "Only these layers")->delimiter(',')->type_name("A,B");
    verb.add_option("--calibration", options->calibration, "Samples of the train split that paths are fitted to")
        ->check(CLI::Range(1, 1 << 20))
        ->type_name("N")
        ->capture_default_str();
    verb.add_option("--epochs", options->epochs, "Of the method trained: passes over the calibration samples")
        ->check(CLI::Range(1, 100'000))
        ->type_name("N")
        ->capture_default_str();
    verb.add_option("--rate", options->rate, "Of the method trained: learning rate at the start")
        ->check(CLI::PositiveNumber)
        ->type_name("R")
        ->capture_default_str();
    verb.add_option("--loss", options->loss, "Of the method trained: the labels, or the FP32 network's own answers")
        ->check(CLI::IsMember({"labels", "answers"}))
        ->capture_default_str();
    addSamples(verb, options->samples);
    addChips(verb, options->chips);
    addSeed(verb, options->seed);
    addThreads(verb, options->threads);
    addTechnology(verb, options->technology);
    addOutput(verb, options->output, "Write the plan with its paths to this file");
}

}  // namespace app
