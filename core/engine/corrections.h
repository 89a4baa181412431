// SPDX-License-Identifier: Apache-2.0
#pragma once
// Corrections of a quantized layer that need no path beside it: what its weights are rounded to, and what its bias makes up
// for, chosen from the inputs it will read behind the layers already corrected.

#include "core/engine/calibration.h"
#include "core/engine/equalization.h"
#include "core/formats/adaptive_rounding.h"

namespace core {

/// What the corrections of a whole plan share; the same for every chip.
struct CorrectionOrders {
    Equalization equalization;
    std::int64_t samples = 0;   // of the largest order
    const ChannelScales& scalesOf(LayerIndex layer) const;
};
CorrectionOrders correctionOrders(const EngineContext& context, const std::vector<LayerTreatment>& treatments);

/// What a correction looks at: a layer with its orders, and for each batch the input that reaches it. The reference's output
/// of the same batches is what it ought to give.
struct CorrectionCase {
    const EngineContext& context;
    const WeightedLayer& layer;
    const Calibration::Reference& reference;
    const std::vector<Tensor>& degraded;
    int threads = 0;
};

/// The moments of a layer's rounded inputs x and of what their loss costs before any weight is rounded, e = reference - W x - bias.
struct InputMoments {
    std::vector<RowMatrixD> grams;   // of each group, columns x columns: sum of x x^T
    RowMatrixD cross;                // rows x columns: sum of e x^T
    std::int64_t vectors = 0;        // of one group
    bool isFinite() const;

    /// How the output error depends on the rounding of the weights to `quantized`. Beside the vectors it counts `prior` of them
    /// in every direction, as long as they are on average, so that weights which the vectors say little about stay near.
    OutputErrors errorsOf(const RowMatrix& weights, const RowMatrix& quantized, double prior) const;
    /// The same for weights that are rounded as `scales` says: W~ = diag(1 / rows) W diag(inputs) meets x / inputs.
    void scaleBy(const ChannelScales& scales, const WeightedLayer& layer);
};

/// On mlp-mnist at two bits, mse clips and 64 samples 0.2 leaves 11.2 dB of the logits, 0.001 10.9 dB and 1 11.0 dB; with 256
/// samples, or on resnet8-photodigits, it hardly matters.
constexpr double kRoundingPrior = 0.2;

/// With `hasFreeBias` the moments are about the means: what a bias correction will take away need not be avoided by rounding.
Result<InputMoments> measureInputs(const CorrectionCase& at, const InputTreatment& input, bool hasFreeBias, const RunControl& control = {});

/// The mean of reference - main of each row over all vectors; nothing where it is infinite or not a number.
Result<std::optional<std::vector<float>>> meanErrors(const CorrectionCase& at, const CompiledLayerPtr& main, const RunControl& control = {});

}  // namespace core
