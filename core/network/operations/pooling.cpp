// SPDX-License-Identifier: Apache-2.0
// Pools: sliding windows and whole planes, reduced to one number each.
#include "core/network/operations/registry.h"
#include "core/network/operations/window.h"

#include <fmt/format.h>

#include <cmath>
#include <limits>

namespace core {

namespace {

Rounding roundingOf(const Call& call) { return call.attributes().integer("ceil_mode", 0) != 0 ? Rounding::Up : Rounding::Down; }

Shape pooledShape(const Call& call, const Shape& spatial)
{
    Shape shape{call.shape(0)[0], call.shape(0)[1]};
    shape.insert(shape.end(), spatial.begin(), spatial.end());
    return shape;
}

Result<Descriptions> describePool(const Call& call)
{
    CORE_TRY(const Window window, slidingWindow(call, {}, roundingOf(call)));
    return oneOutput(call.type(0), pooledShape(call, window.outputSizes()));
}

Result<Descriptions> describeMaxPool(const Call& call)
{
    if (call.type(0) == DataType::Int16 || call.type(0) == DataType::Int32 || call.type(0) == DataType::Int64 || call.type(0) == DataType::UInt16
        || call.type(0) == DataType::UInt32 || call.type(0) == DataType::UInt64)
        return call.problem(fmt::format("{}; a float type, int8 or uint8 is wanted", call.inputText(0)));
    CORE_TRY(const Window window, slidingWindow(call, {}, roundingOf(call)));
    const Shape shape = pooledShape(call, window.outputSizes());
    return Descriptions{{call.type(0), shape, std::nullopt}, {DataType::Int64, shape, std::nullopt}};
}

/// The part of a window along one axis that lies inside the input: kernel positions [begin, end).
Window::Range insideKernel(const Window& window, std::size_t axis, std::int64_t output)
{
    const std::int64_t start = window.source(axis, output, 0), dilation = window.dilation[axis];
    const std::int64_t begin = start >= 0 ? 0 : (-start + dilation - 1) / dilation;
    const std::int64_t end = start >= window.in[axis] ? 0 : (window.in[axis] - start + dilation - 1) / dilation;
    return {begin, std::max(begin, std::min(end, window.kernel[axis]))};
}

/// Calls pool(output index, visit) for every output of every plane; visit(f) calls f(input index) for each element of the
/// window that lies inside, in order. Indices are within the whole tensors.
template <class Pool>
void forEachWindow(const Window& window, std::int64_t planes, Pool pool)
{
    std::int64_t output = 0;
    for (std::int64_t plane = 0; plane < planes; ++plane)
        for (std::int64_t oz = 0; oz < window.out[0]; ++oz)
            for (std::int64_t oy = 0; oy < window.out[1]; ++oy)
                for (std::int64_t ox = 0; ox < window.out[2]; ++ox, ++output) {
                    const auto z = insideKernel(window, 0, oz), y = insideKernel(window, 1, oy), x = insideKernel(window, 2, ox);
                    pool(output, std::array{oz, oy, ox}, [&](auto f) {
                        for (std::int64_t kz = z.begin; kz < z.end; ++kz)
                            for (std::int64_t ky = y.begin; ky < y.end; ++ky) {
                                const std::int64_t row = ((plane * window.in[0] + window.source(0, oz, kz)) * window.in[1] + window.source(1, oy, ky)) * window.in[2];
                                for (std::int64_t kx = x.begin; kx < x.end; ++kx)
                                    f(row + window.source(2, ox, kx));
                            }
                    });
                }
}

std::int64_t planesOf(const Call& call) { return call.shape(0)[0] * call.shape(0)[1]; }

/// Position within the whole tensor when each plane is counted column by column (storage_order 1).
std::int64_t columnMajor(const Window& window, std::int64_t index)
{
    const std::int64_t plane = index / window.inCount(), inside = index % window.inCount();
    const std::int64_t x = inside % window.in[2], y = inside / window.in[2] % window.in[1], z = inside / (window.in[2] * window.in[1]);
    return plane * window.inCount() + (x * window.in[1] + y) * window.in[0] + z;
}

/// The first of equal maxima counts. A window wholly in the padding gives the type's lowest value.
template <class T>
void computeMaxPool(const Call& call, const Window& window, Outputs& outputs)
{
    const T lowest = std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
    const T* in = call.values<T>(0).data();
    T* out = outputs.edit<T>(0).data();
    std::int64_t* indices = call.wantsOutput(1) ? outputs.edit<std::int64_t>(1).data() : nullptr;
    const bool isColumnMajor = call.attributes().integer("storage_order", 0) != 0;
    forEachWindow(window, planesOf(call), [&](std::int64_t output, const auto&, auto visit) {
        T best = lowest;
        std::int64_t where = -1;
        visit([&](std::int64_t index) {
            if (in[index] > best || where < 0 || in[index] != in[index]) {
                best = in[index];
                where = index;
            }
        });
        out[output] = best;
        if (indices)
            indices[output] = isColumnMajor && where >= 0 ? columnMajor(window, where) : where;
    });
}

Result<void> runMaxPool(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Window window, slidingWindow(call, {}, roundingOf(call)));
    visitNumber(call.type(0), [&]<class T>() {
        if constexpr (std::is_floating_point_v<T> || sizeof(T) == 1)
            computeMaxPool<T>(call, window, outputs);
    });
    return success();
}

/// Elements of a window along an axis when padding counts; what hangs over the end of the padding never does.
std::int64_t paddedExtent(const Window& window, std::size_t axis, std::int64_t output)
{
    const std::int64_t start = output * window.stride[axis], dilation = window.dilation[axis];
    const std::int64_t padded = window.in[axis] + window.padBegin[axis] + window.padEnd[axis];
    return std::min(window.kernel[axis], (padded - start + dilation - 1) / dilation);
}

Result<void> runAveragePool(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Window window, slidingWindow(call, {}, roundingOf(call)));
    const bool countsPadding = call.attributes().integer("count_include_pad", 0) != 0;
    visitFloat(call.type(0), [&]<class T>() {
        const T* in = call.values<T>(0).data();
        T* out = outputs.edit<T>(0).data();
        forEachWindow(window, planesOf(call), [&](std::int64_t output, const Window::Sizes& at, auto visit) {
            T sum = 0;
            std::int64_t count = 0;
            visit([&](std::int64_t index) {
                sum += in[index];
                ++count;
            });
            if (countsPadding)
                count = paddedExtent(window, 0, at[0]) * paddedExtent(window, 1, at[1]) * paddedExtent(window, 2, at[2]);
            out[output] = count == 0 ? T{0} : sum / static_cast<T>(count);
        });
    });
    return success();
}

/// (sum |x|^p)^(1/p)
Result<void> runLpPool(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Window window, slidingWindow(call, {}, roundingOf(call)));
    const auto p = static_cast<double>(call.attributes().integer("p", 2));
    visitFloat(call.type(0), [&]<class T>() {
        const T* in = call.values<T>(0).data();
        T* out = outputs.edit<T>(0).data();
        forEachWindow(window, planesOf(call), [&](std::int64_t output, const auto&, auto visit) {
            double sum = 0;
            visit([&](std::int64_t index) { sum += std::pow(std::abs(static_cast<double>(in[index])), p); });
            out[output] = static_cast<T>(std::pow(sum, 1.0 / p));
        });
    });
    return success();
}

Result<Descriptions> describeGlobalPool(const Call& call)
{
    if (call.rank(0) < 2)
        return call.problem(fmt::format("{}; batch and channels are wanted", call.inputText(0)));
    return oneOutput(call.type(0), pooledShape(call, Shape(call.rank(0) - 2, 1)));
}

/// `reduce` sees one plane and gives its number.
template <class Reduce>
Result<void> runGlobalPool(const Call& call, Outputs& outputs, Reduce reduce)
{
    const auto plane = static_cast<std::size_t>(product(std::span(call.shape(0)).subspan(2)));
    visitFloat(call.type(0), [&]<class T>() {
        const auto in = call.values<T>(0);
        const auto out = outputs.edit<T>(0);
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = reduce(in.subspan(i * plane, plane));
    });
    return success();
}

Result<void> runGlobalAveragePool(const Call& call, Outputs& outputs)
{
    return runGlobalPool(call, outputs, []<class T>(std::span<const T> plane) {
        T sum = 0;
        for (const T value : plane)
            sum += value;
        return sum / static_cast<T>(plane.size());
    });
}

Result<void> runGlobalMaxPool(const Call& call, Outputs& outputs)
{
    return runGlobalPool(call, outputs, []<class T>(std::span<const T> plane) {
        T best = -std::numeric_limits<T>::infinity();
        for (const T value : plane)
            best = value > best || value != value ? value : best;
        return best;
    });
}

Result<void> runGlobalLpPool(const Call& call, Outputs& outputs)
{
    const auto p = static_cast<double>(call.attributes().integer("p", 2));
    return runGlobalPool(call, outputs, [p]<class T>(std::span<const T> plane) {
        double sum = 0;
        for (const T value : plane)
            sum += std::pow(std::abs(static_cast<double>(value)), p);
        return static_cast<T>(std::pow(sum, 1.0 / p));
    });
}

/// The shape that was pooled: what a MaxPool without dilation and ceil_mode would have been given.
Result<Shape> unpooledShape(const Call& call)
{
    const std::size_t rank = call.rank(0), axes = rank < 3 ? 0 : rank - 2;
    const std::vector<std::int64_t> kernel = call.attributes().integers("kernel_shape"), strides = call.attributes().integers("strides", std::vector<std::int64_t>(axes, 1));
    const std::vector<std::int64_t> pads = call.attributes().integers("pads", std::vector<std::int64_t>(2 * axes, 0));
    if (axes == 0 || call.shape(1) != call.shape(0) || kernel.size() != axes || strides.size() != axes || pads.size() != 2 * axes)
        return call.problem(fmt::format("{} and {}; equal shapes with batch and channels, and a kernel, stride and pads for each further axis are wanted",
                                        call.inputText(0), call.inputText(1)));
    Shape shape = call.shape(0);
    for (std::size_t i = 0; i < axes; ++i) {
        const std::int64_t padding = saturatingSum(pads[i], pads[axes + i]);
        if (padding < 0 || kernel[i] < 1 || strides[i] < 1)
            return call.problem(fmt::format("axis {} has kernel {}, stride {} and pads of {}", 2 + i, kernel[i], strides[i], padding));
        shape[2 + i] = saturatingSum(saturatingProduct(shape[2 + i] - 1, strides[i]), kernel[i] - padding);
    }
    return shape;
}

Result<Descriptions> describeMaxUnpool(const Call& call)
{
    CORE_TRY(Shape shape, unpooledShape(call));
    if (call.has(2)) {
        CORE_TRY(Shape wanted, call.integers(2));
        bool fits = wanted.size() == shape.size();
        for (std::size_t axis = 0; fits && axis < shape.size(); ++axis)
            fits = wanted[axis] >= shape[axis];
        if (!fits)
            return call.problem(fmt::format("output_shape is {}; at least {} is wanted", shapeText(wanted), shapeText(shape)));
        shape = std::move(wanted);
    }
    return oneOutput(call.type(0), std::move(shape));
}

/// Zeros but for the elements put back to where they were the largest. Indices count within the tensor that was pooled; a
/// larger output_shape holds it at its front.
Result<void> runMaxUnpool(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Shape pooled, unpooledShape(call));
    CORE_TRY(const std::vector<std::int64_t> indices, call.integers(1));
    const std::int64_t size = product(pooled);
    const Shape from = contiguousStrides(pooled), to = contiguousStrides(outputs.shape(0));
    std::vector<std::size_t> places;
    for (std::size_t i = 0; i < indices.size(); ++i) {
        if (indices[i] < 0 || indices[i] >= size)
            return call.problem(fmt::format("input I, element {} is {}; the tensor that was pooled has {} places", i, indices[i], size));
        std::int64_t place = 0;
        for (std::size_t axis = 0; axis < pooled.size(); ++axis)
            place += indices[i] / from[axis] % pooled[axis] * to[axis];
        places.push_back(static_cast<std::size_t>(place));
    }
    visitFloat(call.type(0), [&]<class T>() {
        const auto out = outputs.edit<T>(0);
        std::fill(out.begin(), out.end(), T{0});
        for (std::size_t i = 0; i < places.size(); ++i)
            out[places[i]] = call.values<T>(0)[i];
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"AveragePool", "X:F", Nature::Computes, describePool, runAveragePool},
    {"GlobalAveragePool", "X:F", Nature::Computes, describeGlobalPool, runGlobalAveragePool},
    {"GlobalLpPool", "X:F", Nature::Computes, describeGlobalPool, runGlobalLpPool},
    {"GlobalMaxPool", "X:F", Nature::Selects, describeGlobalPool, runGlobalMaxPool},
    {"LpPool", "X:F", Nature::Computes, describePool, runLpPool},
    {"MaxPool", "X:N", Nature::Selects, describeMaxPool, runMaxPool},
    {"MaxUnpool", "X:F I:i output_shape:i?", Nature::Selects, describeMaxUnpool, runMaxUnpool},
};

}  // namespace

std::span<const Operation> poolingOperations() { return kOperations; }

}  // namespace core
