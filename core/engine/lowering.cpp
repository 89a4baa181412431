// SPDX-License-Identifier: Apache-2.0
#include "core/engine/lowering.h"

#include "core/engine/kernel_threads.h"

#include <algorithm>

namespace core {

namespace {

dnnl::memory::dims ones(std::size_t count) { return dnnl::memory::dims(count, 1); }

}  // namespace

WindowGeometry windowGeometry(const Node& node, const Shape& input, const Shape& output, const std::vector<std::int64_t>& kernel)
{
    const std::size_t spatial = kernel.size();
    WindowGeometry window{kernel, ones(spatial), ones(spatial), dnnl::memory::dims(spatial, 0), dnnl::memory::dims(spatial, 0)};
    const auto strides = node.attributes.integers("strides"), dilations = node.attributes.integers("dilations");
    const auto pads = node.attributes.integers("pads");
    const std::string autoPad = node.attributes.text("auto_pad", "NOTSET");
    for (std::size_t axis = 0; axis < spatial; ++axis) {
        if (!strides.empty())
            window.strides[axis] = strides[axis];
        if (!dilations.empty())
            window.dilations[axis] = dilations[axis];
        const std::int64_t reach = (kernel[axis] - 1) * window.dilations[axis] + 1;
        if (autoPad == "SAME_UPPER" || autoPad == "SAME_LOWER") {
            const std::int64_t total = std::max<std::int64_t>((output[axis + 2] - 1) * window.strides[axis] + reach - input[axis + 2], 0);
            window.padsBegin[axis] = autoPad == "SAME_UPPER" ? total / 2 : total - total / 2;
        } else if (autoPad == "NOTSET" && !pads.empty()) {
            window.padsBegin[axis] = pads[axis];
        }
        // oneDNN wants the end pad that makes the output size come out exactly; a pad that no window reaches may be negative.
        window.padsEnd[axis] = (output[axis + 2] - 1) * window.strides[axis] + reach - input[axis + 2] - window.padsBegin[axis];
        window.dilations[axis] -= 1;
    }
    return window;
}

std::vector<float> biasOf(const Network& network, const NodeGroup& group, const CompiledLayer& compiled)
{
    if (group.nodes.size() < 2 || network.node(group.nodes[1]).operation != "Add")
        return compiled.bias;
    for (const ValueIndex input : network.node(group.nodes[1]).inputs)
        if (const Tensor* constant = network.constant(input)) {
            std::vector<float> bias(constant->values<float>().begin(), constant->values<float>().end());
            for (std::size_t row = 0; row < compiled.bias.size(); ++row)   // the layer's own: of a correction, where the file has none
                bias[row] += compiled.bias[row];
            return bias;
        }
    return compiled.bias;
}

SlotIndex Lowering::newSlot(std::size_t bytes)
{
    slotBytes.push_back(bytes);
    return SlotIndex(slotBytes.size() - 1);
}

Lowering::Place& Lowering::place(ValueIndex value)
{
    const auto found = m_places.find(value);
    if (found != m_places.end())
        return found->second;
    return m_places.emplace(value, Place{described(value).type, described(value).shape, {}, {}}).first->second;
}

void Lowering::define(ValueIndex value, const dnnl::memory::desc& desc, SlotIndex slot) { place(value).forms.push_back({desc, slot}); }

const Lowering::Form& Lowering::native(ValueIndex value) { return place(value).forms.front(); }

void Lowering::reorder(const Form& from, const Form& to)
{
    dnnl::primitive_attr attributes;
    attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    const dnnl::reorder::primitive_desc description(kernelEngine(), from.desc, kernelEngine(), to.desc, attributes);
    auto step = std::make_unique<PrimitiveStep>(dnnl::reorder(description));
    step->read(DNNL_ARG_FROM, from.desc, from.slot);
    step->write(DNNL_ARG_TO, to.desc, to.slot);
    scratchpad(*step, description.scratchpad_desc());
    steps.push_back(std::move(step));
}

SlotIndex Lowering::scratchpad(PrimitiveStep& step, const dnnl::memory::desc& desc)
{
    if (desc.get_size() == 0)
        return {};
    const SlotIndex slot = newSlot(desc.get_size());
    step.write(DNNL_ARG_SCRATCHPAD, desc, slot);
    return slot;
}

SlotIndex Lowering::as(ValueIndex value, const dnnl::memory::desc& wanted)
{
    Place& where = place(value);
    for (const Form& form : where.forms)
        if (form.desc == wanted)
            return form.slot;
    const Form made{wanted, newSlot(wanted.get_size())};
    reorder(where.forms.front(), made);
    where.forms.push_back(made);
    return made.slot;
}

SlotIndex Lowering::plain(ValueIndex value)
{
    Place& where = place(value);
    if (where.type != DataType::Float32)
        return where.forms.front().slot;
    return as(value, plainDesc(where.shape));
}

SlotIndex Lowering::mainInput(ValueIndex value, const dnnl::memory::desc& wanted, const WeightedLayer& layer, const CompiledLayer& compiled)
{
    if (compiled.input.isExact())
        return as(value, wanted);
    const Shape& shape = described(value).shape;
    if (const ActivationQuantizer* quantizer = compiled.input.uniform()) {
        const SlotIndex exact = as(value, wanted), rounded = newSlot(wanted.get_size());
        steps.push_back(std::make_unique<QuantizeStep>(*quantizer, exact, rounded, wanted.get_size() / sizeof(float)));
        return rounded;
    }
    const dnnl::memory::desc rowMajor = plainDesc(shape);
    const Form rounded{rowMajor, newSlot(rowMajor.get_size())};
    steps.push_back(std::make_unique<InputStep>(compiled.input, InputGeometry::of(layer, shape), plain(value), rounded.slot));
    if (rowMajor == wanted)
        return rounded.slot;
    const Form made{wanted, newSlot(wanted.get_size())};
    reorder(rounded, made);
    return made.slot;
}

SlotIndex Lowering::recoveryInput(ValueIndex value, const dnnl::memory::desc& wanted, const WeightedLayer& layer, const CompiledLayer& compiled)
{
    return compiled.recovery->input == SurrogateInput::Quantized ? mainInput(value, wanted, layer, compiled) : as(value, wanted);
}

bool Lowering::alias(const Node& node)
{
    static const std::vector<std::string> kReshaping{"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"};
    if (std::find(kReshaping.begin(), kReshaping.end(), node.operation) == kReshaping.end() || !node.inputs.front().isValid())
        return false;
    const ValueIndex from = node.inputs.front(), to = node.outputs.front();
    if (m_request.network.constant(from) || described(from).constant)
        return false;
    for (std::size_t extra = 1; extra < node.outputs.size(); ++extra)
        if (node.outputs[extra].isValid())
            return false;
    const SlotIndex slot = plain(from);
    define(to, plainDesc(described(to).shape), slot);
    return true;
}

void Lowering::reference(const Node& node)
{
    std::vector<ReferenceStep::Input> inputs;
    for (const ValueIndex input : node.inputs) {
        if (!input.isValid())
            inputs.emplace_back(std::monostate{});
        else if (const Tensor* constant = m_request.network.constant(input))
            inputs.emplace_back(*constant);
        else if (described(input).constant)
            inputs.emplace_back(*described(input).constant);
        else {
            const SlotIndex slot = plain(input);
            inputs.emplace_back(ReferenceStep::SlotTensor{place(input).type, place(input).shape, slot});
        }
    }
    std::vector<std::variant<std::monostate, ReferenceStep::SlotTensor>> outputs;
    for (const ValueIndex output : node.outputs) {
        if (!output.isValid()) {
            outputs.emplace_back(std::monostate{});
            continue;
        }
        const TensorDescription& what = described(output);
        const SlotIndex slot = newSlot(static_cast<std::size_t>(elementCount(what.shape)) * byteSize(what.type));
        outputs.emplace_back(ReferenceStep::SlotTensor{what.type, what.shape, slot});
        define(output, what.type == DataType::Float32 ? plainDesc(what.shape) : dnnl::memory::desc(), slot);
    }
    steps.push_back(std::make_unique<ReferenceStep>(node, m_request.network.opset, std::move(inputs), std::move(outputs)));
}

bool Lowering::scores(const NodeGroup& group)
{
    const auto found = std::ranges::find(m_scores, group.nodes.front(), &ScoreProduct::node);
    if (found == m_scores.end() || !m_request.compiled[found->layer.value()]->treatment.scores)
        return false;
    const Node& product = node(found->node);
    const auto step = ScoreStep::Orders::of(*m_request.compiled[found->layer.value()]->treatment.scores, found->scale,
                                            described(product.inputs[0]).shape, described(product.inputs[1]).shape);
    if (!step)
        return false;
    const dnnl::memory::desc desc = plainDesc(described(product.outputs.front()).shape);
    const SlotIndex queries = plain(product.inputs[0]), keys = plain(product.inputs[1]), logits = newSlot(desc.get_size());
    steps.push_back(std::make_unique<ScoreStep>(*step, queries, keys, logits));
    define(product.outputs.front(), desc, logits);
    return true;
}

Result<void> Lowering::run()
{
    useOneKernelThread();
    if (std::ranges::any_of(m_request.compiled, [](const CompiledLayerPtr& layer) { return layer->treatment.scores.has_value(); }))
        m_scores = scoreProducts(m_request.network, m_request.layers);
    for (const ValueIndex input : m_request.inputs) {
        const TensorDescription& what = described(input);
        const SlotIndex slot = newSlot(static_cast<std::size_t>(elementCount(what.shape)) * byteSize(what.type));
        define(input, what.type == DataType::Float32 ? plainDesc(what.shape) : dnnl::memory::desc(), slot);
        inputSlots.push_back(slot);
    }
    for (const NodeGroup& group : m_request.groups) {
        const Node& first = node(group.nodes.front());
        const bool known = std::all_of(first.outputs.begin(), first.outputs.end(), [&](ValueIndex output) {
            return !output.isValid() || described(output).constant;
        });
        if (known)
            continue;   // shape arithmetic: constant for this number of samples
        try {
            if (group.layer.isValid()) {
                const WeightedLayer& layer = m_request.layers[group.layer.value()];
                const CompiledLayer& compiled = *m_request.compiled[group.layer.value()];
                weightedLayer(group, layer, compiled);
            } else if (!alias(first) && !scores(group) && !pooling(first) && !addition(group) && !activation(first)) {
                reference(first);
            }
        } catch (const dnnl::error& error) {
            return Problem{first.name + " (" + first.operation + ")", std::string("the kernel library refuses it: ") + error.what()};
        }
    }
    for (const ValueIndex output : m_request.outputs) {
        const TensorDescription& what = described(output);
        const Tensor* constant = m_request.network.constant(output) ? m_request.network.constant(output) : what.constant ? &*what.constant : nullptr;
        if (constant)
            return Problem{m_request.network.value(output).name, "the output is a constant; a network's output depends on its input"};
        outputSlots.push_back(plain(output));
    }
    return success();
}

}  // namespace core
