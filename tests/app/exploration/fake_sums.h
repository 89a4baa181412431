// SPDX-License-Identifier: Apache-2.0
#pragma once
// Running sums without an engine: figures a test can derive by hand, given when the test lets go.

#include "app/exploration/fake_source.h"

#include <cmath>
#include <limits>

namespace app::test {

struct SumPace {
    std::atomic<bool> hold{false};
    std::atomic<int> asked{0};
    std::atomic<int> positions{1};
    std::atomic<bool> unmeasured{false};              // reports without figures of sums
    std::atomic<int> lowRight{900}, mixedRight{970};  // of 1000 samples: e4m3 throughout, and what mixes
};
using SumPacePtr = std::shared_ptr<SumPace>;

inline core::AccumulatorPlan fakeRule(double tolerance = 0.1)
{
    core::AccumulatorPlan plan;
    plan.sum = {core::NumberFormat::named("e4m3").value(), core::ProductRounding::Fused, core::SumOrder::Sequential, 8};
    plan.mixed = core::MixedSum{core::NumberFormat::named("fp16").value(), tolerance};
    return plan;
}

inline core::PrecisionPlan fakeSumPlan(const core::AccumulatorPlan& accumulator = fakeRule())
{
    core::PrecisionPlan plan;
    plan.defaults.accumulator = accumulator;
    return plan;
}

/// Component c has the value c, the error c / 100, the condition 10^c, is taken again where c is odd and overflows where it is 3.
/// The error by position is 0.01, 0.02, 0.04 after 4, 8, 16 products; there is no bound after the last.
inline core::SumSample fakeSums(int rows, std::int64_t positions)
{
    core::SumSample sums;
    sums.rows = rows;
    sums.positions = positions;
    for (std::int64_t c = 0; c < rows * positions; ++c) {
        sums.value.push_back(static_cast<float>(c));
        sums.error.push_back(static_cast<float>(c) / 100);
        sums.condition.push_back(std::pow(10.0F, static_cast<float>(std::min<std::int64_t>(c, 30))));
        sums.choices.push_back(c % 2 == 1 ? core::SumChoice::High : core::SumChoice::Low);
        sums.overflowed.push_back(c == 3 ? 1 : 0);
    }
    sums.products = {4, 8, 16};
    sums.rootMeanSquareError = {0.01F, 0.02F, 0.04F};
    sums.bound = {0.1F, 0.5F, std::numeric_limits<float>::infinity()};
    return sums;
}

/// Of tolerance t a share of 1 / (1 + 10 t) is taken again; fp16 costs two sums of e4m3. Layer k makes k + 1 multiplications.
inline core::SumFigures fakeFigures(const core::AccumulatorPlan& plan, int rows)
{
    core::SumFigures figures;
    figures.components = 1000;
    figures.condition = {17, 95, 1133};
    figures.perturbation = 0.5;
    figures.boundOverError = 12;
    figures.rows.assign(static_cast<std::size_t>(rows), core::OverflowVerdict::Cannot);
    if (plan.mixed) {
        figures.recomputedFraction = plan.mixed->isStatic() ? plan.mixed->highRows : 1 / (1 + 10 * plan.mixed->tolerance);
        figures.cost = 1 + (plan.mixed->isStatic() ? 1 : 2) * figures.recomputedFraction;
        figures.uniformCost = 2;
    }
    return figures;
}

/// The first `right` of 1000 samples are answered right.
inline std::shared_ptr<const core::ChipAnswers> fakeAnswers(int right)
{
    core::ChipAnswers answers;
    answers.right.emplace_back();
    for (std::int32_t sample = 0; sample < 1000; ++sample) {
        answers.samples.push_back(sample);
        answers.right.front().push_back(sample < right ? 1 : 0);
        answers.referenceRight.push_back(sample < 992 ? 1 : 0);
    }
    return std::make_shared<const core::ChipAnswers>(std::move(answers));
}

/// Top 1 is 90 % in e4m3 throughout, 99 % in fp16, 97 % else, unless the pace says otherwise; 1000 samples.
inline void addSums(EvaluationSource& source, const SumPacePtr& pace)
{
    const LayersPtr layers = source.layers;
    source.sumsAt = [pace, layers](const core::PrecisionPlan&, core::LayerIndex layer, std::int64_t, std::uint64_t,
                                   const core::RunControl& control) -> core::Result<core::SumSample> {
        ++pace->asked;
        while (pace->hold && !control.stopped())
            std::this_thread::sleep_for(std::chrono::microseconds(200));
        return fakeSums(layers->at(layer.value()).rows, pace->positions);
    };
    source.evaluate = [pace, layers, evaluate = source.evaluate](const core::EvaluationRequest& request, const core::RunControl& control,
                                                                 const OnEstimate& onEstimate) -> core::Result<core::ReportPtr> {
        CORE_TRY(const core::ReportPtr plain, evaluate(request, control, onEstimate));
        auto report = std::make_shared<core::Report>(*plain);
        const core::AccumulatorPlan first = core::resolve(request.plan, "first").accumulator;
        const int right = first.mixed ? pace->mixedRight.load() : first.sum.format.name() == "fp16" ? 990 : pace->lowRight.load();
        report->top1 = {right, 1000};
        report->answers = fakeAnswers(right);
        report->referenceTop1 = {992, 1000};
        for (core::LayerReport& layer : report->layers) {
            layer.macs = static_cast<std::int64_t>(layer.index.value()) + 1;
            const core::AccumulatorPlan plan = core::resolve(request.plan, layer.name).accumulator;
            if (!plan.isEngineSum() && !pace->unmeasured)
                layer.sums = fakeFigures(plan, layer.rows);
        }
        return report;
    };
}

inline Opener fakeSumOpener(const PacePtr& pace, const SumPacePtr& sums)
{
    return [open = fakeOpener(pace), sums](const OpenRequest& request, const core::RunControl& control) -> core::Result<Opened> {
        CORE_TRY(Opened opened, open(request, control));
        if (opened.source)
            addSums(*opened.source, sums);
        return opened;
    };
}

}  // namespace app::test
