// SPDX-License-Identifier: Apache-2.0
#include "core/learn/gradient_builder.h"

#include "core/engine/kernel_threads.h"
#include "core/network/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

namespace core {

namespace {

constexpr std::size_t kAlignment = 64;

const DifferentiableOperation* findGradient(const std::string& operation)
{
    for (const auto table : {elementwiseGradients(), broadcastGradients(), matrixGradients(), normalizationGradients(), poolingGradients(), reductionGradients()})
        for (const DifferentiableOperation& entry : table)
            if (entry.name == operation)
                return &entry;
    return nullptr;
}

}  // namespace

std::vector<std::string> differentiableOperations()
{
    std::set<std::string> names{"Conv", "Gemm"};
    for (const std::string& operation : knownOperations())
        if (findGradient(operation) || onlyMoves(operation))
            names.insert(operation);
    return {names.begin(), names.end()};
}

const Tensor* GradientBuilder::constant(ValueIndex value) const
{
    if (const Tensor* own = m_context.network->constant(value))
        return own;
    return described(value).constant ? &*described(value).constant : nullptr;
}

GradientNeed GradientBuilder::need(ValueIndex value) const
{
    return value.isValid() && !constant(value) ? forms[native(value).value()].need : GradientNeed::None;
}

FormIndex GradientBuilder::newForm(const TensorDescription& what, const dnnl::memory::desc& desc, GradientNeed need)
{
    Form form;
    if (what.type == DataType::Float32) {
        form.desc = desc;
        form.bytes = desc.get_size();
        form.need = need;
    } else {
        form.bytes = static_cast<std::size_t>(elementCount(what.shape)) * byteSize(what.type);
    }
    forms.push_back(form);
    return FormIndex(forms.size() - 1);
}

FormIndex GradientBuilder::define(ValueIndex value, const dnnl::memory::desc& desc, GradientNeed need)
{
    const FormIndex form = newForm(described(value), desc, need);
    m_places[value] = {form};
    return form;
}

FormIndex GradientBuilder::as(ValueIndex value, const dnnl::memory::desc& wanted)
{
    // A reshaped value shares its elements, row-major, with the value it was made of, under that one's sizes.
    const FormIndex from = native(value);
    const dnnl::memory::desc own = isPlain(from) ? plainDesc(described(value).shape) : forms[from.value()].desc;
    if (own == wanted)
        return from;
    for (const FormIndex form : m_places.at(value))
        if (form != from && forms[form.value()].desc == wanted)
            return form;
    const FormIndex to = newForm(described(value), wanted, forms[from.value()].need);
    auto step = std::make_unique<LayoutStep>(own, wanted);
    step->inputs = {from};
    step->outputs = {to};
    add(std::move(step));
    m_places[value].push_back(to);
    return to;
}

FormIndex GradientBuilder::plain(ValueIndex value)
{
    if (described(value).type != DataType::Float32 || isPlain(native(value)))
        return native(value);
    return as(value, plainDesc(described(value).shape));
}

bool GradientBuilder::isPlain(FormIndex form) const
{
    const dnnl::memory::desc& desc = forms[form.value()].desc;
    return desc == plainDesc(Shape(desc.dims()));
}

void GradientBuilder::fill(ReferenceForward& step, const Node& node)
{
    step.node = node;
    step.opset = m_context.network->opset;
    GradientNeed highest = GradientNeed::None;
    for (const ValueIndex value : node.inputs) {
        ReferenceForward::Operand operand;
        FormIndex form;
        if (value.isValid()) {
            operand.type = described(value).type;
            operand.shape = described(value).shape;
            if (const Tensor* tensor = constant(value)) {
                operand.constant = *tensor;
            } else {
                form = plain(value);
                operand.form = form;
                highest = std::max(highest, need(value));
            }
        }
        step.operands.push_back(operand);
        step.inputs.push_back(form);
    }
    for (const ValueIndex value : node.outputs) {
        ReferenceForward::Operand result;
        FormIndex form;
        if (value.isValid()) {
            result.type = described(value).type;
            result.shape = described(value).shape;
            form = define(value, result.type == DataType::Float32 ? plainDesc(result.shape) : dnnl::memory::desc(), highest);
            result.form = form;
        }
        step.results.push_back(result);
        step.outputs.push_back(form);
    }
}

Problem GradientBuilder::refused(const Node& node, const std::string& why) const { return {fmt::format("{} ({})", node.name, node.operation), why}; }

Result<void> GradientBuilder::addNode(const Node& node)
{
    const auto isKnown = [&](ValueIndex value) { return !value.isValid() || constant(value); };
    if (std::all_of(node.outputs.begin(), node.outputs.end(), isKnown))
        return success();   // shape arithmetic: constant for this number of samples
    const bool needsGradient = std::any_of(node.inputs.begin(), node.inputs.end(), [&](ValueIndex value) { return need(value) != GradientNeed::None; });
    if (!needsGradient) {
        auto step = std::make_unique<ReferenceForward>();
        fill(*step, node);
        add(std::move(step));
        return success();
    }
    if (onlyMoves(node.operation))
        return addMove(*this, node);
    if (const DifferentiableOperation* operation = findGradient(node.operation))
        return operation->add(*this, node);
    return refused(node, fmt::format("no gradient of {} is known; a network whose loss is to be differentiated has to do without it", node.operation));
}

Result<void> GradientBuilder::run()
{
    useOneKernelThread();
    const Network& network = *m_context.network;
    const ValueIndex in = m_context.input(), out = m_context.output();
    input = define(in, described(in).type == DataType::Float32 ? plainDesc(described(in).shape) : dnnl::memory::desc(), GradientNeed::Input);
    std::size_t next = 0;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        const Node& node = network.nodes[n];
        try {
            if (next < m_context.layers.size() && m_context.layers[next].node.value() == n) {
                const WeightedLayer& layer = m_context.layers[next++];
                CORE_TRY(auto step, layer.kind == LayerKind::Dense ? denseStep(*this, layer) : convolutionStep(*this, layer));
                step->layer = layer.index;
                layerInputs.push_back(step->inputs.front());
                layerOutputs.push_back(step->outputs.front());
                add(std::move(step));
            } else {
                CORE_TRY(addNode(node));
            }
        } catch (const dnnl::error& error) {
            return refused(node, std::string("the kernel library refuses its gradient: ") + error.what());
        }
    }
    if (constant(out) || described(out).type != DataType::Float32)
        return Problem{network.value(out).name, "the output is no float that depends on the input; a loss needs one"};
    output = plain(out);
    settleAccumulation();
    placeForms();
    return success();
}

void GradientBuilder::settleAccumulation()
{
    std::set<FormIndex> reached{output};
    for (auto step = steps.rbegin(); step != steps.rend(); ++step) {
        GradientStep& one = **step;
        one.accumulates.assign(one.inputs.size(), false);
        const auto isReached = [&](FormIndex form) { return form.isValid() && reached.contains(form); };
        one.isReached = std::any_of(one.outputs.begin(), one.outputs.end(), isReached);
        if (!one.isReached)
            continue;
        for (const FormIndex form : one.outputs)
            if (form.isValid() && !isReached(form) && forms[form.value()].need != GradientNeed::None)
                one.unreached.push_back(form);
        for (std::size_t i = 0; i < one.inputs.size(); ++i) {
            const FormIndex form = one.inputs[i];
            if (form.isValid() && forms[form.value()].need != GradientNeed::None)
                one.accumulates[i] = !reached.insert(form).second;
        }
    }
}

void GradientBuilder::placeForms()
{
    const auto take = [this](std::size_t bytes) {
        const std::size_t offset = arenaBytes;
        arenaBytes += (bytes + kAlignment - 1) / kAlignment * kAlignment;
        return offset;
    };
    for (Form& form : forms) {
        form.valueOffset = take(form.bytes);
        if (form.need != GradientNeed::None)
            form.gradientOffset = take(form.bytes);
    }
}

}  // namespace core
