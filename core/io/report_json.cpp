// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"

#include <nlohmann/json.hpp>

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
                 {"energy", energyToJson(report.energy, report.samples)},
                 {"chips", chipsToJson(report.chips)},
                 {"remarks", report.remarks},
                 {"seconds", report.seconds.count()},
                 {"images_per_second", finite(report.imagesPerSecond)},
                 {"hash", report.hash}};
    for (const LayerReport& layer : report.layers)
        json["layers"].push_back(layerToJson(layer));
    if (report.answers)
        json["against_reference"] = differenceToJson(differenceToReference(*report.answers));
    return json;
}

}  // namespace core
