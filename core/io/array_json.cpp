// SPDX-License-Identifier: Apache-2.0
#include "core/io/array_json.h"

#include "core/io/named_values.h"
#include "core/io/plan_names.h"

#include <algorithm>

namespace core {

namespace {

/// Reads an object of the array's where it is there.
template <class T>
Result<void> readPart(const JsonObject& object, std::string_view key, T& target, Result<T> (*read)(const JsonObject&, T))
{
    if (!object.has(key))
        return success();
    CORE_TRY(const JsonObject part, object.object(key));
    CORE_TRY(target, read(part, target));
    return success();
}

Result<Converter> converterFrom(const JsonObject& object, Converter converter)
{
    CORE_TRY(object.onlyKeys({"bits", "range", "inl_lsb", "offset_lsb", "gain_sigma", "comparator"}));
    CORE_TRY(object.read("bits", converter.bits, {0, 16}));
    CORE_TRY(readParsed(object, "range", ConverterRange::parse, converter.range));
    CORE_TRY(object.read("inl_lsb", converter.inlLsb, {0, 1e4}));
    CORE_TRY(object.read("offset_lsb", converter.offsetLsb, {0, 1e4}));
    CORE_TRY(object.read("gain_sigma", converter.gainSigma, {0, 1}));
    CORE_TRY(object.read("comparator", converter.isComparator));
    return converter;
}

Result<Variation> variationFrom(const JsonObject& object, Variation variation)
{
    CORE_TRY(object.onlyKeys({"model", "sigma", "femtofarads", "coefficients"}));
    CORE_TRY(readNamed(object, "model", plan_names::kModels, variation.model));
    CORE_TRY(object.read("sigma", variation.sigma, {0, 1}));
    CORE_TRY(object.read("femtofarads", variation.femtofarads, {0.01, 1e6}));
    if (object.has("coefficients")) {
        std::vector<double> coefficients;
        CORE_TRY(object.read("coefficients", coefficients));
        if (coefficients.size() != variation.coefficients.size())
            return object.problem("coefficients", fmt::format("{} numbers; wanted {}: of 1, r and r^2", coefficients.size(), variation.coefficients.size()));
        std::copy(coefficients.begin(), coefficients.end(), variation.coefficients.begin());
    }
    return variation;
}

Result<Drift> driftFrom(const JsonObject& object, Drift drift)
{
    CORE_TRY(object.onlyKeys({"model", "seconds", "nu", "nu_sigma", "compensation"}));
    CORE_TRY(readNamed(object, "model", plan_names::kDrifts, drift.model));
    CORE_TRY(object.read("seconds", drift.seconds, {0, 1e12}));
    CORE_TRY(object.read("nu", drift.nu, {0, 1}));
    CORE_TRY(object.read("nu_sigma", drift.nuSigma, {0, 1}));
    CORE_TRY(readNamed(object, "compensation", plan_names::kCompensations, drift.compensation));
    return drift;
}

Result<StuckCells> stuckFrom(const JsonObject& object, StuckCells stuck)
{
    CORE_TRY(object.onlyKeys({"on", "off"}));
    CORE_TRY(object.read("on", stuck.on, {0, 1}));
    CORE_TRY(object.read("off", stuck.off, {0, 1}));
    return stuck;
}

Result<ConversionNoise> conversionNoiseFrom(const JsonObject& object, ConversionNoise noise)
{
    CORE_TRY(object.onlyKeys({"thermal", "nonlinear"}));
    CORE_TRY(object.read("thermal", noise.thermal, {0, 1}));
    CORE_TRY(object.read("nonlinear", noise.nonlinear, {0, 1}));
    return noise;
}

/// Writes a field where it differs from what is inherited.
template <class T>
void write(Json& json, const char* key, const T& value, const T& inherited)
{
    if (value != inherited)
        json[key] = value;
}

template <class T, std::size_t N>
void writeName(Json& json, const char* key, const std::array<std::pair<std::string_view, T>, N>& names, T value, T inherited)
{
    if (value != inherited)
        json[key] = nameOf(names, value);
}

template <class T>
void writePart(Json& json, const char* key, const T& value, const T& inherited, Json (*toJson)(const T&, const T&))
{
    if (value != inherited)
        json[key] = toJson(value, inherited);
}

Json converterToJson(const Converter& converter, const Converter& inherited)
{
    Json json = Json::object();
    write(json, "bits", converter.bits, inherited.bits);
    write(json, "range", converter.range.text(), inherited.range.text());
    write(json, "inl_lsb", converter.inlLsb, inherited.inlLsb);
    write(json, "offset_lsb", converter.offsetLsb, inherited.offsetLsb);
    write(json, "gain_sigma", converter.gainSigma, inherited.gainSigma);
    write(json, "comparator", converter.isComparator, inherited.isComparator);
    return json;
}

Json variationToJson(const Variation& variation, const Variation& inherited)
{
    Json json = Json::object();
    writeName(json, "model", plan_names::kModels, variation.model, inherited.model);
    write(json, "sigma", variation.sigma, inherited.sigma);
    write(json, "femtofarads", variation.femtofarads, inherited.femtofarads);
    write(json, "coefficients", variation.coefficients, inherited.coefficients);
    return json;
}

Json driftToJson(const Drift& drift, const Drift& inherited)
{
    Json json = Json::object();
    writeName(json, "model", plan_names::kDrifts, drift.model, inherited.model);
    write(json, "seconds", drift.seconds, inherited.seconds);
    write(json, "nu", drift.nu, inherited.nu);
    write(json, "nu_sigma", drift.nuSigma, inherited.nuSigma);
    writeName(json, "compensation", plan_names::kCompensations, drift.compensation, inherited.compensation);
    return json;
}

Json stuckToJson(const StuckCells& stuck, const StuckCells& inherited)
{
    Json json = Json::object();
    write(json, "on", stuck.on, inherited.on);
    write(json, "off", stuck.off, inherited.off);
    return json;
}

Json conversionNoiseToJson(const ConversionNoise& noise, const ConversionNoise& inherited)
{
    Json json = Json::object();
    write(json, "thermal", noise.thermal, inherited.thermal);
    write(json, "nonlinear", noise.nonlinear, inherited.nonlinear);
    return json;
}

}  // namespace

Result<ArrayTreatment> arrayTreatmentFrom(const JsonObject& object, const ArrayTreatment& inherited)
{
    CORE_TRY(object.onlyKeys({"array", "input_bits", "weight_bits", "bits_per_cell", "dac_bits", "mapping", "planes", "adc", "variation", "read_noise", "drift",
                              "stuck", "wire_ohms", "on_off_ratio", "on_microsiemens", "conversion_noise", "hybrid_levels", "chip_seed"}));
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
    CORE_TRY(object.read("dac_bits", treatment.dacBits, {1, 8}));
    CORE_TRY(readPart(object, "adc", treatment.adc, converterFrom));
    CORE_TRY(readPart(object, "variation", treatment.variation, variationFrom));
    CORE_TRY(readPart(object, "read_noise", treatment.readNoise, variationFrom));
    CORE_TRY(readPart(object, "drift", treatment.drift, driftFrom));
    CORE_TRY(readPart(object, "stuck", treatment.stuck, stuckFrom));
    CORE_TRY(readPart(object, "conversion_noise", treatment.conversionNoise, conversionNoiseFrom));
    if (object.isNull("on_off_ratio"))   // cells that switch off entirely
        treatment.onOffRatio = 0.0;
    else
        CORE_TRY(object.read("on_off_ratio", treatment.onOffRatio, {0, 1e12}));
    CORE_TRY(object.read("wire_ohms", treatment.wireOhms, {0, 1e6}));
    CORE_TRY(object.read("on_microsiemens", treatment.onMicrosiemens, {0, 1e6}));
    CORE_TRY(object.read("hybrid_levels", treatment.hybridLevels, {0, 16}));
    CORE_TRY(object.read("chip_seed", treatment.chipSeed));
    return treatment;
}

Json arrayTreatmentToJson(const ArrayTreatment& treatment, const ArrayTreatment& inherited)
{
    Json json = Json::object();
    json["array"] = {{"rows", treatment.rows}, {"columns", treatment.columns}};
    write(json, "input_bits", treatment.inputBits, inherited.inputBits);
    write(json, "weight_bits", treatment.weightBits, inherited.weightBits);
    write(json, "bits_per_cell", treatment.bitsPerCell, inherited.bitsPerCell);
    write(json, "dac_bits", treatment.dacBits, inherited.dacBits);
    writeName(json, "mapping", plan_names::kMappings, treatment.mapping, inherited.mapping);
    writeName(json, "planes", plan_names::kPlanes, treatment.planes, inherited.planes);
    writePart(json, "adc", treatment.adc, inherited.adc, converterToJson);
    writePart(json, "variation", treatment.variation, inherited.variation, variationToJson);
    writePart(json, "read_noise", treatment.readNoise, inherited.readNoise, variationToJson);
    writePart(json, "drift", treatment.drift, inherited.drift, driftToJson);
    writePart(json, "stuck", treatment.stuck, inherited.stuck, stuckToJson);
    writePart(json, "conversion_noise", treatment.conversionNoise, inherited.conversionNoise, conversionNoiseToJson);
    write(json, "on_off_ratio", treatment.onOffRatio, inherited.onOffRatio);
    write(json, "wire_ohms", treatment.wireOhms, inherited.wireOhms);
    write(json, "on_microsiemens", treatment.onMicrosiemens, inherited.onMicrosiemens);
    write(json, "hybrid_levels", treatment.hybridLevels, inherited.hybridLevels);
    write(json, "chip_seed", treatment.chipSeed, inherited.chipSeed);
    return json;
}

}  // namespace core
