// SPDX-License-Identifier: Apache-2.0
#pragma once
// One weighted layer with its orders carried out: weights quantized, input range fixed, arrays programmed, recovery
// path fitted. Immutable; a later plan that leaves the layer alone uses it again.

#include "core/cim/array_layer.h"
#include "core/formats/integer_form.h"
#include "core/engine/input_treatment.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

#include <memory>
#include <optional>

namespace core {

/// y += up (down x): A is rank x columns, B is rows x rank, both already rounded to the surrogate's format.
struct RecoveryPath {
    RowMatrix down, up;
    SurrogateInput input = SurrogateInput::Exact;
    int rank() const { return static_cast<int>(down.rows()); }
};

/// The layer on compute-in-memory tiles: one array per group of a grouped convolution.
struct ArrayPath {
    std::vector<ArrayLayer> arrays;
    std::vector<float> rowScales;      // real value of one weight code, per row of the layer
};

/// The main path as 8-bit integer products: y(r) = sum over parts of scales(r) * sum over c of codes(r, c) * (x(c) - zero),
/// the inner sum exact. One part, or with a palette over channels one an entry, which reads its own channels only: the
/// layout that packs equal widths together.
struct IntegerPart {
    std::vector<std::uint32_t> channels;   // that it reads, in order; empty: all
    std::vector<std::int8_t> codes;        // rows x its columns
    std::vector<float> scales;             // by row: a step of the weights times a step of the input
    ActivationQuantizer input;             // from a float to
    ActivationCoding coding;               // the 8-bit x
};

/// The products are added up in an accumulator of the plan's, not the engine's: what that needs to know.
struct SumPath {
    ActivationShape activation;          // behind the layer
    bool isLast = false;                 // nothing but the network's output behind it
    std::vector<std::uint8_t> highRows;  // of a static mixed rule: 1 where a row takes the high format
};

struct CompiledLayer {
    LayerTreatment treatment;
    RowMatrix weights;                 // main path, dequantized; rows x columns
    std::vector<float> bias;           // rows, or empty
    InputTreatment input;
    std::vector<IntegerPart> integers; // not empty: the main path is integers times scales, and `weights` their values
    std::optional<ArrayPath> array;    // empty: the main path is digital
    std::optional<SumPath> sums;       // empty: the engine's own sums
    std::optional<RecoveryPath> recovery;
    std::string remark;                // of a correction that could not be made, why; else empty
    double storedBits = 0;             // weights and scales as packed
    std::uint64_t mainHash = 0;        // of all that decides the main path: weights, treatment, ranges, chip
    std::uint64_t hash = 0;            // mainHash and the recovery path

    /// Main and recovery path read the same numbers and add in float, so W + BA is one matrix.
    bool recoveryMerges() const { return recovery && !array && !sums && (input.isExact() || recovery->input == SurrogateInput::Quantized); }
};

using CompiledLayerPtr = std::shared_ptr<const CompiledLayer>;

/// The layer as the file has it: FP32 weights, no quantizer.
CompiledLayerPtr exactLayer(const WeightedLayer& layer);

}  // namespace core
