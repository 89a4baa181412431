// SPDX-License-Identifier: GPL-3.0-or-later
// polar sensitivity: how much the loss minds what a plan does to each layer, told four ways.
#include "app/cli/options.h"
#include "app/cli/table.h"

#include "core/io/library.h"
#include "core/learn/plan_sensitivity.h"
#include "core/learn/row_importance.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

struct Options {
    std::string network, dataset, plan;
    std::int64_t calibration = core::kUsualSensitivitySamples;
    bool withCurvature = false;
    std::uint64_t seed = 1;
    int threads = 0;
};

core::Result<Answer> measure(const Options& options, const core::RunControl& control)
{
    control.report(0.0, "reading");
    CORE_TRY(const auto subject,
             core::openSubject(options.network, options.dataset, std::max(options.calibration, calibrationSamplesFor(options.plan))));
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject, control, core::rowImportance));
    CORE_TRY(const core::PrecisionPlan plan, planNamed(options.plan, evaluator->layers()));
    if (auto refusal = refusalOf(plan, options.plan, *evaluator))
        return *refusal;
    core::PlanSensitivityRequest request;
    request.plan = plan;
    request.samples = options.calibration;
    request.withCurvature = options.withCurvature;
    request.seed = options.seed;
    request.threads = options.threads;
    CORE_TRY(const core::Sensitivities measured, core::planSensitivities(*evaluator, request, control));

    Answer answer;
    answer.document = {{"network", subject->networkName},
                       {"dataset", subject->datasetName},
                       {"plan", plan.name},
                       {"loss", core::lossTargetName(measured.target)},
                       {"samples", measured.samples},
                       {"reference_loss", measured.referenceLoss}};
    using enum Table::Align;
    Table table({{"LAYER"}, {"taylor", Right}, {"signed", Right}, {"fisher", Right}, {"probe", Right}, {"curvature", Right}});
    for (const core::WeightedLayer& layer : evaluator->layers()) {
        const core::LayerSensitivity& one = measured.layers[layer.index.value()];
        answer.document["layers"].push_back({{"name", layer.name},
                                             {"taylor", one.taylor},
                                             {"signed_taylor", one.signedTaylor},
                                             {"fisher_error", one.fisherError},
                                             {"probe", one.probe},
                                             {"curvature", options.withCurvature ? ordered_json(one.curvature) : ordered_json()},
                                             {"importance", measured.importance.layers[layer.index.value()].meanSquare}});
        const auto text = [](double value) { return fmt::format("{:.3g}", value); };
        table.add({layer.name, text(one.taylor), text(one.signedTaylor), text(one.fisherError), text(one.probe),
                   options.withCurvature ? text(one.curvature) : "-"});
    }
    answer.page = fmt::format("{} on {}, plan \"{}\": what {} samples' loss ({}) minds of each layer\n{}", subject->networkName,
                              subject->datasetName, plan.name, measured.samples, core::lossTargetName(measured.target), table.text());
    answer.page += "taylor      mean over samples of sum |g dy|; signed: to first order the change of the loss\n"
                   "fisher      squared output error weighted by the mean squared gradient of its row\n"
                   "probe       the loss with this layer alone degraded, minus the reference's\n"
                   "curvature   largest eigenvalue of the loss's Hessian in the layer's weights, times |dW|^2 (--curvature)\n";
    if (!measured.remark.empty()) {
        answer.document["remarks"] = {measured.remark};
        answer.page += "note        " + measured.remark + '\n';
    }
    return answer;
}

}  // namespace

void addSensitivityVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add(
        "sensitivity", "How much the loss minds what a plan does to each layer",
        {"polar sensitivity lenet5-mnist mnist --plan w4a8", "polar sensitivity mlp-mnist mnist --plan int2-rank8 --curvature --json"},
        [options](const core::RunControl& control) { return measure(*options, control); });
    addNetwork(verb, options->network);
    addDataset(verb, options->dataset);
    addPlan(verb, options->plan)->required();
    verb.add_option("--calibration", options->calibration, "Samples of the train split to measure on")
        ->check(CLI::Range(std::int64_t{1}, std::int64_t{1} << 20))
        ->type_name("N")
        ->capture_default_str();
    verb.add_flag("--curvature", options->withCurvature, "Also the Hessian's largest eigenvalue: tens of gradients a layer");
    addSeed(verb, options->seed);
    addThreads(verb, options->threads);
}

}  // namespace app
