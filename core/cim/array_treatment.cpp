// SPDX-License-Identifier: Apache-2.0
#include "core/cim/array_treatment.h"

#include "core/base/hash.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace core {

namespace {

constexpr double kLowestPercentile = 50.0;

bool isPercentile(double value)
{
    return value > kLowestPercentile && value <= 100.0;  // false for NaN
}

void wantBetween(Problems& problems, const char* key, int found, int low, int high)
{
    if (found < low || found > high)
        problems.push_back({key, fmt::format("{}; wanted {} to {}", found, low, high)});
}

constexpr double kLeastRatio = 1.1;

void wantPart(Problems& problems, const std::string& key, double found, double most)
{
    if (!(found >= 0.0 && found <= most))  // false for NaN
        problems.push_back({key, fmt::format("{}; wanted 0 to {}", found, most)});
}

void checkVariation(Problems& problems, const std::string& key, const Variation& variation)
{
    wantPart(problems, key + ".sigma", variation.sigma, 1.0);
    if (variation.model == Variation::Model::Capacitor && !(variation.femtofarads >= 0.01 && variation.femtofarads <= 1e6))
        problems.push_back({key + ".femtofarads", fmt::format("{}; wanted 0.01 to 1000000", variation.femtofarads)});
    for (const double coefficient : variation.coefficients)
        if (!(std::abs(coefficient) <= 10.0))
            problems.push_back({key + ".coefficients", fmt::format("{}; wanted -10 to 10", coefficient)});
}

void checkPlanes(Problems& problems, const ArrayTreatment& treatment)
{
    if (treatment.mapping == CellMapping::OneSided && treatment.planes == PlaneScheme::Input)
        problems.push_back({"cim.planes", "input; one-sided weights have a bit that counts negative: wanted input+weight"});
    if (treatment.dacBits != 1 && treatment.dacBits != 2 && treatment.dacBits != 4 && treatment.dacBits != 8)
        problems.push_back({"cim.dac_bits", fmt::format("{}; wanted 1, 2, 4 or 8", treatment.dacBits)});
    if (treatment.hybridLevels < 0 || treatment.hybridLevels > 16)
        problems.push_back({"cim.hybrid_levels", fmt::format("{}; wanted 0 to 16", treatment.hybridLevels)});
    if (treatment.hybridLevels > 0 && treatment.dacBits > 1)
        problems.push_back({"cim.hybrid_levels",
                            fmt::format("{}; digital planes are of 1 bit, dac_bits is {}", treatment.hybridLevels, treatment.dacBits)});
}

}  // namespace

bool Variation::isOn() const
{
    switch (model) {
    case Model::Proportional:
    case Model::Independent:
    case Model::LogNormal: return sigma > 0.0;
    case Model::Capacitor:
    case Model::Flicker: return true;
    case Model::Polynomial: return coefficients != std::array<double, 3>{0, 0, 0};
    }
    return false;
}

std::string ConverterRange::text() const
{
    switch (kind) {
    case Kind::Full: return "full";
    case Kind::Max: return "max";
    case Kind::Percentile: return fmt::format("percentile:{}", percentile);
    case Kind::Mse: return "mse";
    }
    return {};
}

Result<ConverterRange> ConverterRange::parse(std::string_view text)
{
    const double unused = ConverterRange{}.percentile;
    if (text == "full")
        return ConverterRange{Kind::Full, unused};
    if (text == "max")
        return ConverterRange{Kind::Max, unused};
    if (text == "mse")
        return ConverterRange{Kind::Mse, unused};

    constexpr std::string_view prefix = "percentile:";
    if (text.starts_with(prefix)) {
        double value = 0.0;
        const char* const end = text.data() + text.size();
        const auto [stop, error] = std::from_chars(text.data() + prefix.size(), end, value);
        if (error == std::errc{} && stop == end && isPercentile(value))
            return ConverterRange{Kind::Percentile, value};
    }
    return Problem{{}, fmt::format("converter range \"{}\"; wanted full, max, mse or percentile:P with P above 50 and at most 100", text)};
}

ArrayTreatment meanDevice(ArrayTreatment treatment)
{
    treatment.variation = {Variation::Model::Proportional, 0.0};
    treatment.readNoise = {Variation::Model::Proportional, 0.0};
    treatment.stuck = {};
    treatment.conversionNoise = {};
    treatment.drift.nuSigma = 0.0;
    treatment.adc.offsetLsb = treatment.adc.gainSigma = treatment.adc.inlLsb = 0.0;
    return treatment;
}

bool hasChipNoise(const ArrayTreatment& treatment)
{
    const bool driftsApart =
        treatment.drift.isOn() && (treatment.drift.nuSigma > 0.0 || treatment.drift.model == Drift::Model::PhaseChange);
    return treatment.variation.isOn() || treatment.stuck.isOn() || treatment.adc.hasColumnErrors() || driftsApart;
}

bool hasReadNoise(const ArrayTreatment& treatment) { return treatment.readNoise.isOn() || treatment.conversionNoise.isOn(); }

std::uint64_t hashOf(const ArrayTreatment& treatment)
{
    Hasher hasher;
    const auto add = [&](const Variation& variation) {
        hasher.add(variation.model).add(variation.sigma).add(variation.femtofarads).all(std::span<const double>(variation.coefficients));
    };
    const Converter& adc = treatment.adc;
    const Drift& drift = treatment.drift;
    hasher.add(treatment.rows).add(treatment.columns).add(treatment.inputBits).add(treatment.weightBits).add(treatment.bitsPerCell);
    hasher.add(treatment.mapping).add(treatment.planes).add(treatment.dacBits).add(treatment.chipSeed).add(treatment.hybridLevels);
    hasher.add(adc.bits).text(adc.range.text()).add(adc.offsetLsb).add(adc.gainSigma).add(adc.inlLsb).add(adc.isComparator);
    add(treatment.variation);
    add(treatment.readNoise);
    hasher.add(drift.model).add(drift.seconds).add(drift.nu).add(drift.nuSigma).add(drift.compensation);
    hasher.add(treatment.stuck.on).add(treatment.stuck.off).add(treatment.onOffRatio).add(treatment.wireOhms).add(treatment.onMicrosiemens);
    hasher.add(treatment.conversionNoise.thermal).add(treatment.conversionNoise.nonlinear);
    return hasher.value();
}

Problems check(const ArrayTreatment& treatment)
{
    Problems problems;
    // 4096 rows of 8-bit cells keep four shifted column sums under 2^24, so an ideal tile stays exact in float.
    wantBetween(problems, "cim.array.rows", treatment.rows, 1, 4096);
    wantBetween(problems, "cim.array.columns", treatment.columns, 1, 4096);
    wantBetween(problems, "cim.input_bits", treatment.inputBits, 1, 8);
    wantBetween(problems, "cim.weight_bits", treatment.weightBits, 2, 8);
    if (treatment.weightBits >= 2 && treatment.weightBits <= 8)
        wantBetween(problems, "cim.bits_per_cell", treatment.bitsPerCell, 1, treatment.weightBits);
    wantBetween(problems, "cim.adc.bits", treatment.adc.bits, 0, 16);
    if (treatment.adc.range.kind == ConverterRange::Kind::Percentile && !isPercentile(treatment.adc.range.percentile))
        problems.push_back(
            {"cim.adc.range", fmt::format("percentile {}; wanted above 50 and at most 100", treatment.adc.range.percentile)});
    checkVariation(problems, "cim.variation", treatment.variation);
    checkVariation(problems, "cim.read_noise", treatment.readNoise);
    if (treatment.variation.model == Variation::Model::Flicker)
        problems.push_back({"cim.variation.model", "flicker; wanted a model of programming, flicker is of reads"});
    if (treatment.readNoise.model == Variation::Model::LogNormal || treatment.readNoise.model == Variation::Model::Capacitor)
        problems.push_back({"cim.read_noise.model", "wanted proportional, independent, polynomial or flicker"});
    wantPart(problems, "cim.adc.gain_sigma", treatment.adc.gainSigma, 1.0);
    wantPart(problems, "cim.adc.offset_lsb", treatment.adc.offsetLsb, 1e4);
    wantPart(problems, "cim.adc.inl_lsb", treatment.adc.inlLsb, 1e4);
    wantPart(problems, "cim.stuck.on", treatment.stuck.on, 1.0);
    wantPart(problems, "cim.stuck.off", treatment.stuck.off, 1.0);
    if (treatment.stuck.on + treatment.stuck.off > 1.0)
        problems.push_back(
            {"cim.stuck", fmt::format("on {} and off {}; wanted a sum of at most 1", treatment.stuck.on, treatment.stuck.off)});
    wantPart(problems, "cim.drift.seconds", treatment.drift.seconds, 1e12);
    wantPart(problems, "cim.drift.nu", treatment.drift.nu, 1.0);
    wantPart(problems, "cim.drift.nu_sigma", treatment.drift.nuSigma, 1.0);
    wantPart(problems, "cim.conversion_noise.thermal", treatment.conversionNoise.thermal, 1.0);
    wantPart(problems, "cim.conversion_noise.nonlinear", treatment.conversionNoise.nonlinear, 1.0);
    wantPart(problems, "cim.wire_ohms", treatment.wireOhms, 1e6);
    if (!(treatment.onMicrosiemens > 0.0 && treatment.onMicrosiemens <= 1e6))
        problems.push_back({"cim.on_microsiemens", fmt::format("{}; wanted above 0, at most 1000000", treatment.onMicrosiemens)});
    if (treatment.onOffRatio != 0.0 && !(treatment.onOffRatio >= kLeastRatio && treatment.onOffRatio <= 1e12))
        problems.push_back({"cim.on_off_ratio", fmt::format("{}; wanted {} or more, or 0 for cells that switch off entirely",
                                                            treatment.onOffRatio, kLeastRatio)});
    checkPlanes(problems, treatment);
    return problems;
}

}  // namespace core
