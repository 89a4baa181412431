// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"

#include "core/io/array_json.h"
#include "core/io/file_target.h"
#include "core/io/named_values.h"
#include "core/io/palette_choices.h"
#include "core/io/plan_names.h"
#include "core/io/stored_paths.h"


namespace core {

namespace {

/// Writes what differs from `inherited`, and always the format.
Json treatmentToJson(const Treatment& treatment, const Treatment& inherited)
{
    Json json = {{"format", treatment.format.name()}};
    if (treatment.scale != inherited.scale)
        json["scale"] = treatment.scale.text();
    if (treatment.clip != inherited.clip)
        json["clip"] = treatment.clip.text();
    if (treatment.points != inherited.points)
        json["points"] = treatment.points;
    return json;
}

Json flipsToJson(const std::vector<CodeFlip>& flips)
{
    Json list = Json::array();
    for (const CodeFlip& flip : flips)
        list.push_back({{"row", flip.row}, {"column", flip.column}, {"bit", flip.bit}});
    return list;
}

Json weightsToJson(const WeightPlan& weights, const std::optional<WeightPlan>& inherited)
{
    if (weights.isUniform() && weights.palette.size() == 1) {
        const bool inherits = inherited && inherited->isUniform() && inherited->palette.size() == 1;
        const WeightPlan& base = inherits ? *inherited : WeightPlan{};
        Json json = treatmentToJson(weights.palette.front(), base.palette.front());
        if (weights.flips != base.flips)
            json["flips"] = flipsToJson(weights.flips);
        return json;
    }
    Json json = Json::object();
    for (const Treatment& treatment : weights.palette)
        json["palette"].push_back(treatmentToJson(treatment, {}));
    if (!weights.rows.empty())
        json["rows"] = paletteChoicesToJson(weights.rows);
    if (!weights.channels.empty())
        json["channels"] = paletteChoicesToJson(weights.channels);
    if (!weights.flips.empty())
        json["flips"] = flipsToJson(weights.flips);
    return json;
}

Json activationsToJson(const ActivationPlan& activations, const ActivationPlan& inherited)
{
    Json json = {{"format", activations.format.name()}};
    if (activations.scale != inherited.scale)
        json["scale"] = activations.scale.text();
    if (activations.range != inherited.range)
        json["range"] = activations.range.text();
    return json;
}

Json surrogateToJson(const SurrogatePlan& surrogate, const SurrogatePlan& inherited)
{
    Json json = {{"rank", surrogate.rank}};
    if (surrogate.format != inherited.format)
        json["format"] = surrogate.format.name();
    if (surrogate.method != inherited.method)
        json["method"] = nameOf(plan_names::kMethods, surrogate.method);
    if (surrogate.input != inherited.input)
        json["input"] = nameOf(plan_names::kInputs, surrogate.input);
    if (surrogate.calibrationSamples != inherited.calibrationSamples)
        json["calibration_samples"] = surrogate.calibrationSamples;
    if (surrogate.fitOn != inherited.fitOn)
        json["fit_on"] = surrogate.fitOn.text();
    if (surrogate.paths != inherited.paths)
        json["paths"] = surrogate.paths.file();
    return json;
}

Json correctionToJson(const CorrectionPlan& correction, const CorrectionPlan& inherited)
{
    Json json = Json::object();
    if (correction.bias != inherited.bias)
        json["bias"] = correction.bias;
    if (correction.rounding != inherited.rounding)
        json["rounding"] = nameOf(plan_names::kRoundings, correction.rounding);
    if (correction.equalize != inherited.equalize)
        json["equalize"] = correction.equalize;
    if (correction.calibrationSamples != inherited.calibrationSamples)
        json["calibration_samples"] = correction.calibrationSamples;
    return json;
}

Json mixedToJson(const AccumulatorPlan& accumulator)
{
    const MixedSum& mixed = *accumulator.mixed;
    const MixedSum usual{};
    Json json = {{"low", accumulator.sum.format.name()}, {"high", mixed.high.name()}, {"tolerance", mixed.tolerance}};
    if (mixed.condition != usual.condition)
        json["condition"] = mixedConditionName(mixed.condition);
    if (mixed.middle)
        json["middle"] = {{"format", mixed.middle->format.name()}, {"tolerance", mixed.middle->tolerance}};
    if (mixed.tile != usual.tile)
        json["tile"] = mixed.tile;
    if (mixed.last != usual.last)
        json["last"] = lastLayerName(mixed.last);
    if (mixed.highRows != usual.highRows)
        json["static"] = mixed.highRows;
    return json;
}

Json accumulatorToJson(const AccumulatorPlan& accumulator)
{
    if (accumulator.integer)
        return {{"integer", {{"bits", accumulator.integer->bits}, {"overflow", integerOverflowName(accumulator.integer->overflow)}}}};
    const SumRule& sum = accumulator.sum;
    Json json = Json::object();
    if (accumulator.mixed)
        json["mixed"] = mixedToJson(accumulator);
    else
        json["format"] = sum.format.name();
    if (sum.products != accumulator.usualProducts())
        json["product"] = productRoundingName(sum.products);
    if (sum.order != SumOrder::Sequential)
        json["order"] = sumOrderName(sum.order);
    if (sum.block != 0)
        json["block"] = sum.block;
    if (sum.combine)
        json["combine"] = sum.combine->name();
    if (sum.randomBits) {
        json["rounding"] = "stochastic";
        json["random_bits"] = *sum.randomBits;
    }
    if (accumulator.seed != AccumulatorPlan{}.seed)
        json["seed"] = accumulator.seed;
    return json;
}

Json scoresToJson(const ScorePlan& scores)
{
    static const ScorePlan usual;
    Json json = {{"low", scores.low.format.name()}, {"high", scores.high.name()}, {"tolerance", scores.tolerance}};
    if (scores.low.products != usual.low.products)
        json["product"] = productRoundingName(scores.low.products);
    if (scores.low.order != SumOrder::Sequential)
        json["order"] = sumOrderName(scores.low.order);
    if (scores.low.block != 0)
        json["block"] = scores.low.block;
    return json;
}

Json layerPlanToJson(const LayerPlan& plan, const LayerPlan& inherited)
{
    Json json = Json::object();
    if (plan.weights)
        json["weights"] = weightsToJson(*plan.weights, inherited.weights);
    if (plan.activations)
        json["activations"] = activationsToJson(*plan.activations, inherited.activations.value_or(ActivationPlan{}));
    if (plan.accumulator)
        json["accumulator"] = accumulatorToJson(*plan.accumulator);
    if (plan.scores)
        json["scores"] = plan.scores->value ? scoresToJson(*plan.scores->value) : Json();
    if (plan.surrogate) {
        const bool inherits = inherited.surrogate && inherited.surrogate->value;
        json["surrogate"] = plan.surrogate->value
                                ? surrogateToJson(*plan.surrogate->value, inherits ? *inherited.surrogate->value : SurrogatePlan{})
                                : Json();
    }
    if (plan.cim) {
        const bool inherits = inherited.cim && inherited.cim->value;
        json["cim"] =
            plan.cim->value ? arrayTreatmentToJson(*plan.cim->value, inherits ? *inherited.cim->value : ArrayTreatment{}) : Json();
    }
    if (plan.correction) {
        const bool inherits = inherited.correction && inherited.correction->value;
        json["correction"] = plan.correction->value
                                 ? correctionToJson(*plan.correction->value, inherits ? *inherited.correction->value : CorrectionPlan{})
                                 : Json();
    }
    return json;
}

}  // namespace

nlohmann::ordered_json planToJson(const PrecisionPlan& plan)
{
    Json json = {{"schema", plan_names::kSchema}};
    if (!plan.name.empty())
        json["name"] = plan.name;
    if (!plan.network.name.empty())
        json["network"]["name"] = plan.network.name;
    if (!plan.network.hash.empty())
        json["network"]["hash"] = plan.network.hash;
    if (!plan.defaults.isEmpty())
        json["default"] = layerPlanToJson(plan.defaults, {});
    for (const auto& [name, layer] : plan.layers)
        json["layers"][name] = layerPlanToJson(layer, plan.defaults);
    return json;
}

Result<void> writePlan(const PrecisionPlan& plan, const std::filesystem::path& file)
{
    CORE_TRY(writeStoredPathsOf(plan, file.parent_path()));
    return replaceFile(file, [&](std::ostream& out) {
        out << planToJson(plan).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
        return static_cast<bool>(out);
    });
}

}  // namespace core
