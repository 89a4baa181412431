// SPDX-License-Identifier: GPL-3.0-or-later
// polar energy: TOPS/W in other conventions, our model of the published headline, the ceiling a recovery path sets.
#include "app/cli/options.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/energy/conventions.h"
#include "core/engine/recovery_model.h"
#include "core/io/library.h"
#include "core/io/plan_formats.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

/// A convention as options say it.
struct ConventionWords {
    int operations = 2;
    std::string bits = "8x8", memory = "with";
};

core::Result<core::EfficiencyConvention> conventionFrom(const ConventionWords& words)
{
    core::EfficiencyConvention convention;
    convention.operationsPerMac = words.operations;
    convention.includesMemory = words.memory == "with";
    const char* const end = words.bits.data() + words.bits.size();
    const auto [x, first] = std::from_chars(words.bits.data(), end, convention.weightBits);
    const bool hasBoth = first == std::errc() && x != end && *x == 'x';
    const auto [rest, second] =
        hasBoth ? std::from_chars(x + 1, end, convention.activationBits) : std::from_chars_result{end, std::errc::invalid_argument};
    if (second != std::errc() || rest != end)
        return core::Problem{"bits", fmt::format("found {}; wanted weight and activation bits, as in 8x8 or 1x1", words.bits)};
    return convention;
}

ordered_json toJson(const core::EfficiencyFigure& figure)
{
    return {{"tops_per_watt", figure.topsPerWatt},
            {"operations_per_mac", figure.convention.operationsPerMac},
            {"weight_bits", figure.convention.weightBits},
            {"activation_bits", figure.convention.activationBits},
            {"memory", figure.convention.includesMemory},
            {"convention", figure.convention.text()},
            {"femtojoules_per_mac", figure.femtojoulesPerMac()}};
}

struct ConvertOptions {
    double value = 0;
    ConventionWords from, to;
    double memoryShare = 0;
    const CLI::Option* share = nullptr;
    const CLI::Option *toOperations = nullptr, *toBits = nullptr, *toMemory = nullptr;
};

core::Result<Answer> convert(const ConvertOptions& options)
{
    ConventionWords wanted = options.from;
    if (options.toOperations->count() > 0)
        wanted.operations = options.to.operations;
    if (options.toBits->count() > 0)
        wanted.bits = options.to.bits;
    if (options.toMemory->count() > 0)
        wanted.memory = options.to.memory;
    CORE_TRY(const auto from, conventionFrom(options.from));
    CORE_TRY(const auto to, conventionFrom(wanted));
    const core::EfficiencyFigure figure{options.value, from};
    const auto share = options.share->count() > 0 ? std::optional(options.memoryShare) : std::nullopt;
    CORE_TRY(const auto result, core::converted(figure, to, share));
    Answer answer;
    answer.document = {{"from", toJson(figure)}, {"to", toJson(result)}};
    for (const core::EfficiencyFigure& one : {figure, result})
        answer.page +=
            fmt::format("{:>10.4g} TOPS/W   {}: {:.4g} fJ a MAC\n", one.topsPerWatt, one.convention.text(), one.femtojoulesPerMac());
    return answer;
}

struct ModelOptions {
    int rank = 8, width = 512;
    core::RecoveryModel model;
};

core::Result<Answer> model(const ModelOptions& options)
{
    const core::LayerShape shape{options.width, options.width};
    const core::EnergyBill bill = core::modelBill(shape, options.rank, options.model);
    const double main = 1000 * bill.ofPart(core::LedgerPart::Array).value() / bill.macs,
                 recovery = 1000 * bill.ofPart(core::LedgerPart::Recovery).value() / bill.macs;
    Answer answer;
    answer.document = {{"published_tops_per_watt", core::kPublishedNppTopsPerWatt},
                       {"model_tops_per_watt", bill.topsPerWatt()},
                       {"width", options.width},
                       {"rank", options.rank},
                       {"main_tops_per_watt", options.model.mainTopsPerWatt},
                       {"recovery_fj_per_operation", options.model.recoveryFemtojoulesPerOperation},
                       {"main_fj_per_mac", main},
                       {"recovery_fj_per_mac", recovery},
                       {"convention", core::EfficiencyConvention{2, 8, 8, false}.text()}};
    answer.page =
        fmt::format("published   {:g} TOPS/W (NPP, abstract; no breakdown is known)\nour model   {:.4g} TOPS/W for {} x {} with rank {}\n"
                    "            main path {:.3g} fJ a MAC ({:g} TOPS/W: the same group's converter-free crossbar)\n"
                    "            recovery {:.3g} fJ a main MAC ({:g} fJ an operation of the path: calibrated, not measured)\n"
                    "            2 operations a main MAC, 8-bit inputs, without memory and converters\n",
                    core::kPublishedNppTopsPerWatt, bill.topsPerWatt(), options.width, options.width, options.rank, main,
                    options.model.mainTopsPerWatt, recovery, options.model.recoveryFemtojoulesPerOperation);
    return answer;
}

struct CeilingOptions {
    int rank = 8;
    std::string format = "fp16", technology = "7nm";
};

core::Result<Answer> ceilings(const CeilingOptions& options)
{
    CORE_TRY(const core::PriceTable prices, core::loadPriceTable(options.technology));
    CORE_TRY(const core::NumberFormat format, core::formatNamed(options.format, {}));
    Answer answer;
    answer.document = {{"technology", prices.name}, {"format", format.name()}, {"rank", options.rank}, {"ceilings", ordered_json::array()}};
    using enum Table::Align;
    Table table({{"width", Right}, {"extra MACs", Right}, {"at most TOPS/W", Right}});
    for (int width = 64; width <= 4096; width *= 2) {
        CORE_TRY(const double ceiling, core::rankCeiling({width, width}, options.rank, format, prices));
        const double extra = std::min(options.rank, width) * 2.0 / width;
        answer.document["ceilings"].push_back(
            {{"width", width}, {"extra_macs", extra}, {"tops_per_watt", std::isfinite(ceiling) ? ordered_json(ceiling) : ordered_json()}});
        table.add({std::to_string(width), fmt::format("{:.3g} %", 100 * extra),
                   std::isfinite(ceiling) ? fmt::format("{:.4g}", ceiling) : "no limit"});
    }
    answer.page = fmt::format("What a rank-{} path in {} at {} prices allows, however cheap the main path (2 operations a main MAC):\n{}",
                              options.rank, format.name(), prices.name, table.text());
    return answer;
}

CLI::Option* addOperations(CLI::App& verb, const std::string& name, int& operations, const std::string& what)
{
    return verb.add_option(name, operations, what)->check(CLI::Range(1, 2))->type_name("1|2");
}

CLI::Option* addMemory(CLI::App& verb, const std::string& name, std::string& memory, const std::string& what)
{
    return verb.add_option(name, memory, what)->check(CLI::IsMember({"with", "without"}))->type_name("with|without");
}

}  // namespace

void addEnergyVerbs(Verbs& verbs)
{
    CLI::App& group = verbs.addGroup("energy", "TOPS/W in other conventions, the published headline's model, ceilings of recovery paths");

    const auto conversion = std::make_shared<ConvertOptions>();
    CLI::App& convertVerb = verbs.addTo(group, "convert", "An efficiency said in another convention",
                                        {"polar energy convert 464 --to-ops 1", "polar energy convert 400 --bits 1x1 --to-bits 8x8",
                                         "polar energy convert 20 --to-memory without --memory-share 0.4 --json"},
                                        [conversion](const core::RunControl&) { return convert(*conversion); });
    convertVerb.add_option("TOPS_PER_WATT", conversion->value, "The figure")->required()->type_name("");
    addOperations(convertVerb, "--ops", conversion->from.operations, "Operations it counts a multiply-accumulate")->capture_default_str();
    convertVerb.add_option("--bits", conversion->from.bits, "Its weight x activation bits")->type_name("WxA")->capture_default_str();
    addMemory(convertVerb, "--memory", conversion->from.memory, "Whether memory is in its energy")->capture_default_str();
    conversion->toOperations = addOperations(convertVerb, "--to-ops", conversion->to.operations, "Operations to count; none: as it does");
    conversion->toBits =
        convertVerb.add_option("--to-bits", conversion->to.bits, "Bits to say it for (a bit-serial machine's rule); none: its own")
            ->type_name("WxA");
    conversion->toMemory = addMemory(convertVerb, "--to-memory", conversion->to.memory, "Whether memory is to be in it; none: as it is");
    conversion->share =
        convertVerb.add_option("--memory-share", conversion->memoryShare, "Memory's part of the energy with memory, 0 to below 1")
            ->type_name("SHARE");

    const auto modelled = std::make_shared<ModelOptions>();
    CLI::App& modelVerb =
        verbs.addTo(group, "npp", "The published 464 TOPS/W beside our calibrated model of it",
                    {"polar energy npp", "polar energy npp --rank 16", "polar energy npp --width 256 --recovery 24.5 --json"},
                    [modelled](const core::RunControl&) { return model(*modelled); });
    modelVerb.add_option("--rank", modelled->rank, "Of the recovery path")
        ->check(CLI::Range(0, 4096))
        ->type_name("R")
        ->capture_default_str();
    modelVerb.add_option("--width", modelled->width, "Rows and columns of the layer")
        ->check(CLI::Range(1, 1 << 20))
        ->type_name("N")
        ->capture_default_str();
    modelVerb.add_option("--main", modelled->model.mainTopsPerWatt, "TOPS/W of the main path")
        ->check(CLI::Range(1e-3, 1e9))
        ->check(anyNumber())
        ->type_name("TOPS/W")
        ->capture_default_str();
    modelVerb.add_option("--recovery", modelled->model.recoveryFemtojoulesPerOperation, "fJ an operation of the recovery path")
        ->check(CLI::Range(0.0, 1e9))
        ->check(anyNumber())
        ->type_name("FJ")
        ->capture_default_str();

    const auto ceiling = std::make_shared<CeilingOptions>();
    CLI::App& ceilingVerb = verbs.addTo(group, "ceiling", "What a recovery path alone allows, by layer width",
                                        {"polar energy ceiling", "polar energy ceiling --format int8 --technology 45nm --json"},
                                        [ceiling](const core::RunControl&) { return ceilings(*ceiling); });
    ceilingVerb.add_option("--rank", ceiling->rank, "Of the recovery path")
        ->check(CLI::Range(0, 4096))
        ->type_name("R")
        ->capture_default_str();
    ceilingVerb.add_option("--format", ceiling->format, "Its number format")->type_name("FORMAT")->capture_default_str();
    addTechnology(ceilingVerb, ceiling->technology);
}

}  // namespace app
