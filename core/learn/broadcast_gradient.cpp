// SPDX-License-Identifier: Apache-2.0
// Arithmetic of two operands with broadcasting: an operand that was repeated gets the sum over its repetitions.

#include "core/learn/gradient_builder.h"
#include "core/network/operations/broadcast.h"

#include <cmath>

namespace core {

namespace {

// Slopes of f(a, b) in a and in b, given the result y as well.
struct Addition {
    static double first(double, double, double) { return 1; }
    static double second(double, double, double) { return 1; }
};
struct Subtraction {
    static double first(double, double, double) { return 1; }
    static double second(double, double, double) { return -1; }
};
struct Multiplication {
    static double first(double, double b, double) { return b; }
    static double second(double a, double, double) { return a; }
};
struct Division {
    static double first(double, double b, double) { return 1 / b; }
    static double second(double, double b, double y) { return -y / b; }
};
struct Power {   // 0^b has slope b 0^(b - 1); log 0 would make the other one undefined
    static double first(double a, double b, double) { return b == 0 ? 0.0 : b * std::pow(a, b - 1); }
    static double second(double a, double, double y) { return y == 0 ? 0.0 : y * std::log(a); }
};
struct ParametricRelu {
    static double first(double a, double b, double) { return a < 0 ? b : 1.0; }
    static double second(double a, double, double) { return a < 0 ? a : 0.0; }
};

class BroadcastStep : public ReferenceForward {
public:
    Shape shape;                     // of the result
    std::array<Shape, 2> strides;    // of the operands along it

protected:
    const float* valuesOf(GradientFrame& frame, std::size_t operand) const
    {
        return operands[operand].form ? frame.value(*operands[operand].form) : operands[operand].constant->values<float>().data();
    }
};

template <class Slopes>
class BroadcastStepOf : public BroadcastStep {
public:
    void backward(GradientFrame& frame) const override
    {
        deliverOperand<0>(frame, Slopes::first);
        deliverOperand<1>(frame, Slopes::second);
    }

private:
    template <std::size_t operand, class Slope>
    void deliverOperand(GradientFrame& frame, const Slope& slope) const
    {
        if (!inputs[operand].isValid())
            return;
        const std::array<const float*, 2> values{valuesOf(frame, 0), valuesOf(frame, 1)};
        const float* const y = frame.value(outputs[0]);
        const float* const dy = frame.gradient(outputs[0]);
        const StridedLoop<3> loop(shape, {strides[0], strides[1], contiguousStrides(shape)});
        const auto forEach = [&](auto&& take) {
            loop.forEachRun([&](const std::array<std::int64_t, 3>& offsets, std::int64_t count, const std::array<std::int64_t, 3>& steps) {
                for (std::int64_t i = 0; i < count; ++i) {
                    const auto a = static_cast<double>(values[0][offsets[0] + i * steps[0]]), b = static_cast<double>(values[1][offsets[1] + i * steps[1]]);
                    const std::int64_t at = offsets[2] + i * steps[2];
                    take(offsets[operand] + i * steps[operand], static_cast<double>(dy[at]) * slope(a, b, static_cast<double>(y[at])));
                }
            });
        };
        deliver(frame, operand, [&](float* out) {
            const std::size_t count = frame.form(inputs[operand]).floats();
            if (count == frame.form(outputs[0]).floats()) {
                if (std::is_same_v<Slopes, Addition>)
                    std::copy_n(dy, count, out);
                else
                    forEach([out](std::int64_t element, double gradient) { out[element] = static_cast<float>(gradient); });
                return;
            }
            std::vector<double> sums(count, 0.0);
            forEach([&sums](std::int64_t element, double gradient) { sums[static_cast<std::size_t>(element)] += gradient; });
            std::transform(sums.begin(), sums.end(), out, [](double sum) { return static_cast<float>(sum); });
        });
    }
};

std::unique_ptr<BroadcastStep> stepOf(const std::string& operation)
{
    if (operation == "Sub")
        return std::make_unique<BroadcastStepOf<Subtraction>>();
    if (operation == "Mul")
        return std::make_unique<BroadcastStepOf<Multiplication>>();
    if (operation == "Div")
        return std::make_unique<BroadcastStepOf<Division>>();
    if (operation == "Pow")
        return std::make_unique<BroadcastStepOf<Power>>();
    if (operation == "PRelu")
        return std::make_unique<BroadcastStepOf<ParametricRelu>>();
    return std::make_unique<BroadcastStepOf<Addition>>();
}

/// A residual addition, in the layout its first operand has.
class AdditionStep : public GradientStep {
public:
    Result<void> forward(GradientFrame& frame) const override
    {
        const float* const a = frame.value(inputs[0]);
        const float* const b = frame.value(inputs[1]);
        float* const y = frame.value(outputs[0]);
        const std::size_t count = frame.form(outputs[0]).floats();
        for (std::size_t i = 0; i < count; ++i)
            y[i] = a[i] + b[i];
        return success();
    }
    void backward(GradientFrame& frame) const override
    {
        for (const std::size_t operand : {std::size_t{0}, std::size_t{1}})
            deliver(frame, operand, [&](float* out) { std::copy_n(frame.gradient(outputs[0]), frame.form(outputs[0]).floats(), out); });
    }
};

Result<void> addBroadcast(GradientBuilder& builder, const Node& node)
{
    const ValueIndex first = node.inputs[0], second = node.inputs[1], result = node.outputs.front();
    if (builder.described(first).type != DataType::Float32 || builder.described(second).type != DataType::Float32)
        return builder.refused(node, "an operand is no float32; the gradient wants both so");
    if (node.operation == "Add" && !builder.constant(first) && !builder.constant(second) && builder.described(first).shape == builder.described(second).shape) {
        auto step = std::make_unique<AdditionStep>();
        const FormIndex native = builder.native(first);
        const dnnl::memory::desc desc = builder.isPlain(native) ? plainDesc(builder.described(first).shape) : builder.forms[native.value()].desc;
        step->inputs = {native, builder.as(second, desc)};
        step->outputs = {builder.define(result, desc, std::max(builder.need(first), builder.need(second)))};
        builder.add(std::move(step));
        return success();
    }
    std::unique_ptr<BroadcastStep> step = stepOf(node.operation);
    builder.fill(*step, node);
    step->shape = builder.described(result).shape;
    builder.withCall(node, [&](const Call& call) {
        for (const std::size_t operand : {std::size_t{0}, std::size_t{1}})
            step->strides[operand] = broadcastStrides(broadcastOperandShape(call, operand), step->shape);
    });
    builder.add(std::move(step));
    return success();
}

constexpr DifferentiableOperation kOperations[] = {{"Add", addBroadcast}, {"Div", addBroadcast}, {"Mul", addBroadcast}, {"PRelu", addBroadcast}, {"Pow", addBroadcast}, {"Sub", addBroadcast}};

}  // namespace

std::span<const DifferentiableOperation> broadcastGradients() { return kOperations; }

}  // namespace core
