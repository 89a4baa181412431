// SPDX-License-Identifier: Apache-2.0
#pragma once
// Turns a network into forms and steps, node by node: chooses layouts, shares memory where elements only change their shape,
// and finds out which gradients anybody needs. A node with a gradient is one line in one of the tables below.

#include "core/learn/gradient_step.h"
#include "core/network/operations/registry.h"

#include <map>

namespace core {

class GradientBuilder {
public:
    GradientBuilder(const EngineContext& context, std::vector<TensorDescription> values) : m_context(context), m_values(std::move(values)) {}

    Result<void> run();

    std::vector<Form> forms;
    std::vector<std::unique_ptr<GradientStep>> steps;
    FormIndex input, output;
    std::vector<FormIndex> layerInputs, layerOutputs;    // by LayerIndex
    std::size_t arenaBytes = 0, workspaces = 0;

    // What makers of steps ask and do.
    const EngineContext& context() const { return m_context; }
    const TensorDescription& described(ValueIndex value) const { return m_values[value.value()]; }
    const Tensor* constant(ValueIndex value) const;      // nullptr where the value is computed
    GradientNeed need(ValueIndex value) const;
    FormIndex native(ValueIndex value) const { return m_places.at(value).front(); }
    FormIndex as(ValueIndex value, const dnnl::memory::desc& wanted);
    FormIndex plain(ValueIndex value);
    bool isPlain(FormIndex form) const;
    FormIndex define(ValueIndex value, const dnnl::memory::desc& desc, GradientNeed need);
    void alias(ValueIndex value, FormIndex form) { m_places[value] = {form}; }
    void add(std::unique_ptr<GradientStep> step) { steps.push_back(std::move(step)); }
    /// Fills in what every step with a reference forward pass has in common.
    void fill(ReferenceForward& step, const Node& node);
    Problem refused(const Node& node, const std::string& why) const;
    /// Calls use(call) with the node's operands as they are described.
    template <class Use>
    auto withCall(const Node& node, Use&& use) const;

private:
    Result<void> addNode(const Node& node);
    FormIndex newForm(const TensorDescription& what, const dnnl::memory::desc& desc, GradientNeed need);
    void settleAccumulation();
    void placeForms();

    const EngineContext& m_context;
    std::vector<TensorDescription> m_values;
    std::map<ValueIndex, std::vector<FormIndex>> m_places;    // the form a value was written in first
};

/// How a node of this operation joins the graph. It may be asked only where some input needs a gradient.
struct DifferentiableOperation {
    std::string_view name;
    Result<void> (*add)(GradientBuilder& builder, const Node& node);
};
std::span<const DifferentiableOperation> elementwiseGradients();      // of one operand
std::span<const DifferentiableOperation> broadcastGradients();        // of two
std::span<const DifferentiableOperation> matrixGradients();
std::span<const DifferentiableOperation> normalizationGradients();
std::span<const DifferentiableOperation> poolingGradients();
std::span<const DifferentiableOperation> reductionGradients();

/// Reshape and its kin, and every operation that only moves elements.
bool onlyMoves(const std::string& operation);
Result<void> addMove(GradientBuilder& builder, const Node& node);

Result<std::unique_ptr<WeightedStep>> denseStep(GradientBuilder& builder, const WeightedLayer& layer);
Result<std::unique_ptr<WeightedStep>> convolutionStep(GradientBuilder& builder, const WeightedLayer& layer);

template <class Use>
auto GradientBuilder::withCall(const Node& node, Use&& use) const
{
    std::vector<const TensorDescription*> pointers;
    std::deque<TensorDescription> known;
    for (const ValueIndex value : node.inputs) {
        if (!value.isValid()) {
            pointers.push_back(nullptr);
            continue;
        }
        known.push_back(described(value));
        if (const Tensor* tensor = constant(value))
            known.back().constant = *tensor;
        pointers.push_back(&known.back());
    }
    return use(Call(*findOperation(node.operation), node, m_context.network->opset, pointers));
}

}  // namespace core
