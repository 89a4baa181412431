// SPDX-License-Identifier: Apache-2.0
#pragma once
// Carries out one layer's orders: quantizes its weights, fixes its input range, programs its arrays. The recovery path
// needs the layers before it and is fitted in polarized_network.cpp.

#include "core/engine/corrections.h"

namespace core {

/// Between equalized layers the range is that of the scaled channels.
Result<InputTreatment> inputTreatment(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment, const ChannelScales& scales = {});

/// All that decides the main path, as a number; equal numbers compute the same. A correction from samples depends on the layers in
/// front too: what they compute must be added.
std::uint64_t mainPathHash(const WeightedLayer& layer, const LayerTreatment& treatment, const InputTreatment& input, std::uint64_t chip, const ChannelScales& scales = {});

/// Input codes of a layer in an array, for its converters' ranges: vectors (x columns) of its reference inputs, evenly spread.
struct ConverterInputs {
    std::vector<std::uint8_t> codes;
    std::int64_t vectors = 0;
};
Result<ConverterInputs> converterInputs(const Calibration& calibration, const WeightedLayer& layer, const ActivationQuantizer& input, int group);

/// How weights are rounded other than each for itself. Null: not so.
struct WeightAdvice {
    const ChannelScales* scales = nullptr;
    const InputMoments* moments = nullptr;   // of the unscaled inputs; for adaptive rounding
    int threads = 0;
};

/// The layer without its recovery path, and its bias as the file has it.
Result<std::shared_ptr<CompiledLayer>> compileMainPath(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment,
                                                       InputTreatment input, std::uint64_t chip, const WeightAdvice& advice = {});

/// The same with the corrections that samples tell: its weights rounded for what it will read, then its bias made up.
Result<std::shared_ptr<CompiledLayer>> compileCorrectedPath(const Calibration& calibration, const CorrectionCase& at, const LayerTreatment& treatment,
                                                            InputTreatment input, std::uint64_t chip, const ChannelScales& scales, const RunControl& control = {});

}  // namespace core
