// SPDX-License-Identifier: Apache-2.0
#include "core/engine/step.h"

#include "core/network/operation.h"

#include <cassert>
#include <cstring>
#include <unordered_map>

namespace core {

dnnl::engine& kernelEngine()
{
    static dnnl::engine engine(dnnl::engine::kind::cpu, 0);
    return engine;
}

dnnl::stream& kernelStream()
{
    static thread_local dnnl::stream stream(kernelEngine());
    return stream;
}

dnnl::memory::desc plainDesc(const Shape& shape)
{
    dnnl::memory::dims dims(shape.begin(), shape.end());
    if (dims.empty())
        dims.push_back(1);
    dnnl::memory::dims strides(dims.size(), 1);
    for (std::size_t axis = dims.size() - 1; axis > 0; --axis)
        strides[axis - 1] = strides[axis] * dims[axis];
    return {dims, dnnl::memory::data_type::f32, strides};
}

dnnl::memory::desc channelsLast(const Shape& shape, dnnl::memory::data_type type)
{
    const dnnl::memory::dims dims(shape.begin(), shape.end());
    dnnl::memory::dims strides(dims.size(), 1);
    std::int64_t stride = dims[1];
    for (std::size_t axis = dims.size() - 1; axis > 1; --axis) {
        strides[axis] = stride;
        stride *= dims[axis];
    }
    strides[0] = stride;
    return {dims, type, strides};
}

void PrimitiveStep::read(int argument, const dnnl::memory::desc& desc, SlotIndex slot)
{
    m_slots.push_back({argument, desc, slot});
    reads.push_back(slot);
}

void PrimitiveStep::write(int argument, const dnnl::memory::desc& desc, SlotIndex slot)
{
    m_slots.push_back({argument, desc, slot});
    writes.push_back(slot);
}

Action PrimitiveStep::bind(const FrameMemory& memory) const
{
    std::unordered_map<int, dnnl::memory> arguments;
    for (const SlotArgument& argument : m_slots)
        arguments.emplace(argument.argument, dnnl::memory(argument.desc, kernelEngine(), memory.at(argument.slot)));
    for (const ConstantArgument& argument : m_constants)
        arguments.emplace(argument.argument, argument.memory);
    return [primitive = m_primitive, arguments = std::move(arguments)]() -> Result<void> {
        primitive.execute(kernelStream(), arguments);
        return success();
    };
}

QuantizeStep::QuantizeStep(ActivationQuantizer quantizer, SlotIndex from, SlotIndex to, std::size_t count)
    : m_quantizer(std::move(quantizer)), m_count(count)
{
    reads = {from};
    writes = {to};
}

Action QuantizeStep::bind(const FrameMemory& memory) const
{
    const std::span<const float> from(memory.floats(reads[0]), m_count);
    const std::span<float> to(memory.floats(writes[0]), m_count);
    return [this, from, to]() -> Result<void> {
        m_quantizer.apply(from, to);
        return success();
    };
}

InputStep::InputStep(InputTreatment treatment, InputGeometry geometry, SlotIndex from, SlotIndex to) : m_treatment(std::move(treatment)), m_geometry(geometry)
{
    reads = {from};
    writes = {to};
}

Action InputStep::bind(const FrameMemory& memory) const
{
    const std::span<const float> from(memory.floats(reads[0]), static_cast<std::size_t>(m_geometry.count()));
    const std::span<float> to(memory.floats(writes[0]), from.size());
    return [this, from, to]() -> Result<void> {
        m_treatment.apply(m_geometry, from, to);
        return success();
    };
}

ReferenceStep::ReferenceStep(Node node, int opset, std::vector<Input> inputs, std::vector<std::variant<std::monostate, SlotTensor>> outputs)
    : m_node(std::move(node)), m_opset(opset), m_inputs(std::move(inputs)), m_outputs(std::move(outputs))
{
    for (const Input& input : m_inputs)
        if (const auto* tensor = std::get_if<SlotTensor>(&input))
            reads.push_back(tensor->slot);
    for (const auto& output : m_outputs)
        if (const auto* tensor = std::get_if<SlotTensor>(&output))
            writes.push_back(tensor->slot);
}

Action ReferenceStep::bind(const FrameMemory& memory) const
{
    std::vector<Tensor> inputs;
    std::vector<bool> given;
    for (const Input& input : m_inputs) {
        given.push_back(!std::holds_alternative<std::monostate>(input));
        if (const auto* tensor = std::get_if<SlotTensor>(&input))
            inputs.push_back(Tensor::borrowed(tensor->type, tensor->shape, memory.at(tensor->slot)));
        else if (const auto* constant = std::get_if<Tensor>(&input))
            inputs.push_back(*constant);
        else
            inputs.emplace_back();
    }
    std::vector<std::pair<std::byte*, std::size_t>> outputs;
    for (const auto& output : m_outputs) {
        if (const auto* tensor = std::get_if<SlotTensor>(&output))
            outputs.emplace_back(memory.at(tensor->slot), static_cast<std::size_t>(elementCount(tensor->shape)) * byteSize(tensor->type));
        else
            outputs.emplace_back(nullptr, 0);
    }
    return [this, inputs = std::move(inputs), given = std::move(given), outputs = std::move(outputs)]() -> Result<void> {
        std::vector<const Tensor*> pointers;
        for (std::size_t i = 0; i < inputs.size(); ++i)
            pointers.push_back(given[i] ? &inputs[i] : nullptr);
        CORE_TRY(const auto results, runOperation(m_node, m_opset, pointers));
        for (std::size_t o = 0; o < outputs.size(); ++o) {
            if (!outputs[o].first)
                continue;
            assert(results[o].byteCount() == outputs[o].second);
            std::memcpy(outputs[o].first, results[o].bytes().data(), outputs[o].second);
        }
        return success();
    };
}

}  // namespace core
