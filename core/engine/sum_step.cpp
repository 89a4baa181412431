// SPDX-License-Identifier: Apache-2.0
#include "core/engine/sum_step.h"

#include <algorithm>

namespace core {

namespace {

/// Vectors handled at once: several blocks of registers, and few enough that their patches stay in cache.
constexpr std::int64_t kVectorsAtOnce = 256;

}  // namespace

SumStep::SumStep(Orders orders, SlotIndex input, SlotIndex output) : m_orders(std::move(orders))
{
    reads = {input};
    writes = {output};
}

Action SumStep::bind(const FrameMemory& memory) const
{
    auto scratch = std::make_shared<SumScratch>();
    const float* input = memory.floats(reads[0]);
    float* output = memory.floats(writes[0]);
    const std::uint64_t& read = memory.read();
    return [this, scratch, input, output, &read]() -> Result<void> {
        const Patches& patches = m_orders.patches;
        const std::int64_t columns = patches.columns(), rows = m_orders.sums.rows(), allRows = rows * m_orders.groups;
        for (std::int64_t first = 0; first < patches.vectors(); first += kVectorsAtOnce) {
            const std::int64_t count = std::min(kVectorsAtOnce, patches.vectors() - first);
            for (int group = 0; group < m_orders.groups; ++group) {
                scratch->patches.resize(static_cast<std::size_t>(count * columns));
                for (std::int64_t v = 0; v < count; ++v)
                    patches.gather(input, first + v, group, 0.0f, scratch->patches.data() + v * columns);
                scratch->sums.resize(static_cast<std::size_t>(count * rows));
                float* const sums = scratch->sums.data();
                m_orders.sums.multiply({group, scratch->patches.data(), count, first, read}, sums, *scratch);
                for (std::int64_t v = 0; v < count; ++v) {
                    float* const out = output + (first + v) * allRows + group * rows;
                    for (std::int64_t r = 0; r < rows; ++r)
                        out[r] = m_orders.activation ? activated(*m_orders.activation, sums[r * count + v]) : sums[r * count + v];
                }
            }
        }
        return success();
    };
}

Lowering::Written Lowering::sumProduct(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled,
                                       const MainEnding& ending)
{
    const ValueIndex input = node(group.nodes.front()).inputs.front();
    const Shape& in = described(input).shape;
    const Shape& out = described(outputOf(group)).shape;
    const bool readsCodes = compiled.treatment.accumulator.integer.has_value();  // and makes them itself
    const SlotIndex from = readsCodes ? plain(input) : mainInput(input, plainDesc(in), layer, compiled);
    const dnnl::memory::desc desc = layer.kind == LayerKind::Dense ? plainDesc(out) : channelsLast(out);
    const Written written{desc, newSlot(desc.get_size())};
    SumStep::Orders orders{LayerSums(layer.index, layer.groups, m_request.compiled[layer.index.value()], ending.bias),
                           Patches(m_request.network, layer, in, out), layer.groups, ending.activation};
    steps.push_back(std::make_unique<SumStep>(std::move(orders), from, written.slot));
    return written;
}

}  // namespace core
