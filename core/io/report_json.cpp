// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"

#include "core/eval/npp_comparison.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <string>

namespace core {

namespace {

using Json = nlohmann::ordered_json;

/// JSON has no infinity: a layer without any error has null decibels.
Json finite(double value) { return std::isfinite(value) ? Json(value) : Json(); }

template <class T>
Json list(const std::vector<T>& values)
{
    Json json = Json::array();
    for (const T value : values)
        json.push_back(finite(static_cast<double>(value)));
    return json;
}

Json surrogateToJson(const SurrogateReport& surrogate)
{
    return {{"rank", surrogate.rank},
            {"signal_energy", finite(surrogate.signalEnergy)},
            {"residual_energy", finite(surrogate.residualEnergy)},
            {"floor_energy", finite(surrogate.floorEnergy())},
            {"predicted_sqnr_db", finite(surrogate.predictedSqnr(surrogate.rank))},
            {"singular_values", list(surrogate.singularValues)},
            {"removed_energy", list(surrogate.removedEnergy)}};
}

Json safeBitsToJson(const SumFigures& sums)
{
    Json json = {{"least", sums.leastSafeBits}, {"most", sums.mostSafeBits}};
    for (const SafeBits& row : sums.safeBits) {
        json["exact"].push_back(row.exact);
        json["a2q"].push_back(row.weights);
        json["a2q_plus"].push_back(row.centred ? Json(*row.centred) : Json());
        json["data_types"].push_back(row.types);
    }
    return json;
}

void addSums(Json& json, const SumFigures& sums)
{
    const auto rows = [&](OverflowVerdict verdict) { return std::count(sums.rows.begin(), sums.rows.end(), verdict); };
    json["overflow_rate"] = sums.overflowRate;
    json["kappa"] = {{"median", finite(sums.condition.median)}, {"p90", finite(sums.condition.p90)}, {"p99", finite(sums.condition.p99)}};
    json["sums"] = {{"components", sums.components},
                    {"middle_fraction", sums.middleFraction},
                    {"cost", sums.cost},
                    {"uniform_high_cost", sums.uniformCost},
                    {"n_u", finite(sums.perturbation)},
                    {"bound_over_error", sums.boundOverError ? finite(*sums.boundOverError) : Json()},
                    {"beyond_bound", sums.beyondBound},
                    {"rank_correlation", sums.rankCorrelation ? finite(*sums.rankCorrelation) : Json()},
                    {"rows", Json::object()}};
    for (const OverflowVerdict verdict : {OverflowVerdict::Cannot, OverflowVerdict::Can, OverflowVerdict::Does})
        json["sums"]["rows"][std::string(overflowVerdictName(verdict))] = rows(verdict);
    for (const OverflowVerdict verdict : sums.rows)
        json["sums"]["row_verdicts"].push_back(overflowVerdictName(verdict));
    if (sums.mostSafeBits > 0)
        json["sums"]["safe_bits"] = safeBitsToJson(sums);
}

Json rangeToJson(const EnergyRange& range)
{
    return {{"low", finite(range.low.value())}, {"typical", finite(range.typical.value())}, {"high", finite(range.high.value())}};
}

Json layerToJson(const LayerReport& layer, const EnergyBill& bill)
{
    const std::optional<double> ceiling = rankCeilingOf(layer, bill);
    Json json = {{"name", layer.name},
                 {"op", layer.operation},
                 {"treatment", layer.treatment},
                 {"rows", layer.rows},
                 {"columns", layer.columns},
                 {"macs", layer.macs},
                 {"parameters", layer.parameters},
                 {"stored_bits", finite(layer.storedBits)},
                 {"sqnr_db", decibelsToJson(layer.sqnrDecibels)},
                 {"propagated_sqnr_db", decibelsToJson(layer.propagatedSqnrDecibels)},
                 {"exact", layer.sqnrDecibels && std::isinf(*layer.sqnrDecibels)},
                 {"recomputed_fraction", layer.recomputedFraction},
                 {"overflow_rate", Json()},   // of sums that are the engine's own nobody knows
                 {"kappa", Json()},
                 {"energy_pj", finite(layer.energy.value())},
                 {"energy_range_pj", rangeToJson(bill.rangeOf(layer.index))},
                 {"rank_ceiling_tops_per_watt", ceiling ? finite(*ceiling) : Json()},
                 {"row_errors", list(layer.rowErrors)}};
    if (layer.sums)
        addSums(json, *layer.sums);
    if (layer.scores)
        json["scores"] = {{"logits", layer.scores->logits},
                          {"recomputed_fraction", layer.scores->recomputedFraction},
                          {"error_mass", layer.scores->errorMass},
                          {"error_mass_low", layer.scores->lowErrorMass}};
    if (layer.surrogate)
        json["surrogate"] = surrogateToJson(*layer.surrogate);
    return json;
}

Json lineToJson(const BillLine& line, const std::vector<LayerReport>& layers)
{
    const LedgerEntry& entry = line.entry;
    const bool isNamed = entry.layer.isValid() && entry.layer.value() < layers.size();
    Json json = {{"layer", isNamed ? Json(layers[entry.layer.value()].name) : Json()},
                 {"part", ledgerPartName(entry.part)},
                 {"operation", ledgerOperationName(entry.operation)},
                 {"kind", numberKindName(entry.kind)},
                 {"bits", entry.firstBits}};
    if (entry.secondBits > 0)
        json["second_bits"] = entry.secondBits;
    json["count"] = entry.count;
    json["energy_pj"] = rangeToJson(line.range());
    json["confidence"] = confidenceName(line.confidence);
    json["source"] = line.provenance;
    return json;
}

/// This network's figure beside the published one and our model of it.
Json nppToJson(const Report& report)
{
    const auto comparison = compareWithNpp(report);
    if (!comparison)
        return {};
    Json json = {{"published_tops_per_watt", comparison->published},
                 {"model_tops_per_watt", finite(comparison->model)},
                 {"model_on_these_layers", finite(comparison->modelHere)},
                 {"own_tops_per_watt", finite(comparison->own)},
                 {"steps", Json::array()},
                 {"reason", comparison->reason}};
    for (const EfficiencyStep& step : comparison->steps)
        json["steps"].push_back({{"step", step.words}, {"tops_per_watt", finite(step.topsPerWatt)}});
    return json;
}

Json energyToJson(const Report& report)
{
    const EnergyBill& bill = report.energy;
    const EnergyRange range = bill.range();
    Json json = {{"technology", bill.technology},
                 {"total_pj", finite(bill.total().value() * static_cast<double>(report.samples))},
                 {"per_inference_pj", finite(bill.total().value())},
                 {"per_inference_range_pj", rangeToJson(range)},
                 {"macs", bill.macs},
                 {"tops_per_watt", finite(bill.topsPerWatt())},
                 {"tops_per_watt_range", {{"low", finite(bill.topsPerWatt(range.high))}, {"high", finite(bill.topsPerWatt(range.low))}}},
                 {"convention", bill.convention()},
                 {"parts_pj", Json::object()}};
    for (const LedgerPart part : kLedgerParts)
        json["parts_pj"][ledgerPartName(part)] = finite(bill.ofPart(part).value());
    json["parts_range_pj"] = Json::object();
    for (const LedgerPart part : kLedgerParts)
        json["parts_range_pj"][ledgerPartName(part)] = rangeToJson(bill.rangeOf(part));
    json["npp"] = nppToJson(report);
    json["lines"] = Json::array();
    for (const BillLine& line : bill.lines)
        json["lines"].push_back(lineToJson(line, report.layers));
    return json;
}

/// Estimates of time and room; what cannot be estimated is null.
Json estimatesToJson(const Report& report)
{
    const Estimates& estimates = report.estimates;
    const auto nameOf = [&](LayerIndex layer) {
        return layer.isValid() && layer.value() < report.layers.size() ? Json(report.layers[layer.value()].name) : Json();
    };
    Json json = {{"latency", nullptr}, {"area", nullptr}, {"shift_machines", Json::array()}, {"vector_words", Json::array()}};
    if (estimates.latency) {
        Json layers = Json::array();
        for (const LayerLatency& layer : estimates.latency->layers)
            layers.push_back(
                {{"name", nameOf(layer.layer)}, {"seconds", layer.time().count()}, {"bottleneck", bottleneckName(layer.bottleneck())}});
        json["latency"] = {{"device", estimates.latency->device},
                           {"seconds", estimates.latency->time().count()},
                           {"source", estimates.latency->source},
                           {"confidence", confidenceName(estimates.latency->confidence)},
                           {"layers", std::move(layers)}};
    }
    if (const auto& area = estimates.area)
        json["area"] = {{"total_mm2", area->total()},
                        {"array_cells_mm2", area->arrayCells},
                        {"converters_mm2", area->converters},
                        {"multipliers_mm2", area->multipliers},
                        {"weight_memory_mm2", area->weightMemory}};
    for (const ShiftMachineEstimate& machine : estimates.shiftMachines)
        json["shift_machines"].push_back({{"machine", machine.machine},
                                          {"seconds", machine.time.count()},
                                          {"multipliers_only_seconds", machine.multipliersOnly.count()},
                                          {"speed_up", machine.speedUp()}});
    for (const WordCount& count : estimates.words)
        json["vector_words"].push_back(
            {{"name", nameOf(count.layer)}, {"words", count.words}, {"words_int8", count.wordsInt8}, {"speed_up", count.speedUp()}});
    return json;
}

Json chipsToJson(const ChipStatistics& chips)
{
    Json json = {{"count", chips.count}, {"mean", chips.mean}, {"std", chips.standardDeviation}, {"min", chips.min},  {"max", chips.max},
                 {"p5", chips.low},      {"p95", chips.high},  {"reads", chips.reads},           {"top1", chips.top1}};
    if (chips.reads > 1) {
        json["chip_std"] = chips.chipDeviation;
        json["read_std"] = chips.readDeviation;
        json["read_top1"] = chips.readTop1;
    }
    return json;
}

Json figureToJson(const EffectFigure& figure)
{
    return {{"top1", figure.top1}, {"output_sqnr_db", decibelsToJson(figure.outputSqnrDecibels)}};
}

}  // namespace

nlohmann::ordered_json proportionToJson(const Proportion& share)
{
    return {
        {"value", share.value()}, {"low", share.low()}, {"high", share.high()}, {"successes", share.successes}, {"trials", share.trials}};
}

nlohmann::ordered_json decibelsToJson(const std::optional<double>& value) { return value ? finite(*value) : Json(); }

nlohmann::ordered_json differenceToJson(const PairedDifference& difference)
{
    return {{"value", difference.difference},
            {"low", difference.low},
            {"high", difference.high},
            {"p", difference.probability},
            {"significant", difference.isSignificant()},
            {"method", pairedMethodName(difference.method)},
            {"chips", difference.chips},
            {"samples", difference.samples},
            {"gained", difference.gained},
            {"lost", difference.lost}};
}

nlohmann::ordered_json yieldToJson(const ChipStatistics& chips, double threshold)
{
    Json json = {{"threshold", threshold}};
    json.update(proportionToJson(yieldAt(chips, threshold)));
    return json;
}

nlohmann::ordered_json waterfallToJson(const NoiseWaterfall& waterfall)
{
    Json json = {{"schema", "polarizer.waterfall/1"},
                 {"network", waterfall.network},
                 {"dataset", waterfall.dataset},
                 {"split", waterfall.split},
                 {"plan", waterfall.plan},
                 {"samples", waterfall.samples},
                 {"chips", waterfall.chips},
                 {"reads", waterfall.reads},
                 {"partial", waterfall.isPartial},
                 {"reference_top1", proportionToJson(waterfall.referenceTop1)},
                 {"ideal", figureToJson(waterfall.ideal)},
                 {"full", figureToJson(waterfall.full)},
                 {"total", differenceToJson(waterfall.total)},
                 {"effects", Json::array()},
                 {"remarks", waterfall.remarks}};
    for (const EffectCost& effect : waterfall.effects)
        json["effects"].push_back({{"name", effect.name},
                                   {"title", effect.title},
                                   {"off", effect.off},
                                   {"present", effect.isPresent},
                                   {"alone", figureToJson(effect.alone)},
                                   {"cost", differenceToJson(effect.cost)},
                                   {"without", figureToJson(effect.without)},
                                   {"gain", differenceToJson(effect.gain)},
                                   {"up_to", figureToJson(effect.upTo)},
                                   {"step", differenceToJson(effect.step)}});
    return json;
}

nlohmann::ordered_json reportToJson(const Report& report)
{
    Json json = {{"schema", "polarizer.report/1"},
                 {"network", report.network},
                 {"dataset", report.dataset},
                 {"split", report.split},
                 {"plan", report.plan},
                 {"samples", report.samples},
                 {"requested", report.requested},
                 {"partial", report.partial},
                 {"top1", proportionToJson(report.top1)},
                 {"reference_top1", proportionToJson(report.referenceTop1)},
                 {"agreement", proportionToJson(report.agreement)},
                 {"output_sqnr_db", decibelsToJson(report.outputSqnrDecibels)},
                 {"layers", Json::array()},
                 {"energy", energyToJson(report)},
                 {"estimates", estimatesToJson(report)},
                 {"chips", chipsToJson(report.chips)},
                 {"remarks", report.remarks},
                 {"seconds", report.seconds.count()},
                 {"images_per_second", finite(report.imagesPerSecond)},
                 {"hash", report.hash}};
    for (const LayerReport& layer : report.layers)
        json["layers"].push_back(layerToJson(layer, report.energy));
    if (report.answers)
        json["against_reference"] = differenceToJson(differenceToReference(*report.answers));
    return json;
}

}  // namespace core
