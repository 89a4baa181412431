// SPDX-License-Identifier: GPL-3.0-or-later
// polar evaluate: what a plan does to accuracy, to every layer's error and to the energy bill.
#include "app/cli/options.h"
#include "app/cli/report_page.h"
#include "app/cli/verbs.h"

#include "core/engine/plan_convention.h"
#include "core/eval/evaluator.h"
#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/learn/row_importance.h"
#include "core/plan/check.h"

#include <memory>

namespace app {
namespace {

struct Options {
    std::string network, dataset, plan, output;
    std::string technology = kDefaultTechnology;
    std::int64_t samples = 0;
    int chips = 1, threads = 0;
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

core::Result<Answer> evaluate(const Options& options, const core::RunControl& control)
{
    core::EvaluationRequest request;
    CORE_TRY(request.technology, core::loadPriceTable(options.technology));
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

    Answer answer;
    CORE_TRY(const core::ReportPtr report, evaluator->evaluate(request, control));
    answer.document = core::reportToJson(*report);
    answer.document["energy"]["conventions"] = conventionsOf(*report, core::conventionOf(request.plan, evaluator->layers()));
    answer.page = reportPage(*report);
    answer.ending = report->partial ? Ending::Stopped : Ending::Done;
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
                   "polar evaluate mlp-mnist mnist#train --samples 500 --threads 1 --json"},
                  [options](const core::RunControl& control) { return evaluate(*options, control); });
    addNetwork(verb, options->network);
    addDataset(verb, options->dataset);
    addPlan(verb, options->plan);
    addSamples(verb, options->samples);
    addChips(verb, options->chips);
    addSeed(verb, options->seed);
    addThreads(verb, options->threads);
    addTechnology(verb, options->technology);
    addOutput(verb, options->output, "Also write the report to this file, for polar report");
}

}  // namespace app
