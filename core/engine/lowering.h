// SPDX-License-Identifier: Apache-2.0
#pragma once
// Turns groups of nodes into steps: chooses a primitive and a memory layout for each, and puts reorders where two
// neighbours disagree. Used by Program alone.

#include "core/engine/program.h"
#include "core/engine/score_product.h"
#include "core/engine/step.h"

#include <unordered_map>

namespace core {

/// The spatial geometry of a convolution or pool, as ONNX attributes and shapes give it.
struct WindowGeometry { dnnl::memory::dims kernel, strides, dilations, padsBegin, padsEnd; };   // dilations: oneDNN's, 0 = dense
WindowGeometry windowGeometry(const Node& node, const Shape& input, const Shape& output, const std::vector<std::int64_t>& kernel);

class Lowering {
public:
    explicit Lowering(const ProgramRequest& request) : m_request(request) {}

    Result<void> run();

    std::vector<std::unique_ptr<const Step>> steps;
    std::vector<std::size_t> slotBytes;             // by SlotIndex
    std::vector<SlotIndex> inputSlots, outputSlots;  // row-major

    struct Convolution { dnnl::convolution_forward::primitive_desc description; dnnl::memory weights, bias; };

private:
    /// One form in which a value lies in memory. Only float values have forms other than row-major.
    struct Form { dnnl::memory::desc desc; SlotIndex slot; };
    /// 8-bit codes of some channels of a value, channels last.
    struct CodedForm { ActivationQuantizer quantizer; std::vector<std::uint32_t> channels; SlotIndex slot; };
    struct Place { DataType type = DataType::Float32; Shape shape; std::vector<Form> forms; std::vector<CodedForm> codes; };

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

    /// Main path, recovery path, bias and activation.
    void weightedLayer(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled);
    /// What a main path does behind its product; the activation waits for a recovery path that adds to it.
    struct MainEnding { std::vector<float> bias; std::optional<FusedActivation> activation; };
    /// Where a main path wrote its sums.
    struct Written { dnnl::memory::desc desc; SlotIndex slot; };
    Written convolution(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const MainEnding& ending);
    Written dense(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const MainEnding& ending);
    Written arrayProduct(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const MainEnding& ending);
    Written sumProduct(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const MainEnding& ending);
    /// Nothing where the kernel library has no fast kernel for it.
    std::optional<Written> integerProduct(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const MainEnding& ending);
    void recoverConvolution(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const Written& main,
                            const std::optional<FusedActivation>& activation);
    void recoverDense(const NodeGroup& group, const WeightedLayer& layer, const CompiledLayer& compiled, const Written& main,
                      const std::optional<FusedActivation>& activation);
    void emit(const Convolution& kernel, SlotIndex source, const Written& target, bool accumulates);
    void emitDense(const RowMatrix& weights, std::int64_t vectors, const MainEnding& ending, SlotIndex from, SlotIndex to, bool accumulates);
    WindowGeometry windowOf(const NodeGroup& group) const;
    SlotIndex codesOf(ValueIndex value, const WeightedLayer& layer, const IntegerPart& part);
    bool pooling(const Node& node);
    bool scores(const NodeGroup& group);             // logits that a plan sums in a format of its own
    bool addition(const NodeGroup& group);
    bool activation(const Node& node);


    /// What a weighted layer's main path reads, in the layout `wanted`: rounded where the layer rounds its input.
    SlotIndex mainInput(ValueIndex value, const dnnl::memory::desc& wanted, const WeightedLayer& layer, const CompiledLayer& compiled);
    SlotIndex recoveryInput(ValueIndex value, const dnnl::memory::desc& wanted, const WeightedLayer& layer, const CompiledLayer& compiled);
    SlotIndex scratchpad(PrimitiveStep& step, const dnnl::memory::desc& desc);

    const ProgramRequest& m_request;
    std::unordered_map<ValueIndex, Place> m_places;
    std::unordered_map<ValueIndex, SlotIndex> m_constantSlots;
    std::vector<ScoreProduct> m_scores;              // where a plan has orders for them
};

void append(dnnl::post_ops& operations, const FusedActivation& activation);

/// The bias of a layer with the addition node that an exporter may have put behind it.
std::vector<float> biasOf(const Network& network, const NodeGroup& group, const CompiledLayer& compiled);

}  // namespace core
