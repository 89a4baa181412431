// SPDX-License-Identifier: Apache-2.0
#include "core/plan/plan_text.h"

#include "core/plan/check.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

std::string text(const Treatment& treatment)
{
    if (treatment == Treatment{})
        return "fp32";
    std::string words = treatment.format.name();
    if (!treatment.format.isFloat32())
        words += " " + treatment.scale.text();
    if (treatment.clip != ClipRule{})
        words += " clip " + treatment.clip.text();
    if (treatment.points != 1)
        words += fmt::format(" x {} points", treatment.points);
    return words;
}

std::string rangesText(const std::vector<std::size_t>& numbers)
{
    std::string words;
    for (std::size_t first = 0; first < numbers.size();) {
        std::size_t last = first;
        while (last + 1 < numbers.size() && numbers[last + 1] == numbers[last] + 1)
            ++last;
        words += fmt::format("{}{}", words.empty() ? "" : ", ", numbers[first]);
        if (last > first)
            words += fmt::format("{}{}", last == first + 1 ? ", " : "-", numbers[last]);
        first = last + 1;
    }
    return words;
}

std::string text(const WeightPlan& weights)
{
    std::string words;
    for (const Treatment& treatment : weights.palette)
        words += (words.empty() ? "" : " / ") + text(treatment);
    const auto shares = [&](const std::vector<std::uint8_t>& choices) {
        std::string counts;
        for (std::size_t entry = 0; entry < weights.palette.size(); ++entry)
            counts +=
                fmt::format("{}{}", entry == 0 ? "" : ":", std::count(choices.begin(), choices.end(), static_cast<std::uint8_t>(entry)));
        return counts;
    };
    if (!weights.rows.empty())
        words += " over rows " + shares(weights.rows);
    if (!weights.channels.empty())
        words += " over channels " + shares(weights.channels);
    if (!weights.flips.empty())
        words += fmt::format(", {} {} flipped", weights.flips.size(), weights.flips.size() == 1 ? "bit" : "bits");
    return words;
}

std::string text(const ActivationPlan& activations)
{
    std::string words = activations.format.name();
    if (activations.scale != ActivationPlan{}.scale)
        words += " " + activations.scale.text();
    if (activations.range != ActivationPlan{}.range && !activations.format.isFloat32())
        words += " " + activations.range.text();
    return words;
}

std::string text(const SurrogatePlan& surrogate)
{
    const SurrogatePlan usual{};
    std::string words = fmt::format("rank {}", surrogate.rank);
    if (!surrogate.format.isFloat32())
        words += " " + surrogate.format.name();
    if (surrogate.method != usual.method)
        words += fmt::format(" {}", surrogateMethodName(surrogate.method));
    if (surrogate.calibrationSamples != usual.calibrationSamples)
        words += fmt::format(" from {} samples", surrogate.calibrationSamples);
    if (surrogate.fitOn != usual.fitOn)
        words += " fitted on " + surrogate.fitOn.text();
    if (!surrogate.paths.isEmpty())
        words += " of " + surrogate.paths.file();
    return words;
}

std::string text(const CorrectionPlan& correction)
{
    std::string words;
    const auto say = [&words](bool holds, const char* what) {
        if (holds)
            words += (words.empty() ? "" : ", ") + std::string(what);
    };
    say(correction.equalize, "equalized");
    say(correction.rounding == WeightRounding::Adaptive, "rounded adaptively");
    say(correction.bias, "bias corrected");
    if (correction.calibrationSamples != CorrectionPlan{}.calibrationSamples && correction.needsSamples())
        words += fmt::format(" from {} samples", correction.calibrationSamples);
    return words.empty() ? "none" : words;
}

std::string variationText(const char* what, const Variation& variation)
{
    if (!variation.isOn())
        return {};
    switch (variation.model) {
    case Variation::Model::Proportional: return fmt::format(", {} {}", what, variation.sigma);
    case Variation::Model::Independent: return fmt::format(", {} {} independent", what, variation.sigma);
    case Variation::Model::LogNormal: return fmt::format(", {} {} log-normal", what, variation.sigma);
    case Variation::Model::Capacitor: return fmt::format(", {} of {} fF capacitors", what, variation.femtofarads);
    case Variation::Model::Polynomial:
        return fmt::format(", {} {} + {} r + {} r^2", what, variation.coefficients[0], variation.coefficients[1], variation.coefficients[2]);
    case Variation::Model::Flicker: return fmt::format(", {} 1/f", what);
    }
    return {};
}

std::string text(const ArrayTreatment& array)
{
    const ArrayTreatment usual{};
    std::string words = fmt::format("array {}x{}, W{}A{}, ", array.rows, array.columns, array.weightBits, array.inputBits);
    const Converter& adc = array.adc;
    words += adc.isComparator ? std::string("comparators") : adc.bits == 0 ? std::string("ideal ADC") : fmt::format("{}-bit ADC", adc.bits);
    const bool isConverted = adc.bits > 0 && !adc.isComparator;
    if (isConverted && adc.range != usual.adc.range)
        words += " " + adc.range.text();
    if (adc.offsetLsb > 0)
        words += fmt::format(", offset {} LSB", adc.offsetLsb);
    if (adc.gainSigma > 0)
        words += fmt::format(", gain sigma {}", adc.gainSigma);
    if (adc.inlLsb > 0)
        words += fmt::format(", INL {} LSB", adc.inlLsb);
    words += variationText("sigma", array.variation) + variationText("read noise", array.readNoise);
    if (array.conversionNoise.isOn())
        words += fmt::format(", conversion noise {} thermal, {} nonlinear", array.conversionNoise.thermal, array.conversionNoise.nonlinear);
    if (array.stuck.isOn())
        words += fmt::format(", stuck {} on, {} off", array.stuck.on, array.stuck.off);
    if (array.drift.isOn())
        words += fmt::format(", drifted {} s{}", array.drift.seconds, array.drift.model == Drift::Model::PhaseChange ? " (phase change)" : "");
    if (array.drift.isOn() && array.drift.compensation != Drift::Compensation::None)
        words += array.drift.compensation == Drift::Compensation::Global ? ", compensated" : ", compensated by column";
    if (array.onOffRatio > 0)
        words += fmt::format(", on/off {}", array.onOffRatio);
    if (array.wireOhms > 0)
        words += fmt::format(", wires {} ohm", array.wireOhms);
    if (array.bitsPerCell != usual.bitsPerCell)
        words += fmt::format(", {} bits a cell", array.bitsPerCell);
    if (array.dacBits != usual.dacBits)
        words += fmt::format(", {}-bit DAC", array.dacBits);
    if (array.mapping != usual.mapping)
        words += array.mapping == CellMapping::Offset ? ", offset mapping" : ", one-sided mapping";
    if (array.planes != usual.planes)
        words += ", input planes only";
    if (array.hybridLevels > 0)
        words += fmt::format(", top {} levels digital", array.hybridLevels);
    if (array.chipSeed != usual.chipSeed)
        words += fmt::format(", chip {}", array.chipSeed);
    return words;
}

std::string treatmentText(const LayerTreatment& treatment)
{
    if (treatment.isExact())
        return "fp32";
    std::string words = treatment.cim ? text(*treatment.cim) : text(treatment.weights);  // an array has weights and inputs of its own
    if (treatment.cim && !treatment.weights.flips.empty())
        words += fmt::format(", {} {} flipped", treatment.weights.flips.size(), treatment.weights.flips.size() == 1 ? "bit" : "bits");
    if (!treatment.cim && !treatment.activations.format.isFloat32())
        words += ", activations " + text(treatment.activations);
    if (!treatment.accumulator.isEngineSum())
        words += ", sums " + text(treatment.accumulator);
    if (treatment.scores)
        words += ", attention scores " + text(*treatment.scores);
    if (treatment.correction)
        words += ", " + text(*treatment.correction);
    if (treatment.surrogate && treatment.surrogate->rank > 0)
        words += ", " + text(*treatment.surrogate);
    return words;
}

}  // namespace core
