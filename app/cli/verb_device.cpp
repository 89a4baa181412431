// SPDX-License-Identifier: GPL-3.0-or-later
// polar device: a kind of memory cell, bundled, described in a file or fitted to measured conductances, and a plan whose
// arrays are built of it.
#include "app/cli/options.h"
#include "app/cli/table.h"

#include "core/io/device_reader.h"
#include "core/io/json_documents.h"
#include "core/io/library.h"

#include <fmt/format.h>

#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

struct Options {
    std::string device, plan, output;
};

/// Every array of the plan, built of the device; how many there were.
int applyTo(core::PrecisionPlan& plan, const core::Device& device)
{
    int arrays = 0;
    const auto apply = [&](core::LayerPlan& layer) {
        if (!layer.cim || !layer.cim->value)
            return;
        layer.cim->value = core::withDevice(*layer.cim->value, device);
        ++arrays;
    };
    apply(plan.defaults);
    for (auto& [name, layer] : plan.layers)
        apply(layer);
    return arrays;
}

core::Result<void> showFit(const std::string& file, Answer& answer)
{
    CORE_TRY(const auto cells, core::readMeasuredCells(file));
    auto fitted = core::fitDevice(cells);
    if (!fitted)
        return fitted.error().within(file);
    const core::DeviceFit& fit = fitted.value();
    using enum Table::Align;
    Table table({{"TARGET", Right}, {"cells", Right}, {"mean", Right}, {"mean - target", Right}, {"deviation", Right}, {"fitted", Right}});
    ordered_json levels = ordered_json::array();
    const auto text = [](double value) { return fmt::format("{:.4g}", value); };
    for (const core::FittedLevel& level : fit.levels) {
        levels.push_back({{"target", level.target},
                          {"cells", level.cells},
                          {"mean", level.mean},
                          {"deviation", level.deviation},
                          {"fitted_deviation", level.fitted}});
        table.add({text(level.target), fmt::format("{}", level.cells), text(level.mean), text(level.offset()), text(level.deviation),
                   text(level.fitted)});
    }
    const auto& c = fit.variation.coefficients;
    answer.document["fit"] = {{"coefficients", c}, {"largest", fit.largest}, {"residual", fit.residual}, {"levels", levels}};
    answer.page += fmt::format(
        "\n{}\ndeviation   ({:.4g} + {:.4g} r + {:.4g} r^2) of the largest target, {:.4g}; root mean square miss {:.2g} of it\n",
        table.text(), c[0], c[1], c[2], fit.largest, fit.residual);
    return core::success();
}

core::Result<Answer> show(const Options& options, const core::RunControl& /*control*/)
{
    CORE_TRY(const core::Device device, core::loadDevice(options.device));
    Answer answer;
    answer.document = core::deviceToJson(device);
    Table table({{"DEVICE"}, {device.name, Table::Align::Left, 78}});
    table.add({"title", device.title});
    table.add({"source", device.source});
    for (const auto& [key, value] : answer.document["cells"].items())
        table.add({key, value.dump()});
    answer.page = table.text();
    if (options.device.ends_with(".csv"))
        CORE_TRY(showFit(options.device, answer));
    if (options.plan.empty())
        return answer;
    CORE_TRY(core::PrecisionPlan plan, core::loadPlan(options.plan));
    const int arrays = applyTo(plan, device);
    if (arrays == 0)
        return core::Problem{options.plan, "has no array that could be built of it; wanted a plan with cim"};
    plan.name += " on " + device.name;
    CORE_TRY(core::writePlan(plan, options.output));
    answer.document["plan"] = options.output;
    answer.page += fmt::format("written     {}: {} array{} of it\n", options.output, arrays, arrays == 1 ? "" : "s");
    return answer;
}

}  // namespace

void addDeviceVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("device", "A kind of memory cell, and a plan whose arrays are built of it",
                  {"polar device pcm", "polar device rram --json", "polar device rram --plan cim-w4a8-rank8 -o rram.plan.json"},
                  [options](const core::RunControl& control) { return show(*options, control); });
    verb.add_option("DEVICE", options->device, "Name of a bundled device, a device file, or a .csv of target and measured conductances")
        ->required();
    CLI::Option* plan = addPlan(verb, options->plan);
    CLI::Option* output = addOutput(verb, options->output, "Where the plan goes");
    plan->needs(output);
    output->needs(plan);
}

}  // namespace app
