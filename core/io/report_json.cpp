// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>

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
    if (sums.mostSafeBits > 0)
        json["sums"]["safe_bits"] = {{"least", sums.leastSafeBits}, {"most", sums.mostSafeBits}};
}

Json layerToJson(const LayerReport& layer)
{
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
                 {"energy_pj", finite(layer.energy.value())},
                 {"row_errors", list(layer.rowErrors)}};
    if (layer.sums)
        addSums(json, *layer.sums);
    if (layer.surrogate)
        json["surrogate"] = surrogateToJson(*layer.surrogate);
    return json;
}

Json energyToJson(const EnergyBill& bill, std::int64_t samples)
{
    Json json = {{"technology", bill.technology},
                 {"total_pj", finite(bill.total().value() * static_cast<double>(samples))},
                 {"per_inference_pj", finite(bill.total().value())},
                 {"macs", bill.macs},
                 {"tops_per_watt", finite(bill.topsPerWatt())},
                 {"convention", bill.convention()},
                 {"parts_pj", Json::object()}};
    for (const LedgerPart part : {LedgerPart::MainMultiply, LedgerPart::Accumulate, LedgerPart::Converter, LedgerPart::Array,
                                  LedgerPart::Recovery, LedgerPart::Memory})
        json["parts_pj"][ledgerPartName(part)] = finite(bill.ofPart(part).value());
    return json;
}

Json chipsToJson(const ChipStatistics& chips)
{
    return {{"count", chips.count}, {"mean", chips.mean}, {"std", chips.standardDeviation},
            {"min", chips.min},     {"max", chips.max},   {"top1", chips.top1}};
}

}  // namespace

nlohmann::ordered_json proportionToJson(const Proportion& share)
{
    return {
        {"value", share.value()}, {"low", share.low()}, {"high", share.high()}, {"successes", share.successes}, {"trials", share.trials}};
}

nlohmann::ordered_json decibelsToJson(const std::optional<double>& value) { return value ? finite(*value) : Json(); }

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
                 {"layers", Json::array()},
                 {"energy", energyToJson(report.energy, report.samples)},
                 {"chips", chipsToJson(report.chips)},
                 {"remarks", report.remarks},
                 {"seconds", report.seconds.count()},
                 {"images_per_second", finite(report.imagesPerSecond)},
                 {"hash", report.hash}};
    for (const LayerReport& layer : report.layers)
        json["layers"].push_back(layerToJson(layer));
    return json;
}

}  // namespace core
