// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/sum_cost_study.h"

#include "app/exploration/sum_study.h"

#include <algorithm>

namespace app {
namespace {

using core::AccumulatorPlan;

bool hasRule(const core::LayerTreatment& treatment) { return hasOwnSums(treatment) && treatment.accumulator.mixed; }

std::vector<core::LayerIndex> ruledLayers(const core::PrecisionPlan& plan, const std::vector<core::WeightedLayer>& layers)
{
    std::vector<core::LayerIndex> ruled;
    for (const core::WeightedLayer& layer : layers)
        if (hasRule(core::resolve(plan, layer.name)))
            ruled.push_back(layer.index);
    return ruled;
}

void makeHigh(AccumulatorPlan& sums)
{
    sums.sum.format = sums.mixed->high;
    if (sums.sum.format.isFloat32())
        sums.sum.randomBits.reset();  // its steps have no finer bits
    sums.mixed.reset();
}

void makeDynamic(AccumulatorPlan& sums, double tolerance)
{
    core::MixedSum& mixed = *sums.mixed;
    mixed.highRows = 0;
    if (mixed.middle && mixed.tolerance > 0)
        mixed.middle->tolerance *= tolerance / mixed.tolerance;
    else
        mixed.middle.reset();
    mixed.tolerance = tolerance;
}

void makeStatic(AccumulatorPlan& sums, double share)
{
    sums.mixed->middle.reset();
    sums.mixed->highRows = share;
}

/// The mean of a figure over the layers with a rule, each weighted by its multiplications; empty where one was not measured.
std::optional<double> meanFigure(const core::Report& report, const std::vector<core::LayerIndex>& layers, double core::SumFigures::*figure)
{
    double sum = 0, weights = 0;
    for (const core::LayerIndex layer : layers) {
        const core::LayerReport& figures = report.layers.at(layer.value());
        if (!figures.sums)
            return {};
        sum += static_cast<double>(figures.macs) * (*figures.sums).*figure;
        weights += static_cast<double>(figures.macs);
    }
    return weights > 0 ? std::optional(sum / weights) : std::nullopt;
}

/// False: too little was scored to say anything.
bool fill(SumCost& way, const core::Report& report, const std::vector<core::LayerIndex>& layers, double uniformCost)
{
    if (way.kind == SumCost::Kind::Low || way.kind == SumCost::Kind::High) {
        way.cost = way.kind == SumCost::Kind::Low ? 1 : uniformCost;
        way.recomputed = way.kind == SumCost::Kind::Low ? 0 : 1;
    } else {
        const auto cost = meanFigure(report, layers, &core::SumFigures::cost);
        const auto recomputed = meanFigure(report, layers, &core::SumFigures::recomputedFraction);
        if (!cost || !recomputed)
            return false;
        way.cost = *cost;
        way.recomputed = *recomputed;
    }
    way.top1 = report.top1;
    way.outputSqnrDecibels = report.outputSqnrDecibels;
    return true;
}

/// Every way against the high format throughout, as far as both were scored.
void compareWithHigh(SumCosts& costs, const std::vector<std::shared_ptr<const core::ChipAnswers>>& answers)
{
    const auto high = std::ranges::find(costs.ways, SumCost::Kind::High, &SumCost::kind);
    if (high == costs.ways.end())
        return;
    const auto& reference = answers[static_cast<std::size_t>(high - costs.ways.begin())];
    for (std::size_t way = 0; way < costs.ways.size(); ++way)
        if (!costs.ways[way].toHigh && costs.ways[way].kind != SumCost::Kind::High && reference && answers[way])
            if (const auto difference = core::pairedDifference(*reference, *answers[way]))
                costs.ways[way].toHigh = difference.value();
}

using Evaluate = decltype(EvaluationSource::evaluate);

core::Result<SumCosts> measureWays(const Evaluate& evaluate, std::vector<SumCost> ways, const std::vector<core::LayerIndex>& layers,
                                   core::EvaluationRequest request, const core::RunControl& control,
                                   const std::function<void(const SumCosts&)>& tell)
{
    SumCosts costs;
    std::vector<std::shared_ptr<const core::ChipAnswers>> answers;
    const auto count = static_cast<double>(ways.size());
    for (SumCost& way : ways) {
        const auto done = static_cast<double>(costs.ways.size());
        const core::RunControl part{control.stop,
                                    [&](const core::Progress& progress) { control.report((done + progress.fraction) / count, "scoring"); }};
        request.plan = way.plan;
        CORE_TRY(const core::ReportPtr report, evaluate(request, part, [](const core::ReportPtr&) {}));
        if (control.stopped())
            return costs;
        if (costs.ways.empty()) {  // the plan as it is: its rule knows what its high format costs
            costs.samples = report->samples;
            costs.referenceTop1 = report->referenceTop1;
            costs.uniformCost = meanFigure(*report, layers, &core::SumFigures::uniformCost).value_or(costs.uniformCost);
        }
        if (!fill(way, *report, layers, costs.uniformCost))
            return core::Problem{"", "the layers' sums were not measured"};
        costs.ways.push_back(std::move(way));
        answers.push_back(report->answers);
        compareWithHigh(costs, answers);
        tell(costs);
    }
    costs.isPartial = false;
    return costs;
}

}  // namespace

std::vector<SumCost> sumWays(const core::PrecisionPlan& plan, const std::vector<core::WeightedLayer>& layers)
{
    const std::vector<core::LayerIndex> ruled = ruledLayers(plan, layers);
    if (ruled.empty())
        return {};
    const auto with = [&](const std::function<void(AccumulatorPlan&)>& change) {
        return withTreatment(plan, layers, ruled,
                             [&](const core::WeightedLayer&, core::LayerTreatment& treatment) { change(treatment.accumulator); });
    };
    const core::MixedSum present = *core::resolve(plan, layers.at(ruled.front().value()).name).accumulator.mixed;
    std::vector<SumCost> ways;
    ways.push_back({present.isStatic() ? SumCost::Kind::Rows : SumCost::Kind::Tolerance,
                    present.isStatic() ? present.highRows : present.tolerance, true, with([](AccumulatorPlan&) {})});
    const auto add = [&](SumCost::Kind kind, double setting, const std::function<void(AccumulatorPlan&)>& change) {
        core::PrecisionPlan changed = with(change);
        if (changed != ways.front().plan)
            ways.push_back({kind, setting, false, std::move(changed)});
    };
    add(SumCost::Kind::Low, 0, [](AccumulatorPlan& sums) { sums.mixed.reset(); });
    add(SumCost::Kind::High, 0, makeHigh);
    for (const double tolerance : present.condition == core::MixedSum::Condition::Full ? kSweptFullTolerances : kSweptTolerances)
        add(SumCost::Kind::Tolerance, tolerance, [tolerance](AccumulatorPlan& sums) { makeDynamic(sums, tolerance); });
    for (const double share : kSweptShares)
        add(SumCost::Kind::Rows, share, [share](AccumulatorPlan& sums) { makeStatic(sums, share); });
    return ways;
}

CheaperWays cheaperWays(const SumCosts& costs)
{
    CheaperWays found;
    for (const SumCost& way : costs.ways) {
        if (way.kind == SumCost::Kind::High || way.cost >= costs.uniformCost)
            continue;
        ++found.count;
        if (!way.toHigh)
            continue;
        ++found.compared;
        found.told += way.toHigh->isSignificant() ? 1 : 0;
        const bool isBelow = way.toHigh->isSignificant() && way.toHigh->difference < 0;
        if (!isBelow && (!found.cheapest || way.cost < found.cheapest->cost))
            found.cheapest = &way;
    }
    return found;
}

bool SumCostStudy::hasRule() const
{
    return std::ranges::any_of(exploration().layers(),
                               [this](const core::WeightedLayer& layer) { return app::hasRule(exploration().treatment(layer.index)); });
}

SumCostStudy::Ask SumCostStudy::asking() const
{
    const auto evaluate = exploration().source().evaluate;
    if (!evaluate)
        return {};
    core::EvaluationRequest request;
    request.samples = m_samples;
    request.seed = exploration().settings().seed;
    if (const core::PriceTable* table = exploration().technology())
        request.technology = *table;
    return [evaluate, request, ways = sumWays(exploration().plan(), exploration().layers()),
            layers = ruledLayers(exploration().plan(), exploration().layers())](const core::RunControl& control, const Tell& tell) {
        return measureWays(evaluate, ways, layers, request, control, tell);
    };
}

}  // namespace app
