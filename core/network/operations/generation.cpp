// SPDX-License-Identifier: Apache-2.0
// Operations that make a pattern: ranges, triangles, identity matrices, one-hot codes.
#include "core/network/onnx_types.h"
#include "core/network/operations/element_conversion.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

Result<Descriptions> describeRange(const Call& call)
{
    for (std::size_t input = 0; input < 3; ++input)
        if (!call.isKnown(input) || call.tensor(input).size() != 1)
            return call.problem(fmt::format("{}; a single constant is wanted", call.inputText(input)));
    return visitNumber(call.type(0), [&]<class T>() -> Result<Descriptions> {
        // Sixteen-bit floats are not widened yet when shapes are found.
        const auto at = [&](std::size_t input) { return converted(call.tensor(input), DataType::Float64).template values<double>()[0]; };
        const double count = std::ceil((at(1) - at(0)) / at(2));
        if (std::isnan(count) || count > 1e12)
            return call.problem(fmt::format("from {} to {} by {} has no end", at(0), at(1), at(2)));
        return oneOutput(call.type(0), {static_cast<std::int64_t>(std::max(count, 0.0))});
    });
}

Result<void> runRange(const Call& call, Outputs& outputs)
{
    visitNumber(call.type(0), [&]<class T>() {
        const T start = call.values<T>(0)[0], step = call.values<T>(2)[0];
        const auto out = outputs.edit<T>(0);
        for (std::size_t i = 0; i < out.size(); ++i)
            out[i] = static_cast<T>(start + static_cast<T>(i) * step);
    });
    return success();
}

Result<Descriptions> describeTrilu(const Call& call)
{
    if (call.rank(0) < 2)
        return call.problem(fmt::format("{}; matrices are wanted", call.inputText(0)));
    if (call.isKnown(1)) {
        CORE_TRY(call.integer(1));
    }
    return likeFirstInput(call);
}

Result<void> runTrilu(const Call& call, Outputs& outputs)
{
    std::int64_t diagonal = 0;
    if (call.has(1)) {
        CORE_TRY(diagonal, call.integer(1));
    }
    const bool isUpper = call.attributes().integer("upper", 1) != 0;
    const std::int64_t columns = call.shape(0).back(), rows = call.shape(0)[call.rank(0) - 2];
    diagonal = std::clamp(diagonal, -rows - 1, columns + 1);
    visitBits(call.type(0), [&]<class Bits>() {
        const Bits* in = bitsOf<Bits>(call.tensor(0));
        Bits* out = editBitsOf<Bits>(outputs.tensor(0));
        for (std::int64_t i = 0; i < call.tensor(0).size(); ++i) {
            const std::int64_t offset = i % columns - i / columns % rows;
            out[i] = (isUpper ? offset >= diagonal : offset <= diagonal) ? in[i] : Bits{0};
        }
    });
    return success();
}

Result<Descriptions> describeEyeLike(const Call& call)
{
    if (call.rank(0) != 2)
        return call.problem(fmt::format("{}; a matrix is wanted", call.inputText(0)));
    if (!call.attributes().has("dtype"))
        return likeFirstInput(call);
    const auto type = dataTypeFromOnnx(call.attributes().integer("dtype", 1));
    if (!type)
        return call.problem(fmt::format("attribute dtype is {}; a number type is wanted", onnxTypeName(call.attributes().integer("dtype", 1))));
    return oneOutput(*type, call.shape(0));
}

Result<void> runEyeLike(const Call& call, Outputs& outputs)
{
    const std::int64_t rows = call.shape(0)[0], columns = call.shape(0)[1];
    const std::int64_t diagonal = std::clamp(call.attributes().integer("k", 0), -rows, columns);
    Tensor& out = outputs.tensor(0);
    visitType(out.type(), [&]<class T>() {
        const auto values = out.edit<T>();
        std::fill(values.begin(), values.end(), convertElement<T>(0.0f));
        for (std::int64_t row = std::max<std::int64_t>(0, -diagonal); row < rows && row + diagonal < columns; ++row)
            values[static_cast<std::size_t>(row * columns + row + diagonal)] = convertElement<T>(1.0f);
    });
    return success();
}

/// The new axis, counted in the result, which has one axis more than the indices.
Result<std::size_t> oneHotAxis(const Call& call) { return call.axis(call.attributes().integer("axis", -1), call.rank(0) + 1); }

Result<Descriptions> describeOneHot(const Call& call)
{
    CORE_TRY(const std::size_t axis, oneHotAxis(call));
    CORE_TRY(const std::int64_t depth, call.integer(1));
    if (depth < 1 || product(call.shape(2)) != 2)
        return call.problem(fmt::format("depth is {} and {}; a depth from 1 up and two values are wanted", depth, call.inputText(2)));
    Shape shape = call.shape(0);
    shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), depth);
    return oneOutput(call.type(2), std::move(shape));
}

/// Index i in [-depth, depth) is on at place i (or depth + i); any other index is on nowhere.
Result<void> runOneHot(const Call& call, Outputs& outputs)
{
    CORE_TRY(const std::size_t axis, oneHotAxis(call));
    CORE_TRY(const std::int64_t depth, call.integer(1));
    CORE_TRY(const std::vector<std::int64_t> indices, call.integers(0));
    const std::int64_t inner = product(std::span(call.shape(0)).subspan(axis));
    visitBits(call.type(2), [&]<class Bits>() {
        const Bits off = bitsOf<Bits>(call.tensor(2))[0], on = bitsOf<Bits>(call.tensor(2))[1];
        Tensor& tensor = outputs.tensor(0);
        Bits* out = editBitsOf<Bits>(tensor);
        std::fill_n(out, tensor.size(), off);
        for (std::size_t i = 0; i < indices.size(); ++i) {
            const std::int64_t place = indices[i] < 0 ? indices[i] + depth : indices[i];
            const auto element = static_cast<std::int64_t>(i);
            if (place >= 0 && place < depth)
                out[(element / inner * depth + place) * inner + element % inner] = on;
        }
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"EyeLike", "input:T", Nature::Moves, describeEyeLike, runEyeLike},
    {"OneHot", "indices:n depth:n values:T", Nature::Moves, describeOneHot, runOneHot},
    {"Range", "start:N limit:N delta:N", Nature::Computes, describeRange, runRange},
    {"Trilu", "input:T k:i?", Nature::Moves, describeTrilu, runTrilu},
};

}  // namespace

std::span<const Operation> generationOperations() { return kOperations; }

}  // namespace core
