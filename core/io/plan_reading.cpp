// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"

#include "core/io/array_json.h"
#include "core/io/named_values.h"
#include "core/io/palette_choices.h"
#include "core/io/plan_names.h"

namespace core {

namespace {

constexpr std::size_t kLargestPalette = 256;

Result<void> readFormat(const JsonObject& object, NumberFormat& target)
{
    return readParsed(object, "format", NumberFormat::named, target);
}

Result<void> readTreatment(const JsonObject& object, Treatment& treatment)
{
    CORE_TRY(readFormat(object, treatment.format));
    CORE_TRY(readParsed(object, "scale", ScaleRule::parse, treatment.scale));
    return readParsed(object, "clip", ClipRule::parse, treatment.clip);
}

Result<WeightPlan> mixedWeights(const JsonObject& object)
{
    for (const char* key : {"format", "scale", "clip"})
        if (object.has(key))
            return object.problem(key, "stands beside a palette; wanted it inside the palette's entries");
    const Json& list = *object.find("palette");
    if (!list.is_array() || list.empty() || list.size() > kLargestPalette)
        return object.problem("palette", fmt::format("found {}; wanted a list of 1 to {} treatments", excerpt(list), kLargestPalette));
    WeightPlan weights{{}, {}, {}, {}};
    for (const Json& element : list) {
        CORE_TRY(const JsonObject entry, JsonObject::of(element, fmt::format("{}[{}]", object.pathOf("palette"), weights.palette.size())));
        CORE_TRY(entry.onlyKeys({"format", "scale", "clip"}));
        CORE_TRY(entry.require({"format"}));
        CORE_TRY(readTreatment(entry, weights.palette.emplace_back()));
    }
    if (weights.palette.size() > 1) {
        CORE_TRY(object.require({"rows"}));
    }
    if (object.has("rows")) {
        CORE_TRY(weights.rows, paletteChoicesFrom(*object.find("rows"), object.pathOf("rows"), weights.palette.size()));
    }
    return weights;
}

/// `inherited` is what the plan's defaults say, so that a layer writes only what differs.
Result<WeightPlan> weightsFrom(const JsonObject& object, const std::optional<WeightPlan>& inherited)
{
    CORE_TRY(refuseKeys(object, {"channels", "points"}, "format, scale, clip, palette, rows"));
    CORE_TRY(object.onlyKeys({"format", "scale", "clip", "palette", "rows", "channels"}));
    if (object.has("palette"))
        return mixedWeights(object);
    if (object.has("rows"))
        return object.problem("rows", "needs a palette to choose from");
    WeightPlan weights;
    if (inherited && inherited->isUniform() && inherited->palette.size() == 1)
        weights = *inherited;
    else
        CORE_TRY(object.require({"format"}));
    CORE_TRY(readTreatment(object, weights.palette.front()));
    return weights;
}

Result<ActivationPlan> activationsFrom(const JsonObject& object, const std::optional<ActivationPlan>& inherited)
{
    CORE_TRY(object.onlyKeys({"format", "scale", "range"}));
    ActivationPlan activations = inherited.value_or(ActivationPlan{});
    if (!inherited)
        CORE_TRY(object.require({"format"}));
    CORE_TRY(readFormat(object, activations.format));
    CORE_TRY(readParsed(object, "scale", ScaleRule::parse, activations.scale));
    CORE_TRY(readParsed(object, "range", RangeRule::parse, activations.range));
    if (activations.scale.kind != ScaleRule::Kind::Tensor)
        return object.problem("scale", fmt::format("\"{}\" is not computed by this version; known: tensor", activations.scale.text()));
    return activations;
}

Result<AccumulatorPlan> accumulatorFrom(const JsonObject& object)
{
    CORE_TRY(refuseKeys(object, {"block", "integer", "mixed"}, "{\"format\": \"fp32\"}"));
    CORE_TRY(object.onlyKeys({"format", "rounding", "block", "integer", "mixed"}));
    std::string rounding = "nearest";
    CORE_TRY(object.read("rounding", rounding));
    if (rounding != "nearest")
        return object.problem("rounding", fmt::format("\"{}\" is not computed by this version; known: nearest", rounding));
    AccumulatorPlan accumulator;
    CORE_TRY(readFormat(object, accumulator.format));
    if (!accumulator.format.isFloat32())
        return object.problem("format", fmt::format("\"{}\" is not computed by this version; known: fp32", accumulator.format.name()));
    return accumulator;
}

Result<SurrogatePlan> surrogateFrom(const JsonObject& object, const SurrogatePlan* inherited)
{
    CORE_TRY(object.onlyKeys({"rank", "format", "method", "input", "calibration_samples"}));
    SurrogatePlan surrogate = inherited ? *inherited : SurrogatePlan{};
    if (!inherited)
        CORE_TRY(object.require({"rank"}));
    CORE_TRY(object.read("rank", surrogate.rank, {0, 1 << 20}));
    CORE_TRY(readFormat(object, surrogate.format));
    if (object.has("method") && object.find("method")->is_string()) {
        const auto& method = object.find("method")->get_ref<const std::string&>();
        for (const char* later : {"fisher", "trained", "lqer", "qera"})
            if (method == later)
                return object.problem("method", fmt::format("\"{}\" is not computed by this version; known: svd, activation", method));
    }
    CORE_TRY(readNamed(object, "method", plan_names::kMethods, surrogate.method));
    CORE_TRY(readNamed(object, "input", plan_names::kInputs, surrogate.input));
    CORE_TRY(object.read("calibration_samples", surrogate.calibrationSamples, {1, 1 << 20}));
    return surrogate;
}

/// What a null means here: the part is switched off, even where the defaults switch it on.
template <class T>
const T* valueIn(const std::optional<Switchable<T>>& switchable)
{
    return switchable && switchable->value ? &*switchable->value : nullptr;
}

Result<LayerPlan> layerPlanFrom(const JsonObject& object, const LayerPlan& inherited)
{
    CORE_TRY(object.onlyKeys({"weights", "activations", "accumulator", "surrogate", "cim"}));
    LayerPlan plan;
    if (object.has("weights")) {
        CORE_TRY(const JsonObject weights, object.object("weights"));
        CORE_TRY(plan.weights, weightsFrom(weights, inherited.weights));
    }
    if (object.has("activations")) {
        CORE_TRY(const JsonObject activations, object.object("activations"));
        CORE_TRY(plan.activations, activationsFrom(activations, inherited.activations));
    }
    if (object.has("accumulator")) {
        CORE_TRY(const JsonObject accumulator, object.object("accumulator"));
        CORE_TRY(plan.accumulator, accumulatorFrom(accumulator));
    }
    if (object.isNull("surrogate")) {
        plan.surrogate = Switchable<SurrogatePlan>{};
    } else if (object.has("surrogate")) {
        CORE_TRY(const JsonObject surrogate, object.object("surrogate"));
        CORE_TRY(const SurrogatePlan read, surrogateFrom(surrogate, valueIn(inherited.surrogate)));
        plan.surrogate = Switchable<SurrogatePlan>{read};
    }
    if (object.isNull("cim")) {
        plan.cim = Switchable<ArrayTreatment>{};
    } else if (object.has("cim")) {
        CORE_TRY(const JsonObject cim, object.object("cim"));
        const ArrayTreatment* const base = valueIn(inherited.cim);
        CORE_TRY(const ArrayTreatment read, arrayTreatmentFrom(cim, base ? *base : ArrayTreatment{}));
        plan.cim = Switchable<ArrayTreatment>{read};
    }
    return plan;
}

}  // namespace

Result<PrecisionPlan> planFromJson(const nlohmann::ordered_json& document)
{
    CORE_TRY(const JsonObject root, JsonObject::of(document, ""));
    CORE_TRY(root.require({"schema"}));
    std::string schema;
    CORE_TRY(root.read("schema", schema));
    if (schema != plan_names::kSchema)
        return root.problem("schema", fmt::format("found \"{}\"; wanted \"{}\"", schema, plan_names::kSchema));
    CORE_TRY(root.onlyKeys({"schema", "name", "network", "default", "layers"}));
    PrecisionPlan plan;
    CORE_TRY(root.read("name", plan.name));
    if (root.has("network")) {
        CORE_TRY(const JsonObject network, root.object("network"));
        CORE_TRY(network.onlyKeys({"name", "hash"}));
        CORE_TRY(network.read("name", plan.network.name));
        CORE_TRY(network.read("hash", plan.network.hash));
    }
    if (root.has("default")) {
        CORE_TRY(const JsonObject defaults, root.object("default"));
        CORE_TRY(plan.defaults, layerPlanFrom(defaults, {}));
    }
    if (root.has("layers")) {
        CORE_TRY(const JsonObject layers, root.object("layers"));
        for (const auto& [name, value] : layers.json().items()) {
            CORE_TRY(const JsonObject layer, JsonObject::of(value, layers.pathOf(name)));
            CORE_TRY(plan.layers[name], layerPlanFrom(layer, plan.defaults));
        }
    }
    return plan;
}

Result<PrecisionPlan> readPlan(const std::filesystem::path& file)
{
    CORE_TRY(const Json document, readJson(file));
    auto plan = planFromJson(document);
    if (!plan)
        return plan.error().within(file.string());
    return plan;
}

}  // namespace core
