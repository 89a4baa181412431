// SPDX-License-Identifier: GPL-3.0-or-later
// polar formats: the levels a number format can hold, and where they meet.
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/formats/rounding.h"
#include "core/formats/treatment.h"
#include "core/io/plan_formats.h"

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

/// The shape of a float, fp32's own as well.
std::optional<core::MinifloatFormat> floatShape(const core::NumberFormat& format)
{
    if (format.isFloat32())
        return core::MinifloatFormat{8, 23, 127, core::Specials::Ieee};
    const auto* minifloat = std::get_if<core::MinifloatFormat>(&format.spec());
    return minifloat != nullptr ? std::optional(*minifloat) : std::nullopt;
}

/// Distinct finite levels, also of formats too wide to list them: binades of 2^m, two signs, one zero.
std::int64_t levelCount(const core::NumberFormat& format, const std::vector<float>& levels)
{
    const auto shape = floatShape(format);
    return !levels.empty() || !shape ? static_cast<std::int64_t>(levels.size())
                                     : ((std::int64_t{1} << shape->exponentBits) - 1) * (std::int64_t{2} << shape->mantissaBits) - 1;
}

struct ScaledStorage {
    std::string scale;
    double bitsPerWeight;
};

/// What a weight takes with its share of the scales, in a matrix of so many rows and columns.
constexpr std::size_t kRows = 64, kColumns = 576;

std::vector<ScaledStorage> storageOf(const core::NumberFormat& format)
{
    constexpr double kWeights = kRows * kColumns;
    if (core::isWideFloat(format.spec()) || format.isFloat32())
        return {{"none", core::storedBits({format, {}, {}}, kRows, kColumns) / kWeights}};
    std::vector<ScaledStorage> storage;
    for (const char* scale : {"tensor", "row", "group:64", "vector:16:4", "block:32", "block:16:e4m3"})
        if (const auto rule = core::ScaleRule::parse(scale))
            storage.push_back({scale, core::storedBits({format, rule.value(), {}}, kRows, kColumns) / kWeights});
    return storage;
}

std::string levelsPage(const std::vector<float>& levels, const std::vector<float>& thresholds)
{
    constexpr std::size_t kMost = 256;  // more is for --json
    if (levels.empty())
        return "Too many levels to list.\n";
    if (levels.size() > kMost)
        return fmt::format("{} levels; --json lists them.\n", levels.size());
    Table table({{"level", Table::Align::Right}, {"value", Table::Align::Right}, {"meets the next at", Table::Align::Right}});
    for (std::size_t i = 0; i < levels.size(); ++i)
        table.add({std::to_string(i), fmt::format("{:.9g}", levels[i]), i < thresholds.size() ? fmt::format("{:.9g}", thresholds[i]) : ""});
    return table.text();
}

ordered_json floatSummary(const core::MinifloatFormat& shape)
{
    return {{"exponent_bits", shape.exponentBits},
            {"mantissa_bits", shape.mantissaBits},
            {"bias", shape.bias},
            {"smallest_normal", std::ldexp(1.0, 1 - shape.bias)},
            {"epsilon", std::ldexp(1.0, -shape.mantissaBits)}};
}

core::Result<Answer> describe(const std::string& name)
{
    if (name.empty())
        return core::Problem{"NAME", "is empty; wanted the name of a number format, or nothing for the catalogue"};
    CORE_TRY(const core::NumberFormat format, core::formatNamed(name, {}));
    const auto& catalogue = core::formatCatalogue();
    const auto entry = std::ranges::find(catalogue, format.name(), &core::CatalogueEntry::name);
    const std::vector<float> levels = format.levels();
    const std::vector<float> thresholds = format.thresholds();
    const std::int64_t count = levelCount(format, levels);
    const auto shape = floatShape(format);

    Answer answer;
    ordered_json& document = answer.document;
    document["name"] = format.name();
    if (entry != catalogue.end()) {
        document["title"] = entry->title;
        document["source"] = entry->source;
        answer.page = fmt::format("{}: {}\n{}\n\n", format.name(), entry->title, entry->source);
    } else {
        answer.page = format.name() + "\n\n";
    }
    document["bits"] = format.storageBits();
    document["level_count"] = count;
    document["smallest_level"] = smallestMagnitude(format);
    document["largest_level"] = format.largestLevel();
    document["dynamic_range_db"] = dynamicRangeDecibels(format);
    document["holds_zero"] = format.holdsZero();
    answer.page += fmt::format("{:g} bits a code, {} levels, {}\nmagnitudes {:.6g} to {:.6g}, dynamic range {:.1f} dB\n",
                               format.storageBits(), count, format.holdsZero() ? "holds zero" : "CANNOT HOLD ZERO",
                               smallestMagnitude(format), format.largestLevel(), dynamicRangeDecibels(format));
    if (shape) {
        document["float"] = floatSummary(*shape);
        answer.page += fmt::format("{} exponent bits, {} mantissa bits, smallest normal {:.6g}, spacing {:.3g} at 1\n", shape->exponentBits,
                                   shape->mantissaBits, std::ldexp(1.0, 1 - shape->bias), std::ldexp(1.0, -shape->mantissaBits));
    }
    document["storage"] = ordered_json::array();
    answer.page += fmt::format("\nbits a weight, scales counted, in a {} x {} matrix (8 bits more in all where its scales\n"
                               "lie outside fp16's normal range):\n",
                               kRows, kColumns);
    for (const ScaledStorage& storage : storageOf(format)) {
        document["storage"].push_back(
            {{"scale", storage.scale}, {"rows", kRows}, {"columns", kColumns}, {"bits_per_weight", storage.bitsPerWeight}});
        answer.page += fmt::format("  {:<14} {:.4f}\n", storage.scale, storage.bitsPerWeight);
    }
    document["levels"] = levels;
    document["thresholds"] = thresholds;
    answer.page += '\n' + levelsPage(levels, thresholds);
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
                 {"title", Table::Align::Left, 26},
                 {"source", Table::Align::Left, 24}});
    for (const core::CatalogueEntry& entry : core::formatCatalogue()) {
        const core::NumberFormat& format = entry.format;
        answer.document["formats"].push_back({{"name", entry.name},
                                              {"bits", format.storageBits()},
                                              {"smallest_level", smallestMagnitude(format)},
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
    struct Options {
        std::string name;
        const CLI::Option* given = nullptr; // an empty name is a name nobody can mean, not the catalogue
    };
    const auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "formats", "Levels, thresholds, storage and dynamic range of a number format",
        {"polar formats", "polar formats nf4", "polar formats e4m3 --json", "polar formats fp32"},
        [options](const core::RunControl&) { return options->given->count() > 0 ? describe(options->name) : catalogue(); });
    options->given =
        verb.add_option("NAME", options->name,
                        "fp32 fp16 bf16 e4m3 eXmY int4 uint8 ternary pot4 apot4 nf4 codebook:FILE ...; none: the catalogue")
            ->type_name("");
}

}  // namespace app
