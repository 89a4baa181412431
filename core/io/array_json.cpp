// SPDX-License-Identifier: Apache-2.0
#include "core/io/array_json.h"

#include "core/io/named_values.h"
#include "core/io/plan_names.h"

namespace core {

namespace {

/// An effect this version does not compute may be written down at the value that switches it off.
Result<void> wantNone(const JsonObject& object, std::string_view key)
{
    if (!object.has(key))
        return success();
    const Json& value = *object.find(key);
    if (!value.is_number() || value.get<double>() != 0.0)
        return object.problem(key, fmt::format("{} is not computed by this version; wanted 0", excerpt(value)));
    return success();
}

Result<Converter> converterFrom(const JsonObject& object, Converter converter)
{
    CORE_TRY(object.onlyKeys({"bits", "range", "inl_lsb", "offset_lsb", "gain_sigma"}));
    CORE_TRY(object.read("bits", converter.bits, {0, 16}));
    CORE_TRY(readParsed(object, "range", ConverterRange::parse, converter.range));
    for (const char* effect : {"inl_lsb", "offset_lsb", "gain_sigma"})
        CORE_TRY(wantNone(object, effect));
    return converter;
}

Result<Variation> variationFrom(const JsonObject& object, Variation variation)
{
    CORE_TRY(object.onlyKeys({"model", "sigma"}));
    CORE_TRY(readNamed(object, "model", plan_names::kModels, variation.model));
    CORE_TRY(object.read("sigma", variation.sigma, {0, 1}));
    return variation;
}

Result<void> refuseOtherEffects(const JsonObject& object)
{
    CORE_TRY(wantNone(object, "wire_ohms"));
    CORE_TRY(wantNone(object, "hybrid_levels"));
    if (object.has("on_off_ratio") && !object.isNull("on_off_ratio"))
        return object.problem("on_off_ratio",
                              fmt::format("{} is not computed by this version; wanted null (cells that switch off entirely)",
                                          excerpt(*object.find("on_off_ratio"))));
    if (object.has("drift")) {  // after 0 seconds nothing has drifted, whatever the exponents
        CORE_TRY(const JsonObject drift, object.object("drift"));
        CORE_TRY(drift.onlyKeys({"seconds", "nu", "nu_sigma"}));
        CORE_TRY(wantNone(drift, "seconds"));
    }
    if (object.has("stuck")) {
        CORE_TRY(const JsonObject stuck, object.object("stuck"));
        CORE_TRY(stuck.onlyKeys({"on", "off"}));
        CORE_TRY(wantNone(stuck, "on"));
        CORE_TRY(wantNone(stuck, "off"));
    }
    if (object.has("conversion_noise")) {
        CORE_TRY(const JsonObject noise, object.object("conversion_noise"));
        CORE_TRY(noise.onlyKeys({"thermal", "nonlinear"}));
        CORE_TRY(wantNone(noise, "thermal"));
        CORE_TRY(wantNone(noise, "nonlinear"));
    }
    return success();
}

Json converterToJson(const Converter& converter, const Converter& inherited)
{
    Json json = Json::object();
    if (converter.bits != inherited.bits)
        json["bits"] = converter.bits;
    if (converter.range != inherited.range)
        json["range"] = converter.range.text();
    return json;
}

Json variationToJson(const Variation& variation, const Variation& inherited)
{
    Json json = Json::object();
    if (variation.model != inherited.model)
        json["model"] = nameOf(plan_names::kModels, variation.model);
    if (variation.sigma != inherited.sigma)
        json["sigma"] = variation.sigma;
    return json;
}

}  // namespace

Result<ArrayTreatment> arrayTreatmentFrom(const JsonObject& object, const ArrayTreatment& inherited)
{
    CORE_TRY(object.onlyKeys({"array", "input_bits", "weight_bits", "bits_per_cell", "mapping", "planes", "adc", "variation", "read_noise",
                              "drift", "stuck", "wire_ohms", "on_off_ratio", "conversion_noise", "hybrid_levels", "chip_seed"}));
    ArrayTreatment treatment = inherited;
    if (object.has("array")) {
        CORE_TRY(const JsonObject array, object.object("array"));
        CORE_TRY(array.onlyKeys({"rows", "columns"}));
        CORE_TRY(array.read("rows", treatment.rows, {1, 4096}));
        CORE_TRY(array.read("columns", treatment.columns, {1, 4096}));
    }
    CORE_TRY(object.read("input_bits", treatment.inputBits, {1, 8}));
    CORE_TRY(object.read("weight_bits", treatment.weightBits, {2, 8}));
    CORE_TRY(object.read("bits_per_cell", treatment.bitsPerCell, {1, 8}));
    CORE_TRY(readNamed(object, "mapping", plan_names::kMappings, treatment.mapping));
    CORE_TRY(readNamed(object, "planes", plan_names::kPlanes, treatment.planes));
    if (object.has("adc")) {
        CORE_TRY(const JsonObject adc, object.object("adc"));
        CORE_TRY(treatment.adc, converterFrom(adc, treatment.adc));
    }
    if (object.has("variation")) {
        CORE_TRY(const JsonObject variation, object.object("variation"));
        CORE_TRY(treatment.variation, variationFrom(variation, treatment.variation));
    }
    if (object.has("read_noise")) {
        CORE_TRY(const JsonObject noise, object.object("read_noise"));
        CORE_TRY(treatment.readNoise, variationFrom(noise, treatment.readNoise));
    }
    CORE_TRY(refuseOtherEffects(object));
    CORE_TRY(object.read("chip_seed", treatment.chipSeed));
    return treatment;
}

Json arrayTreatmentToJson(const ArrayTreatment& treatment, const ArrayTreatment& inherited)
{
    Json json = Json::object();
    json["array"] = {{"rows", treatment.rows}, {"columns", treatment.columns}};
    if (treatment.inputBits != inherited.inputBits)
        json["input_bits"] = treatment.inputBits;
    if (treatment.weightBits != inherited.weightBits)
        json["weight_bits"] = treatment.weightBits;
    if (treatment.bitsPerCell != inherited.bitsPerCell)
        json["bits_per_cell"] = treatment.bitsPerCell;
    if (treatment.mapping != inherited.mapping)
        json["mapping"] = nameOf(plan_names::kMappings, treatment.mapping);
    if (treatment.planes != inherited.planes)
        json["planes"] = nameOf(plan_names::kPlanes, treatment.planes);
    if (treatment.adc != inherited.adc)
        json["adc"] = converterToJson(treatment.adc, inherited.adc);
    if (treatment.variation != inherited.variation)
        json["variation"] = variationToJson(treatment.variation, inherited.variation);
    if (treatment.readNoise != inherited.readNoise)
        json["read_noise"] = variationToJson(treatment.readNoise, inherited.readNoise);
    if (treatment.chipSeed != inherited.chipSeed)
        json["chip_seed"] = treatment.chipSeed;
    return json;
}

}  // namespace core
