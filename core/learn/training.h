// SPDX-License-Identifier: Apache-2.0
#pragma once
// What every training has in common: which samples it learns from and which it is judged by, how long it goes on, and what it
// tells of each epoch. The judging samples are taken off the given ones and never learned from.

#include "core/learn/optimizer.h"
#include "core/learn/sensitivity.h"

namespace core {

enum class RateSchedule { Constant, Cosine };    // Cosine: from the rule's rate to zero over all epochs

struct TrainingOrders {
    StepRule rule = AdamRule{};
    RateSchedule schedule = RateSchedule::Cosine;
    int epochs = 20;
    std::int64_t batch = 32;                     // samples of one step
    double validationShare = 0.25;               // of the samples, stratified; at least one sample
    int patience = 0;                            // epochs without a lower validation loss after which it ends; 0: it goes on
    LossTarget target = LossTarget::Labels;
    std::uint64_t seed = 1;                      // of the split and of the batches
    int threads = 0;
};

struct EpochReport {
    int epoch = 0;                               // 0: before the first step
    double trainLoss = 0;                        // mean over the epoch's steps, each before it was taken; of epoch 0: NaN
    double validationLoss = 0;
    std::optional<double> trainAccuracy, validationAccuracy;    // share of samples; none where the loss is no classification's
    bool isBest = false;                         // the lowest validation loss so far
    bool operator==(const EpochReport&) const = default;
};
using EpochListener = std::function<void(const EpochReport&)>;

/// How far a training is: part of its resumable state.
struct TrainingProgress {
    int epoch = 0;                               // finished
    int bestEpoch = 0;
    std::vector<EpochReport> history;            // from epoch 0
    bool operator==(const TrainingProgress&) const = default;
};

}  // namespace core
