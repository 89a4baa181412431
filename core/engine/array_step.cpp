// SPDX-License-Identifier: Apache-2.0
#include "core/engine/array_step.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

/// Vectors handled at once: enough to keep the product busy, few enough that their codes stay in cache.
constexpr std::int64_t kVectors = 128;

/// What one worker needs beside the array's own workspace.
struct Scratch {
    ArrayWorkspace array;
    std::vector<std::uint8_t> codes, padded;
    std::vector<float> sums, scales, biases;
};

float activated(const std::optional<FusedActivation>& activation, float x)
{
    if (!activation)
        return x;
    switch (activation->kind) {
    case FusedActivation::Kind::Relu: return x > 0 ? x : 0.0f;
    case FusedActivation::Kind::LeakyRelu: return x > 0 ? x : activation->first * x;
    case FusedActivation::Kind::Clip: return std::min(std::max(x, activation->first), activation->second);
    }
    return x;
}

}  // namespace

RowMatrix arrayOutputs(const CompiledLayer& compiled, const RowMatrix& inputs, std::int64_t firstVector)
{
    const ActivationQuantizer& quantizer = *compiled.input.uniform();
    const ArrayLayer& array = compiled.array->arrays.front();
    std::vector<std::uint8_t> codes(static_cast<std::size_t>(inputs.size()));
    encodeBytes(quantizer, {inputs.data(), codes.size()}, codes);
    RowMatrix outputs(inputs.rows(), array.rows());
    ArrayWorkspace workspace;
    array.multiply(codes, inputs.rows(), {outputs.data(), static_cast<std::size_t>(outputs.size())}, workspace, {0, static_cast<std::uint32_t>(firstVector)});
    for (Eigen::Index row = 0; row < outputs.cols(); ++row) {
        const auto at = static_cast<std::size_t>(row);
        const float bias = compiled.bias.empty() ? 0.0f : compiled.bias[at];
        outputs.col(row).array() = outputs.col(row).array() * (compiled.array->rowScales[at] * quantizer.scale) + bias;
    }
    return outputs;
}

ArrayStep::ArrayStep(Orders orders, SlotIndex input, std::size_t inputCount, SlotIndex output) : m_orders(std::move(orders)), m_inputCount(inputCount)
{
    reads = {input};
    writes = {output};
}

Action ArrayStep::bind(const FrameMemory& memory) const
{
    auto scratch = std::make_shared<Scratch>();
    const float* input = memory.floats(reads[0]);
    float* output = memory.floats(writes[0]);
    const std::uint64_t& read = memory.read();
    return [this, scratch, input, output, &read]() -> Result<void> {
        const CompiledLayer& compiled = *m_orders.compiled;
        const Patches& patches = m_orders.patches;
        const auto& arrays = compiled.array->arrays;
        const ActivationQuantizer& quantizer = *compiled.input.uniform();   // an array reads integers of one scale

        scratch->codes.resize(m_inputCount);
        encodeBytes(quantizer, {input, m_inputCount}, scratch->codes);
        std::vector<float>& scales = scratch->scales;
        scales.resize(compiled.array->rowScales.size());
        std::transform(compiled.array->rowScales.begin(), compiled.array->rowScales.end(), scales.begin(), [&](float scale) { return scale * quantizer.scale; });
        std::vector<float>& biases = scratch->biases;
        biases = m_orders.bias;
        biases.resize(scales.size());
        patches.pad(scratch->codes, zeroByte(quantizer), scratch->padded);

        for (std::int64_t first = 0; first < patches.vectors(); first += kVectors) {
            const std::int64_t count = std::min(kVectors, patches.vectors() - first);
            for (std::size_t g = 0; g < arrays.size(); ++g) {
                const ArrayLayer& array = arrays[g];
                const auto rows = static_cast<std::size_t>(array.rows());
                scratch->sums.resize(static_cast<std::size_t>(count) * rows);
                const auto columnsOf = [&](std::int64_t from, std::int64_t vectors, std::uint8_t* columns) {
                    patches.gatherColumns(scratch->padded, first + from, vectors, static_cast<int>(g), kChunkVectors, columns);
                };
                array.multiply(columnsOf, count, scratch->sums, scratch->array, {read, static_cast<std::uint32_t>(first)});

                for (std::int64_t v = 0; v < count; ++v) {
                    const float* const sums = scratch->sums.data() + static_cast<std::size_t>(v) * rows;
                    float* const out = output + static_cast<std::size_t>(first + v) * compiled.array->rowScales.size() + g * rows;
                    for (std::size_t r = 0; r < rows; ++r)
                        out[r] = activated(m_orders.activation, sums[r] * scales[g * rows + r] + biases[g * rows + r]);
                }
            }
        }
        return success();
    };
}

Lowering::Written Lowering::arrayProduct(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer&, const MainEnding& ending)
{
    const ValueIndex input = node(group.nodes.front()).inputs.front();
    const Shape& in = described(input).shape;
    const Shape& out = described(outputOf(group)).shape;
    const SlotIndex from = plain(input);
    const dnnl::memory::desc desc = layer.kind == LayerKind::Dense ? plainDesc(out) : channelsLast(out);
    const Written written{desc, newSlot(desc.get_size())};
    ArrayStep::Orders orders{m_request.compiled[layer.index.value()], Patches(m_request.network, layer, in, out), ending.bias, ending.activation};
    steps.push_back(std::make_unique<ArrayStep>(std::move(orders), from, static_cast<std::size_t>(elementCount(in)), written.slot));
    return written;
}

}  // namespace core
