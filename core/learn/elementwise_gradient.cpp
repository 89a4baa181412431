// SPDX-License-Identifier: Apache-2.0
// Functions of one element: dx = dy f'(x). Where the definition has a kink, the slope is that of the side on which the
// reference puts the kink itself (Relu at 0 answers x, so its slope there is 1).

#include "core/learn/gradient_builder.h"

#include <cmath>
#include <numbers>
#include <tuple>

namespace core {

namespace {

/// f'(x), given x and y = f(x).
using Slope = std::function<double(double x, double y)>;

class ElementStep : public ReferenceForward {
public:
    Slope slope;
    void backward(GradientFrame& frame) const override
    {
        deliver(frame, 0, [&](float* dx) {
            const float* const x = frame.value(inputs[0]);
            const float* const y = frame.value(outputs[0]);
            const float* const dy = frame.gradient(outputs[0]);
            for (std::size_t i = 0; i < frame.form(inputs[0]).floats(); ++i)
                dx[i] = static_cast<float>(static_cast<double>(dy[i]) * slope(static_cast<double>(x[i]), static_cast<double>(y[i])));
        });
    }
};

double real(const Node& node, const char* name, float fallback) { return static_cast<double>(node.attributes.real(name, fallback)); }

double gaussianDensity(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2 * std::numbers::pi); }

double geluSlope(double x) { return 0.5 * (1 + std::erf(x / std::numbers::sqrt2)) + x * gaussianDensity(x); }

double tanhGeluSlope(double x)
{
    const double scale = std::sqrt(2 / std::numbers::pi), inner = std::tanh(scale * (x + 0.044715 * x * x * x));
    return 0.5 * (1 + inner) + 0.5 * x * (1 - inner * inner) * scale * (1 + 3 * 0.044715 * x * x);
}

double softplus(double x) { return x > 0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); }
double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

Slope slopeOf(const Node& node, int opset)
{
    const std::string& name = node.operation;
    if (name == "Sigmoid")
        return [](double, double y) { return y * (1 - y); };
    if (name == "Tanh")
        return [](double, double y) { return 1 - y * y; };
    if (name == "Erf")
        return [](double x, double) { return 2 / std::sqrt(std::numbers::pi) * std::exp(-x * x); };
    if (name == "Gelu")
        return node.attributes.text("approximate", "none") == "tanh" ? Slope([](double x, double) { return tanhGeluSlope(x); }) : Slope([](double x, double) { return geluSlope(x); });
    if (name == "Exp")
        return [](double, double y) { return y; };
    if (name == "Log")
        return [](double x, double) { return 1 / x; };
    if (name == "Sqrt")
        return [](double, double y) { return 0.5 / y; };
    if (name == "Neg")
        return [](double, double) { return -1.0; };
    if (name == "Abs")
        return [](double x, double) { return x < 0 ? -1.0 : 1.0; };
    if (name == "Reciprocal")
        return [](double, double y) { return -y * y; };
    if (name == "Softplus")
        return [](double x, double) { return sigmoid(x); };
    if (name == "Softsign")
        return [](double x, double) { return 1 / std::pow(1 + std::abs(x), 2); };
    if (name == "Mish")
        return [](double x, double) {
            const double t = std::tanh(softplus(x));
            return t + x * (1 - t * t) * sigmoid(x);
        };
    if (name == "HardSwish")
        return [](double x, double) { return x < -3 ? 0.0 : x > 3 ? 1.0 : x / 3 + 0.5; };
    if (name == "HardSigmoid")
        return [alpha = real(node, "alpha", 0.2f)](double, double y) { return y > 0 && y < 1 ? alpha : 0.0; };
    if (name == "Elu")
        return [alpha = real(node, "alpha", 1.0f)](double x, double y) { return x < 0 ? y + alpha : 1.0; };
    if (name == "Celu")
        return [alpha = real(node, "alpha", 1.0f)](double x, double) { return x < 0 ? std::exp(x / alpha) : 1.0; };
    if (name == "Selu")   // before opset 6 the defaults were written with fewer digits
        return [alpha = real(node, "alpha", opset < 6 ? 1.6732f : 1.67326319217681884765625f), gamma = real(node, "gamma", opset < 6 ? 1.0507f : 1.05070102214813232421875f)](
                   double x, double y) { return x > 0 ? gamma : y + gamma * alpha; };
    return [alpha = real(node, "alpha", 1.0f)](double x, double) { return x > alpha ? 1.0 : 0.0; };   // ThresholdedRelu
}

Result<void> addElement(GradientBuilder& builder, const Node& node)
{
    auto step = std::make_unique<ElementStep>();
    builder.fill(*step, node);
    step->slope = slopeOf(node, builder.context().network->opset);
    builder.add(std::move(step));
    return success();
}

/// Relu, LeakyRelu and Clip: straight lines with kinks, in whatever layout the value has. Outside [low, high] a value is
/// replaced by the limit plus `slope` times what it had beyond it.
class PiecewiseStep : public GradientStep {
public:
    float low, high, slope = 0;

    Result<void> forward(GradientFrame& frame) const override
    {
        const auto [x, y, count, least, most, beyond] = std::tuple(frame.value(inputs[0]), frame.value(outputs[0]), frame.form(inputs[0]).floats(), low, high, slope);
        if (beyond == 0)   // as the reference of Clip: where the limits cross the upper one wins
            for (std::size_t i = 0; i < count; ++i) {
                const float raised = x[i] < least ? least : x[i];
                y[i] = raised > most ? most : raised;
            }
        else
            for (std::size_t i = 0; i < count; ++i)
                y[i] = x[i] < least ? beyond * x[i] : x[i];
        return success();
    }

    void backward(GradientFrame& frame) const override
    {
        deliver(frame, 0, [&](float* dx) {
            const auto [x, dy, count, least, most, beyond] = std::tuple(frame.value(inputs[0]), frame.gradient(outputs[0]), frame.form(inputs[0]).floats(), low, high, slope);
            for (std::size_t i = 0; i < count; ++i) {
                const float outside = beyond * dy[i], inside = dy[i], at = x[i];
                const float raised = at < least ? outside : inside;
                dx[i] = at > most ? outside : raised;
            }
        });
    }
};

Result<void> addPiecewise(GradientBuilder& builder, const Node& node)
{
    constexpr float kInfinity = std::numeric_limits<float>::infinity();
    auto step = std::make_unique<PiecewiseStep>();
    step->low = node.operation == "Clip" ? -kInfinity : 0.0f;
    step->high = kInfinity;
    if (node.operation == "LeakyRelu")
        step->slope = node.attributes.real("alpha", 0.01f);
    if (node.operation == "Clip" && builder.context().network->opset < 11) {
        step->low = node.attributes.real("min", -kInfinity);
        step->high = node.attributes.real("max", kInfinity);
    }
    for (std::size_t i = 1; node.operation == "Clip" && i < node.inputs.size(); ++i) {
        if (!node.inputs[i].isValid())
            continue;
        const Tensor* limit = builder.constant(node.inputs[i]);
        if (!limit || limit->type() != DataType::Float32 || limit->size() != 1)
            return builder.refused(node, "a limit is computed while the network runs; the gradient wants constant ones");
        (i == 1 ? step->low : step->high) = limit->values<float>().front();
    }
    // A layout may carry padding that has to stay zero, so a clip that moves zero works row-major.
    const ValueIndex from = node.inputs.front();
    const bool keepsZero = step->low <= 0 && step->high >= 0;
    const FormIndex form = keepsZero ? builder.native(from) : builder.plain(from);
    step->inputs = {form};
    step->outputs = {builder.define(node.outputs.front(), builder.isPlain(form) ? plainDesc(builder.described(from).shape) : builder.forms[form.value()].desc, builder.need(from))};
    builder.add(std::move(step));
    return success();
}

constexpr DifferentiableOperation kOperations[] = {
    {"Abs", addElement},      {"Celu", addElement},       {"Clip", addPiecewise},      {"Elu", addElement},        {"Erf", addElement},      {"Exp", addElement},
    {"Gelu", addElement},     {"HardSigmoid", addElement}, {"HardSwish", addElement},  {"LeakyRelu", addPiecewise}, {"Log", addElement},     {"Mish", addElement},
    {"Neg", addElement},      {"Reciprocal", addElement}, {"Relu", addPiecewise},      {"Selu", addElement},       {"Sigmoid", addElement},  {"Softplus", addElement},
    {"Softsign", addElement}, {"Sqrt", addElement},       {"Tanh", addElement},        {"ThresholdedRelu", addElement},
};

}  // namespace

std::span<const DifferentiableOperation> elementwiseGradients() { return kOperations; }

}  // namespace core
