// SPDX-License-Identifier: GPL-3.0-or-later
// polar formats: the levels a number format can hold, and where they meet.
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/formats/number_format.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

/// The smallest magnitude above zero that the format can hold.
double smallestMagnitude(const core::NumberFormat& format)
{
    if (const auto* minifloat = std::get_if<core::MinifloatFormat>(&format.spec()))
        return std::ldexp(1.0, 1 - minifloat->bias - minifloat->mantissaBits);
    if (format.isFloat32())
        return std::ldexp(1.0, -149);
    double smallest = INFINITY;
    for (const float level : format.levels())
        if (level != 0.0f)
            smallest = std::min(smallest, std::abs(static_cast<double>(level)));
    return smallest;
}

/// Largest over smallest magnitude in dB.
double dynamicRangeDecibels(const core::NumberFormat& format)
{
    return 20.0 * std::log10(static_cast<double>(format.largestLevel()) / smallestMagnitude(format));
}

std::string levelsPage(const std::vector<float>& levels, const std::vector<float>& thresholds)
{
    constexpr std::size_t kMost = 256; // more is for --json
    if (levels.empty())
        return "The format is too wide to list its levels.\n";
    if (levels.size() > kMost)
        return fmt::format("{} levels; --json lists them.\n", levels.size());
    Table table({{"level", Table::Align::Right}, {"value", Table::Align::Right}, {"meets the next at", Table::Align::Right}});
    for (std::size_t i = 0; i < levels.size(); ++i)
        table.add({std::to_string(i), fmt::format("{:.9g}", levels[i]), i < thresholds.size() ? fmt::format("{:.9g}", thresholds[i]) : ""});
    return table.text();
}

core::Result<Answer> describe(const std::string& name)
{
    CORE_TRY(const core::NumberFormat format, core::NumberFormat::named(name));
    const auto& catalogue = core::formatCatalogue();
    const auto entry = std::ranges::find(catalogue, format.name(), &core::CatalogueEntry::name);
    const std::vector<float> levels = format.levels();
    const std::vector<float> thresholds = format.thresholds();

    Answer answer;
    ordered_json& document = answer.document;
    document["name"] = format.name();
    if (entry != catalogue.end()) {
        document["title"] = entry->title;
        document["source"] = entry->source;
        answer.page = fmt::format("{}: {} ({})\n", format.name(), entry->title, entry->source);
    } else {
        answer.page = format.name() + '\n';
    }
    document["bits"] = format.storageBits();
    document["holds_zero"] = format.holdsZero();
    document["largest_level"] = format.largestLevel();
    document["dynamic_range_db"] = dynamicRangeDecibels(format);
    document["levels"] = levels;
    document["thresholds"] = thresholds;
    answer.page += fmt::format("{:g} bits, largest level {:g}, dynamic range {:.1f} dB, {}\n\n", format.storageBits(),
                               format.largestLevel(), dynamicRangeDecibels(format), format.holdsZero() ? "holds zero" : "CANNOT HOLD ZERO");
    answer.page += levelsPage(levels, thresholds);
    return answer;
}

core::Result<Answer> catalogue()
{
    Answer answer;
    answer.document["formats"] = ordered_json::array();
    Table table({{"FORMAT"},
                 {"bits", Table::Align::Right},
                 {"largest", Table::Align::Right},
                 {"range [dB]", Table::Align::Right},
                 {"zero"},
                 {"title"},
                 {"source"}});
    for (const core::CatalogueEntry& entry : core::formatCatalogue()) {
        const core::NumberFormat& format = entry.format;
        answer.document["formats"].push_back({{"name", entry.name},
                                              {"bits", format.storageBits()},
                                              {"largest_level", format.largestLevel()},
                                              {"dynamic_range_db", dynamicRangeDecibels(format)},
                                              {"holds_zero", format.holdsZero()},
                                              {"title", entry.title},
                                              {"source", entry.source}});
        table.add({entry.name, fmt::format("{:g}", format.storageBits()), fmt::format("{:g}", format.largestLevel()),
                   fmt::format("{:.1f}", dynamicRangeDecibels(format)), format.holdsZero() ? "yes" : "no", entry.title, entry.source});
    }
    answer.page = table.text();
    return answer;
}

}  // namespace

void addFormatsVerb(Verbs& verbs)
{
    const auto name = std::make_shared<std::string>();
    CLI::App& verb = verbs.add("formats", "Levels, thresholds and dynamic range of a number format",
                               {"polar formats", "polar formats nf4", "polar formats e4m3 --json"},
                               [name](const core::RunControl&) { return name->empty() ? catalogue() : describe(*name); });
    verb.add_option("NAME", *name, "fp32 fp16 bf16 e4m3 eXmY int4 uint8 ternary pot4 apot4 nf4 ...; none: the catalogue")->type_name("");
}

}  // namespace app
