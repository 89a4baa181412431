// SPDX-License-Identifier: Apache-2.0
// Activation functions, element by element in the operand's own precision.
#include "core/network/operations/broadcast.h"
#include "core/network/operations/element_conversion.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace core {

namespace {

template <class F>
Result<void> runFloat(const Call& call, Outputs& outputs, F f)
{
    visitFloat(call.type(0), [&]<class T>() { mapElements<T, T>(call, outputs, f); });
    return success();
}

Result<void> runRelu(const Call& call, Outputs& outputs)
{
    visitNumber(call.type(0), [&]<class T>() { mapElements<T, T>(call, outputs, [](T x) { return x < T{0} ? T{0} : x; }); });
    return success();
}

Result<void> runLeakyRelu(const Call& call, Outputs& outputs)
{
    const float alpha = call.attributes().real("alpha", 0.01f);
    return runFloat(call, outputs, [alpha]<class T>(T x) { return x < T{0} ? static_cast<T>(alpha) * x : x; });
}

Result<void> runThresholdedRelu(const Call& call, Outputs& outputs)
{
    const float alpha = call.attributes().real("alpha", 1.0f);
    return runFloat(call, outputs, [alpha]<class T>(T x) { return x > static_cast<T>(alpha) ? x : T{0}; });
}

Result<Descriptions> describePRelu(const Call& call)
{
    // The slope of a channel, written without the axes behind it, is how files before opset 7 have it.
    if (call.opset() >= 7 || call.rank(1) != 1) {
        CORE_TRY(const Shape shape, broadcastShape(call));
        if (shape != call.shape(0))
            return call.problem(fmt::format("{}; it does not broadcast to {}", call.inputText(1), call.inputText(0)));
    } else if (call.rank(0) < 1 || (call.shape(1)[0] != 1 && (call.rank(0) < 2 || call.shape(0)[1] != call.shape(1)[0]))) {
        return call.problem(fmt::format("{}; one slope per channel of {} is wanted", call.inputText(1), call.inputText(0)));
    }
    return likeFirstInput(call);
}

Result<void> runPRelu(const Call& call, Outputs& outputs)
{
    TensorDescription slope = call.input(1);
    if (call.opset() < 7 && slope.shape.size() == 1 && slope.shape[0] != 1) {
        slope.shape.resize(call.rank(0) - 1, 1);
        slope.constant = slope.constant->reshaped(slope.shape);
    }
    const std::array<const TensorDescription*, 2> inputs = {&call.input(0), &slope};
    const Call aligned(call.operation(), call.node(), call.opset(), inputs);
    visitNumber(call.type(0), [&]<class T>() {
        broadcastBinary<T, T, T>(aligned, outputs, [](T x, T a) { return x < T{0} ? static_cast<T>(a * x) : x; });
    });
    return success();
}

Result<void> runSigmoid(const Call& call, Outputs& outputs)
{
    return runFloat(call, outputs, []<class T>(T x) { return T{1} / (T{1} + std::exp(-x)); });
}

Result<void> runHardSigmoid(const Call& call, Outputs& outputs)
{
    const float alpha = call.attributes().real("alpha", 0.2f), beta = call.attributes().real("beta", 0.5f);
    return runFloat(call, outputs, [=]<class T>(T x) {
        return std::max(T{0}, std::min(T{1}, static_cast<T>(alpha) * x + static_cast<T>(beta)));
    });
}

Result<void> runHardSwish(const Call& call, Outputs& outputs)
{
    return runFloat(call, outputs, []<class T>(T x) { return x * std::max(T{0}, std::min(T{1}, x / T{6} + T{0.5})); });
}

Result<void> runTanh(const Call& call, Outputs& outputs)
{
    return runFloat(call, outputs, []<class T>(T x) { return std::tanh(x); });
}

Result<void> runElu(const Call& call, Outputs& outputs)
{
    const float alpha = call.attributes().real("alpha", 1.0f);
    return runFloat(call, outputs, [alpha]<class T>(T x) { return x < T{0} ? static_cast<T>(alpha) * std::expm1(x) : x; });
}

Result<void> runCelu(const Call& call, Outputs& outputs)
{
    const float alpha = call.attributes().real("alpha", 1.0f);
    return runFloat(call, outputs, [alpha]<class T>(T x) {
        const auto a = static_cast<T>(alpha);
        return std::max(T{0}, x) + std::min(T{0}, a * std::expm1(x / a));
    });
}

Result<void> runSelu(const Call& call, Outputs& outputs)
{
    // Before opset 6 the defaults were written with fewer digits.
    const float alpha = call.attributes().real("alpha", call.opset() < 6 ? 1.6732f : 1.67326319217681884765625f);
    const float gamma = call.attributes().real("gamma", call.opset() < 6 ? 1.0507f : 1.05070102214813232421875f);
    return runFloat(call, outputs, [=]<class T>(T x) {
        return static_cast<T>(gamma) * (x > T{0} ? x : static_cast<T>(alpha) * std::expm1(x));
    });
}

/// log(1 + e^x) without overflow: for large x it is x + log(1 + e^-x).
Result<void> runSoftplus(const Call& call, Outputs& outputs)
{
    return runFloat(call, outputs, []<class T>(T x) { return x > T{0} ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x)); });
}

Result<void> runSoftsign(const Call& call, Outputs& outputs)
{
    return runFloat(call, outputs, []<class T>(T x) { return x / (T{1} + std::abs(x)); });
}

Result<void> runMish(const Call& call, Outputs& outputs)
{
    return runFloat(call, outputs, []<class T>(T x) { return x * std::tanh(x > T{0} ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x))); });
}

Result<void> runGelu(const Call& call, Outputs& outputs)
{
    if (call.attributes().text("approximate", "none") == "tanh")
        return runFloat(call, outputs, []<class T>(T x) {
            const T slope = std::sqrt(T{2} / std::numbers::pi_v<T>);
            return T{0.5} * x * (T{1} + std::tanh(slope * (x + static_cast<T>(0.044715) * x * x * x)));
        });
    return runFloat(call, outputs, []<class T>(T x) { return T{0.5} * x * (T{1} + std::erf(x / std::numbers::sqrt2_v<T>)); });
}

Result<void> runShrink(const Call& call, Outputs& outputs)
{
    const float bias = call.attributes().real("bias", 0.0f), lambda = call.attributes().real("lambd", 0.5f);
    visitNumber(call.type(0), [&]<class T>() {
        mapElements<T, T>(call, outputs, [=](T x) {
            const auto value = static_cast<double>(x);
            return value < -lambda ? convertElement<T>(value + bias) : value > lambda ? convertElement<T>(value - bias) : T{0};
        });
    });
    return success();
}

template <class T>
struct Bounds { T low, high; };

/// The two limits: attributes before opset 11, operands since; absent ones do not limit.
template <class T>
Result<Bounds<T>> clipBounds(const Call& call)
{
    Bounds<T> bounds{std::numeric_limits<T>::lowest(), std::numeric_limits<T>::max()};
    if constexpr (std::is_floating_point_v<T>)
        bounds = {-std::numeric_limits<T>::infinity(), std::numeric_limits<T>::infinity()};
    if (call.opset() < 11) {
        if (call.attributes().has("min"))
            bounds.low = convertElement<T>(call.attributes().real("min", 0));
        if (call.attributes().has("max"))
            bounds.high = convertElement<T>(call.attributes().real("max", 0));
        return bounds;
    }
    for (const std::size_t input : {std::size_t{1}, std::size_t{2}}) {
        if (!call.has(input))
            continue;
        if (call.tensor(input).size() != 1)
            return call.problem(fmt::format("{}; a single element is wanted", call.inputText(input)));
        (input == 1 ? bounds.low : bounds.high) = call.values<T>(input)[0];
    }
    return bounds;
}

/// Where the limits cross, the upper one wins; NaN passes.
Result<void> runClip(const Call& call, Outputs& outputs)
{
    return visitNumber(call.type(0), [&]<class T>() -> Result<void> {
        CORE_TRY(const Bounds<T> bounds, clipBounds<T>(call));
        mapElements<T, T>(call, outputs, [bounds](T x) {
            const T raised = x < bounds.low ? bounds.low : x;
            return raised > bounds.high ? bounds.high : raised;
        });
        return success();
    });
}

constexpr Operation kOperations[] = {
    {"Celu", "X:F", Nature::Computes, likeFirstInput, runCelu},
    {"Clip", "input:N min:N? max:N?", Nature::Selects, likeFirstInput, runClip},
    {"Elu", "X:F", Nature::Computes, likeFirstInput, runElu},
    {"Gelu", "X:F", Nature::Computes, likeFirstInput, runGelu},
    {"HardSigmoid", "X:F", Nature::Computes, likeFirstInput, runHardSigmoid},
    {"HardSwish", "X:F", Nature::Computes, likeFirstInput, runHardSwish},
    {"LeakyRelu", "X:F", Nature::Computes, likeFirstInput, runLeakyRelu},
    {"Mish", "X:F", Nature::Computes, likeFirstInput, runMish},
    {"PRelu", "X:N slope:N", Nature::Computes, describePRelu, runPRelu},
    {"Relu", "X:N", Nature::Selects, likeFirstInput, runRelu},
    {"Selu", "X:F", Nature::Computes, likeFirstInput, runSelu},
    {"Shrink", "input:N", Nature::Computes, likeFirstInput, runShrink},
    {"Sigmoid", "X:F", Nature::Computes, likeFirstInput, runSigmoid},
    {"Softplus", "X:F", Nature::Computes, likeFirstInput, runSoftplus},
    {"Softsign", "X:F", Nature::Computes, likeFirstInput, runSoftsign},
    {"Tanh", "X:F", Nature::Computes, likeFirstInput, runTanh},
    {"ThresholdedRelu", "X:F", Nature::Selects, likeFirstInput, runThresholdedRelu},
};

}  // namespace

std::span<const Operation> activationOperations() { return kOperations; }

}  // namespace core
