// SPDX-License-Identifier: GPL-3.0-or-later
// polar compare-cost: what a plan's recovery paths cost, spent in other ways.
#include "app/cli/options.h"
#include "app/cli/report_page.h"
#include "app/cli/table.h"

#include "core/assign/equal_cost.h"
#include "core/base/quantity_text.h"
#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/learn/row_importance.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

struct Options {
    std::string network, dataset, plan, output;
    std::string technology = kDefaultTechnology, equal = "bytes";
    std::int64_t samples = 0;
    int chips = 1, threads = 0;
    std::uint64_t seed = 1;
};

core::Result<Answer> compareCost(const Options& options, const core::RunControl& control)
{
    core::EqualCostRequest request;
    CORE_TRY(request.technology, core::loadPriceTable(options.technology));
    request.kind = options.equal == "energy" ? core::CostKind::Energy : core::CostKind::Bytes;
    request.samples = options.samples;
    request.chips = options.chips;
    request.seed = options.seed;
    request.threads = options.threads;
    control.report(0.0, "reading");
    CORE_TRY(const auto subject, core::openSubject(options.network, options.dataset, calibrationSamplesFor(options.plan)));
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject, control, core::rowImportance));
    CORE_TRY(request.plan, planNamed(options.plan, evaluator->layers()));
    if (auto refusal = refusalOf(request.plan, options.plan, *evaluator))
        return *refusal;
    CORE_TRY(const core::RowScores scores, core::fisherRowScores(*evaluator, request.plan, options.threads, control));
    CORE_TRY(const auto contenders, core::compareAtEqualCost(*evaluator, request, scores, control));

    Answer answer;
    using enum Table::Align;
    Table table({{"SPENT ON"}, {"top 1"}, {"agreement", Right}, {"output dB", Right}, {"bytes", Right}, {"energy", Right}, {"that is"}});
    answer.document = {{"network", subject->networkName},
                       {"dataset", subject->datasetName},
                       {"plan", request.plan.name},
                       {"equal", options.equal},
                       {"samples", contenders.front().report->samples}};
    for (const core::Contender& contender : contenders) {
        const core::Report& report = *contender.report;
        const auto output = report.layers.back().propagatedSqnrDecibels;
        answer.document["contenders"].push_back({{"name", contender.name},
                                                 {"words", contender.words},
                                                 {"top1", core::proportionToJson(report.top1)},
                                                 {"chips_mean", report.chips.mean},
                                                 {"agreement", core::proportionToJson(report.agreement)},
                                                 {"output_sqnr_db", core::decibelsToJson(output)},
                                                 {"bytes", contender.cost.bytes},
                                                 {"energy_pj", contender.cost.energy.value()}});
        table.add({contender.name, proportionText(report.top1), core::percentText(report.agreement.value()), core::decibelText(output),
                   core::countText(std::llround(contender.cost.bytes)), core::energyText(contender.cost.energy), contender.words});
    }
    answer.page = fmt::format("{} on {}: what the recovery of \"{}\" costs in {}, spent in other ways\n{}", subject->networkName,
                              subject->datasetName, request.plan.name, options.equal, table.text());
    if (!options.output.empty()) {
        CORE_TRY(core::writePlan(contenders.front().plan, options.output));
        answer.page += fmt::format("the best    {}\n", options.output);
    }
    return answer;
}

}  // namespace

void addCompareCostVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("compare-cost", "What a plan's recovery paths cost, spent on finer groups, more bits or protected rows instead",
                  {"polar compare-cost mlp-mnist mnist --plan npp-nf4-rank8 --samples 1000",
                   "polar compare-cost lenet5-mnist mnist --plan npp-nf4-rank8 --equal energy --samples 1000 --json"},
                  [options](const core::RunControl& control) { return compareCost(*options, control); });
    addNetwork(verb, options->network);
    addDataset(verb, options->dataset);
    addPlan(verb, options->plan)->required();
    verb.add_option("--equal", options->equal, "What all may cost alike")->check(CLI::IsMember({"bytes", "energy"}))->capture_default_str();
    addSamples(verb, options->samples);
    addChips(verb, options->chips);
    addSeed(verb, options->seed);
    addThreads(verb, options->threads);
    addTechnology(verb, options->technology);
    addOutput(verb, options->output, "Write the best one's plan to this file");
}

}  // namespace app
