// SPDX-License-Identifier: Apache-2.0
#pragma once
// The main path of a layer with an accumulator of its own: vectors in, running sums, bias and activation behind them. Reads
// row-major memory; what it writes has the rows of a vector side by side (channels last).

#include "core/engine/layer_sums.h"
#include "core/engine/step.h"

namespace core {

class SumStep : public Step {
public:
    struct Orders {
        LayerSums sums;
        Patches patches;
        int groups = 1;
        std::optional<FusedActivation> activation;
    };

    SumStep(Orders orders, SlotIndex input, SlotIndex output);
    Action bind(const FrameMemory& memory) const override;

private:
    Orders m_orders;
};

}  // namespace core
