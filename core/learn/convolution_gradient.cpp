// SPDX-License-Identifier: Apache-2.0
// Convolutions forward and back by oneDNN's training primitives. The recovery path is a convolution with rank filters and the
// layer's own window, and a 1 x 1 convolution behind it.

#include "core/engine/lowering.h"
#include "core/learn/gradient_builder.h"
#include "core/learn/weighted_gradient.h"

#include <dnnl.hpp>

namespace core {

namespace {

using dnnl::memory;

memory::desc anyLayout(const memory::dims& dims) { return {dims, memory::data_type::f32, memory::format_tag::any}; }

dnnl::primitive_attr attributes(bool accumulates = false)
{
    dnnl::primitive_attr result;
    result.set_scratchpad_mode(dnnl::scratchpad_mode::user);
    if (accumulates) {
        dnnl::post_ops operations;
        operations.append_sum(1.0f);
        result.set_post_ops(operations);
    }
    return result;
}

/// One convolution's three primitives. The backward ones work in the layouts the forward one chose for its operands.
struct Kernels {
    memory::desc weights, bias;                    // row-major
    dnnl::convolution_forward::primitive_desc forward;
    dnnl::convolution_backward_data::primitive_desc data;
    dnnl::convolution_backward_weights::primitive_desc gradient;

    Kernels(const memory::desc& source, const memory::dims& weightDims, const memory::desc& biasDesc, const memory::desc& target, const WindowGeometry& window, bool accumulates)
        : weights(plainDesc(Shape(weightDims))), bias(biasDesc)
    {
        using namespace dnnl;
        const auto direct = algorithm::convolution_direct;
        const convolution_forward::desc wanted(prop_kind::forward_training, direct, source, anyLayout(weightDims), bias, target, window.strides, window.dilations,
                                               window.padsBegin, window.padsEnd);
        forward = {wanted, attributes(accumulates), kernelEngine()};
        // The pass back does not see that the forward one adds to what is there.
        const convolution_forward::primitive_desc hint(wanted, attributes(), kernelEngine());
        data = {{direct, forward.src_desc(), anyLayout(weightDims), forward.dst_desc(), window.strides, window.dilations, window.padsBegin, window.padsEnd}, attributes(), kernelEngine(), hint};
        gradient = {{direct, forward.src_desc(), anyLayout(weightDims), bias, forward.dst_desc(), window.strides, window.dilations, window.padsBegin, window.padsEnd}, attributes(), kernelEngine(), hint};
    }

    bool takesPlainLoops() const
    {
        const auto isPlain = [](const char* implementation) { return std::string_view(implementation).starts_with("ref"); };
        return isPlain(forward.impl_info_str()) || isPlain(data.impl_info_str()) || isPlain(gradient.impl_info_str());
    }

    memory packed(const float* values, const memory::desc& wanted) const
    {
        memory source(weights, kernelEngine(), const_cast<float*>(values));   // only read
        memory target(wanted, kernelEngine());
        dnnl::reorder(source, target).execute(kernelStream(), source, target);
        kernelStream().wait();
        return target;
    }

    void runForward(GradientFrame& frame, const float* source, const memory& packedWeights, const float* biasValues, float* target) const
    {
        std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, at(forward.src_desc(), source)}, {DNNL_ARG_WEIGHTS, packedWeights}, {DNNL_ARG_DST, at(forward.dst_desc(), target)}};
        if (bias.get_size() > 0)
            arguments.emplace(DNNL_ARG_BIAS, at(bias, biasValues));
        frame.execute(dnnl::convolution_forward(forward), forward.scratchpad_desc(), std::move(arguments));
    }

    void runData(GradientFrame& frame, const float* targetGradient, const memory& packedWeights, float* sourceGradient) const
    {
        frame.execute(dnnl::convolution_backward_data(data), data.scratchpad_desc(),
                      {{DNNL_ARG_DIFF_DST, at(data.diff_dst_desc(), targetGradient)}, {DNNL_ARG_WEIGHTS, packedWeights}, {DNNL_ARG_DIFF_SRC, at(data.diff_src_desc(), sourceGradient)}});
    }

    void runGradient(GradientFrame& frame, const float* source, const float* targetGradient, float* weightGradient, float* biasGradient) const
    {
        const memory::desc packedDesc = gradient.diff_weights_desc();
        const bool isPacked = packedDesc != weights;
        float* const out = isPacked ? frame.scratch(GradientFrame::Scratch::Weights, packedDesc.get_size() / sizeof(float)) : weightGradient;
        std::unordered_map<int, memory> arguments{{DNNL_ARG_SRC, at(gradient.src_desc(), source)}, {DNNL_ARG_DIFF_DST, at(gradient.diff_dst_desc(), targetGradient)}, {DNNL_ARG_DIFF_WEIGHTS, at(packedDesc, out)}};
        if (bias.get_size() > 0)
            arguments.emplace(DNNL_ARG_DIFF_BIAS, at(bias, biasGradient));
        frame.execute(dnnl::convolution_backward_weights(gradient), gradient.scratchpad_desc(), std::move(arguments));
        if (!isPacked)
            return;
        memory from = at(packedDesc, out), to = at(weights, weightGradient);
        dnnl::reorder(from, to).execute(kernelStream(), from, to);
    }

    static memory at(const memory::desc& desc, const float* values) { return {desc, kernelEngine(), const_cast<float*>(values)}; }   // read or written as the argument says
};

struct PreparedConvolution : PreparedLayer {
    memory forwardWeights, dataWeights;
    std::optional<Kernels> down, up;
    memory forwardDown, dataDown, forwardUp, dataUp;
};

class ConvolutionStep : public WeightedStep {
public:
    ConvolutionStep(const WeightedLayer& weighted, const Shape& input, const Shape& output, WindowGeometry window)
        : m_layer(weighted), m_input(input), m_output(output), m_window(std::move(window)), m_geometry(InputGeometry::of(weighted, input)), m_main(mainKernels())
    {
    }

    const Kernels& main() const { return m_main; }

    Result<std::shared_ptr<const PreparedLayer>> prepare(const LayerSetting& setting) const override
    {
        auto prepared = std::make_shared<PreparedConvolution>();
        prepared->setting = &setting;
        try {
            const float* const weights = weightsOf(setting, m_layer).data();
            prepared->forwardWeights = m_main.packed(weights, m_main.forward.weights_desc());
            prepared->dataWeights = m_main.packed(weights, m_main.data.weights_desc());
            if (setting.recovery && setting.recovery->rank() > 0)
                prepareRecovery(*setting.recovery, *prepared);
        } catch (const dnnl::error& error) {
            return Problem{m_layer.name, std::string("the kernel library refuses its recovery path: ") + error.what()};
        }
        return std::shared_ptr<const PreparedLayer>(std::move(prepared));
    }

    Result<void> forward(GradientFrame& frame) const override
    {
        const auto& prepared = preparedIn(frame);
        const LayerSetting& setting = *prepared.setting;
        LayerMemory& memory = frame.layers[layer.value()];
        const std::span<const float> x = frame.values(inputs[0]);
        const float* read = x.data();
        if (!setting.input.isExact()) {
            quantize(frame, setting.input, x, memory);
            read = memory.quantized.data();
        }
        float* const y = frame.value(outputs[0]);
        if (setting.measured)
            CORE_TRY(measure(frame, x.data(), y));
        else
            m_main.runForward(frame, read, prepared.forwardWeights, biasOf(setting, m_layer).data(), y);
        if (prepared.down) {
            memory.coefficients.resize(prepared.down->forward.dst_desc().get_size() / sizeof(float));
            prepared.down->runForward(frame, recoveryInput(setting, x.data(), read), prepared.forwardDown, nullptr, memory.coefficients.data());
            prepared.up->runForward(frame, memory.coefficients.data(), prepared.forwardUp, nullptr, y);
        }
        return success();
    }

    void backward(GradientFrame& frame) const override
    {
        const auto& prepared = preparedIn(frame);
        const LayerSetting& setting = *prepared.setting;
        LayerMemory& memory = frame.layers[layer.value()];
        const std::span<const float> x = frame.values(inputs[0]);
        const float* const read = setting.input.isExact() ? x.data() : memory.quantized.data();
        const float* const dy = frame.gradient(outputs[0]);
        LayerGradient& gradient = (*frame.gradients)[layer.value()];
        if (frame.ofWeights)
            m_main.runGradient(frame, read, dy, gradient.weights.data(), gradient.bias.data());
        if (prepared.down) {
            memory.coefficientGradient.resize(memory.coefficients.size());
            prepared.up->runData(frame, dy, prepared.dataUp, memory.coefficientGradient.data());
        }
        if (prepared.down && frame.ofRecovery) {
            prepared.up->runGradient(frame, memory.coefficients.data(), dy, gradient.up.data(), nullptr);
            prepared.down->runGradient(frame, recoveryInput(setting, x.data(), read), memory.coefficientGradient.data(), gradient.down.data(), nullptr);
        }
        deliver(frame, 0, [&](float* dx) {
            const std::span<float> out(dx, x.size());
            m_main.runData(frame, dy, prepared.dataWeights, dx);
            const auto recover = [&] {
                if (!prepared.down)
                    return;
                float* const part = frame.scratch(GradientFrame::Scratch::Kernel, out.size());
                prepared.down->runData(frame, memory.coefficientGradient.data(), prepared.dataDown, part);
                std::transform(out.begin(), out.end(), part, out.begin(), std::plus<>());
            };
            const bool recoversQuantized = prepared.down && setting.recovery->input == SurrogateInput::Quantized;
            if (recoversQuantized)
                recover();
            if (const ActivationQuantizer* quantizer = setting.input.uniform())
                maskOutside(passRange(*quantizer), x, out);
            else if (!setting.input.isExact())
                std::transform(out.begin(), out.end(), memory.mask.begin(), out.begin(), std::multiplies<>());
            if (!recoversQuantized)
                recover();
        });
    }

private:
    const PreparedConvolution& preparedIn(GradientFrame& frame) const { return static_cast<const PreparedConvolution&>(*frame.prepared[layer.value()]); }

    /// Channels last first: there the library has fast kernels for any number of channels, on all three ways (oneDNN 2.6 takes
    /// its plain loops for 6 channels in the blocked layouts it would choose itself, a thousand times slower).
    Kernels mainKernels() const
    {
        memory::dims dims{m_layer.rows, m_layer.columns / m_layer.columnsPerChannel};
        dims.insert(dims.end(), m_window.kernel.begin(), m_window.kernel.end());
        if (m_layer.groups > 1) {
            dims[0] /= m_layer.groups;
            dims.insert(dims.begin(), m_layer.groups);
        }
        const memory::desc bias = m_layer.bias.empty() ? memory::desc() : plainDesc({m_layer.rows});
        Kernels best(channelsLast(m_input), dims, bias, channelsLast(m_output), m_window, false);
        for (const auto layout : {anyLayout, +[](const memory::dims& sizes) { return plainDesc(Shape(sizes)); }})
            if (best.takesPlainLoops())
                best = Kernels(layout(m_input), dims, bias, layout(m_output), m_window, false);
        return best;
    }

    void prepareRecovery(const RecoveryPath& recovery, PreparedConvolution& prepared) const
    {
        Shape narrow = m_output;
        narrow[1] = recovery.rank();
        memory::dims downDims{recovery.rank(), m_input[1]}, upDims{m_layer.rows, recovery.rank()};
        downDims.insert(downDims.end(), m_window.kernel.begin(), m_window.kernel.end());
        const memory::dims one(narrow.size() - 2, 1), zero(narrow.size() - 2, 0);
        upDims.insert(upDims.end(), one.begin(), one.end());
        prepared.down.emplace(m_main.forward.src_desc(), downDims, memory::desc(), anyLayout(narrow), m_window, false);
        prepared.up.emplace(prepared.down->forward.dst_desc(), upDims, memory::desc(), m_main.forward.dst_desc(), WindowGeometry{one, one, zero, zero, zero}, true);
        prepared.forwardDown = prepared.down->packed(recovery.down.data(), prepared.down->forward.weights_desc());
        prepared.dataDown = prepared.down->packed(recovery.down.data(), prepared.down->data.weights_desc());
        prepared.forwardUp = prepared.up->packed(recovery.up.data(), prepared.up->forward.weights_desc());
        prepared.dataUp = prepared.up->packed(recovery.up.data(), prepared.up->data.weights_desc());
    }

    /// Quantized input in the kernels' layout; the mask beside it where one range for all does not do.
    void quantize(GradientFrame& frame, const InputTreatment& treatment, std::span<const float> x, LayerMemory& memory) const
    {
        memory.quantized.resize(x.size());
        if (const ActivationQuantizer* quantizer = treatment.uniform()) {
            quantizer->apply(x, memory.quantized);
            return;
        }
        memory.mask.resize(x.size());
        const auto count = static_cast<std::size_t>(elementCount(m_input));
        const std::span<float> rowMajor(frame.scratch(GradientFrame::Scratch::Kernel, count), count), mask(frame.scratch(GradientFrame::Scratch::Mask, count), count);
        const dnnl::memory::desc own = m_main.forward.src_desc(), plain = plainDesc(m_input);
        convert(own, x.data(), plain, rowMajor.data());
        passMask(treatment, m_geometry, rowMajor, mask);
        treatment.apply(m_geometry, rowMajor, rowMajor);
        convert(plain, rowMajor.data(), own, memory.quantized.data());
        convert(plain, mask.data(), own, memory.mask.data());
    }

    Result<void> measure(GradientFrame& frame, const float* x, float* y) const
    {
        const auto from = static_cast<std::size_t>(elementCount(m_input)), to = static_cast<std::size_t>(elementCount(m_output));
        const std::span<float> in(frame.scratch(GradientFrame::Scratch::Kernel, from), from), out(frame.scratch(GradientFrame::Scratch::Mask, to), to);
        convert(m_main.forward.src_desc(), x, plainDesc(m_input), in.data());
        CORE_TRY(runMeasured(frame, layer, in, out));
        convert(plainDesc(m_output), out.data(), m_main.forward.dst_desc(), y);
        return success();
    }

    static void convert(const memory::desc& fromDesc, const float* from, const memory::desc& toDesc, float* to)
    {
        memory source = Kernels::at(fromDesc, from), target = Kernels::at(toDesc, to);
        dnnl::reorder(source, target).execute(kernelStream(), source, target);
    }

    const WeightedLayer& m_layer;
    Shape m_input, m_output;
    WindowGeometry m_window;
    InputGeometry m_geometry;
    Kernels m_main;
};

}  // namespace

Result<std::unique_ptr<WeightedStep>> convolutionStep(GradientBuilder& builder, const WeightedLayer& layer)
{
    const Node& node = builder.context().network->node(layer.node);
    const ValueIndex in = node.inputs.front(), out = node.outputs.front();
    if (builder.constant(in) || builder.described(in).type != DataType::Float32)
        return builder.refused(node, "its input is a constant; a layer that is learned reads what the network computes");
    const Shape &weights = builder.described(node.inputs[1]).shape, &input = builder.described(in).shape, &output = builder.described(out).shape;
    auto step = std::make_unique<ConvolutionStep>(layer, input, output, windowGeometry(node, input, output, Shape(weights.begin() + 2, weights.end())));
    step->inputs = {builder.as(in, step->main().forward.src_desc())};
    step->outputs = {builder.define(out, step->main().forward.dst_desc(), GradientNeed::Layers)};
    return std::unique_ptr<WeightedStep>(std::move(step));
}

}  // namespace core
