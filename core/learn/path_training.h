// SPDX-License-Identifier: Apache-2.0
#pragma once
// Recovery paths of a plan trained by gradient from where the plan's own fit leaves them, and the plan that then holds them.

#include "core/eval/evaluator.h"
#include "core/learn/surrogate_training.h"

namespace core {

struct PathTrainingRequest {
    PrecisionPlan plan;
    std::vector<std::string> layers = {};  // whose paths are trained; the others' stay as they are. Empty: of all
    TrainingOrders orders = {.rule = AdamRule{.rate = 1e-3}, .epochs = 20, .patience = 5};  // their target is followed
    std::int64_t samples = 64;                                                              // the first of the train split's that are there
    std::uint64_t seed = 1;                                                                 // of the chip the main paths are compiled for
    int threads = 0;
};

struct TrainedPaths {
    std::map<std::string, StoredPath> paths;  // by layer, the trained ones alone
    TrainingProgress progress;
    std::string remark;  // what stood in for labels; empty where nothing need be said
    bool isStopped = false;
};

/// `network` is the plan compiled; `graph` has the batch of its context. Layers without a path stay without; none at all is a problem.
Result<TrainedPaths> trainPaths(const Subject& subject, const GradientGraph& graph, const PolarizedNetwork& network,
                                const PathTrainingRequest& request, const RunControl& control = {}, const EpochListener& tell = {});
/// The same from a plan: compiled by the evaluator (which is asked by one thread at a time), on its chip 1.
Result<TrainedPaths> trainPaths(Evaluator& evaluator, const PathTrainingRequest& request, const RunControl& control = {},
                                const EpochListener& tell = {});

/// The plan with these paths in place of a fit: method `trained`, the arrays in `file` beside it.
PrecisionPlan withTrainedPaths(PrecisionPlan plan, std::map<std::string, StoredPath> paths, const std::string& file);

}  // namespace core
