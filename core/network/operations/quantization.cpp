// SPDX-License-Identifier: Apache-2.0
// ONNX's integer operations: products of integers less their zero points, and the ways between them and real numbers.
#include "core/network/operations/convolution.h"
#include "core/network/operations/matrix.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace core {

namespace {

using Sum = std::uint32_t;   // int32 sums wrap; their bits are summed as unsigned ones

bool isByte(DataType type) { return type == DataType::Int8 || type == DataType::UInt8; }

/// round(value) + zero point, ties to even, clamped to the type; NaN becomes the zero point.
template <class T>
T quantized(double value, std::int64_t zeroPoint)
{
    const double rounded = (std::isnan(value) ? 0.0 : std::nearbyint(value)) + static_cast<double>(zeroPoint);
    return static_cast<T>(std::clamp(rounded, static_cast<double>(std::numeric_limits<T>::min()), static_cast<double>(std::numeric_limits<T>::max())));
}

/// Calls store.operator()<T>() for the integer a quantized result is stored in.
template <class Store>
void visitQuantized(DataType type, Store&& store)
{
    visitNumber(type, [&]<class T>() {
        if constexpr (std::is_integral_v<T> && sizeof(T) <= 4)
            store.template operator()<T>();
    });
}

/// Scales and zero points: one for all, or one for each place along an axis.
struct Steps {
    std::vector<float> scale;
    std::vector<std::int64_t> zero;
    std::int64_t block = 1;   // elements of one place

    double scaleAt(std::int64_t element) const { return static_cast<double>(scale[scale.size() == 1 ? 0 : place(element)]); }
    std::int64_t zeroAt(std::int64_t element) const { return zero[zero.size() == 1 ? 0 : place(element)]; }

private:
    std::size_t place(std::int64_t element) const
    {
        return static_cast<std::size_t>(element / block) % std::max(scale.size(), zero.size());
    }
};

/// Operands `scale` and `zero` fit operand 0: single elements, or lists as long as attribute `axis`.
Result<std::int64_t> stepBlock(const Call& call, std::size_t scale, std::size_t zero)
{
    std::int64_t longest = product(call.shape(scale));
    if (call.has(zero))
        longest = std::max(longest, product(call.shape(zero)));
    std::int64_t block = 1;
    bool fits = longest == 1;
    if (!fits && call.rank(0) > 0) {
        CORE_TRY(const std::size_t axis, call.axisAttribute(1));
        fits = longest == call.shape(0)[axis] && call.rank(scale) == 1;
        block = product(std::span(call.shape(0)).subspan(axis + 1));
    }
    if (call.has(zero))
        fits = fits && (product(call.shape(zero)) == product(call.shape(scale)));
    if (!fits)
        return call.problem(fmt::format("{}; one number, or one for each place of the axis of {}, and as many zero points are wanted", call.inputText(scale),
                                        call.inputText(0)));
    return block;
}

Result<Steps> stepsOf(const Call& call, std::size_t scale, std::size_t zero)
{
    Steps steps;
    CORE_TRY(steps.block, stepBlock(call, scale, zero));
    CORE_TRY(steps.scale, call.reals(scale));
    steps.zero = {0};
    if (call.has(zero)) {
        CORE_TRY(steps.zero, call.integers(zero));
    }
    return steps;
}

Result<Descriptions> describeQuantizeLinear(const Call& call)
{
    CORE_TRY(stepBlock(call, 1, 2));
    const DataType type = call.has(2) ? call.type(2) : DataType::UInt8;
    if (!isByte(type) && type != DataType::Int16 && type != DataType::UInt16)
        return call.problem(fmt::format("{}; an integer of 8 or 16 bits is wanted", call.inputText(2)));
    return oneOutput(type, call.shape(0));
}

Result<void> runQuantizeLinear(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Steps steps, stepsOf(call, 1, 2));
    const Tensor in = converted(call.tensor(0), DataType::Float32);
    const auto values = in.values<float>();
    visitQuantized(outputs.type(0), [&]<class T>() {
        const auto out = outputs.edit<T>(0);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto element = static_cast<std::int64_t>(i);
            // The quotient is taken in float, as the definition has it.
            out[i] = quantized<T>(static_cast<double>(values[i] / static_cast<float>(steps.scaleAt(element))), steps.zeroAt(element));
        }
    });
    return success();
}

Result<Descriptions> describeDequantizeLinear(const Call& call)
{
    CORE_TRY(stepBlock(call, 1, 2));
    if (call.has(2) && call.type(2) != call.type(0))
        return call.problem(fmt::format("{}; {} is wanted as in input x", call.inputText(2), dataTypeName(call.type(0))));
    return oneOutput(call.type(1), call.shape(0));
}

Result<void> runDequantizeLinear(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Steps steps, stepsOf(call, 1, 2));
    CORE_TRY(const std::vector<std::int64_t> in, call.integers(0));
    visitFloat(outputs.type(0), [&]<class T>() {
        const auto out = outputs.edit<T>(0);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const auto element = static_cast<std::int64_t>(i);
            out[i] = static_cast<T>(in[i] - steps.zeroAt(element)) * static_cast<T>(steps.scaleAt(element));
        }
    });
    return success();
}

Result<Descriptions> describeDynamicQuantizeLinear(const Call& call)
{
    if (call.type(0) == DataType::Float64)
        return call.problem(fmt::format("{}; float32 is wanted", call.inputText(0)));
    return Descriptions{{DataType::UInt8, call.shape(0), std::nullopt}, {DataType::Float32, {}, std::nullopt}, {DataType::UInt8, {}, std::nullopt}};
}

/// scale = (max(x, 0) - min(x, 0)) / 255, zero point = round(-min / scale): zero is always exact.
Result<void> runDynamicQuantizeLinear(const Call& call, Outputs& outputs)
{
    const auto in = call.values<float>(0);
    float low = 0, high = 0;
    for (const float value : in) {
        low = std::min(low, value);
        high = std::max(high, value);
    }
    const float scale = (high - low) / 255.0f;
    const auto zero = scale > 0 ? quantized<std::uint8_t>(static_cast<double>(-low / scale), 0) : std::uint8_t{0};
    const auto out = outputs.edit<std::uint8_t>(0);
    for (std::size_t i = 0; i < out.size(); ++i)
        out[i] = scale > 0 ? quantized<std::uint8_t>(static_cast<double>(in[i] / scale), zero) : zero;
    outputs.edit<float>(1)[0] = scale;
    outputs.edit<std::uint8_t>(2)[0] = zero;
    return success();
}

Result<void> checkBytes(const Call& call, std::initializer_list<std::size_t> inputs)
{
    for (const std::size_t input : inputs)
        if (call.has(input) && !isByte(call.type(input)))
            return call.problem(fmt::format("{}; int8 or uint8 is wanted", call.inputText(input)));
    return success();
}

/// Operand `input` is one number or a list of `count`.
Result<void> checkList(const Call& call, std::size_t input, std::int64_t count)
{
    if (call.has(input) && product(call.shape(input)) != 1 && (product(call.shape(input)) != count || call.rank(input) != 1))
        return call.problem(fmt::format("{}; one number or a list of {} is wanted", call.inputText(input), count));
    return success();
}

/// The elements less their zero points: `zeros` holds one for all or one for each place of the axis with that block.
std::vector<Sum> centered(const Tensor& tensor, const std::vector<std::int64_t>& zeros, std::int64_t block)
{
    const Tensor wide = converted(tensor, DataType::Int32);
    std::vector<Sum> result;
    result.reserve(static_cast<std::size_t>(wide.size()));
    for (const std::int32_t value : wide.values<std::int32_t>()) {
        const std::size_t place = result.size() / static_cast<std::size_t>(std::max<std::int64_t>(block, 1)) % zeros.size();
        result.push_back(static_cast<Sum>(value) - static_cast<Sum>(zeros[place]));
    }
    return result;
}

Result<std::vector<std::int64_t>> zerosOf(const Call& call, std::size_t input)
{
    if (!call.has(input))
        return std::vector<std::int64_t>{0};
    return call.integers(input);
}

/// Which operands hold what: ConvInteger and QLinearConv list them differently.
struct Places { std::size_t weights, inputZero, weightZero; };
constexpr Places kPlain{1, 2, 3}, kScaled{3, 2, 5};

Result<std::vector<Sum>> integerConvolution(const Call& call, const ConvolutionSizes& sizes, const Places& places)
{
    CORE_TRY(const std::vector<std::int64_t> inputZero, zerosOf(call, places.inputZero));
    CORE_TRY(const std::vector<std::int64_t> weightZero, zerosOf(call, places.weightZero));
    const std::vector<Sum> x = centered(call.tensor(0), inputZero, 1);
    const std::vector<Sum> w = centered(call.tensor(places.weights), weightZero, product(std::span(call.shape(places.weights)).subspan(1)));
    std::vector<Sum> y(static_cast<std::size_t>(product(sizes.outputShape())));
    convolve(sizes, x.data(), w.data(), y.data());
    return y;
}

Result<Descriptions> describeConvInteger(const Call& call)
{
    CORE_TRY(checkBytes(call, {0, 1, 2, 3}));
    CORE_TRY(const ConvolutionSizes sizes, convolutionSizes(call, 1, std::nullopt));
    CORE_TRY(checkList(call, 2, 1));
    CORE_TRY(checkList(call, 3, sizes.outChannels));
    return oneOutput(DataType::Int32, sizes.outputShape());
}

Result<void> runConvInteger(const Call& call, Outputs& outputs)
{
    CORE_TRY(const ConvolutionSizes sizes, convolutionSizes(call, 1, std::nullopt));
    CORE_TRY(const std::vector<Sum> sums, integerConvolution(call, sizes, kPlain));
    std::transform(sums.begin(), sums.end(), outputs.edit<std::int32_t>(0).begin(), [](Sum sum) { return static_cast<std::int32_t>(sum); });
    return success();
}

Result<Descriptions> describeQLinearConv(const Call& call)
{
    CORE_TRY(checkBytes(call, {0, 2, 3, 5, 7}));
    CORE_TRY(const ConvolutionSizes sizes, convolutionSizes(call, 3, 8));
    for (const std::size_t single : {std::size_t{1}, std::size_t{2}, std::size_t{6}, std::size_t{7}}) {
        CORE_TRY(checkList(call, single, 1));
    }
    CORE_TRY(checkList(call, 4, sizes.outChannels));
    CORE_TRY(checkList(call, 5, sizes.outChannels));
    return oneOutput(call.type(7), sizes.outputShape());
}

/// y = round(sum * (x_scale w_scale / y_scale)) + y_zero_point, the factor taken in double.
Result<void> runQLinearConv(const Call& call, Outputs& outputs)
{
    CORE_TRY(const ConvolutionSizes sizes, convolutionSizes(call, 3, 8));
    CORE_TRY(std::vector<Sum> sums, integerConvolution(call, sizes, kScaled));
    CORE_TRY(const float inputScale, call.real(1));
    CORE_TRY(const std::vector<float> weightScales, call.reals(4));
    CORE_TRY(const float outputScale, call.real(6));
    CORE_TRY(const std::int64_t outputZero, call.integer(7));
    std::vector<std::int64_t> bias(static_cast<std::size_t>(sizes.outChannels), 0);
    if (call.has(8)) {
        CORE_TRY(bias, call.integers(8));
    }
    visitQuantized(outputs.type(0), [&]<class T>() {
        const auto out = outputs.edit<T>(0);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const std::size_t channel = i / static_cast<std::size_t>(sizes.window.outCount()) % bias.size();
            const double scale = static_cast<double>(inputScale) * static_cast<double>(weightScales[weightScales.size() == 1 ? 0 : channel]) / static_cast<double>(outputScale);
            const auto sum = static_cast<std::int32_t>(sums[i] + static_cast<Sum>(bias[channel]));
            out[i] = quantized<T>(static_cast<double>(sum) * scale, outputZero);
        }
    });
    return success();
}

/// Of a stack of matrices: one zero point, one per row (first factor) or one per column (second factor).
Result<std::vector<Sum>> integerProduct(const Call& call, std::size_t a, std::size_t b, std::size_t zeroA, std::size_t zeroB, const MatrixProduct& sizes)
{
    CORE_TRY(const std::vector<std::int64_t> zerosA, zerosOf(call, zeroA));
    CORE_TRY(const std::vector<std::int64_t> zerosB, zerosOf(call, zeroB));
    const std::vector<Sum> left = centered(call.tensor(a), zerosA, sizes.inner), right = centered(call.tensor(b), zerosB, 1);
    std::vector<Sum> result(static_cast<std::size_t>(product(sizes.outputShape)));
    forEachProduct(sizes, [&](std::int64_t offsetA, std::int64_t offsetB, std::int64_t offsetC) {
        multiplyMatrices(left.data() + offsetA, right.data() + offsetB, result.data() + offsetC, sizes.rows, sizes.inner, sizes.columns);
    });
    return result;
}

Result<Descriptions> describeMatMulInteger(const Call& call)
{
    CORE_TRY(checkBytes(call, {0, 1, 2, 3}));
    CORE_TRY(MatrixProduct sizes, matrixProduct(call, 0, 1));
    CORE_TRY(checkList(call, 2, sizes.rows));
    CORE_TRY(checkList(call, 3, sizes.columns));
    return oneOutput(DataType::Int32, std::move(sizes.outputShape));
}

Result<void> runMatMulInteger(const Call& call, Outputs& outputs)
{
    CORE_TRY(const MatrixProduct sizes, matrixProduct(call, 0, 1));
    CORE_TRY(const std::vector<Sum> sums, integerProduct(call, 0, 1, 2, 3, sizes));
    std::transform(sums.begin(), sums.end(), outputs.edit<std::int32_t>(0).begin(), [](Sum sum) { return static_cast<std::int32_t>(sum); });
    return success();
}

Result<Descriptions> describeQLinearMatMul(const Call& call)
{
    CORE_TRY(checkBytes(call, {0, 2, 3, 5, 7}));
    CORE_TRY(MatrixProduct sizes, matrixProduct(call, 0, 3));
    for (const std::size_t single : {std::size_t{1}, std::size_t{2}, std::size_t{6}, std::size_t{7}}) {
        CORE_TRY(checkList(call, single, 1));
    }
    CORE_TRY(checkList(call, 4, sizes.columns));
    CORE_TRY(checkList(call, 5, sizes.columns));
    return oneOutput(call.type(7), std::move(sizes.outputShape));
}

Result<void> runQLinearMatMul(const Call& call, Outputs& outputs)
{
    CORE_TRY(const MatrixProduct sizes, matrixProduct(call, 0, 3));
    CORE_TRY(const std::vector<Sum> sums, integerProduct(call, 0, 3, 2, 5, sizes));
    CORE_TRY(const float scaleA, call.real(1));
    CORE_TRY(const std::vector<float> scalesB, call.reals(4));
    CORE_TRY(const float outputScale, call.real(6));
    CORE_TRY(const std::int64_t outputZero, call.integer(7));
    visitQuantized(outputs.type(0), [&]<class T>() {
        const auto out = outputs.edit<T>(0);
        for (std::size_t i = 0; i < out.size(); ++i) {
            const double scale = static_cast<double>(scaleA) * static_cast<double>(scalesB[i % scalesB.size()]) / static_cast<double>(outputScale);
            out[i] = quantized<T>(static_cast<double>(static_cast<std::int32_t>(sums[i])) * scale, outputZero);
        }
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"ConvInteger", "x:n w:n x_zero_point:n? w_zero_point:n?", Nature::Selects, describeConvInteger, runConvInteger},
    {"DequantizeLinear", "x:n x_scale:f x_zero_point:n?", Nature::Computes, describeDequantizeLinear, runDequantizeLinear},
    {"DynamicQuantizeLinear", "x:F", Nature::Computes, describeDynamicQuantizeLinear, runDynamicQuantizeLinear},
    {"MatMulInteger", "A:n B:n a_zero_point:n? b_zero_point:n?", Nature::Selects, describeMatMulInteger, runMatMulInteger},
    {"QLinearConv", "x:n x_scale:f x_zero_point:n w:n w_scale:f w_zero_point:n y_scale:f y_zero_point:n B:i?", Nature::Computes, describeQLinearConv, runQLinearConv},
    {"QLinearMatMul", "a:n a_scale:f a_zero_point:n b:n b_scale:f b_zero_point:n y_scale:f y_zero_point:n", Nature::Computes, describeQLinearMatMul, runQLinearMatMul},
    {"QuantizeLinear", "x:n y_scale:f y_zero_point:n?", Nature::Computes, describeQuantizeLinear, runQuantizeLinear},
};

}  // namespace

std::span<const Operation> quantizationOperations() { return kOperations; }

}  // namespace core
