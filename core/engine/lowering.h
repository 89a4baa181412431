// SPDX-License-Identifier: Apache-2.0
#pragma once
// Turns groups of nodes into steps: chooses a primitive and a memory layout for each, and puts reorders where two
// neighbours disagree. Used by Program alone.

#include "core/engine/program.h"
#include "core/engine/step.h"

#include <unordered_map>

namespace core {

class Lowering {
public:
    explicit Lowering(const ProgramRequest& request) : m_request(request) {}

    Result<void> run();

    std::vector<std::unique_ptr<const Step>> steps;
    std::vector<std::size_t> slotBytes;             // by SlotIndex
    std::vector<SlotIndex> inputSlots, outputSlots;  // row-major

private:
    /// One form in which a value lies in memory. Only float values have forms other than row-major.
    struct Form { dnnl::memory::desc desc; SlotIndex slot; };
    struct Place { DataType type = DataType::Float32; Shape shape; std::vector<Form> forms; };

    SlotIndex newSlot(std::size_t bytes);
    const TensorDescription& described(ValueIndex value) const { return m_request.values[value.value()]; }
    const Node& node(NodeIndex index) const { return m_request.network.node(index); }
    ValueIndex outputOf(const NodeGroup& group) const { return node(group.nodes.back()).outputs.front(); }
    Place& place(ValueIndex value);
    /// The value row-major; a constant is copied in.
    SlotIndex plain(ValueIndex value);
    SlotIndex as(ValueIndex value, const dnnl::memory::desc& wanted);
    const Form& native(ValueIndex value);            // the form it was written in
    void define(ValueIndex value, const dnnl::memory::desc& desc, SlotIndex slot);
    void reorder(const Form& from, const Form& to);
    void reference(const Node& node);
    bool alias(const Node& node);                    // Reshape and its kin change no element

    void convolution(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled);
    void dense(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled);
    void array(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled);
    bool pooling(const Node& node);
    bool addition(const NodeGroup& group);
    bool activation(const Node& node);
    void activationsAfter(const NodeGroup& group, const dnnl::memory::desc& desc, SlotIndex slot);

    /// What a weighted layer's main and recovery paths read, in the layout `wanted`.
    struct Inputs { SlotIndex main, recovery; };
    Inputs inputsOf(ValueIndex value, const dnnl::memory::desc& wanted, const CompiledLayer& compiled);
    SlotIndex scratchpad(PrimitiveStep& step, const dnnl::memory::desc& desc);

    const ProgramRequest& m_request;
    std::unordered_map<ValueIndex, Place> m_places;
    std::unordered_map<ValueIndex, SlotIndex> m_constantSlots;
};

/// The spatial geometry of a convolution or pool, as ONNX attributes and shapes give it.
struct WindowGeometry { dnnl::memory::dims kernel, strides, dilations, padsBegin, padsEnd; };   // dilations: oneDNN's, 0 = dense
WindowGeometry windowGeometry(const Node& node, const Shape& input, const Shape& output, const std::vector<std::int64_t>& kernel);

/// The bias of a layer with the addition node that an exporter may have put behind it.
std::vector<float> biasOf(const Network& network, const NodeGroup& group, const CompiledLayer& compiled);

}  // namespace core
