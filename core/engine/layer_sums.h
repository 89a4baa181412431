// SPDX-License-Identifier: Apache-2.0
#pragma once
// A digital layer whose products are added up in an accumulator of its own: which rule it takes, and its sums for any vectors.
// The step of a program and whoever wants to watch compute by the same functions.

#include "core/base/run_control.h"
#include "core/engine/compiled_layer.h"
#include "core/engine/patches.h"

#include <map>

namespace core {

class Calibration;

/// What the sums need to know of the network around the layer.
ActivationShape activationBehind(const Network& network, const WeightedLayer& layer);
/// Nothing but reshaping and a softmax between the layer and the network's output.
bool isLastLayer(const Network& network, const WeightedLayer& layer);

/// The rows that a static rule gives its high format: those whose errors matter most, by the root mean square of
/// kappa_phi (|W| |x| + |b|) over the reference's inputs on calibration samples; ties go to the lower row.
Result<std::vector<std::uint8_t>> chooseHighRows(const Calibration& calibration, const WeightedLayer& layer, const RowMatrix& weights,
                                                 const std::vector<float>& bias, double share);

/// Memory for one thread.
struct SumScratch {
    MixedBuffers mixed;
    std::vector<float> patches, sums;
    std::vector<SumChoice> choices;
    std::vector<std::int16_t> codes;
    std::vector<std::int8_t> signedBytes;
    std::vector<std::uint8_t> bytes;
    std::vector<std::int32_t> packed, integerSums;
};

/// One call's components beside their sums, rows of the group x vectors. Whoever hands it over pays for the slower loops.
struct SumWatch {
    std::vector<SumChoice> choices;        // Low everywhere where the rule is not mixed
    std::vector<std::uint8_t> overflowed;  // of the low sum
    std::vector<float> low;                // the low sums; empty for integers
};

struct SumRequest {
    int group = 0;
    const float* vectors = nullptr;           // count x columns, as the main path reads them; of an integer accumulator not yet rounded
    std::int64_t count = 0, firstVector = 0;  // firstVector: the number of vectors[0] in its run, which chance goes by
    std::uint64_t read = 0;                   // the run
};

class LayerSums {
public:
    /// `bias`: by row of the layer, or empty.
    LayerSums(LayerIndex index, int groups, CompiledLayerPtr compiled, std::vector<float> bias);

    std::int64_t rows() const { return m_rows; }  // of one group
    std::int64_t columns() const { return m_columns; }
    const CompiledLayer& compiled() const { return *m_compiled; }
    /// The rule of a mixed accumulator for one group.
    MixedRule mixedRule(int group) const;

    /// sums[row * count + vector], bias included, before any activation.
    void multiply(const SumRequest& request, float* sums, SumScratch& scratch, SumWatch* watch = nullptr) const;

private:
    SumOperands operandsOf(const SumRequest& request) const;
    void multiplyIntegers(const SumRequest& request, float* sums, SumScratch& scratch, SumWatch* watch) const;

    LayerIndex m_index;
    CompiledLayerPtr m_compiled;
    std::vector<float> m_bias;
    std::int64_t m_rows, m_columns;
};

}  // namespace core
