// SPDX-License-Identifier: Apache-2.0
#pragma once
// A training without an engine: epochs whose losses fall until the fourth, at a pace the test sets.

#include "app/exploration/fake_source.h"
#include "app/exploration/training_outcome.h"

#include <algorithm>

namespace app::test {

struct TrainingPace {
    std::atomic<int> allowed{1 << 20};  // epochs that may end; a stop lets it go on
    std::atomic<int> begun{0}, ended{0};
};
using TrainingPacePtr = std::shared_ptr<TrainingPace>;

/// Validation loss |epoch - 4| + 1: epoch 4 is the best of more.
inline core::EpochReport fakeEpoch(int epoch)
{
    core::EpochReport report;
    report.epoch = epoch;
    report.trainLoss = epoch == 0 ? std::numeric_limits<double>::quiet_NaN() : 5.0 / epoch;
    report.validationLoss = std::abs(epoch - 4) + 1.0;
    report.validationAccuracy = 0.9 + 0.01 * std::min(epoch, 4);
    if (epoch > 0)
        report.trainAccuracy = 0.91 + 0.01 * std::min(epoch, 8);
    report.isBest = epoch <= 4;
    return report;
}

inline EvaluationSource withFakeTraining(EvaluationSource source, const TrainingPacePtr& pace)
{
    source.train = [pace, subject = source.subject, layers = source.layers](
                       const core::PrecisionPlan& plan, const core::TrainingOrders& orders, const core::RunControl& control,
                       const core::EpochListener& tell) -> core::Result<TrainingOutcomePtr> {
        ++pace->begun;
        auto outcome = std::make_shared<TrainingOutcome>();
        outcome->trained.subject = subject;
        outcome->trained.layers = *layers;
        outcome->trained.plan = plan;
        outcome->before = core::Proportion{900, 1000};
        core::QuantizedTrainingState& state = outcome->trained.state;
        for (int epoch = 0; epoch <= orders.epochs; ++epoch) {
            while (epoch > pace->allowed && !control.stopped())
                std::this_thread::sleep_for(std::chrono::milliseconds(1));
            if (epoch > pace->allowed || (epoch > 0 && control.stopped())) {
                state.isStopped = true;
                break;
            }
            state.progress.history.push_back(fakeEpoch(epoch));
            state.progress.epoch = epoch;
            state.progress.bestEpoch = std::min(epoch, 4);
            tell(state.progress.history.back());
        }
        outcome->after = core::Proportion{950, 1000};
        ++pace->ended;
        return TrainingOutcomePtr(outcome);
    };
    return source;
}

}  // namespace app::test
