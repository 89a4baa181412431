// SPDX-License-Identifier: Apache-2.0
#include "core/network/operations/broadcast.h"

#include <fmt/format.h>

namespace core {

Shape broadcastOperandShape(const Call& call, std::size_t input)
{
    Shape shape = call.shape(input);
    // Only operations of exactly two operands had it; their shape rule and their run must agree on it.
    const std::string_view name = call.operation().name;
    const bool isBinary = name == "Add" || name == "And" || name == "Div" || name == "Equal" || name == "Greater" || name == "Less" || name == "Mul"
                          || name == "Or" || name == "Pow" || name == "Sub" || name == "Xor";
    const bool hasAxis = isBinary && call.opset() < 7 && input == 1 && call.attributes().integer("broadcast", 0) != 0 && call.attributes().has("axis");
    if (!hasAxis)
        return shape;
    const auto rank = static_cast<std::int64_t>(call.rank(0));
    std::int64_t axis = call.attributes().integer("axis", 0);
    axis = axis < 0 ? axis + rank : axis;
    if (axis < 0 || axis >= rank)
        return shape;
    for (std::int64_t behind = axis + static_cast<std::int64_t>(shape.size()); behind < rank; ++behind)
        shape.push_back(1);
    return shape;
}

Result<Shape> broadcastShape(const Call& call, std::size_t first)
{
    Shape result;
    for (std::size_t input = first; input < call.inputCount(); ++input) {
        if (!call.has(input))
            continue;
        const Shape shape = broadcastOperandShape(call, input);
        if (shape.size() > result.size())
            result.insert(result.begin(), shape.size() - result.size(), 1);
        const std::size_t lead = result.size() - shape.size();
        for (std::size_t axis = 0; axis < shape.size(); ++axis) {
            std::int64_t& size = result[lead + axis];
            if (size == 1)
                size = shape[axis];
            else if (shape[axis] != 1 && shape[axis] != size)
                return call.problem(fmt::format("{}; it does not broadcast with {} of the inputs before it", call.inputText(input), shapeText(result)));
        }
    }
    return result;
}

Shape broadcastStrides(const Shape& shape, const Shape& target)
{
    const Shape own = contiguousStrides(shape);
    Shape strides(target.size(), 0);
    const std::size_t lead = target.size() - shape.size();
    for (std::size_t axis = 0; axis < shape.size(); ++axis)
        strides[lead + axis] = shape[axis] == 1 ? 0 : own[axis];
    return strides;
}

}  // namespace core
