// SPDX-License-Identifier: GPL-3.0-or-later
// polar list: what is bundled.
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/base/quantity_text.h"
#include "core/formats/number_format.h"
#include "core/io/library.h"
#include "core/plan/check.h"

#include <fmt/format.h>

namespace app {
namespace {

using nlohmann::ordered_json;

std::string accuracyText(const core::NetworkManifest& network)
{
    if (!network.accuracy || network.accuracy->samples == 0)
        return "";
    return core::percentText(static_cast<double>(network.accuracy->correct) / static_cast<double>(network.accuracy->samples));
}

ordered_json listNetworks(std::string& page)
{
    ordered_json all = ordered_json::array();
    Table table({{"NETWORK"},
                 {"dataset"},
                 {"parameters", Table::Align::Right},
                 {"MACs", Table::Align::Right},
                 {"FP32", Table::Align::Right},
                 {"title", Table::Align::Left, 44}});
    for (const core::NetworkManifest& network : core::bundledNetworks()) {
        ordered_json entry{
            {"name", network.name}, {"title", network.title},   {"dataset", network.dataset}, {"parameters", network.parameters},
            {"macs", network.macs}, {"source", network.source}, {"licence", network.licence}};
        if (network.accuracy)
            entry["accuracy"] = {
                {"split", network.accuracy->split}, {"samples", network.accuracy->samples}, {"correct", network.accuracy->correct}};
        all.push_back(entry);
        table.add({network.name, network.dataset, core::countText(network.parameters), core::countText(network.macs), accuracyText(network),
                   network.title});
    }
    page += table.text() + '\n';
    return all;
}

ordered_json listDatasets(std::string& page)
{
    ordered_json all = ordered_json::array();
    Table table({{"DATASET"}, {"kind"}, {"splits"}, {"licence", Table::Align::Left, 26}, {"title", Table::Align::Left, 30}});
    for (const core::DatasetSummary& dataset : core::bundledDatasets()) {
        all.push_back({{"name", dataset.name},
                       {"title", dataset.title},
                       {"kind", dataset.kind},
                       {"splits", dataset.splits},
                       {"licence", dataset.licence}});
        std::string splits;
        for (const auto& [split, samples] : dataset.splits)
            splits += fmt::format("{}{} {}", splits.empty() ? "" : ", ", split, core::countText(samples));
        table.add({dataset.name, dataset.kind, splits, dataset.licence, dataset.title});
    }
    page += table.text() + '\n';
    return all;
}

ordered_json listPlans(std::string& page)
{
    ordered_json all = ordered_json::array();
    Table table({{"PLAN"}, {"title", Table::Align::Left, 34}, {"source", Table::Align::Left, 32}});
    for (const core::PlanPreset& preset : core::planPresets()) {
        all.push_back({{"name", preset.name}, {"title", preset.title}, {"source", preset.source}});
        table.add({preset.name, preset.title, preset.source});
    }
    for (const std::string& name : core::bundledPlans()) {
        const auto plan = core::loadPlan(name);
        const std::string title = plan ? plan.value().name : plan.error().text();
        all.push_back({{"name", name}, {"title", title}, {"source", "bundled"}});
        table.add({name, title, "bundled"});
    }
    page += table.text() + '\n';
    return all;
}

ordered_json listFormats(std::string& page)
{
    ordered_json all = ordered_json::array();
    Table table({{"FORMAT"}, {"bits", Table::Align::Right}, {"title", Table::Align::Left, 38}, {"source", Table::Align::Left, 44}});
    for (const core::CatalogueEntry& entry : core::formatCatalogue()) {
        all.push_back({{"name", entry.name}, {"bits", entry.format.storageBits()}, {"title", entry.title}, {"source", entry.source}});
        table.add({entry.name, fmt::format("{:g}", entry.format.storageBits()), entry.title, entry.source});
    }
    page += table.text() + '\n';
    return all;
}

ordered_json listTechnologies(std::string& page)
{
    ordered_json all = ordered_json::array();
    Table table({{"TECHNOLOGY"}, {"node", Table::Align::Right}, {"title", Table::Align::Left, 90}});
    for (const core::PriceTable& prices : core::bundledPriceTables()) {
        all.push_back({{"name", prices.name}, {"title", prices.title}, {"node_nanometres", prices.nodeNanometres}});
        table.add({prices.name, fmt::format("{:g} nm", prices.nodeNanometres), prices.title});
    }
    page += table.text();
    return all;
}

ordered_json listDevices(std::string& page)
{
    ordered_json all = ordered_json::array();
    Table table({{"DEVICE"}, {"bits", Table::Align::Right}, {"title", Table::Align::Left, 34}, {"source", Table::Align::Left, 60}});
    for (const core::Device& device : core::bundledDevices()) {
        all.push_back({{"name", device.name}, {"title", device.title}, {"source", device.source}, {"bits_per_cell", device.bitsPerCell}});
        table.add({device.name, std::to_string(device.bitsPerCell), device.title, device.source});
    }
    page += table.text() + '\n';
    return all;
}

core::Result<Answer> list(const core::RunControl& /*control*/)
{
    Answer answer;
    answer.document["networks"] = listNetworks(answer.page);
    answer.document["datasets"] = listDatasets(answer.page);
    answer.document["plans"] = listPlans(answer.page);
    answer.document["formats"] = listFormats(answer.page);
    answer.document["devices"] = listDevices(answer.page);
    answer.document["technologies"] = listTechnologies(answer.page);
    return answer;
}

}  // namespace

void addListVerb(Verbs& verbs)
{
    verbs.add("list", "Bundled networks, datasets, plans, formats, devices and energy tables", {"polar list", "polar list --json"}, list);
}

}  // namespace app
