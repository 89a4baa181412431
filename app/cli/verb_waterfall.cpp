// SPDX-License-Identifier: GPL-3.0-or-later
// polar waterfall: what each thing that is not ideal about a plan's arrays costs, and what taking it away gains.
#include "app/cli/options.h"
#include "app/cli/report_page.h"
#include "app/cli/table.h"

#include "core/base/quantity_text.h"
#include "core/eval/noise_waterfall.h"
#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/learn/row_importance.h"

#include <fmt/format.h>

#include <memory>

namespace app {
namespace {

struct Options {
    std::string network, dataset, plan, output;
    core::WaterfallRequest request;
};

/// "-1.20 [-1.85, -0.55] *"
std::string pointsText(const core::PairedDifference& difference)
{
    return fmt::format("{:+.2f} [{:+.2f}, {:+.2f}] {}", 100.0 * difference.difference, 100.0 * difference.low, 100.0 * difference.high,
                       difference.isSignificant() ? '*' : ' ');
}

std::string page(const core::NoiseWaterfall& waterfall)
{
    std::string text = fmt::format("{} on {}#{}, plan \"{}\": {} samples, {} chips, {} reads\n", waterfall.network, waterfall.dataset,
                                   waterfall.split, waterfall.plan, core::countText(waterfall.samples), waterfall.chips, waterfall.reads);
    if (waterfall.isPartial)
        text += "PARTIAL: stopped before the last effect\n";
    using enum Table::Align;
    Table table({{"EFFECT"},
                 {"alone", Right},
                 {"costs, points", Right},
                 {"out dB", Right},
                 {"without", Right},
                 {"gains, points", Right},
                 {"out dB", Right},
                 {"step, points", Right},
                 {"off means"}});
    table.add({"(every effect off)", core::percentText(waterfall.ideal.top1), "", core::decibelText(waterfall.ideal.outputSqnrDecibels), "",
               "", "", "", ""});
    for (const core::EffectCost& effect : waterfall.effects)
        if (effect.isPresent)
            table.add({effect.title, core::percentText(effect.alone.top1), pointsText(effect.cost),
                       core::decibelText(effect.alone.outputSqnrDecibels), core::percentText(effect.without.top1), pointsText(effect.gain),
                       core::decibelText(effect.without.outputSqnrDecibels), pointsText(effect.step), effect.off});
        else
            table.add({effect.title, "-", "not in the plan", "", "", "", "", "", ""});
    table.add({"(all together)", core::percentText(waterfall.full.top1), pointsText(waterfall.total),
               core::decibelText(waterfall.full.outputSqnrDecibels), "", "", "", "", ""});
    text += table.text();
    text += "costs: this effect alone, against every effect off; gains: this one off, against all on; step: added to those above it.\n"
            "[95 % interval]; * a significant difference, on the same chips and samples.\n";
    text += fmt::format("reference   {}\n", proportionText(waterfall.referenceTop1));
    for (const std::string& remark : waterfall.remarks)
        text += fmt::format("remark      {}\n", remark);
    return text;
}

core::Result<Answer> measure(const Options& options, const core::RunControl& control)
{
    control.report(0.0, "reading");
    CORE_TRY(const auto subject, core::openSubject(options.network, options.dataset, calibrationSamplesFor(options.plan)));
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject, control, core::rowImportance));
    core::WaterfallRequest request = options.request;
    CORE_TRY(request.plan, planNamed(options.plan, evaluator->layers()));
    if (auto refusal = refusalOf(request.plan, options.plan, *evaluator))
        return *refusal;
    CORE_TRY(const core::NoiseWaterfall waterfall, core::noiseWaterfall(*evaluator, request, control));
    Answer answer;
    answer.document = core::waterfallToJson(waterfall);
    answer.page = page(waterfall);
    answer.ending = waterfall.isPartial ? Ending::Stopped : Ending::Done;
    if (!options.output.empty()) {
        CORE_TRY(writeText(options.output, answer.document.dump(1) + '\n'));
        answer.page += "waterfall   " + options.output + '\n';
    }
    return answer;
}

}  // namespace

void addWaterfallVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("waterfall", "What each imperfection of a plan's arrays costs alone, and what removing it gains",
                               {"polar waterfall mlp-mnist mnist --plan cim-w4a8-rank8",
                                "polar waterfall mlp-mnist mnist --plan cim-w4a8-rank8 --chips 2 --reads 2 --samples 200 --json"},
                               [options](const core::RunControl& control) { return measure(*options, control); });
    addNetwork(verb, options->network);
    addDataset(verb, options->dataset);
    addPlan(verb, options->plan)->required();
    addSamples(verb, options->request.samples);
    addChips(verb, options->request.chips);
    addReads(verb, options->request.reads);
    addSeed(verb, options->request.seed);
    addThreads(verb, options->request.threads);
    addOutput(verb, options->output, "Also write the document to this file");
}

}  // namespace app
