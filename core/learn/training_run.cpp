// SPDX-License-Identifier: Apache-2.0
#include "core/learn/training_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

namespace core {

Result<TrainingSamples> TrainingSamples::split(const GradientGraph& reference, const SampleSet& samples, const TrainingOrders& orders, const RunControl& control)
{
    const std::int64_t count = samples.samples();
    if (count < 2 || orders.batch < 1 || orders.epochs < 0 || !(orders.validationShare > 0 && orders.validationShare < 1))
        return Problem{"training", fmt::format("{} samples, {} a step, {} epochs, a share of {} to judge by; at least 2 samples, 1 a step and a share between 0 and 1 are wanted", count,
                                               orders.batch, orders.epochs, orders.validationShare)};
    TrainingSamples made;
    CORE_TRY(SampleObjective objective, objectiveOf(reference, samples, orders.target, orders.threads, control));
    made.m_samples = samples;
    made.m_orders = orders;
    made.m_objective = std::move(objective.objective);
    made.m_remark = std::move(objective.remark);
    if (objective.target != LossTarget::OwnInput) {
        made.m_answers = samples.labels;
        if (made.m_answers.empty()) {
            CORE_TRY(const SampleObjective own, objectiveOf(reference, samples, LossTarget::OwnAnswers, orders.threads, control));
            made.m_answers = own.objective.labels;
        }
    }
    const std::vector<std::int64_t> order = stratifiedOrder(made.m_answers, count, orders.seed);
    const auto judging = std::clamp<std::int64_t>(std::llround(static_cast<double>(count) * orders.validationShare), 1, count - 1);
    made.m_validation = made.pick({order.begin(), order.begin() + judging});
    made.m_train.assign(order.begin() + judging, order.end());
    return made;
}

TrainingSamples::Batch TrainingSamples::pick(const std::vector<std::int64_t>& indices) const
{
    Batch batch{m_samples.pick(indices).inputs, m_objective.pick(indices), {}};
    for (const std::int64_t index : indices)
        if (!m_answers.empty())
            batch.answers.push_back(m_answers[static_cast<std::size_t>(index)]);
    return batch;
}

std::vector<std::vector<std::int64_t>> TrainingSamples::steps(int epoch) const
{
    std::vector<std::int32_t> answers;
    for (const std::int64_t index : m_train)
        if (!m_answers.empty())
            answers.push_back(m_answers[static_cast<std::size_t>(index)]);
    const auto order = stratifiedOrder(answers, trainCount(), m_orders.seed + 1000003u * static_cast<std::uint64_t>(epoch + 1));
    std::vector<std::vector<std::int64_t>> steps;
    for (std::size_t i = 0; i < order.size(); ++i) {
        if (i % static_cast<std::size_t>(m_orders.batch) == 0)
            steps.emplace_back();
        steps.back().push_back(m_train[static_cast<std::size_t>(order[i])]);
    }
    return steps;
}

std::optional<std::int64_t> TrainingSamples::rightOf(const Tensor& outputs, const std::vector<std::int32_t>& answers)
{
    if (answers.empty())
        return std::nullopt;
    const std::size_t width = static_cast<std::size_t>(outputs.size()) / answers.size();
    std::int64_t right = 0;
    for (std::size_t sample = 0; sample < answers.size(); ++sample) {
        const auto row = outputs.values<float>().subspan(sample * width, width);
        right += std::max_element(row.begin(), row.end()) - row.begin() == answers[sample] ? 1 : 0;
    }
    return right;
}

namespace {

std::optional<double> share(const std::optional<std::int64_t>& right, std::size_t of)
{
    return right ? std::optional(static_cast<double>(*right) / static_cast<double>(of)) : std::nullopt;
}

/// Loss and accuracy of the samples kept back.
Result<EpochReport> judge(const GradientGraph& graph, const TrainingSamples& samples, const TrainingOrders& orders, Learner& learner, int epoch, const RunControl& control)
{
    const TrainingSamples::Batch& batch = samples.validation();
    CORE_TRY(const Gradients judged, graph.differentiate({.settings = learner.settings(), .inputs = batch.inputs, .objective = batch.objective, .ofWeights = false, .ofRecovery = false,
                                                          .threads = orders.threads}, control));
    EpochReport report;
    report.epoch = epoch;
    report.trainLoss = std::numeric_limits<double>::quiet_NaN();
    report.validationLoss = judged.loss;
    report.validationAccuracy = share(TrainingSamples::rightOf(judged.outputs, batch.answers), batch.answers.size());
    return report;
}

void keepReport(EpochReport report, Learner& learner, TrainingProgress& progress, const EpochListener& tell)
{
    // A loss that is no number is never the best.
    report.isBest = progress.history.empty() || report.validationLoss < progress.history[static_cast<std::size_t>(progress.bestEpoch)].validationLoss;
    if (report.isBest) {
        progress.bestEpoch = report.epoch;
        learner.keepBest();
    }
    progress.epoch = report.epoch;
    progress.history.push_back(report);
    learner.keepEpoch();
    if (tell)
        tell(report);
}

/// One pass over the training samples; the report's training half.
Result<EpochReport> learnEpoch(const GradientGraph& graph, const TrainingSamples& samples, const TrainingOrders& orders, Learner& learner, int epoch, const RunControl& control)
{
    const auto steps = samples.steps(epoch);
    double loss = 0;
    std::optional<std::int64_t> right;
    for (std::size_t step = 0; step < steps.size(); ++step) {
        const double done = (static_cast<double>(epoch) - 1 + static_cast<double>(step) / static_cast<double>(steps.size())) / orders.epochs;
        control.report(done, "training");
        const TrainingSamples::Batch batch = samples.pick(steps[step]);
        const std::uint64_t read = (static_cast<std::uint64_t>(epoch) * steps.size() + step) * static_cast<std::uint64_t>(orders.batch);
        CORE_TRY(const Gradients gradients, graph.differentiate({.settings = learner.settings(), .inputs = batch.inputs, .objective = batch.objective, .ofWeights = learner.ofWeights,
                                                                 .ofRecovery = learner.ofRecovery, .threads = orders.threads, .firstRead = read}, control));
        loss += gradients.loss * static_cast<double>(steps[step].size()) / static_cast<double>(samples.trainCount());
        if (const auto counted = TrainingSamples::rightOf(gradients.outputs, batch.answers))
            right = right.value_or(0) + *counted;
        learner.learn(gradients, orders.schedule == RateSchedule::Cosine ? 0.5 * (1 + std::cos(std::numbers::pi * done)) : 1.0);
    }
    EpochReport report;
    report.trainLoss = loss;
    report.trainAccuracy = share(right, static_cast<std::size_t>(samples.trainCount()));
    return report;
}

}  // namespace

Result<TrainingEnd> runEpochs(const GradientGraph& graph, const TrainingSamples& samples, const TrainingOrders& orders, Learner& learner, TrainingProgress& progress,
                              const RunControl& control, const EpochListener& tell)
{
    const auto stoppedOr = [](const Problem& problem) -> Result<TrainingEnd> {
        return isStopped(problem) ? Result<TrainingEnd>(TrainingEnd::Stopped) : Result<TrainingEnd>(problem);
    };
    if (progress.history.empty()) {
        if (const auto begun = learner.beginEpoch(control); !begun)
            return stoppedOr(begun.error());
        auto start = judge(graph, samples, orders, learner, 0, control);
        if (!start)
            return stoppedOr(start.error());
        if (!std::isfinite(start.value().validationLoss))
            return Problem{"training", "the loss at the start is no finite number; there is nothing to go down from"};
        keepReport(std::move(start.value()), learner, progress, tell);
    }
    while (progress.epoch < orders.epochs) {
        if (orders.patience > 0 && progress.epoch - progress.bestEpoch >= orders.patience)
            break;
        const int epoch = progress.epoch + 1;
        if (const auto begun = learner.beginEpoch(control); !begun)
            return stoppedOr(begun.error());
        const auto learned = learnEpoch(graph, samples, orders, learner, epoch, control);
        if (!learned)
            return stoppedOr(learned.error());
        auto report = judge(graph, samples, orders, learner, epoch, control);
        if (!report)
            return stoppedOr(report.error());
        report.value().trainLoss = learned.value().trainLoss;
        report.value().trainAccuracy = learned.value().trainAccuracy;
        keepReport(std::move(report.value()), learner, progress, tell);
    }
    control.report(1.0, "training");
    return TrainingEnd::Finished;
}

}  // namespace core
