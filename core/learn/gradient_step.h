// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a gradient graph is made of. A form is a value in one memory layout, with room for its gradient; a step computes
// forms from forms, and on the way back the gradients of what it read from those of what it wrote.

#include "core/base/index.h"
#include "core/engine/step.h"
#include "core/learn/gradient_graph.h"

#include <deque>
#include <span>

namespace core {

using FormIndex = Index<struct FormTag>;

/// Who asks for a form's gradient.
enum class GradientNeed { None, Input, Layers };   // Input: only the network's input lies before it

struct Form {
    dnnl::memory::desc desc;         // of floats; empty for other types
    std::size_t bytes = 0;           // with a layout's padding
    GradientNeed need = GradientNeed::None;
    std::size_t valueOffset = 0, gradientOffset = 0;
    std::size_t floats() const { return bytes / sizeof(float); }
};

/// What a weighted layer needs on the way back, and memory whose size depends on its setting.
struct LayerMemory {
    std::vector<float> quantized, mask, coefficients, coefficientGradient;
    std::unique_ptr<Program::Frame> measured;
    const Program* measuredBy = nullptr;
};

/// A layer's setting made ready: weights packed, primitives built. Shared by all workers.
class PreparedLayer {
public:
    virtual ~PreparedLayer() = default;
    const LayerSetting* setting = nullptr;
};

class GradientFrame {
public:
    GradientFrame(std::span<const Form> forms, std::size_t arenaBytes, std::size_t layers);

    std::byte* bytes(FormIndex form) { return m_arena.data() + m_forms[form.value()].valueOffset; }
    float* value(FormIndex form) { return reinterpret_cast<float*>(bytes(form)); }
    float* gradient(FormIndex form) { return reinterpret_cast<float*>(m_arena.data() + m_forms[form.value()].gradientOffset); }
    const Form& form(FormIndex index) const { return m_forms[index.value()]; }
    std::span<const float> values(FormIndex index) { return {value(index), form(index).floats()}; }
    /// A step describes memory itself: a form shared by a reshaped value has the sizes of the value it was made of.
    dnnl::memory valueMemory(FormIndex index, const dnnl::memory::desc& desc) { return {desc, kernelEngine(), value(index)}; }
    dnnl::memory gradientMemory(FormIndex index, const dnnl::memory::desc& desc) { return {desc, kernelEngine(), gradient(index)}; }
    bool wants(FormIndex index) const { return form(index).need == GradientNeed::Layers || (form(index).need == GradientNeed::Input && ofInput); }

    /// Memory of a step for the time of one call. Two at once must differ in `which`.
    enum class Scratch : std::size_t { Delivery, Kernel, Weights, Mask };
    float* scratch(Scratch which, std::size_t floats);

    void execute(const dnnl::primitive& primitive, const dnnl::memory::desc& scratchpad, std::unordered_map<int, dnnl::memory> arguments);

    // Of the pass at hand.
    std::span<const std::shared_ptr<const PreparedLayer>> prepared;
    std::vector<LayerGradient>* gradients = nullptr;    // where weighted layers leave theirs
    bool ofWeights = true, ofRecovery = true, ofInput = false;
    std::uint64_t read = 0;                             // number of the read of noisy arrays
    std::vector<LayerMemory> layers;
    std::vector<std::vector<std::byte>> workspaces;     // of steps that hand something from forward to backward

private:
    std::span<std::byte> m_arena;
    std::span<const Form> m_forms;
    Tensor m_memory;                                    // for its alignment
    std::array<Tensor, 4> m_scratch;
    Tensor m_scratchpad;
};

class GradientStep {
public:
    virtual ~GradientStep() = default;
    virtual Result<void> forward(GradientFrame& frame) const = 0;
    /// Delivers the gradients of `inputs`; those of `outputs` are complete.
    virtual void backward(GradientFrame&) const {}

    std::vector<FormIndex> inputs, outputs;    // whose gradients may matter
    /// Of each input: true where a later step has already left its part. Set when the graph is complete.
    std::vector<bool> accumulates;
    bool isReached = false;                    // the loss depends on its outputs
    std::vector<FormIndex> unreached;          // those of the outputs on which it does not, while others count

protected:
    /// Calls write(out) with where input i's gradient is to be written in full, and adds it to what is there already.
    template <class Write>
    void deliver(GradientFrame& frame, std::size_t i, Write&& write) const
    {
        const FormIndex form = inputs[i];
        if (!form.isValid() || !frame.wants(form))
            return;
        if (!accumulates[i]) {
            write(frame.gradient(form));
            return;
        }
        const std::size_t count = frame.form(form).floats();
        float* const part = frame.scratch(GradientFrame::Scratch::Delivery, count);
        write(part);
        float* const sum = frame.gradient(form);
        for (std::size_t k = 0; k < count; ++k)
            sum[k] += part[k];
    }
};

/// Any operation by its scalar reference, on row-major forms; no gradient of its own.
class ReferenceForward : public GradientStep {
public:
    struct Operand { std::optional<FormIndex> form; std::optional<Tensor> constant; DataType type = DataType::Float32; Shape shape; };   // neither: omitted

    Node node;
    int opset = 17;
    std::vector<Operand> operands, results;    // in the node's order; inputs and outputs above are their forms (invalid: none)

    Result<void> forward(GradientFrame& frame) const override;
};

/// A value copied into another layout.
class LayoutStep : public GradientStep {
public:
    LayoutStep(const dnnl::memory::desc& from, const dnnl::memory::desc& to);
    Result<void> forward(GradientFrame& frame) const override;
    void backward(GradientFrame& frame) const override;

private:
    dnnl::memory::desc m_from, m_to;
    dnnl::reorder::primitive_desc m_forth, m_back;
};

/// A weighted layer.
class WeightedStep : public GradientStep {
public:
    LayerIndex layer;
    virtual Result<std::shared_ptr<const PreparedLayer>> prepare(const LayerSetting& setting) const = 0;
};

}  // namespace core
