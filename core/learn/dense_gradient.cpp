// SPDX-License-Identifier: Apache-2.0
// Gemm and MatMul by constant weights: y = x W^T + (x A^T) B^T + b over all vectors of a run, by sgemm.
// dx = dy W + (dy B) A, dW = dy^T x, dA = (dy B)^T x, dB = dy^T (x A^T), db = sum of dy.

#include "core/learn/gradient_builder.h"
#include "core/learn/weighted_gradient.h"

#include <dnnl.h>

namespace core {

namespace {

/// c (rows x columns) = beta c + op(a) op(b), row-major; `inner` is what the sum runs over.
struct Product { char a, b; std::int64_t rows, columns, inner; };
void multiply(const Product& of, const float* a, const float* b, float beta, float* c)
{
    dnnl_sgemm(of.a, of.b, of.rows, of.columns, of.inner, 1.0f, a, of.a == 'N' ? of.inner : of.rows, b, of.b == 'N' ? of.columns : of.inner, beta, c, of.columns);
}

class DenseStep : public WeightedStep {
public:
    DenseStep(const WeightedLayer& weighted, const Shape& input)
        : m_layer(weighted), m_geometry(InputGeometry::of(weighted, input)), m_vectors(elementCount(input) / weighted.columns)
    {
    }

    Result<std::shared_ptr<const PreparedLayer>> prepare(const LayerSetting& setting) const override
    {
        auto prepared = std::make_shared<PreparedLayer>();
        prepared->setting = &setting;
        return std::shared_ptr<const PreparedLayer>(std::move(prepared));
    }

    Result<void> forward(GradientFrame& frame) const override
    {
        const LayerSetting& setting = *frame.prepared[layer.value()]->setting;
        LayerMemory& memory = frame.layers[layer.value()];
        const std::span<const float> x = frame.values(inputs[0]);
        const float* read = x.data();
        if (!setting.input.isExact()) {
            memory.quantized.resize(x.size());
            setting.input.apply(m_geometry, x, memory.quantized);
            read = memory.quantized.data();
        }
        float* const y = frame.value(outputs[0]);
        const std::int64_t rows = m_layer.rows, columns = m_layer.columns;
        if (setting.measured) {
            CORE_TRY(runMeasured(frame, layer, x, {y, static_cast<std::size_t>(m_vectors * rows)}));
        } else {
            const RowMatrix& weights = weightsOf(setting, m_layer);
            const std::vector<float>& bias = biasOf(setting, m_layer);
            for (std::int64_t v = 0; v < m_vectors && !bias.empty(); ++v)
                std::copy(bias.begin(), bias.end(), y + v * rows);
            multiply({'N', 'T', m_vectors, rows, columns}, read, weights.data(), bias.empty() ? 0.0f : 1.0f, y);
        }
        if (const auto& recovery = setting.recovery; recovery && recovery->rank() > 0) {
            const std::int64_t rank = recovery->rank();
            memory.coefficients.resize(static_cast<std::size_t>(m_vectors * rank));
            multiply({'N', 'T', m_vectors, rank, columns}, recoveryInput(setting, x.data(), read), recovery->down.data(), 0.0f, memory.coefficients.data());
            multiply({'N', 'T', m_vectors, rows, rank}, memory.coefficients.data(), recovery->up.data(), 1.0f, y);
        }
        return success();
    }

    void backward(GradientFrame& frame) const override
    {
        const LayerSetting& setting = *frame.prepared[layer.value()]->setting;
        LayerMemory& memory = frame.layers[layer.value()];
        const std::span<const float> x = frame.values(inputs[0]);
        const float* const read = setting.input.isExact() ? x.data() : memory.quantized.data();
        const float* const dy = frame.gradient(outputs[0]);
        const std::int64_t rows = m_layer.rows, columns = m_layer.columns;
        LayerGradient& gradient = (*frame.gradients)[layer.value()];
        if (frame.ofWeights) {
            multiply({'T', 'N', rows, columns, m_vectors}, dy, read, 0.0f, gradient.weights.data());
            std::fill(gradient.bias.begin(), gradient.bias.end(), 0.0f);
            for (std::int64_t v = 0; v < m_vectors && !gradient.bias.empty(); ++v)
                for (std::int64_t row = 0; row < rows; ++row)
                    gradient.bias[static_cast<std::size_t>(row)] += dy[v * rows + row];
        }
        const bool recovers = setting.recovery && setting.recovery->rank() > 0;
        const std::int64_t rank = recovers ? setting.recovery->rank() : 0;
        if (recovers) {
            memory.coefficientGradient.resize(static_cast<std::size_t>(m_vectors * rank));
            multiply({'N', 'N', m_vectors, rank, rows}, dy, setting.recovery->up.data(), 0.0f, memory.coefficientGradient.data());
        }
        if (recovers && frame.ofRecovery) {
            multiply({'T', 'N', rows, rank, m_vectors}, dy, memory.coefficients.data(), 0.0f, gradient.up.data());
            multiply({'T', 'N', rank, columns, m_vectors}, memory.coefficientGradient.data(), recoveryInput(setting, x.data(), read), 0.0f, gradient.down.data());
        }
        deliver(frame, 0, [&](float* dx) {
            const std::span<float> out(dx, x.size());
            multiply({'N', 'N', m_vectors, columns, rows}, dy, weightsOf(setting, m_layer).data(), 0.0f, dx);
            const auto recover = [&] {
                if (recovers)
                    multiply({'N', 'N', m_vectors, columns, rank}, memory.coefficientGradient.data(), setting.recovery->down.data(), 1.0f, dx);
            };
            if (recovers && setting.recovery->input == SurrogateInput::Quantized)
                recover();
            if (const ActivationQuantizer* quantizer = setting.input.uniform()) {
                maskOutside(passRange(*quantizer), x, out);
            } else if (!setting.input.isExact()) {
                memory.mask.resize(x.size());
                passMask(setting.input, m_geometry, x, memory.mask);
                std::transform(out.begin(), out.end(), memory.mask.begin(), out.begin(), std::multiplies<>());
            }
            if (recovers && setting.recovery->input == SurrogateInput::Exact)
                recover();
        });
    }

private:
    const WeightedLayer& m_layer;
    InputGeometry m_geometry;
    std::int64_t m_vectors;
};

}  // namespace

Result<std::unique_ptr<WeightedStep>> denseStep(GradientBuilder& builder, const WeightedLayer& layer)
{
    const Node& node = builder.context().network->node(layer.node);
    const ValueIndex in = node.inputs.front(), out = node.outputs.front();
    if (builder.constant(in) || builder.described(in).type != DataType::Float32)
        return builder.refused(node, "its input is a constant; a layer that is learned reads what the network computes");
    auto step = std::make_unique<DenseStep>(layer, builder.described(in).shape);
    step->inputs = {builder.plain(in)};
    step->outputs = {builder.define(out, plainDesc(builder.described(out).shape), GradientNeed::Layers)};
    return std::unique_ptr<WeightedStep>(std::move(step));
}

}  // namespace core
