// SPDX-License-Identifier: Apache-2.0
#pragma once
// The straight-through rule (Bengio 2013, arXiv 1308.3432) for what a layer does to its input: rounding counts as the identity
// where the quantizer does not clip, and as a constant where it does.

#include "core/engine/input_treatment.h"
#include "core/formats/kernels.h"

namespace core {

/// The values a quantizer leaves in place but for rounding: from its lowest level to its highest.
ValueRange passRange(const ActivationQuantizer& quantizer);

/// Writes 1 where the gradient passes and 0 where not. Dynamic ranges hold every value they are found on, so all of it
/// passes; how the range moves with its extremes is left out. So is what distribution-aware quantization clips.
void passMask(const InputTreatment& treatment, const InputGeometry& geometry, std::span<const float> x, std::span<float> mask);

/// gradient = 0 where x is outside the range, for one quantizer in any layout.
void maskOutside(ValueRange range, std::span<const float> x, std::span<float> gradient);

}  // namespace core
