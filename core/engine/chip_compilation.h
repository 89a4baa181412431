// SPDX-License-Identifier: Apache-2.0
#pragma once
// One chip's layers, announced in order and compiled only when somebody needs them: the chip a plan runs on needs all, a
// chip that a recovery path is fitted to only those in front of a fit that nobody has made yet.

#include "core/engine/corrections.h"
#include "core/engine/degraded_walk.h"
#include "core/engine/error_moments.h"
#include "core/engine/polarized_network.h"

#include "core/base/hash.h"

namespace core {

class ChipCompilation {
public:
    /// Mean: the chip without variation and read noise, as a designer imagines it.
    enum class Kind { Real, Mean };
    /// Keeps looking at `orders`.
    ChipCompilation(const Calibration& calibration, Kind kind, const CompileRequest& request, std::uint64_t chip, const CorrectionOrders& orders, const RunControl& control);

    /// All layers are to be treated so; by LayerIndex. The first one is at hand then.
    Result<void> announce(std::span<const LayerTreatment> treatments);

    /// Main paths need nothing of one another, but for those that are corrected for what they read: makes the others that are
    /// missing, side by side.
    Result<void> compileMains(const RunControl& control);

    /// Of the layer at hand: all that decides its errors, the layers before it included.
    std::uint64_t errorHash() const;

    /// Of the layer at hand: its main path.
    Result<CompiledLayerPtr> mainPath();

    /// Of the layer at hand: its errors on the calibration samples, read through the layers already corrected.
    Result<ErrorMoments> measure(const SurrogatePlan& plan, const Calibration::Reference& reference, const RunControl& control);

    /// Ends the layer at hand; the next one is at hand then.
    void correct(std::optional<RecoveryPath> path);

    /// Every layer, compiled.
    Result<std::vector<CompiledLayerPtr>> layers();
    std::uint64_t hash() const { return m_upstream.value(); }
    /// Whether a correction was made of fewer samples than the plan asks for, as a first look may.
    bool isFirstLook() const { return m_isFirstLook; }

private:
    struct Layer {
        const WeightedLayer* layer;
        LayerTreatment treatment;
        InputTreatment input;
        int samples = 0;                             // that its corrections are made of
        std::uint64_t mainHash = 0, hash = 0;
        std::optional<RecoveryPath> path;
        std::shared_ptr<const CompiledLayer> main;   // once it is needed
        CompiledLayerPtr done;                       // with its recovery path
        bool isCorrected() const { return treatment.correction && treatment.correction->needsSamples(); }
    };
    void meetNext();                                 // a corrected layer at hand depends on those in front
    Result<void> compileMain(Layer& layer);
    Result<std::shared_ptr<CompiledLayer>> compileAnew(const Layer& layer);
    /// What the layer reads behind those compiled so far, for so many samples.
    Result<std::vector<Tensor>> degradedInputs(LayerIndex layer, int samples, const Calibration::Reference& reference, const RunControl& control);
    Result<void> compileThrough(std::size_t count);

    const Calibration& m_calibration;
    Kind m_kind;
    const PolarizedNetwork* m_previous;
    std::uint64_t m_chip;
    const CorrectionOrders& m_orders;
    RunControl m_control;
    int m_threads, m_fewSamples;
    bool m_isFirstLook = false;
    std::vector<Layer> m_layers;
    std::size_t m_atHand = 0;
    Hasher m_upstream;                               // of every layer ended: what reaches the next one
    std::optional<DegradedWalk> m_walk;
};

}  // namespace core
