// SPDX-License-Identifier: Apache-2.0
#include "core/network/operations/matrix.h"

#include "core/network/operations/broadcast.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

namespace core {

Result<MatrixProduct> matrixProduct(const Call& call, std::size_t a, std::size_t b)
{
    Shape left = call.shape(a), right = call.shape(b);
    if (left.empty() || right.empty())
        return call.problem(fmt::format("{}; a vector or matrix is wanted", call.inputText(left.empty() ? a : b)));
    const bool isRowVector = left.size() == 1, isColumnVector = right.size() == 1;
    if (isRowVector)
        left.insert(left.begin(), 1);
    if (isColumnVector)
        right.push_back(1);
    MatrixProduct result;
    result.rows = left[left.size() - 2];
    result.inner = left.back();
    result.columns = right.back();
    if (right[right.size() - 2] != result.inner)
        return call.problem(fmt::format("{} and {}; the first one's columns must be as many as the second one's rows", call.inputText(a), call.inputText(b)));

    const Shape stackA(left.begin(), left.end() - 2), stackB(right.begin(), right.end() - 2);
    result.stack.assign(std::max(stackA.size(), stackB.size()), 1);
    for (const Shape* stack : {&stackA, &stackB}) {
        const std::size_t lead = result.stack.size() - stack->size();
        for (std::size_t axis = 0; axis < stack->size(); ++axis) {
            std::int64_t& size = result.stack[lead + axis];
            if (size != 1 && (*stack)[axis] != 1 && (*stack)[axis] != size)
                return call.problem(fmt::format("{} and {}; the leading axes do not broadcast", call.inputText(a), call.inputText(b)));
            size = size == 1 ? (*stack)[axis] : size;
        }
    }
    result.stackStridesA = broadcastStrides(stackA, result.stack);
    result.stackStridesB = broadcastStrides(stackB, result.stack);
    result.outputShape = result.stack;
    if (!isRowVector)
        result.outputShape.push_back(result.rows);
    if (!isColumnVector)
        result.outputShape.push_back(result.columns);
    return result;
}

void forEachProduct(const MatrixProduct& product, const std::function<void(std::int64_t, std::int64_t, std::int64_t)>& multiply)
{
    const StridedLoop<3> loop(product.stack, {product.stackStridesA, product.stackStridesB, contiguousStrides(product.stack)});
    loop.forEachRun([&](const std::array<std::int64_t, 3>& offsets, std::int64_t count, const std::array<std::int64_t, 3>& steps) {
        for (std::int64_t i = 0; i < count; ++i)
            multiply((offsets[0] + i * steps[0]) * product.rows * product.inner, (offsets[1] + i * steps[1]) * product.inner * product.columns,
                     (offsets[2] + i * steps[2]) * product.rows * product.columns);
    });
}

namespace {

Result<Descriptions> describeMatMul(const Call& call)
{
    CORE_TRY(MatrixProduct product, matrixProduct(call, 0, 1));
    return oneOutput(call.type(0), std::move(product.outputShape));
}

/// Products of integers wrap: they are taken in the unsigned type of the same width, at least 32 bits wide.
template <class T>
struct Wrapping { using type = T; };
template <class T>
    requires std::is_integral_v<T>
struct Wrapping<T> { using type = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>; };

Result<void> runMatMul(const Call& call, Outputs& outputs)
{
    CORE_TRY(const MatrixProduct product, matrixProduct(call, 0, 1));
    visitNumber(call.type(0), [&]<class T>() {
        using Sum = typename Wrapping<T>::type;
        const Tensor a = converted(call.tensor(0), DataTypeOf<Sum>::value), b = converted(call.tensor(1), DataTypeOf<Sum>::value);
        Tensor c = Tensor::uninitialized(DataTypeOf<Sum>::value, outputs.shape(0));
        const Sum* left = a.values<Sum>().data();
        const Sum* right = b.values<Sum>().data();
        Sum* result = c.edit<Sum>().data();
        forEachProduct(product, [&](std::int64_t offsetA, std::int64_t offsetB, std::int64_t offsetC) {
            multiplyMatrices(left + offsetA, right + offsetB, result + offsetC, product.rows, product.inner, product.columns);
        });
        outputs.set(0, converted(c, call.type(0)));
    });
    return success();
}

struct GemmSizes { std::int64_t rows, inner, columns; };

Result<GemmSizes> gemmSizes(const Call& call)
{
    if (call.rank(0) != 2 || call.rank(1) != 2)
        return call.problem(fmt::format("{} and {}; two matrices are wanted", call.inputText(0), call.inputText(1)));
    const std::size_t transposeA = call.attributes().integer("transA", 0) != 0, transposeB = call.attributes().integer("transB", 0) != 0;
    const GemmSizes sizes{call.shape(0)[transposeA], call.shape(0)[1 - transposeA], call.shape(1)[1 - transposeB]};
    if (call.shape(1)[transposeB] != sizes.inner)
        return call.problem(fmt::format("{} and {}; inner sizes {} and {} must be equal", call.inputText(0), call.inputText(1), sizes.inner,
                                        call.shape(1)[transposeB]));
    return sizes;
}

Result<Descriptions> describeGemm(const Call& call)
{
    CORE_TRY(const GemmSizes sizes, gemmSizes(call));
    const Shape shape{sizes.rows, sizes.columns};
    if (call.has(2)) {
        const Shape& bias = call.shape(2);
        bool fits = bias.size() <= 2;
        for (std::size_t i = 0; fits && i < bias.size(); ++i) {
            const std::int64_t size = bias[bias.size() - 1 - i];
            fits = size == 1 || size == shape[1 - i];
        }
        if (!fits)
            return call.problem(fmt::format("{}; it does not broadcast to {}", call.inputText(2), shapeText(shape)));
    }
    return oneOutput(call.type(0), shape);
}

template <class T>
std::vector<T> transposed(const T* matrix, std::int64_t rows, std::int64_t columns)
{
    std::vector<T> result(static_cast<std::size_t>(rows * columns));
    for (std::int64_t row = 0; row < rows; ++row)
        for (std::int64_t column = 0; column < columns; ++column)
            result[static_cast<std::size_t>(column * rows + row)] = matrix[row * columns + column];
    return result;
}

/// Y = alpha A' B' + beta C, the product summed before alpha multiplies it.
template <class T>
void computeGemm(const Call& call, const GemmSizes& sizes, Outputs& outputs)
{
    const T* a = call.values<T>(0).data();
    const T* b = call.values<T>(1).data();
    T* y = outputs.edit<T>(0).data();
    std::vector<T> turnedA, turnedB;
    if (call.attributes().integer("transA", 0) != 0) {
        turnedA = transposed(a, sizes.inner, sizes.rows);
        a = turnedA.data();
    }
    if (call.attributes().integer("transB", 0) != 0) {
        turnedB = transposed(b, sizes.columns, sizes.inner);
        b = turnedB.data();
    }
    multiplyMatrices(a, b, y, sizes.rows, sizes.inner, sizes.columns);
    const auto alpha = static_cast<T>(call.attributes().real("alpha", 1.0f)), beta = static_cast<T>(call.attributes().real("beta", 1.0f));
    if (alpha != T{1})
        for (T& value : outputs.edit<T>(0))
            value *= alpha;
    if (!call.has(2))
        return;
    const T* bias = call.values<T>(2).data();
    const Shape strides = broadcastStrides(call.shape(2), outputs.shape(0));
    for (std::int64_t row = 0; row < sizes.rows; ++row)
        for (std::int64_t column = 0; column < sizes.columns; ++column)
            y[row * sizes.columns + column] += beta * bias[row * strides[0] + column * strides[1]];
}

Result<void> runGemm(const Call& call, Outputs& outputs)
{
    CORE_TRY(const GemmSizes sizes, gemmSizes(call));
    visitFloat(call.type(0), [&]<class T>() { computeGemm<T>(call, sizes, outputs); });
    return success();
}

constexpr Operation kOperations[] = {
    {"Gemm", "A:F B:F C:F?", Nature::Computes, describeGemm, runGemm},
    {"MatMul", "A:N B:N", Nature::Computes, describeMatMul, runMatMul},
};

}  // namespace

std::span<const Operation> matrixOperations() { return kOperations; }

}  // namespace core
