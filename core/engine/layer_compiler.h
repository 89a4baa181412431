// SPDX-License-Identifier: Apache-2.0
#pragma once
// Carries out one layer's orders: quantizes its weights, fixes its input range, programs its arrays. The recovery path
// needs the layers before it and is fitted in polarized_network.cpp.

#include "core/engine/calibration.h"

namespace core {

Result<InputTreatment> inputTreatment(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment);

/// All that decides the main path, as a number; equal numbers compute the same.
std::uint64_t mainPathHash(const WeightedLayer& layer, const LayerTreatment& treatment, const InputTreatment& input, std::uint64_t chip);

/// The layer without its recovery path.
Result<std::shared_ptr<CompiledLayer>> compileMainPath(const Calibration& calibration, const WeightedLayer& layer, const LayerTreatment& treatment,
                                                       InputTreatment input, std::uint64_t chip);

}  // namespace core
