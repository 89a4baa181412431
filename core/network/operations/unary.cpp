// SPDX-License-Identifier: Apache-2.0
// Operations on the elements of one operand, other than activations.
#include "core/network/onnx_types.h"
#include "core/network/operations/broadcast.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <bit>
#include <cmath>

namespace core {

namespace {

Result<Descriptions> describeTruth(const Call& call) { return oneOutput(DataType::Bool, call.shape(0)); }

/// `f` is a template over float and double.
template <class F>
Result<void> runFloat(const Call& call, Outputs& outputs, F f)
{
    visitFloat(call.type(0), [&]<class T>() { mapElements<T, T>(call, outputs, f); });
    return success();
}

// A named function per operation would say the operation's name three times; the table below says it once.
#define CORE_FLOAT_FUNCTION(function)                                                                                                      \
    [](const Call& call, Outputs& outputs) { return runFloat(call, outputs, []<class T>(T x) { return static_cast<T>(function(x)); }); }

template <class T>
T absoluteOf(T x)
{
    if constexpr (std::is_floating_point_v<T>)
        return std::abs(x);
    else if constexpr (std::is_signed_v<T>)
        return x < 0 ? static_cast<T>(-static_cast<std::uint64_t>(x)) : x;
    else
        return x;
}

template <class T>
T negativeOf(T x)
{
    if constexpr (std::is_integral_v<T>)
        return static_cast<T>(-static_cast<std::uint64_t>(x));
    else
        return -x;
}

Result<void> runAbs(const Call& call, Outputs& outputs)
{
    visitNumber(call.type(0), [&]<class T>() { mapElements<T, T>(call, outputs, absoluteOf<T>); });
    return success();
}

Result<void> runNeg(const Call& call, Outputs& outputs)
{
    visitNumber(call.type(0), [&]<class T>() { mapElements<T, T>(call, outputs, negativeOf<T>); });
    return success();
}

Result<void> runSign(const Call& call, Outputs& outputs)
{
    visitNumber(call.type(0), [&]<class T>() {
        mapElements<T, T>(call, outputs, [](T x) { return x > T{0} ? T{1} : x < T{0} ? negativeOf(T{1}) : x; });   // NaN stays
    });
    return success();
}

Result<void> runNot(const Call& call, Outputs& outputs)
{
    mapElements<bool, bool>(call, outputs, std::logical_not<>());
    return success();
}

Result<void> runBitwiseNot(const Call& call, Outputs& outputs)
{
    visitNumber(call.type(0), [&]<class T>() {
        if constexpr (std::is_integral_v<T>)
            mapElements<T, T>(call, outputs, [](T x) { return static_cast<T>(~x); });
    });
    return success();
}

Result<void> runIsNaN(const Call& call, Outputs& outputs)
{
    visitFloat(call.type(0), [&]<class T>() { mapElements<T, bool>(call, outputs, [](T x) { return std::isnan(x); }); });
    return success();
}

Result<void> runIsInf(const Call& call, Outputs& outputs)
{
    const bool positive = call.attributes().integer("detect_positive", 1) != 0;
    const bool negative = call.attributes().integer("detect_negative", 1) != 0;
    visitFloat(call.type(0), [&]<class T>() {
        mapElements<T, bool>(call, outputs, [=](T x) { return std::isinf(x) && (x > T{0} ? positive : negative); });
    });
    return success();
}

Result<DataType> castTarget(const Call& call)
{
    std::optional<DataType> type;
    if (call.opset() < 6)
        type = dataTypeFromOnnxName(call.attributes().text("to", ""));
    else
        type = dataTypeFromOnnx(call.attributes().integer("to", 0));
    if (!type)
        return call.problem(fmt::format("attribute to is {}; an element type that holds numbers is wanted", call.attributes().integer("to", 0)));
    return *type;
}

Result<Descriptions> describeCast(const Call& call)
{
    CORE_TRY(const DataType type, castTarget(call));
    return oneOutput(type, call.shape(0));
}

Result<Descriptions> describeCastLike(const Call& call) { return oneOutput(call.type(1), call.shape(0)); }

/// Before opset 19 ONNX's bfloat16 is the upper half of a float, cut off and not rounded.
Tensor cutToBFloat16(const Tensor& tensor)
{
    const Tensor floats = converted(tensor, DataType::Float32);
    Tensor result = converted(floats, DataType::BFloat16);
    const auto target = result.edit<BFloat16>();
    for (std::size_t i = 0; i < target.size(); ++i)
        if (!std::isnan(floats.values<float>()[i]))
            target[i].bits = static_cast<std::uint16_t>(std::bit_cast<std::uint32_t>(floats.values<float>()[i]) >> 16);
    return result;
}

Result<void> runCast(const Call& call, Outputs& outputs)
{
    if (outputs.type(0) == DataType::BFloat16 && call.type(0) != DataType::BFloat16 && call.opset() < 19)
        outputs.set(0, cutToBFloat16(call.tensor(0)));
    else
        outputs.set(0, converted(call.tensor(0), outputs.type(0)));
    return success();
}

template <class T>
T reciprocalOf(T x) { return T{1} / x; }

constexpr Operation kOperations[] = {
    {"Abs", "X:N", Nature::Selects, likeFirstInput, runAbs},
    {"Acos", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::acos)},
    {"Acosh", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::acosh)},
    {"Asin", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::asin)},
    {"Asinh", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::asinh)},
    {"Atan", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::atan)},
    {"Atanh", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::atanh)},
    {"BitwiseNot", "X:I", Nature::Selects, likeFirstInput, runBitwiseNot},
    {"Cast", "input:T", Nature::Moves, describeCast, runCast},
    {"CastLike", "input:t target_type:t", Nature::Moves, describeCastLike, runCast},
    {"Ceil", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::ceil)},
    {"Cos", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::cos)},
    {"Cosh", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::cosh)},
    {"Erf", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::erf)},
    {"Exp", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::exp)},
    {"Floor", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::floor)},
    {"IsInf", "X:F", Nature::Selects, describeTruth, runIsInf},
    {"IsNaN", "X:F", Nature::Selects, describeTruth, runIsNaN},
    {"Log", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::log)},
    {"Neg", "X:N", Nature::Selects, likeFirstInput, runNeg},
    {"Not", "X:B", Nature::Selects, likeFirstInput, runNot},
    {"Reciprocal", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(reciprocalOf)},
    {"Round", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::nearbyint)},   // ties to even
    {"Sign", "X:N", Nature::Selects, likeFirstInput, runSign},
    {"Sin", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::sin)},
    {"Sinh", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::sinh)},
    {"Sqrt", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::sqrt)},
    {"Tan", "X:F", Nature::Computes, likeFirstInput, CORE_FLOAT_FUNCTION(std::tan)},
};

#undef CORE_FLOAT_FUNCTION

}  // namespace

std::span<const Operation> unaryOperations() { return kOperations; }

}  // namespace core
