// SPDX-License-Identifier: Apache-2.0
#pragma once
// Answers about recovery without an engine: figures a test can derive by hand, given when the test lets go.

#include "app/exploration/fake_source.h"

#include <string>
#include <vector>

namespace app::test {

/// What the fake's workers and the test tell each other. A held question is answered when it is let go or stopped.
struct RecoveryPace {
    std::atomic<bool> holdMethods{false}, holdSample{false}, holdCost{false};
    std::atomic<int> methodsBegun{0}, sampleBegun{0}, costBegun{0}, costEnded{0};
    std::atomic<int> epochs{1 << 20};  // of a training of paths that may end; a stop lets it go on
    std::atomic<int> contenders{4};  // told before a held comparison stands still
};
using RecoveryPacePtr = std::shared_ptr<RecoveryPace>;

/// Signal 1000, error 100 (10 dB): each rank removes these.
inline core::SurrogateReport fakeSurrogate(std::vector<double> removed)
{
    core::SurrogateReport report;
    report.rank = 1;
    report.vectors = 64;
    report.signalEnergy = 1000;
    report.residualEnergy = 100;
    report.singularValues.assign(removed.size(), 1.0);
    report.gains = removed;
    report.removedEnergy = std::move(removed);
    return report;
}

/// Fitted to activations rank 1 removes 90 % (20 dB) and nothing more; to weights alone 50 % at rank 1 and 75 % at rank 2.
inline std::vector<core::MethodFigure> fakeMethods()
{
    return {{core::SurrogateMethod::Activation, fakeSurrogate({90, 0})}, {core::SurrogateMethod::Svd, fakeSurrogate({50, 25})}};
}

/// Rows 0, 1, 2 ... everywhere in the target; the main path lacks 1, of which recovery brings back 0.75.
inline core::PolarizedSample fakePolarized(int rows, std::int64_t positions, std::int64_t sample)
{
    core::PolarizedSample result;
    result.rows = rows;
    result.positions = positions;
    for (int row = 0; row < rows; ++row)
        for (std::int64_t position = 0; position < positions; ++position) {
            const auto target = static_cast<float>(row + sample);
            result.target.push_back(target);
            result.main.push_back(target - 1.0F);
            result.recovery.push_back(0.75F);
            result.sum.push_back(target - 0.25F);
            result.residual.push_back(0.25F);
        }
    return result;
}

inline core::Contender fakeContender(const std::string& name, const std::string& words, const core::PrecisionPlan& plan, int right)
{
    auto report = std::make_shared<core::Report>();
    report->samples = report->requested = 1000;
    report->top1 = {right, 1000};
    report->agreement = {right + 5, 1000};
    report->chips.mean = right / 1000.0;
    core::LayerReport last;
    last.propagatedSqnrDecibels = 12.5;
    report->layers.push_back(last);
    core::Contender contender{name, words, plan, {}, report};
    contender.plan.name = name;
    contender.cost.bytes = 12340;
    contender.cost.energy = core::Picojoules(4500);
    return contender;
}

/// "nothing", "rank", "shared rank", "more bits" as they come; the last of them is the best.
inline std::vector<core::Contender> fakeContenders(const core::PrecisionPlan& plan)
{
    core::PrecisionPlan bare = plan, bits = plan, shared = plan;
    bare.defaults.surrogate.reset();
    bits.defaults.surrogate.reset();
    core::WeightPlan weights;
    weights.palette.front().format = core::NumberFormat::named("int5").value();
    bits.defaults.weights = weights;
    core::SurrogatePlan two;
    two.rank = 2;
    shared.layers["second"].surrogate = core::Switchable<core::SurrogatePlan>{two};
    return {fakeContender("nothing", "the plan without recovery", bare, 900),
            fakeContender("rank", "the plan's own recovery paths", plan, 950),
            fakeContender("shared rank", "10 ranks shared out", shared, 955),
            fakeContender("more bits", "9 of 28 rows take one bit more", bits, 990)};
}

inline void holdWhile(const std::atomic<bool>& held, const core::RunControl& control)
{
    while (held && !control.stopped())
        std::this_thread::sleep_for(std::chrono::microseconds(200));
}

/// The same report with the spectrum of every layer that has a recovery path: 10 dB without it.
inline core::ReportPtr withSpectra(const core::ReportPtr& report, const core::PrecisionPlan& plan)
{
    auto told = std::make_shared<core::Report>(*report);
    for (core::LayerReport& layer : told->layers)
        if (core::resolve(plan, layer.name).surrogate)
            layer.surrogate = fakeSurrogate({90, 0});
    return told;
}

/// The opener of fake_source.h, whose sources also answer about recovery. "third" errs not at all.
inline Opener fakeRecoveryOpener(const PacePtr& pace, const RecoveryPacePtr& recovery)
{
    return [open = fakeOpener(pace), recovery](const OpenRequest& request, const core::RunControl& control) -> core::Result<Opened> {
        CORE_TRY(Opened opened, open(request, control));
        if (!opened.source)
            return opened;
        const LayersPtr layers = opened.source->layers;
        opened.source->evaluate = [evaluate = opened.source->evaluate](const core::EvaluationRequest& asked,
                                                                       const core::RunControl& running,
                                                                       const OnEstimate& onEstimate) -> core::Result<core::ReportPtr> {
            CORE_TRY(const core::ReportPtr report,
                     evaluate(asked, running, [&](const core::ReportPtr& told) { onEstimate(withSpectra(told, asked.plan)); }));
            return withSpectra(report, asked.plan);
        };
        opened.source->compareMethods = [recovery, layers](const core::PrecisionPlan& plan, core::LayerIndex layer, std::uint64_t,
                                                           const core::RunControl& asked) -> core::Result<std::vector<core::MethodFigure>> {
            ++recovery->methodsBegun;
            holdWhile(recovery->holdMethods, asked);
            if (layers->at(layer.value()).name == "third")
                return core::Problem{"third", "computes in FP32; there is no error to recover"};
            const auto path = core::resolve(plan, layers->at(layer.value()).name).surrogate;
            if (path && path->rank > layers->at(layer.value()).rows)
                return core::Problem{"surrogate.rank", "more than the layer has"};
            return fakeMethods();
        };
        opened.source->sampleAt = [recovery, layers](const core::PrecisionPlan&, core::LayerIndex layer, std::int64_t sample, std::uint64_t,
                                                     const core::RunControl& asked) -> core::Result<core::PolarizedSample> {
            ++recovery->sampleBegun;
            holdWhile(recovery->holdSample, asked);
            return fakePolarized(layers->at(layer.value()).rows, layer.value() == 0 ? 1 : 6, sample);
        };
        // Loss 1, 1/2, 1/3 ... on the samples kept back; every path ends as ones.
        opened.source->trainPaths = [recovery, layers](const core::PathTrainingRequest& asked, const core::RunControl& running,
                                                       const core::EpochListener& tell) -> core::Result<core::TrainedPaths> {
            core::TrainedPaths trained;
            for (int epoch = 0; epoch <= asked.orders.epochs; ++epoch) {
                while (epoch > recovery->epochs && !running.stopped())
                    std::this_thread::sleep_for(std::chrono::microseconds(200));
                if (running.stopped()) {
                    trained.isStopped = true;
                    break;
                }
                core::EpochReport report;
                report.epoch = epoch;
                report.validationLoss = 1.0 / (epoch + 1);
                trained.progress.history.push_back(report);
                trained.progress.epoch = trained.progress.bestEpoch = epoch;
                tell(report);
            }
            for (const core::WeightedLayer& layer : *layers)
                if (std::ranges::count(asked.layers, layer.name) > 0) {
                    const int rank = core::resolve(asked.plan, layer.name).surrogate->rank;
                    trained.paths.emplace(layer.name, core::StoredPath{core::RowMatrix::Ones(rank, layer.columns), core::RowMatrix::Ones(layer.rows, rank)});
                }
            return trained;
        };
        opened.source->compareCost =
            [recovery](const core::EqualCostRequest& asked, const core::RunControl& running,
                       const EvaluationSource::OnContender& onContender) -> core::Result<std::vector<core::Contender>> {
            ++recovery->costBegun;
            std::vector<core::Contender> known;
            for (const core::Contender& contender : fakeContenders(asked.plan)) {
                if (static_cast<int>(known.size()) == recovery->contenders)
                    holdWhile(recovery->holdCost, running);
                known.push_back(contender);
                onContender(contender);
            }
            ++recovery->costEnded;
            std::ranges::reverse(known);  // the best first
            return known;
        };
        return opened;
    };
}

}  // namespace app::test
