// SPDX-License-Identifier: Apache-2.0
#pragma once
// How much the loss minds what a plan does to each layer: the metrics of sensitivity.h, asked as plans are scored.

#include "core/eval/evaluator.h"
#include "core/learn/sensitivity.h"

namespace core {

inline constexpr std::int64_t kUsualSensitivitySamples = 128;

struct PlanSensitivityRequest {
    PrecisionPlan plan;
    std::int64_t samples = kUsualSensitivitySamples;  // the first of the train split's that are there
    bool withCurvature = false;                       // metric 4: tens of gradients a layer
    std::uint64_t seed = 1;                           // of the chip, and of the power iteration's start
    int threads = 0;
};

/// `network` is the plan as the evaluator compiled it; `graph` has the batch of its context. The loss is that of lossTargetOf.
Result<Sensitivities> planSensitivities(const Subject& subject, const GradientGraph& graph, const PolarizedNetwork& network,
                                        const PlanSensitivityRequest& request, const RunControl& control = {});

/// The same from a plan: compiled by the evaluator (which is asked by one thread at a time), on its chip 1.
Result<Sensitivities> planSensitivities(Evaluator& evaluator, const PlanSensitivityRequest& request, const RunControl& control = {});

}  // namespace core
