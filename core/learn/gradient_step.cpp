// SPDX-License-Identifier: Apache-2.0
#include "core/learn/gradient_step.h"

#include "core/network/operation.h"

#include <cstring>

namespace core {

GradientFrame::GradientFrame(std::span<const Form> forms, std::size_t arenaBytes, std::size_t layerCount)
    : layers(layerCount), m_forms(forms), m_memory(DataType::UInt8, {static_cast<std::int64_t>(arenaBytes)})
{
    m_arena = m_memory.editBytes();
}

float* GradientFrame::scratch(Scratch which, std::size_t floats)
{
    Tensor& memory = m_scratch[static_cast<std::size_t>(which)];
    if (static_cast<std::size_t>(memory.size()) < floats)
        memory = Tensor(DataType::Float32, {static_cast<std::int64_t>(floats)});
    return memory.edit<float>().data();
}

void GradientFrame::execute(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, std::unordered_map<int, dnnl::memory> arguments)
{
    if (scratchpad.get_size() > 0) {
        if (m_scratchpad.byteCount() < scratchpad.get_size())
            m_scratchpad = Tensor(DataType::UInt8, {static_cast<std::int64_t>(scratchpad.get_size())});
        arguments.emplace(DNNL_ARG_SCRATCHPAD, dnnl::memory(scratchpad, kernelEngine(), m_scratchpad.editBytes().data()));
    }
    primitive.execute(kernelStream(), arguments);
}

Result<void> ReferenceForward::forward(GradientFrame& frame) const
{
    std::vector<Tensor> tensors(operands.size());
    std::vector<const Tensor*> pointers(operands.size(), nullptr);
    for (std::size_t i = 0; i < operands.size(); ++i) {
        if (operands[i].form)
            tensors[i] = Tensor::borrowed(operands[i].type, operands[i].shape, frame.bytes(*operands[i].form));
        else if (operands[i].constant)
            tensors[i] = *operands[i].constant;
        else
            continue;
        pointers[i] = &tensors[i];
    }
    CORE_TRY(const auto made, runOperation(node, opset, pointers));
    for (std::size_t o = 0; o < results.size(); ++o)
        if (results[o].form)
            std::memcpy(frame.bytes(*results[o].form), made[o].bytes().data(), made[o].byteCount());
    return success();
}

namespace {

dnnl::reorder::primitive_desc reorderOf(const dnnl::memory::desc& from, const dnnl::memory::desc& to)
{
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    return {kernelEngine(), from, kernelEngine(), to, attributes};
}

}  // namespace

LayoutStep::LayoutStep(const dnnl::memory::desc& from, const dnnl::memory::desc& to) : m_from(from), m_to(to), m_forth(reorderOf(from, to)), m_back(reorderOf(to, from)) {}

Result<void> LayoutStep::forward(GradientFrame& frame) const
{
    frame.execute(dnnl::reorder(m_forth), m_forth.scratchpad_desc(), {{DNNL_ARG_FROM, frame.valueMemory(inputs[0], m_from)}, {DNNL_ARG_TO, frame.valueMemory(outputs[0], m_to)}});
    return success();
}

void LayoutStep::backward(GradientFrame& frame) const
{
    deliver(frame, 0, [&](float* out) {
        frame.execute(dnnl::reorder(m_back), m_back.scratchpad_desc(),
                      {{DNNL_ARG_FROM, frame.gradientMemory(outputs[0], m_to)}, {DNNL_ARG_TO, dnnl::memory(m_from, kernelEngine(), out)}});
    });
}

}  // namespace core
