// SPDX-License-Identifier: Apache-2.0
#include "core/eval/report_accounts.h"

#include "core/engine/network_ledger.h"
#include "core/plan/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

namespace core {

namespace {

/// Only the rank that was fitted counts.
LayerTreatment treatmentInForce(const CompiledLayer& compiled)
{
    LayerTreatment treatment = compiled.treatment;
    if (!compiled.recovery)
        treatment.surrogate.reset();
    else
        treatment.surrogate->rank = compiled.recovery->rank();
    return treatment;
}

LayerFacts factsOf(const LayerReport& entry, const WeightedLayer& layer, const CompiledLayer& compiled)
{
    LayerFacts facts{compiled.storedBits, static_cast<double>(layer.inputValues), !compiled.bias.empty()};
    if (entry.sums) {
        facts.middleShare = entry.sums->middleFraction;
        facts.highShare = entry.sums->recomputedFraction - entry.sums->middleFraction;
    }
    return facts;
}

std::vector<ScoreSums> scoreSums(const Report& report, const EngineContext& context, const PolarizedNetwork& network)
{
    std::vector<ScoreSums> sums;
    for (const ScoreProduct& product : scoreProducts(*context.network, context.layers)) {
        const auto& plan = network.layers[product.layer.value()]->treatment.scores;
        const auto& figures = report.layers[product.layer.value()].scores;
        if (plan)
            sums.push_back({product.node, *plan, figures ? figures->recomputedFraction : 0});
    }
    return sums;
}

/// All that is counted of a network, before it is priced.
struct Accounts {
    Ledger ledger;
    double macs = 0;
    std::vector<double> weightBits, mapBits;  // by layer: all its weights; one number of the maps it writes
    AreaDemand demand;

    void add(const Ledger& part) { ledger.insert(ledger.end(), part.begin(), part.end()); }
};

}  // namespace

void listLayers(Report& report, const EngineContext& context, const PolarizedNetwork& network)
{
    for (const WeightedLayer& layer : context.layers) {
        const CompiledLayer& compiled = *network.layers[layer.index.value()];
        LayerReport entry;
        entry.index = layer.index;
        entry.name = layer.name;
        entry.operation = layer.operation;
        entry.rows = layer.rows;
        entry.columns = layer.columns;
        entry.macs = layer.macs();
        entry.parameters = layer.parameters();
        entry.treatment = treatmentText(treatmentInForce(compiled));
        entry.storedBits = compiled.storedBits;
        entry.surrogate = network.surrogates[layer.index.value()];
        report.layers.push_back(std::move(entry));
    }
}

Result<void> keepAccounts(Report& report, const EngineContext& context, const PolarizedNetwork& network, const PriceTable& technology)
{
    report.estimates = {};
    Accounts accounts;
    for (const WeightedLayer& layer : context.layers) {
        const CompiledLayer& compiled = *network.layers[layer.index.value()];
        const LayerTreatment treatment = treatmentInForce(compiled);
        const LayerFacts facts = factsOf(report.layers[layer.index.value()], layer, compiled);
        accounts.macs += static_cast<double>(layer.macs());
        const Ledger counted = ledgerOf(layer, treatment, facts);
        accounts.add(counted);
        accounts.weightBits.push_back(digitalWeightBits(layer, treatment, facts));
        accounts.mapBits.push_back(treatment.activations.format.storageBits());
        addTo(accounts.demand, layer, treatment, facts);
        for (const LedgerEntry& entry : counted)  // an ideal converter is as wide as its sums need
            if (entry.operation == LedgerOperation::AdcConversion)
                accounts.demand.converterBits = std::max(accounts.demand.converterBits, entry.firstBits);
        if (auto words = wordsOf(layer, treatment))
            report.estimates.words.push_back(*words);
    }
    for (const ShiftMachine& machine : shiftMachines())
        if (auto estimate = timeOn(machine, accounts.ledger))
            report.estimates.shiftMachines.push_back(std::move(*estimate));
    accounts.add(functionLedger(context, scoreSums(report, context, network), accounts.mapBits).entries);
    if (const auto& device = technology.device) {
        accounts.add(weightsFromDram(context.layers, accounts.weightBits, device->onChipKilobytes * 8192));
        // A device without converters cannot run arrays: no figure is better than one that leaves them out.
        if (accounts.demand.converterBits == 0 || device->converters > 0) {
            report.estimates.latency = latencyOf(accounts.ledger, *device, context.layers.size());
            report.estimates.area = areaOf(accounts.demand, *device);
        }
    }
    if (technology.prices.empty())
        return success();
    CORE_TRY(report.energy, makeBill(accounts.ledger, technology, accounts.macs));
    for (LayerReport& entry : report.layers)
        entry.energy = report.energy.ofLayer(entry.index);
    return success();
}

}  // namespace core
