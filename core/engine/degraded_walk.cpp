// SPDX-License-Identifier: Apache-2.0
#include "core/engine/degraded_walk.h"

#include <algorithm>

namespace core {

DegradedWalk::DegradedWalk(const EngineContext& context, const BatchedTensors& inputs, int threads)
    : m_context(context), m_threads(threads), m_live{context.input()}, m_values(inputs)
{
}

Result<std::vector<Tensor>> DegradedWalk::inputOf(LayerIndex layer, std::span<const CompiledLayerPtr> compiled, const RunControl& control)
{
    const std::size_t cut = m_context.groupOfLayer[layer.value()];
    if (cut > m_cut) {
        const std::vector<ValueIndex> crossing = valuesCrossing(*m_context.network, m_context.groups, cut);
        const std::span<const NodeGroup> between(m_context.groups.data() + m_cut, cut - m_cut);
        CORE_TRY(m_values, runBatches(m_context, {compiled, between, m_live, crossing, m_threads, 0}, m_values, control));
        m_live = crossing;
        m_cut = cut;
    }
    const auto at = static_cast<std::size_t>(std::find(m_live.begin(), m_live.end(), m_context.inputOf(layer)) - m_live.begin());
    std::vector<Tensor> result;
    for (const auto& batch : m_values)
        result.push_back(batch[at]);
    return result;
}

}  // namespace core
