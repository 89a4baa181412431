// SPDX-License-Identifier: Apache-2.0
#include "core/eval/noise_waterfall.h"

#include <algorithm>

namespace core {

namespace {

/// Evaluates plans with some effects on, each choice of effects once.
class Variants {
public:
    Variants(Evaluator& evaluator, const WaterfallRequest& request, const RunControl& control)
        : m_evaluator(evaluator), m_request(request), m_control(control)
    {
        for (const ArrayEffect& effect : arrayEffects()) {
            bool isPresent = false;
            for (const WeightedLayer& layer : evaluator.layers())
                if (const auto treatment = resolve(request.plan, layer.name); treatment.cim)
                    isPresent = isPresent || effect.isIn(*treatment.cim);
            m_present.push_back(isPresent);
        }
    }

    const std::vector<bool>& present() const { return m_present; }

    /// How many different plans all the figures take.
    std::size_t count() const
    {
        const auto effects = static_cast<std::size_t>(std::ranges::count(m_present, true));
        // Ideal and full, each alone, all but each, and the sums of the first 2 ... n - 2: the others are among these.
        return effects == 0 ? 1 : effects == 1 ? 2 : effects == 2 ? 4 : 2 + 2 * effects + (effects - 3);
    }

    /// `on`: by place in arrayEffects(). An effect that no array has changes nothing.
    Result<ReportPtr> evaluate(const std::vector<bool>& on)
    {
        PrecisionPlan plan = m_request.plan;
        for (std::size_t e = 0; e < on.size(); ++e)
            if (!on[e])
                plan = withArrays(std::move(plan), arrayEffects()[e].switchOff);
        for (const auto& [known, report] : m_known)
            if (known == plan)
                return report;
        EvaluationRequest request;
        request.plan = plan;
        request.samples = m_request.samples;
        request.chips = m_request.chips;
        request.reads = m_request.reads;
        request.seed = m_request.seed;
        request.threads = m_request.threads;
        request.layerErrors = false;
        const auto done = static_cast<double>(m_known.size()), all = static_cast<double>(count());
        const RunControl own{m_control.stop, [&](const Progress& progress) {
                                 m_control.report(std::min(1.0, (done + progress.fraction) / all), "waterfall");
                             }};
        CORE_TRY(const ReportPtr report, m_evaluator.evaluate(request, own));
        if (report->partial)
            return stoppedProblem();
        m_known.emplace_back(std::move(plan), report);
        return report;
    }

private:
    Evaluator& m_evaluator;
    const WaterfallRequest& m_request;
    const RunControl& m_control;
    std::vector<bool> m_present;
    std::vector<std::pair<PrecisionPlan, ReportPtr>> m_known;
};

EffectFigure figureOf(const Report& report) { return {report.chips.mean, report.outputSqnrDecibels}; }

/// One effect's figures; `before`: with those in front of it.
Result<EffectCost> costOf(Variants& variants, std::size_t effect, const Report& ideal, const Report& full, const Report& before,
                          ReportPtr& upTo)
{
    const ArrayEffect& which = arrayEffects()[effect];
    EffectCost cost{std::string(which.name),
                    std::string(which.title),
                    std::string(which.off),
                    static_cast<bool>(variants.present()[effect]),
                    {},
                    {},
                    {},
                    {},
                    {},
                    {}};
    const std::size_t count = variants.present().size();
    std::vector<bool> alone(count, false), without(count, true), first(count, false);
    alone[effect] = true;
    without[effect] = false;
    std::fill_n(first.begin(), effect + 1, true);
    CORE_TRY(const ReportPtr onlyThis, variants.evaluate(alone));
    CORE_TRY(const ReportPtr others, variants.evaluate(without));
    CORE_TRY(upTo, variants.evaluate(first));
    cost.alone = figureOf(*onlyThis);
    cost.without = figureOf(*others);
    cost.upTo = figureOf(*upTo);
    CORE_TRY(cost.cost, pairedDifference(*ideal.answers, *onlyThis->answers));
    CORE_TRY(cost.gain, pairedDifference(*full.answers, *others->answers));
    CORE_TRY(cost.step, pairedDifference(*before.answers, *upTo->answers));
    return cost;
}

}  // namespace

Result<NoiseWaterfall> noiseWaterfall(Evaluator& evaluator, const WaterfallRequest& request, const RunControl& control,
                                      const std::function<void(const NoiseWaterfall&)>& onStep)
{
    if (std::ranges::none_of(evaluator.layers(),
                             [&](const WeightedLayer& layer) { return resolve(request.plan, layer.name).cim.has_value(); }))
        return Problem{request.plan.name.empty() ? "plan" : "plan " + request.plan.name,
                       "no layer is computed in an array; wanted at least one"};
    Variants variants(evaluator, request, control);
    const std::size_t count = variants.present().size();
    CORE_TRY(const ReportPtr full, variants.evaluate(std::vector<bool>(count, true)));
    CORE_TRY(const ReportPtr ideal, variants.evaluate(std::vector<bool>(count, false)));

    NoiseWaterfall result;
    result.network = full->network;
    result.dataset = full->dataset;
    result.split = full->split;
    result.plan = request.plan.name;
    result.samples = full->samples;
    result.chips = full->chips.count;
    result.reads = full->chips.reads;
    result.referenceTop1 = full->referenceTop1;
    result.remarks = full->remarks;
    result.ideal = figureOf(*ideal);
    result.full = figureOf(*full);
    result.isPartial = true;
    CORE_TRY(result.total, pairedDifference(*ideal->answers, *full->answers));
    if (onStep)
        onStep(result);
    ReportPtr before = ideal;
    for (std::size_t effect = 0; effect < count; ++effect) {
        ReportPtr upTo;
        auto cost = costOf(variants, effect, *ideal, *full, *before, upTo);
        if (!cost && isStopped(cost.error()))
            return result;
        if (!cost)
            return cost.error();
        result.effects.push_back(std::move(cost).value());
        before = std::move(upTo);
        result.isPartial = effect + 1 < count;
        if (onStep && result.isPartial)
            onStep(result);
    }
    return result;
}

}  // namespace core
