// SPDX-License-Identifier: GPL-3.0-or-later
// polar plan preset|check|diff|show: make, check and compare plans.
#include "app/cli/options.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/plan/check.h"
#include "core/plan/storage.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

struct NetworkLayers {
    std::string name, hash;
    std::vector<core::WeightedLayer> layers;
};

/// Plans ask for sizes and weights; how many positions a layer has, which an input of open size leaves open, they do not.
core::Result<NetworkLayers> layersOf(const std::string& networkName)
{
    CORE_TRY(const core::LoadedNetwork loaded, core::loadNetwork(networkName));
    const core::Network& network = *loaded.network;
    const auto described = core::describeValues(network, 1);
    const auto values = described ? described.value() : std::vector<core::TensorDescription>(network.values.size());
    return NetworkLayers{loaded.manifest.name.empty() ? network.name : loaded.manifest.name, network.hash,
                         core::weightedLayers(network, values)};
}

struct PlanOnNetwork {
    core::PrecisionPlan plan;
    std::optional<NetworkLayers> network;
};

/// The plan, and the network that was named; where none was, the one that the plan names.
core::Result<PlanOnNetwork> openPlan(const std::string& planName, const std::string& networkName)
{
    PlanOnNetwork opened;
    if (!networkName.empty()) {
        CORE_TRY(opened.network, layersOf(networkName));
        CORE_TRY(opened.plan, core::loadPlan(planName, opened.network->layers));
        return opened;
    }
    CORE_TRY(opened.plan, core::loadPlan(planName));
    if (!opened.plan.network.name.empty()) {
        CORE_TRY(opened.network, layersOf(opened.plan.network.name));
    }
    return opened;
}

core::Result<Answer> listPresets()
{
    Answer answer;
    answer.document["presets"] = ordered_json::array();
    Table table({{"PRESET"}, {"title", Table::Align::Left, 38}, {"source", Table::Align::Left, 40}});
    for (const core::PlanPreset& preset : core::planPresets()) {
        answer.document["presets"].push_back(
            {{"name", preset.name}, {"title", preset.title}, {"source", preset.source}, {"needs_network", preset.mixture != nullptr}});
        table.add({preset.name, preset.title, preset.source});
    }
    answer.page = table.text();
    return answer;
}

/// Without a file the plan itself is the answer, on the page too, so that it can be sent on.
core::Result<Answer> makePreset(const std::string& name, const std::string& networkName, const std::string& output)
{
    CORE_TRY(PlanOnNetwork opened, openPlan(name, networkName));
    core::PrecisionPlan& plan = opened.plan;
    if (!networkName.empty())
        plan.network = {opened.network->name, opened.network->hash};
    Answer answer;
    if (output.empty()) {
        answer.document = core::planToJson(plan);
        answer.page = answer.document.dump(2) + '\n';
        return answer;
    }
    CORE_TRY(core::writePlan(plan, output));
    answer.document = {{"name", plan.name}, {"network", plan.network.name}, {"file", output}};
    answer.page = fmt::format("{}: wrote {}\n", plan.name, output);
    return answer;
}

ordered_json flawEntry(const core::PlanFlaw& flaw)
{
    ordered_json entry{{"layer", flaw.layer}};
    if (flaw.row)
        entry["row"] = flaw.row->value();
    if (flaw.channel)
        entry["channel"] = flaw.channel->value();
    entry["field"] = flaw.field;
    entry["message"] = flaw.message;
    return entry;
}

/// Why a plan file cannot be read, as a flaw: "FILE: layers.conv1.weights.format" is the field weights.format of conv1.
ordered_json unreadable(const core::Problem& problem, const std::string& planName)
{
    std::string place = problem.place;
    if (place.starts_with(planName))
        place.erase(0, std::min(place.size(), planName.size() + 2));
    core::PlanFlaw flaw{"", {}, place, problem.message};
    constexpr std::string_view kLayers = "layers.", kDefaults = "default.";
    if (place.starts_with(kDefaults)) {
        flaw.layer = "default";
        flaw.field = place.substr(kDefaults.size());
    } else if (place.starts_with(kLayers)) {
        std::size_t end = place.size();
        for (const char* part : {".weights", ".activations", ".accumulator", ".surrogate", ".cim", ".correction", ".scores"})
            end = std::min(end, place.find(part, kLayers.size()));
        flaw.layer = place.substr(kLayers.size(), end - kLayers.size());
        flaw.field = end < place.size() ? place.substr(end + 1) : "";
    }
    return flawEntry(flaw);
}

core::Result<Answer> checkPlan(const std::string& planName, const std::string& networkName)
{
    Answer answer;
    const auto opened = openPlan(planName, networkName);
    std::error_code error;
    if (!opened && !(opened.error().place.starts_with(planName) && std::filesystem::is_regular_file(planName, error)))
        return opened.error();
    if (!opened) {
        answer.document = {
            {"plan", planName}, {"network", networkName}, {"problems", ordered_json::array({unreadable(opened.error(), planName)})}};
        answer.problems.push_back(opened.error());
        answer.ending = Ending::Problem;
        return answer;
    }
    if (!opened.value().network)
        return core::Problem{planName, "names no network to check it against; add --network NETWORK"};
    const core::PrecisionPlan& plan = opened.value().plan;
    const NetworkLayers& network = *opened.value().network;
    answer.document = {{"plan", plan.name}, {"network", network.name}, {"problems", ordered_json::array()}};
    for (const core::PlanFlaw& flaw : core::check(plan, network.layers, network.name, network.hash)) {
        answer.document["problems"].push_back(flawEntry(flaw));
        answer.problems.push_back({planName, flaw.text()});
    }
    answer.ending = answer.problems.empty() ? Ending::Done : Ending::Problem;
    answer.page = answer.problems.empty() ? fmt::format("{}: fits {}\n", planName, network.name) : "";
    return answer;
}

core::Result<Answer> diffPlans(const std::string& before, const std::string& after, const std::string& networkName)
{
    CORE_TRY(const PlanOnNetwork first, openPlan(before, networkName));
    CORE_TRY(const PlanOnNetwork second, openPlan(after, networkName));
    Answer answer;
    answer.document["changes"] = ordered_json::array();
    Table table({{"LAYER", Table::Align::Left, 20},
                 {"field", Table::Align::Left, 22},
                 {"before", Table::Align::Left, 26},
                 {"after", Table::Align::Left, 26}});
    const auto changes = core::diff(first.plan, second.plan);
    for (const core::PlanChange& change : changes) {
        ordered_json entry{{"layer", change.layer}, {"field", change.field}, {"before", change.before}, {"after", change.after}};
        if (!change.where.empty())
            entry["where"] = change.where;
        answer.document["changes"].push_back(std::move(entry));
        table.add({change.layer, change.where.empty() ? change.field : change.where, change.before, change.after});
    }
    answer.page = changes.empty() ? "no change\n" : table.text();
    return answer;
}

/// All the layer's orders as a plan would write them, those that it inherits too.
ordered_json resolvedOrders(const core::LayerTreatment& treatment)
{
    core::PrecisionPlan plan;
    plan.layers["layer"] = {treatment.weights, treatment.activations, treatment.accumulator,
                            core::Switchable<core::SurrogatePlan>{treatment.surrogate},
                            core::Switchable<core::ArrayTreatment>{treatment.cim},
                            core::Switchable<core::CorrectionPlan>{treatment.correction},
                            core::Switchable<core::ScorePlan>{treatment.scores}};
    return core::planToJson(plan)["layers"]["layer"];
}

/// Without a network there are only the layers that the plan names, and no sizes.
Answer showOrders(const core::PrecisionPlan& plan)
{
    const std::string defaults = core::treatmentText(core::resolve({{}, {}, plan.defaults, {}}, {}));
    Answer answer;
    answer.document = {{"name", plan.name}, {"network", plan.network.name}, {"default", defaults}, {"layers", ordered_json::array()}};
    Table table({{"LAYER", Table::Align::Left, 28}, {"orders", Table::Align::Left, 68}});
    table.add({"default", defaults});
    for (const auto& [name, orders] : plan.layers) {
        const core::LayerTreatment treatment = core::resolve(plan, name);
        answer.document["layers"].push_back(
            {{"name", name}, {"treatment", core::treatmentText(treatment)}, {"orders", resolvedOrders(treatment)}});
        table.add({name, core::treatmentText(treatment)});
    }
    answer.page = fmt::format("{}\n\n{}\nWith --network NETWORK every layer is shown, with its storage.\n", plan.name, table.text());
    return answer;
}

core::Result<Answer> showPlan(const std::string& planName, const std::string& networkName)
{
    CORE_TRY(const PlanOnNetwork opened, openPlan(planName, networkName));
    const core::PrecisionPlan& plan = opened.plan;
    Answer answer = showOrders(plan);
    if (!opened.network)
        return answer;
    const NetworkLayers& network = *opened.network;
    for (const core::PlanFlaw& flaw : core::check(plan, network.layers, network.name, network.hash))
        answer.problems.push_back({planName, flaw.text()});
    if (!answer.problems.empty()) {
        answer.ending = Ending::Problem;
        return answer;
    }
    answer.document["network"] = network.name;
    answer.document["layers"] = ordered_json::array();
    Table table({{"LAYER", Table::Align::Left, 16},
                 {"rows x columns", Table::Align::Right},
                 {"orders", Table::Align::Left, 36},
                 {"bits a weight", Table::Align::Right},
                 {"stored", Table::Align::Right}});
    double total = 0, reference = 0;
    for (const core::WeightedLayer& layer : network.layers) {
        const core::LayerTreatment treatment = core::resolve(plan, layer.name);
        const core::LayerStorage storage = core::storageOf(layer, treatment);
        const double perWeight = storage.weightBits / static_cast<double>(layer.weights.size());
        total += storage.total();
        reference += 32.0 * static_cast<double>(layer.parameters());
        const std::string orders = core::treatmentText(treatment);
        answer.document["layers"].push_back({{"name", layer.name},
                                             {"rows", layer.rows},
                                             {"columns", layer.columns},
                                             {"channels", layer.channels()},
                                             {"groups", layer.groups},
                                             {"treatment", orders},
                                             {"orders", resolvedOrders(treatment)},
                                             {"bits_per_weight", perWeight},
                                             {"weight_bits", storage.weightBits},
                                             {"bias_bits", storage.biasBits},
                                             {"recovery_bits", storage.recoveryBits},
                                             {"storage_bits", storage.total()}});
        table.add({layer.name, fmt::format("{} x {}", layer.rows, layer.columns), orders, fmt::format("{:.2f}", perWeight),
                   fmt::format("{:.0f} bit", storage.total())});
    }
    answer.document["storage_bits"] = total;
    answer.document["reference_bits"] = reference;
    answer.page = fmt::format("{}\n\n{}\nstored in all {:.0f} bit with biases and recovery; in FP32 {:.0f} bit, {:.2f} times as many\n",
                              plan.name, table.text(), total, reference, reference / total);
    return answer;
}

CLI::Option* addPlanArgument(CLI::App& verb, const std::string& name, std::string& plan)
{
    return verb.add_option(name, plan, "A preset's name or a .plan.json file")->required()->type_name("");
}

CLI::Option* addJudge(CLI::App& verb, std::string& network, const std::string& does)
{
    return verb.add_option("--network", network, does)->type_name("NETWORK");
}

}  // namespace

void addPlanVerbs(Verbs& verbs)
{
    struct Options {
        std::string plan, other, network, output;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& group = verbs.addGroup("plan", "Make, check, compare and show plans");

    CLI::App& preset =
        verbs.addTo(group, "preset", "The presets, or one of them as a plan",
                    {"polar plan preset", "polar plan preset npp-nf4-rank8 -o nf4.plan.json",
                     "polar plan preset rmsmp-65-30-5 --network lenet5-mnist -o rmsmp.plan.json"},
                    [options](const core::RunControl&) {
                        return options->plan.empty() ? listPresets() : makePreset(options->plan, options->network, options->output);
                    });
    preset.add_option("NAME", options->plan, "The preset, or a plan to write again; none: the list of presets")->type_name("");
    addJudge(preset, options->network, "The network it is for; mixtures are counted from its weights");
    addOutput(preset, options->output, "Where to write it; none: standard output");

    CLI::App& check = verbs.addTo(group, "check", "All flaws of a plan for a network; exit code 1 where there are any",
                                  {"polar plan check npp-nf4-rank8 --network lenet5-mnist", "polar plan check lenet5-mnist-array --json"},
                                  [options](const core::RunControl&) { return checkPlan(options->plan, options->network); });
    addPlanArgument(check, "PLAN", options->plan);
    addJudge(check, options->network, "The network to check against; none: the one the plan names");

    CLI::App& diff = verbs.addTo(group, "diff", "What changes from one plan to another",
                                 {"polar plan diff fp32 npp-nf4-rank8", "polar plan diff fixed-w4a4 rmsmp-65-30-5 --network lenet5-mnist"},
                                 [options](const core::RunControl&) { return diffPlans(options->plan, options->other, options->network); });
    addPlanArgument(diff, "BEFORE", options->plan);
    addPlanArgument(diff, "AFTER", options->other);
    addJudge(diff, options->network, "The network both are for; mixtures are counted from its weights");

    CLI::App& show = verbs.addTo(group, "show", "A plan in words, layer by layer, and what every layer is stored in",
                                 {"polar plan show npp-nf4-rank8", "polar plan show npp-nf4-rank8 --network lenet5-mnist --json"},
                                 [options](const core::RunControl&) { return showPlan(options->plan, options->network); });
    addPlanArgument(show, "PLAN", options->plan);
    addJudge(show, options->network, "Show every weighted layer of this network; none: of the one the plan names");
}

}  // namespace app
