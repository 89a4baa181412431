// SPDX-License-Identifier: GPL-3.0-or-later
// polar plan preset|check|diff|show: make, check and compare plans.
#include "app/cli/options.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/plan/check.h"

#include <fmt/format.h>

#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

struct NetworkLayers {
    std::string name, hash;
    std::vector<core::WeightedLayer> layers;
};

core::Result<NetworkLayers> layersOf(const std::string& networkName)
{
    CORE_TRY(const core::LoadedNetwork loaded, core::loadNetwork(networkName));
    CORE_TRY(const auto values, core::describeValues(*loaded.network, 1));
    const std::string name = loaded.manifest.name.empty() ? loaded.network->name : loaded.manifest.name;
    return NetworkLayers{name, loaded.network->hash, core::weightedLayers(*loaded.network, values)};
}

core::Result<Answer> listPresets()
{
    Answer answer;
    answer.document["presets"] = ordered_json::array();
    Table table({{"PRESET"}, {"title"}, {"source"}});
    for (const core::PlanPreset& preset : core::planPresets()) {
        answer.document["presets"].push_back({{"name", preset.name}, {"title", preset.title}, {"source", preset.source}});
        table.add({preset.name, preset.title, preset.source});
    }
    answer.page = table.text();
    return answer;
}

/// Without a file the plan itself is the answer, on the page too, so that it can be sent on.
core::Result<Answer> makePreset(const std::string& name, const std::string& output)
{
    CORE_TRY(const core::PrecisionPlan plan, core::loadPlan(name));
    Answer answer;
    if (output.empty()) {
        answer.document = core::planToJson(plan);
        answer.page = answer.document.dump(2) + '\n';
        return answer;
    }
    CORE_TRY(core::writePlan(plan, output));
    answer.document = {{"name", plan.name}, {"file", output}};
    answer.page = fmt::format("{}: wrote {}\n", plan.name, output);
    return answer;
}

core::Result<Answer> checkPlan(const std::string& planName, const std::string& networkName)
{
    CORE_TRY(const core::PrecisionPlan plan, core::loadPlan(planName));
    const std::string judge = networkName.empty() ? plan.network.name : networkName;
    if (judge.empty())
        return core::Problem{planName, "names no network to check it against; add --network NETWORK"};
    CORE_TRY(const NetworkLayers network, layersOf(judge));
    Answer answer;
    answer.document = {{"plan", plan.name}, {"network", network.name}, {"problems", ordered_json::array()}};
    for (const core::PlanFlaw& flaw : core::check(plan, network.layers, network.name, network.hash)) {
        ordered_json entry{{"layer", flaw.layer}, {"field", flaw.field}, {"message", flaw.message}};
        if (flaw.row)
            entry["row"] = flaw.row->value();
        answer.document["problems"].push_back(entry);
        answer.problems.push_back({planName, flaw.text()});
    }
    answer.ending = answer.problems.empty() ? Ending::Done : Ending::Problem;
    answer.page = answer.problems.empty() ? fmt::format("{}: fits {}\n", planName, network.name) : "";
    return answer;
}

core::Result<Answer> diffPlans(const std::string& before, const std::string& after)
{
    CORE_TRY(const core::PrecisionPlan first, core::loadPlan(before));
    CORE_TRY(const core::PrecisionPlan second, core::loadPlan(after));
    Answer answer;
    answer.document["changes"] = ordered_json::array();
    Table table({{"LAYER"}, {"field"}, {"before"}, {"after"}});
    const auto changes = core::diff(first, second);
    for (const core::PlanChange& change : changes) {
        answer.document["changes"].push_back(
            {{"layer", change.layer}, {"field", change.field}, {"before", change.before}, {"after", change.after}});
        table.add({change.layer, change.field, change.before, change.after});
    }
    answer.page = changes.empty() ? "no change\n" : table.text();
    return answer;
}

core::Result<Answer> showPlan(const std::string& planName, const std::string& networkName)
{
    CORE_TRY(const core::PrecisionPlan plan, core::loadPlan(planName));
    std::vector<std::string> names;
    if (!networkName.empty()) {
        CORE_TRY(const NetworkLayers network, layersOf(networkName));
        for (const core::WeightedLayer& layer : network.layers)
            names.push_back(layer.name);
    } else {
        for (const auto& [layer, orders] : plan.layers)
            names.push_back(layer);
    }
    const std::string defaults =
        core::treatmentText(core::resolve({.name = {}, .network = {}, .defaults = plan.defaults, .layers = {}}, {}));
    Answer answer;
    answer.document = {{"name", plan.name}, {"network", plan.network.name}, {"default", defaults}, {"layers", ordered_json::array()}};
    Table table({{"LAYER"}, {"orders"}});
    table.add({"default", defaults});
    for (const std::string& name : names) {
        const std::string orders = core::treatmentText(core::resolve(plan, name));
        answer.document["layers"].push_back({{"name", name}, {"treatment", orders}});
        table.add({name, orders});
    }
    answer.page = fmt::format("{}\n\n{}", plan.name, table.text());
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

    CLI::App& preset = verbs.addTo(
        group, "preset", "The presets, or one of them as a plan", {"polar plan preset", "polar plan preset npp-nf4-rank8 -o nf4.plan.json"},
        [options](const core::RunControl&) { return options->plan.empty() ? listPresets() : makePreset(options->plan, options->output); });
    preset.add_option("NAME", options->plan, "The preset; none: the list of them")->type_name("");
    addOutput(preset, options->output, "Where to write it; none: standard output");

    CLI::App& check = verbs.addTo(group, "check", "All flaws of a plan for a network; exit code 1 where there are any",
                                  {"polar plan check npp-nf4-rank8 --network lenet5-mnist"},
                                  [options](const core::RunControl&) { return checkPlan(options->plan, options->network); });
    addPlanArgument(check, "PLAN", options->plan);
    addJudge(check, options->network, "The network to check against; none: the one the plan names");

    CLI::App& diff = verbs.addTo(group, "diff", "What changes from one plan to another", {"polar plan diff fp32 npp-nf4-rank8"},
                                 [options](const core::RunControl&) { return diffPlans(options->plan, options->other); });
    addPlanArgument(diff, "BEFORE", options->plan);
    addPlanArgument(diff, "AFTER", options->other);

    CLI::App& show = verbs.addTo(group, "show", "A plan in words, layer by layer",
                                 {"polar plan show npp-nf4-rank8", "polar plan show npp-nf4-rank8 --network lenet5-mnist"},
                                 [options](const core::RunControl&) { return showPlan(options->plan, options->network); });
    addPlanArgument(show, "PLAN", options->plan);
    addJudge(show, options->network, "Show every weighted layer of this network");
}

}  // namespace app
