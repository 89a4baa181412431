// SPDX-License-Identifier: Apache-2.0
#pragma once
// Walks calibration samples through the layers compiled so far, as far as somebody needs to see: what a layer will really
// read when everything before it is quantized, noisy and corrected.

#include "core/engine/engine_context.h"

namespace core {

class DegradedWalk {
public:
    /// Keeps looking at `context`.
    DegradedWalk(const EngineContext& context, const BatchedTensors& inputs, int threads);

    /// The value that layer reads, for every batch, when all layers before it are `compiled`. Layers are asked for in order.
    Result<std::vector<Tensor>> inputOf(LayerIndex layer, std::span<const CompiledLayerPtr> compiled, const RunControl& control = {});

private:
    const EngineContext& m_context;
    int m_threads;
    std::size_t m_cut = 0;
    std::vector<ValueIndex> m_live;
    BatchedTensors m_values;
};

}  // namespace core
