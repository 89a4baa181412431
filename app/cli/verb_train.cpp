// SPDX-License-Identifier: GPL-3.0-or-later
// polar train: a network's weights trained in the low precision that a plan gives them.
#include "app/cli/options.h"
#include "app/cli/report_page.h"
#include "app/cli/table.h"

#include "core/base/quantity_text.h"
#include "core/io/json_documents.h"
#include "core/io/library.h"
#include "core/io/training_files.h"
#include "core/learn/row_importance.h"

#include <fmt/format.h>

#include <cmath>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

struct Options {
    std::string network, dataset, plan, output, resume;
    int epochs = 10, patience = 0;
    std::int64_t batch = 32, train = 0, samples = 0;
    double rate = 1e-3, validation = 0.1;
    std::string rule = "adam", loss = "labels";
    std::uint64_t seed = 1;
    int threads = 0;
};

constexpr std::int64_t kAllSamples = std::int64_t{1} << 40;

ordered_json historyJson(const core::TrainingProgress& progress)
{
    const auto share = [](const std::optional<double>& value) { return value ? ordered_json(*value) : ordered_json(); };
    ordered_json epochs = ordered_json::array();
    for (const core::EpochReport& epoch : progress.history)
        epochs.push_back({{"epoch", epoch.epoch},
                          {"train_loss", std::isfinite(epoch.trainLoss) ? ordered_json(epoch.trainLoss) : ordered_json()},
                          {"validation_loss", epoch.validationLoss},
                          {"train_accuracy", share(epoch.trainAccuracy)},
                          {"validation_accuracy", share(epoch.validationAccuracy)},
                          {"best", epoch.isBest}});
    return epochs;
}

std::string historyPage(const core::TrainingProgress& progress)
{
    using enum Table::Align;
    Table table({{"EPOCH", Right}, {"train loss", Right}, {"validation loss", Right}, {"train", Right}, {"validation", Right}, {""}});
    const auto share = [](const std::optional<double>& value) { return value ? core::percentText(*value) : std::string("-"); };
    for (const core::EpochReport& epoch : progress.history)
        table.add({std::to_string(epoch.epoch), std::isfinite(epoch.trainLoss) ? fmt::format("{:.4f}", epoch.trainLoss) : "-",
                   fmt::format("{:.4f}", epoch.validationLoss), share(epoch.trainAccuracy), share(epoch.validationAccuracy),
                   epoch.epoch == progress.bestEpoch ? "kept" : ""});
    return table.text();
}

core::TrainingOrders ordersFrom(const Options& options)
{
    core::TrainingOrders orders;
    if (options.rule == "sgd")
        orders.rule = core::MomentumRule{.rate = options.rate};
    else
        orders.rule = core::AdamRule{.rate = options.rate};
    orders.epochs = options.epochs;
    orders.batch = options.batch;
    orders.validationShare = options.validation;
    orders.patience = options.patience;
    orders.seed = options.seed;
    orders.threads = options.threads;
    return orders;
}

/// Top 1 of a network under the plan on the test split.
core::Result<core::ReportPtr> scored(const std::shared_ptr<const core::Subject>& subject, const core::PrecisionPlan& plan,
                                     const Options& options, const core::RunControl& control)
{
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject, control, core::rowImportance));
    core::EvaluationRequest request;
    request.plan = plan;
    request.samples = options.samples;
    request.threads = options.threads;
    request.layerErrors = false;
    return evaluator->evaluate(request, control);
}

core::Result<Answer> train(const Options& options, const core::RunControl& control)
{
    control.report(0.0, "reading");
    CORE_TRY(const auto subject, core::openSubject(options.network, options.dataset, options.train > 0 ? options.train : kAllSamples));
    CORE_TRY(const auto context, core::prepareEngine(subject->network));
    CORE_TRY(core::PrecisionPlan plan, planNamed(options.plan, context->layers));
    CORE_TRY(const auto evaluator, core::Evaluator::create(subject, control, core::rowImportance));
    if (auto refusal = refusalOf(plan, options.plan, *evaluator))
        return *refusal;
    CORE_TRY(const auto graph, core::GradientGraph::build(context));
    core::QuantizedTraining training{plan, subject->calibration};
    training.orders = ordersFrom(options);
    training.orders.target = core::lossTargetOf(*subject);
    if (options.loss == "labels" && subject->task.kind == core::Task::Kind::Classification && subject->calibration.labels.empty())
        return core::Problem{options.dataset, "has no labels to learn from; --loss answers learns from the network's own answers"};
    if (options.loss == "answers")
        training.orders.target = core::LossTarget::OwnDistribution;
    core::QuantizedTrainingState state;
    if (!options.resume.empty()) {
        CORE_TRY(state, core::readTrainingState(options.resume, context->layers));
    }
    CORE_TRY(const core::ReportPtr before, scored(subject, plan, options, control));
    const auto tell = [&](const core::EpochReport& epoch) {
        control.report(static_cast<double>(epoch.epoch) / options.epochs, "training");
    };
    CORE_TRY(state, core::trainQuantized(*graph, training, std::move(state), control, tell));

    CORE_TRY(core::TrainedNetwork trained, core::trainedNetwork(subject, context->layers, plan, std::move(state)));
    trained.source =
        fmt::format("polar train {} {}, {} epochs, seed {}", options.network, options.dataset, trained.state.progress.epoch, options.seed);
    CORE_TRY(const core::ReportPtr after,
             scored(trained.subject, trained.plan, options, core::RunControl{}));  // asked to stop, it still tells what was reached

    const core::TrainingProgress& progress = trained.state.progress;
    Answer answer;
    answer.document = {{"network", subject->networkName},
                       {"dataset", subject->datasetName},
                       {"plan", plan.name},
                       {"epochs", progress.epoch},
                       {"best_epoch", progress.bestEpoch},
                       {"stopped", trained.state.isStopped},
                       {"train_samples", subject->calibration.samples()},
                       {"top1_before", core::proportionToJson(before->top1)},
                       {"top1_after", core::proportionToJson(after->top1)},
                       {"reference_top1", core::proportionToJson(before->referenceTop1)},
                       {"history", historyJson(progress)}};
    answer.page = fmt::format("{} on {}, plan \"{}\", {} samples to learn from\n{}reference   {}\nbefore      {}\nafter       {}\n",
                              subject->networkName, subject->datasetName, plan.name, core::countText(subject->calibration.samples()),
                              historyPage(progress), proportionText(before->referenceTop1), proportionText(before->top1),
                              proportionText(after->top1));
    if (!trained.state.remark.empty()) {
        answer.document["remarks"] = {trained.state.remark};
        answer.page += "note        " + trained.state.remark + '\n';
    }
    answer.ending = trained.state.isStopped ? Ending::Stopped : Ending::Done;
    if (!options.output.empty()) {
        CORE_TRY(core::writeTrainedNetwork(trained, options.output));
        answer.document["folder"] = options.output;
        answer.page +=
            fmt::format("written     {0}/model.onnx, trained.plan.json, and training.npz to go on with (--resume)\n", options.output);
    }
    return answer;
}

}  // namespace

void addTrainVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("train", "Trains a network's weights in the low precision that a plan gives them",
                  {"polar train mlp-mnist mnist --plan int2-rank8 --epochs 2 --train-samples 2000 -o mlp-int2",
                   "polar evaluate mlp-int2 mnist --plan mlp-int2/trained.plan.json",
                   "polar train mlp-mnist mnist --plan int2-rank8 --epochs 3 --train-samples 2000 --resume mlp-int2/training.npz"},
                  [options](const core::RunControl& control) { return train(*options, control); });
    addNetwork(verb, options->network);
    addDataset(verb, options->dataset);
    addPlan(verb, options->plan)->required();
    verb.add_option("--epochs", options->epochs, "Passes over the samples, those before a --resume included")
        ->check(CLI::Range(1, 100'000))
        ->type_name("N")
        ->capture_default_str();
    verb.add_option("--rate", options->rate, "Learning rate at the start; it falls to zero along a cosine")
        ->check(CLI::PositiveNumber)
        ->type_name("R")
        ->capture_default_str();
    verb.add_option("--rule", options->rule, "How steps follow from gradients")
        ->check(CLI::IsMember({"adam", "sgd"}))
        ->capture_default_str();
    verb.add_option("--loss", options->loss, "What is learned: the labels, or the FP32 network's own answers")
        ->check(CLI::IsMember({"labels", "answers"}))
        ->capture_default_str();
    verb.add_option("--batch", options->batch, "Samples of one step")->check(CLI::Range(1, 65536))->type_name("N")->capture_default_str();
    verb.add_option("--validation", options->validation, "Share of the samples that are kept back to judge epochs by")
        ->check(CLI::Range(0.01, 0.9))
        ->type_name("SHARE")
        ->capture_default_str();
    verb.add_option("--patience", options->patience, "Epochs without a lower validation loss after which it ends; 0: never")
        ->check(CLI::Range(0, 100'000))
        ->type_name("N")
        ->capture_default_str();
    verb.add_option("--train-samples", options->train, "Samples of the train split to learn from; 0: all")
        ->check(CLI::Range(std::int64_t{0}, kAllSamples))
        ->type_name("N")
        ->capture_default_str();
    verb.add_option("--resume", options->resume, "Go on from the training.npz that an earlier run left")->type_name("FILE");
    addSamples(verb, options->samples);
    addSeed(verb, options->seed);
    addThreads(verb, options->threads);
    addOutput(verb, options->output, "Write the trained network, its plan and the state to go on from into this folder");
}

}  // namespace app
