// SPDX-License-Identifier: Apache-2.0
#pragma once
// The main path of a layer on compute-in-memory tiles: input codes in, column sums through converters, bias and activation
// behind them. Reads row-major memory; what it writes has the rows of a vector side by side (channels last).

#include "core/engine/patches.h"
#include "core/engine/step.h"

namespace core {

/// What an ungrouped layer's array makes of single input vectors (vectors x columns), bias included: vectors x rows. Noise of
/// the read is that of vectors firstVector, firstVector + 1 ...
RowMatrix arrayOutputs(const CompiledLayer& compiled, const RowMatrix& inputs, std::int64_t firstVector);

class ArrayStep : public Step {
public:
    struct Orders {
        CompiledLayerPtr compiled;
        Patches patches;
        std::vector<float> bias;                          // rows, or empty
        std::optional<FusedActivation> activation;
    };

    ArrayStep(Orders orders, SlotIndex input, std::size_t inputCount, SlotIndex output);
    Action bind(const FrameMemory& memory) const override;

private:
    Orders m_orders;
    std::size_t m_inputCount;
};

}  // namespace core
