// SPDX-License-Identifier: Apache-2.0
// Operations on two or more operands, element by element, with broadcasting. Integers wrap as two's complement does.
#include "core/network/operations/broadcast.h"
#include "core/network/operations/element_conversion.h"
#include "core/network/operations/integer_arithmetic.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <array>
#include <cmath>
#include <limits>

namespace core {

namespace {

Result<Descriptions> describeArithmetic(const Call& call)
{
    CORE_TRY(Shape shape, broadcastShape(call));
    return oneOutput(call.type(0), std::move(shape));
}

Result<Descriptions> describeComparison(const Call& call)
{
    CORE_TRY(Shape shape, broadcastShape(call));
    return oneOutput(DataType::Bool, std::move(shape));
}

template <class F>
Result<void> runArithmetic(const Call& call, Outputs& outputs, F f)
{
    visitNumber(call.type(0), [&]<class T>() { broadcastBinary<T, T, T>(call, outputs, f); });
    return success();
}

template <class T>
T sumOf(T a, T b) { return wrapping(a, b, std::plus<>()); }

Result<void> runAdd(const Call& call, Outputs& outputs)
{
    return runArithmetic(call, outputs, []<class T>(T a, T b) { return sumOf(a, b); });
}

Result<void> runSub(const Call& call, Outputs& outputs)
{
    return runArithmetic(call, outputs, []<class T>(T a, T b) { return wrapping(a, b, std::minus<>()); });
}

Result<void> runMul(const Call& call, Outputs& outputs)
{
    return runArithmetic(call, outputs, []<class T>(T a, T b) { return wrapping(a, b, std::multiplies<>()); });
}

/// Integer division has no answer for a divisor of 0.
Result<void> checkDivisors(const Call& call)
{
    return visitNumber(call.type(1), [&]<class T>() -> Result<void> {
        if constexpr (std::is_integral_v<T>) {
            const auto divisors = call.values<T>(1);
            const auto zero = std::find(divisors.begin(), divisors.end(), T{0});
            if (zero != divisors.end())
                return call.problem(fmt::format("input {}, element {} is 0; integers divide by other numbers only", call.inputName(1), zero - divisors.begin()));
        }
        return success();
    });
}

template <class T>
T quotient(T a, T b)
{
    if constexpr (std::is_signed_v<T> && std::is_integral_v<T>)
        if (b == T{-1})
            return wrapping(T{0}, a, std::minus<>());   // the smallest integer has no positive twin: it wraps
    return static_cast<T>(a / b);
}

Result<void> runDiv(const Call& call, Outputs& outputs)
{
    CORE_TRY(checkDivisors(call));
    return runArithmetic(call, outputs, []<class T>(T a, T b) { return quotient(a, b); });
}

/// Sign of the dividend (C's fmod).
template <class T>
T remainderTruncated(T a, T b)
{
    if constexpr (std::is_floating_point_v<T>) {
        return std::fmod(a, b);
    } else {
        if constexpr (std::is_signed_v<T>)
            if (b == T{-1})
                return 0;
        return static_cast<T>(a % b);
    }
}

/// Sign of the divisor (Python's %).
template <class T>
T remainderFloored(T a, T b)
{
    const T rest = remainderTruncated(a, b);
    return rest != T{0} && (rest < T{0}) != (b < T{0}) ? static_cast<T>(rest + b) : rest;
}

Result<void> runMod(const Call& call, Outputs& outputs)
{
    CORE_TRY(checkDivisors(call));
    if (call.attributes().integer("fmod", 0) != 0)
        return runArithmetic(call, outputs, []<class T>(T a, T b) { return remainderTruncated(a, b); });
    return runArithmetic(call, outputs, []<class T>(T a, T b) { return remainderFloored(a, b); });
}

template <class T>
T power(T base, std::int64_t exponent)
{
    if constexpr (std::is_floating_point_v<T>) {
        return static_cast<T>(std::pow(static_cast<double>(base), static_cast<double>(exponent)));
    } else {
        if (exponent < 0)
            return base == T{1} ? T{1} : wrapping(base, T{1}, std::plus<>()) == T{0} ? (exponent % 2 ? base : T{1}) : T{0};
        T result = 1;
        for (T square = base; exponent > 0; exponent >>= 1, square = wrapping(square, square, std::multiplies<>()))
            if (exponent & 1)
                result = wrapping(result, square, std::multiplies<>());
        return result;
    }
}

template <class T>
T power(T base, double exponent)
{
    const double result = std::pow(static_cast<double>(base), exponent);
    return convertElement<T>(result);
}

/// Powers are taken in double (integers exactly) and rounded once.
Result<void> runPow(const Call& call, Outputs& outputs)
{
    const bool isFloatExponent = call.type(1) == DataType::Float32 || call.type(1) == DataType::Float64;
    TensorDescription exponents = call.input(1);
    exponents.type = isFloatExponent ? DataType::Float64 : DataType::Int64;
    exponents.constant = converted(call.tensor(1), exponents.type);
    const std::array<const TensorDescription*, 2> inputs = {&call.input(0), &exponents};
    const Call widened(call.operation(), call.node(), call.opset(), inputs);
    visitNumber(call.type(0), [&]<class T>() {
        if (isFloatExponent)
            broadcastBinary<T, double, T>(widened, outputs, [](T a, double b) { return b == 2.0 ? wrapping(a, a, std::multiplies<>()) : power(a, b); });
        else
            broadcastBinary<T, std::int64_t, T>(widened, outputs, [](T a, std::int64_t b) { return power(a, b); });
    });
    return success();
}

/// The first operand broadcast, then every further one taken in, in order.
template <class F>
Result<void> runVariadic(const Call& call, Outputs& outputs, F f)
{
    const Shape& shape = outputs.shape(0);
    const Shape whole = contiguousStrides(shape);
    copyStrided(call.tensor(0), {0, broadcastStrides(call.shape(0), shape)}, outputs.tensor(0), {0, whole}, shape);
    visitNumber(call.type(0), [&]<class T>() {
        T* result = outputs.edit<T>(0).data();
        for (std::size_t input = 1; input < call.inputCount(); ++input) {
            const T* operand = call.values<T>(input).data();
            const StridedLoop<2> loop(shape, {broadcastStrides(call.shape(input), shape), whole});
            loop.forEachRun([&](const std::array<std::int64_t, 2>& offsets, std::int64_t count, const std::array<std::int64_t, 2>& steps) {
                T* out = result + offsets[1];
                const T* in = operand + offsets[0];
                for (std::int64_t i = 0; i < count; ++i)
                    out[i] = f(out[i], in[i * steps[0]]);
            });
        }
    });
    return success();
}

Result<void> checkAllPresent(const Call& call)
{
    for (std::size_t input = 0; input < call.inputCount(); ++input)
        if (!call.has(input))
            return call.problem(fmt::format("input {} is missing", call.inputName(input)));
    return success();
}

Result<Descriptions> describeVariadic(const Call& call)
{
    CORE_TRY(checkAllPresent(call));
    return describeArithmetic(call);
}

Result<void> runMax(const Call& call, Outputs& outputs)
{
    return runVariadic(call, outputs, []<class T>(T a, T b) { return largerOf(a, b); });
}

Result<void> runMin(const Call& call, Outputs& outputs)
{
    return runVariadic(call, outputs, []<class T>(T a, T b) { return smallerOf(a, b); });
}

Result<void> runSum(const Call& call, Outputs& outputs)
{
    return runVariadic(call, outputs, []<class T>(T a, T b) { return sumOf(a, b); });
}

Result<void> runMean(const Call& call, Outputs& outputs)
{
    CORE_TRY(runSum(call, outputs));
    visitFloat(call.type(0), [&]<class T>() {
        const auto count = static_cast<T>(call.inputCount());
        for (T& value : outputs.edit<T>(0))
            value /= count;
    });
    return success();
}

template <class F>
Result<void> runLogical(const Call& call, Outputs& outputs, F f)
{
    broadcastBinary<bool, bool, bool>(call, outputs, f);
    return success();
}

Result<void> runAnd(const Call& call, Outputs& outputs) { return runLogical(call, outputs, [](bool a, bool b) { return a && b; }); }
Result<void> runOr(const Call& call, Outputs& outputs) { return runLogical(call, outputs, [](bool a, bool b) { return a || b; }); }
Result<void> runXor(const Call& call, Outputs& outputs) { return runLogical(call, outputs, [](bool a, bool b) { return a != b; }); }

template <class F>
Result<void> runComparison(const Call& call, Outputs& outputs, F f)
{
    if (call.type(0) == DataType::Bool)
        broadcastBinary<bool, bool, bool>(call, outputs, f);
    else
        visitNumber(call.type(0), [&]<class T>() { broadcastBinary<T, T, bool>(call, outputs, f); });
    return success();
}

Result<void> runEqual(const Call& call, Outputs& outputs) { return runComparison(call, outputs, std::equal_to<>()); }
Result<void> runGreater(const Call& call, Outputs& outputs) { return runComparison(call, outputs, std::greater<>()); }
Result<void> runGreaterOrEqual(const Call& call, Outputs& outputs) { return runComparison(call, outputs, std::greater_equal<>()); }
Result<void> runLess(const Call& call, Outputs& outputs) { return runComparison(call, outputs, std::less<>()); }
Result<void> runLessOrEqual(const Call& call, Outputs& outputs) { return runComparison(call, outputs, std::less_equal<>()); }

template <class F>
Result<void> runBits(const Call& call, Outputs& outputs, F f)
{
    visitNumber(call.type(0), [&]<class T>() {
        if constexpr (std::is_integral_v<T>)
            broadcastBinary<T, T, T>(call, outputs, [f](T a, T b) { return static_cast<T>(f(a, b)); });
    });
    return success();
}

Result<void> runBitwiseAnd(const Call& call, Outputs& outputs) { return runBits(call, outputs, std::bit_and<>()); }
Result<void> runBitwiseOr(const Call& call, Outputs& outputs) { return runBits(call, outputs, std::bit_or<>()); }
Result<void> runBitwiseXor(const Call& call, Outputs& outputs) { return runBits(call, outputs, std::bit_xor<>()); }

Result<Descriptions> describeBitShift(const Call& call)
{
    const std::string direction = call.attributes().text("direction", "");
    if (direction != "LEFT" && direction != "RIGHT")
        return call.problem(fmt::format("direction is '{}'; LEFT or RIGHT is wanted", direction));
    return describeArithmetic(call);
}

/// Shifting by the width or more leaves 0, which C++ does not promise.
Result<void> runBitShift(const Call& call, Outputs& outputs)
{
    const bool isLeft = call.attributes().text("direction", "") == "LEFT";
    return runBits(call, outputs, [isLeft]<class T>(T value, T amount) -> T {
        if (static_cast<std::uint64_t>(amount) >= static_cast<std::uint64_t>(std::numeric_limits<T>::digits))
            return T{0};
        const auto wide = static_cast<std::uint64_t>(value);
        return static_cast<T>(isLeft ? wide << amount : wide >> amount);
    });
}

Result<Descriptions> describeWhere(const Call& call)
{
    CORE_TRY(Shape shape, broadcastShape(call));
    return oneOutput(call.type(1), std::move(shape));
}

Result<void> runWhere(const Call& call, Outputs& outputs)
{
    const Shape& shape = outputs.shape(0);
    const StridedLoop<4> loop(shape, {broadcastStrides(call.shape(0), shape), broadcastStrides(call.shape(1), shape),
                                      broadcastStrides(call.shape(2), shape), contiguousStrides(shape)});
    const bool* conditions = call.values<bool>(0).data();
    visitBits(call.type(1), [&]<class Bits>() {
        const Bits* chosen = bitsOf<Bits>(call.tensor(1));
        const Bits* other = bitsOf<Bits>(call.tensor(2));
        Bits* result = editBitsOf<Bits>(outputs.tensor(0));
        loop.forEachRun([&](const std::array<std::int64_t, 4>& offsets, std::int64_t count, const std::array<std::int64_t, 4>& steps) {
            for (std::int64_t i = 0; i < count; ++i)
                result[offsets[3] + i] = conditions[offsets[0] + i * steps[0]] ? chosen[offsets[1] + i * steps[1]] : other[offsets[2] + i * steps[2]];
        });
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"Add", "A:N B:N", Nature::Computes, describeArithmetic, runAdd},
    {"And", "A:B B:B", Nature::Selects, describeComparison, runAnd},
    {"BitShift", "X:U Y:U", Nature::Selects, describeBitShift, runBitShift},
    {"BitwiseAnd", "A:I B:I", Nature::Selects, describeArithmetic, runBitwiseAnd},
    {"BitwiseOr", "A:I B:I", Nature::Selects, describeArithmetic, runBitwiseOr},
    {"BitwiseXor", "A:I B:I", Nature::Selects, describeArithmetic, runBitwiseXor},
    {"Div", "A:N B:N", Nature::Computes, describeArithmetic, runDiv},
    {"Equal", "A:T B:T", Nature::Selects, describeComparison, runEqual},
    {"Greater", "A:N B:N", Nature::Selects, describeComparison, runGreater},
    {"GreaterOrEqual", "A:N B:N", Nature::Selects, describeComparison, runGreaterOrEqual},
    {"Less", "A:N B:N", Nature::Selects, describeComparison, runLess},
    {"LessOrEqual", "A:N B:N", Nature::Selects, describeComparison, runLessOrEqual},
    {"Max", "data_0:N*", Nature::Selects, describeVariadic, runMax},
    {"Mean", "data_0:F*", Nature::Computes, describeVariadic, runMean},
    {"Min", "data_0:N*", Nature::Selects, describeVariadic, runMin},
    {"Mod", "A:N B:N", Nature::Computes, describeArithmetic, runMod},
    {"Mul", "A:N B:N", Nature::Computes, describeArithmetic, runMul},
    {"Or", "A:B B:B", Nature::Selects, describeComparison, runOr},
    {"Pow", "X:N Y:n", Nature::Computes, describeArithmetic, runPow},
    {"Sub", "A:N B:N", Nature::Computes, describeArithmetic, runSub},
    {"Sum", "data_0:F*", Nature::Computes, describeVariadic, runSum},
    {"Where", "condition:B X:T Y:T", Nature::Moves, describeWhere, runWhere},
    {"Xor", "A:B B:B", Nature::Selects, describeComparison, runXor},
};

}  // namespace

std::span<const Operation> elementwiseOperations() { return kOperations; }

}  // namespace core
