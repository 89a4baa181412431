// SPDX-License-Identifier: Apache-2.0
#include "core/learn/plan_sensitivity.h"

#include "core/learn/row_importance.h"

#include <algorithm>
#include <numeric>

namespace core {

Result<Sensitivities> planSensitivities(const Subject& subject, const GradientGraph& graph, const PolarizedNetwork& network,
                                        const PlanSensitivityRequest& request, const RunControl& control)
{
    std::vector<std::int64_t> first(static_cast<std::size_t>(std::min(request.samples, subject.calibration.samples())));
    std::iota(first.begin(), first.end(), 0);
    const SampleSet samples = subject.calibration.pick(first);
    SensitivityRequest asked{network, samples};
    asked.target = lossTargetOf(subject);
    asked.withCurvature = request.withCurvature;
    asked.seed = request.seed;
    asked.threads = request.threads;
    control.report(0.2, "measuring");
    return sensitivities(graph, asked, control);
}

Result<Sensitivities> planSensitivities(Evaluator& evaluator, const PlanSensitivityRequest& request, const RunControl& control)
{
    CORE_TRY(const auto network, evaluator.compiled(request.plan, request.seed, 1, request.threads, control));
    const auto context = evaluator.sharedContext();
    CORE_TRY(const auto graph, GradientGraph::build(context, context->batch));
    return planSensitivities(evaluator.subject(), *graph, *network, request, control);
}

}  // namespace core
