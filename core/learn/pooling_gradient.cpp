// SPDX-License-Identifier: Apache-2.0
// Pools forward and back by oneDNN; of equal largest elements the first in the window gets a maximum's gradient.

#include "core/engine/lowering.h"
#include "core/learn/gradient_builder.h"

#include <dnnl.hpp>

namespace core {

namespace {

using dnnl::memory;

class PoolStep : public GradientStep {
public:
    PoolStep(dnnl::algorithm algorithm, const memory::desc& source, const memory::desc& target, const WindowGeometry& window, std::size_t workspace)
        : m_source(source), m_workspace(workspace)
    {
        dnnl::primitive_attr attributes;
        attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
        const dnnl::pooling_forward::desc wanted(dnnl::prop_kind::forward_training, algorithm, source, target, window.strides, window.kernel, window.padsBegin, window.padsEnd);
        m_forward = {wanted, attributes, kernelEngine()};
        m_backward = {{algorithm, source, m_forward.dst_desc(), window.strides, window.kernel, window.padsBegin, window.padsEnd}, attributes, kernelEngine(), m_forward};
    }

    memory::desc target() const { return m_forward.dst_desc(); }

    Result<void> forward(GradientFrame& frame) const override
    {
        std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, frame.valueMemory(inputs[0], m_source)}, {DNNL_ARG_DST, frame.valueMemory(outputs[0], target())}};
        addWorkspace(frame, arguments);
        frame.execute(dnnl::pooling_forward(m_forward), m_forward.scratchpad_desc(), std::move(arguments));
        return success();
    }

    void backward(GradientFrame& frame) const override
    {
        deliver(frame, 0, [&](float* dx) {
            std::unordered_map<int, memory> arguments{{DNNL_ARG_DIFF_DST, frame.gradientMemory(outputs[0], target())}, {DNNL_ARG_DIFF_SRC, memory(m_source, kernelEngine(), dx)}};
            addWorkspace(frame, arguments);
            frame.execute(dnnl::pooling_backward(m_backward), m_backward.scratchpad_desc(), std::move(arguments));
        });
    }

private:
    /// Where each maximum stood.
    void addWorkspace(GradientFrame& frame, std::unordered_map<int, memory>& arguments) const
    {
        const memory::desc desc = m_forward.workspace_desc();
        if (desc.get_size() == 0)
            return;
        std::vector<std::byte>& bytes = frame.workspaces[m_workspace];
        bytes.resize(desc.get_size());
        arguments.emplace(DNNL_ARG_WORKSPACE, memory(desc, kernelEngine(), bytes.data()));
    }

    memory::desc m_source;
    std::size_t m_workspace;
    dnnl::pooling_forward::primitive_desc m_forward;
    dnnl::pooling_backward::primitive_desc m_backward;
};

Result<void> addPool(GradientBuilder& builder, const Node& node)
{
    const bool isGlobal = node.operation.starts_with("Global"), takesMaximum = node.operation.ends_with("MaxPool");
    const ValueIndex from = node.inputs.front(), to = node.outputs.front();
    const Shape &in = builder.described(from).shape, &out = builder.described(to).shape;
    const auto dilations = node.attributes.integers("dilations");
    const bool isDilated = std::any_of(dilations.begin(), dilations.end(), [](std::int64_t d) { return d != 1; });
    const bool givesIndices = node.outputs.size() > 1 && node.outputs[1].isValid();
    if (in.size() < 3 || in.size() > 5 || isDilated || givesIndices || node.attributes.integer("ceil_mode", 0) != 0)
        return builder.refused(node, "a pool over 1 to 3 axes without dilations, indices and ceil_mode is wanted for its gradient");
    const Shape spatial(in.begin() + 2, in.end());
    const WindowGeometry window = windowGeometry(node, in, out, isGlobal ? spatial : node.attributes.integers("kernel_shape"));
    const auto algorithm = takesMaximum                                                 ? dnnl::algorithm::pooling_max
                           : node.attributes.integer("count_include_pad", 0) != 0 ? dnnl::algorithm::pooling_avg_include_padding
                                                                                        : dnnl::algorithm::pooling_avg_exclude_padding;
    const FormIndex form = builder.native(from);
    const memory::desc source = builder.isPlain(form) ? plainDesc(in) : builder.forms[form.value()].desc;
    const memory::desc any(out, memory::data_type::f32, memory::format_tag::any);
    auto step = std::make_unique<PoolStep>(algorithm, source, any, window, builder.workspaces++);
    step->inputs = {form};
    step->outputs = {builder.define(to, step->target(), builder.need(from))};
    builder.add(std::move(step));
    return success();
}

constexpr DifferentiableOperation kOperations[] = {{"AveragePool", addPool}, {"GlobalAveragePool", addPool}, {"GlobalMaxPool", addPool}, {"MaxPool", addPool}};

}  // namespace

std::span<const DifferentiableOperation> poolingGradients() { return kOperations; }

}  // namespace core
