// SPDX-License-Identifier: GPL-3.0-or-later
// polar evaluate: what a plan does to accuracy, to every layer's error and to the energy bill.
#include "app/cli/options.h"
#include "app/cli/report_page.h"
#include "app/cli/verbs.h"

#include "core/base/quantity_text.h"
#include "core/engine/plan_convention.h"
#include "core/eval/evaluator.h"
#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/learn/row_importance.h"
#include "core/plan/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace app {
namespace {

struct Options {
    std::string network, dataset, plan, against, output;
    std::string technology = kDefaultTechnology;
    std::int64_t samples = 0;
    int chips = 1, reads = 1, threads = 0;
    double yield = 0;  // the threshold; none where nobody asks
    std::uint64_t seed = 1;
};

/// The bill's TOPS/W as others would say it.
nlohmann::ordered_json conventionsOf(const core::Report& report, const core::EfficiencyConvention& own)
{
    auto list = nlohmann::ordered_json::array();
    const core::EnergyBill& bill = report.energy;
    if (bill.total().value() <= 0)
        return list;
    const double memory = bill.ofPart(core::LedgerPart::Memory) / bill.total();
    const auto say = [&](core::EfficiencyConvention to) {
        if (const auto figure = core::converted({bill.topsPerWatt(), own}, to, memory))
            list.push_back({{"tops_per_watt", figure.value().topsPerWatt}, {"convention", figure.value().convention.text()}});
    };
    say(own);
    say({1, own.weightBits, own.activationBits, true});
    say({2, own.weightBits, own.activationBits, false});
    say({2, 8, 8, true});
    say({2, 1, 1, false});
    return list;
}

void addYield(Answer& answer, const core::ChipStatistics& chips, double threshold)
{
    const core::Proportion yield = core::yieldAt(chips, threshold);
    answer.document["chips"]["yield"] = core::yieldToJson(chips, threshold);
    answer.page += fmt::format("yield       {} of {} chips reach {}: {}\n", yield.successes, yield.trials, core::percentText(threshold),
                               proportionText(yield));
}

/// The same question for another plan, on the same chips and samples, and what differs.
core::Result<void> addComparison(Answer& answer, core::EvaluationRequest request, const core::PrecisionPlan& against,
                                 const core::Report& report, core::Evaluator& evaluator, const core::RunControl& control)
{
    request.plan = against;
    request.layerErrors = false;
    CORE_TRY(const core::ReportPtr other, evaluator.evaluate(request, control));
    if (other->partial)
        answer.ending = Ending::Stopped;
    CORE_TRY(const core::PairedDifference difference, core::pairedDifference(*other->answers, *report.answers));
    const nlohmann::ordered_json document = core::reportToJson(*other);
    answer.document["against"] = {{"plan", against.name},
                                  {"partial", other->partial},
                                  {"top1", document["top1"]},
                                  {"chips", document["chips"]},
                                  {"output_sqnr_db", document["output_sqnr_db"]},
                                  {"difference", core::differenceToJson(difference)}};
    answer.page += fmt::format("against     \"{}\": mean {}; this plan {}\n", against.name, core::percentText(other->chips.mean),
                               differenceText(difference));
    return core::success();
}

core::Result<Answer> evaluate(const Options& options, const core::RunControl& control)
{
    core::EvaluationRequest request;
    CORE_TRY(request.technology, core::loadPriceTable(options.technology));
    request.samples = options.samples;
    request.chips = options.chips;
    request.reads = options.reads;
    request.seed = options.seed;
    request.threads = options.threads;

    control.report(0.0, "reading");
    const std::int64_t calibration = std::max(calibrationSamplesFor(options.plan), calibrationSamplesFor(options.against));
    CORE_TRY(const auto subject, core::openSubject(options.network, options.dataset, calibration));
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject, control, core::rowImportance));
    CORE_TRY(request.plan, planNamed(options.plan, evaluator->layers()));
    if (auto refusal = refusalOf(request.plan, options.plan, *evaluator))
        return *refusal;
    core::PrecisionPlan against;
    if (!options.against.empty()) {
        CORE_TRY(against, planNamed(options.against, evaluator->layers()));
        if (auto refusal = refusalOf(against, options.against, *evaluator))
            return *refusal;
    }

    Answer answer;
    CORE_TRY(const core::ReportPtr report, evaluator->evaluate(request, control));
    answer.document = core::reportToJson(*report);
    answer.document["energy"]["conventions"] = conventionsOf(*report, core::conventionOf(request.plan, evaluator->layers()));
    answer.page = reportPage(*report);
    answer.ending = report->partial ? Ending::Stopped : Ending::Done;
    if (options.yield > 0)
        addYield(answer, report->chips, options.yield);
    if (!options.against.empty() && !report->partial)
        CORE_TRY(addComparison(answer, request, against, *report, *evaluator, control));
    if (!options.output.empty()) {
        CORE_TRY(writeText(options.output, answer.document.dump(1) + '\n'));
        answer.page += "report      " + options.output + '\n';
    }
    return answer;
}

}  // namespace

void addEvaluateVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("evaluate", "Accuracy, every layer's error and the energy bill of a network under a plan",
                  {"polar evaluate lenet5-mnist mnist", "polar evaluate lenet5-mnist mnist --plan npp-nf4-rank8 -o lenet5.report.json",
                   "polar evaluate mlp-mnist mnist#train --samples 500 --threads 1 --json",
                   "polar evaluate mlp-mnist mnist --plan cim-w4a8-rank8 --chips 8 --samples 500 --yield 0.95 --against npp-nf4-rank8"},
                  [options](const core::RunControl& control) { return evaluate(*options, control); });
    addNetwork(verb, options->network);
    addDataset(verb, options->dataset);
    addPlan(verb, options->plan);
    addSamples(verb, options->samples);
    addChips(verb, options->chips);
    addReads(verb, options->reads);
    verb.add_option("--yield", options->yield, "Also the share of chips that reach this accuracy")
        ->check(CLI::Range(0.0, 1.0))
        ->check(anyNumber())
        ->type_name("SHARE");
    verb.add_option("--against", options->against,
                    "Also the difference to this plan on the same chips and samples: a preset's name or a file")
        ->type_name("PLAN");
    addSeed(verb, options->seed);
    addThreads(verb, options->threads);
    addTechnology(verb, options->technology);
    addOutput(verb, options->output, "Also write the report to this file, for polar report");
}

}  // namespace app
