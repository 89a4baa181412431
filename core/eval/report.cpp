// SPDX-License-Identifier: Apache-2.0
#include "core/eval/report.h"

#include "core/base/hash.h"

namespace core {

namespace {

void add(Hasher& hasher, const Proportion& proportion) { hasher.add(proportion.successes).add(proportion.trials); }

void add(Hasher& hasher, const std::optional<double>& value) { hasher.add(value.has_value()).add(value.value_or(0.0)); }

void add(Hasher& hasher, const SumFigures& sums)
{
    hasher.add(sums.components).add(sums.recomputedFraction).add(sums.middleFraction).add(sums.overflowRate);
    hasher.add(sums.condition.median).add(sums.condition.p90).add(sums.condition.p99).add(sums.perturbation).add(sums.beyondBound);
    add(hasher, sums.boundOverError);
    add(hasher, sums.rankCorrelation);
    hasher.add(sums.cost).add(sums.uniformCost).add(sums.leastSafeBits).add(sums.mostSafeBits);
    hasher.all(std::span<const OverflowVerdict>(sums.rows));
    for (const SafeBits& row : sums.safeBits)
        hasher.add(row.exact).add(row.weights).add(row.centred.value_or(0)).add(row.types);
}

}  // namespace

std::string hashOf(const Report& report)
{
    Hasher hasher;
    hasher.text(report.network).text(report.dataset).text(report.split);
    hasher.add(report.samples).add(report.requested).add(report.partial);
    add(hasher, report.top1);
    add(hasher, report.referenceTop1);
    add(hasher, report.agreement);
    for (const LayerReport& layer : report.layers) {
        hasher.text(layer.name).text(layer.operation).text(layer.treatment);
        hasher.add(layer.rows).add(layer.columns).add(layer.macs).add(layer.parameters);
        add(hasher, layer.sqnrDecibels);
        add(hasher, layer.propagatedSqnrDecibels);
        hasher.all(std::span<const float>(layer.rowErrors));
        hasher.add(layer.recomputedFraction).add(layer.storedBits).add(layer.energy.value());
        if (layer.sums)
            add(hasher, *layer.sums);
        if (layer.scores)
            hasher.add(layer.scores->logits).add(layer.scores->recomputedFraction).add(layer.scores->errorMass).add(layer.scores->lowErrorMass);
        if (layer.surrogate) {
            hasher.add(layer.surrogate->rank).add(layer.surrogate->signalEnergy).add(layer.surrogate->residualEnergy);
            hasher.all(std::span<const double>(layer.surrogate->singularValues)).all(std::span<const double>(layer.surrogate->removedEnergy));
        }
    }
    hasher.text(report.energy.technology).add(report.energy.total().value()).add(report.energy.macs);
    hasher.add(report.energy.range().low.value()).add(report.energy.range().high.value());
    hasher.add(report.chips.count).all(std::span<const double>(report.chips.top1));
    hasher.add(report.chips.reads).all(std::span<const double>(report.chips.readTop1));
    add(hasher, report.outputSqnrDecibels);
    for (const SampleOutcome& outcome : report.outcomes)
        hasher.add(outcome.sample).add(outcome.label).add(outcome.predicted).add(outcome.referencePredicted).add(outcome.margin).add(outcome.referenceMargin);
    return hasher.textValue();
}

}  // namespace core
