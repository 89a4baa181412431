// SPDX-License-Identifier: Apache-2.0
// Operations that change or tell a shape, make constants, or pass their operand on. No element moves.
#include "core/network/onnx_types.h"
#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

Result<void> runReshaped(const Call& call, Outputs& outputs)
{
    outputs.set(0, call.tensor(0).reshaped(outputs.shape(0)));
    return success();
}

/// A list that newer files give as operand `input` and older ones as an attribute; nothing where neither is there.
Result<std::optional<std::vector<std::int64_t>>> listOf(const Call& call, std::size_t input, const char* attribute)
{
    if (call.has(input)) {
        CORE_TRY(std::vector<std::int64_t> list, call.integers(input));
        return std::optional(std::move(list));
    }
    if (call.attributes().has(attribute))
        return std::optional(call.attributes().integers(attribute));
    return std::optional<std::vector<std::int64_t>>();
}

Result<Descriptions> describeReshape(const Call& call)
{
    CORE_TRY(const auto list, listOf(call, 1, "shape"));
    if (!list)
        return call.problem("input shape is missing");
    const Shape& in = call.shape(0);
    const bool keepsZero = call.attributes().integer("allowzero", 0) != 0;
    Shape shape = *list;
    std::optional<std::size_t> open;
    std::int64_t known = 1;
    for (std::size_t axis = 0; axis < shape.size(); ++axis) {
        if (shape[axis] == 0 && !keepsZero) {
            if (axis >= in.size())
                return call.problem(fmt::format("shape [{}] keeps axis {}; {}", shapeText(*list), axis, call.inputText(0)));
            shape[axis] = in[axis];
        }
        if (shape[axis] == -1 && !open) {
            open = axis;
            continue;
        }
        if (shape[axis] < 0)
            return call.problem(fmt::format("shape is [{}]; sizes and at most one -1 are wanted", shapeText(*list)));
        known = saturatingProduct(known, shape[axis]);
    }
    const std::int64_t count = product(in);
    if (open)
        shape[*open] = known == 0 ? 0 : count / known;
    if (product(shape) != count)
        return call.problem(fmt::format("{} has {} elements; shape [{}] does not hold them", call.inputText(0), count, shapeText(*list)));
    return oneOutput(call.type(0), std::move(shape));
}

Result<Descriptions> describeFlatten(const Call& call)
{
    const auto rank = static_cast<std::int64_t>(call.rank(0));
    const std::int64_t axis = call.attributes().integer("axis", 1);
    if (axis < -rank || axis > rank)
        return call.problem(fmt::format("axis is {}; there are {} axes", axis, rank));
    const auto sizes = std::span(call.shape(0));
    const auto front = static_cast<std::size_t>(axis < 0 ? axis + rank : axis);
    return oneOutput(call.type(0), {product(sizes.first(front)), product(sizes.subspan(front))});
}

Result<Descriptions> describeSqueeze(const Call& call)
{
    CORE_TRY(const auto list, listOf(call, 1, "axes"));
    const Shape& in = call.shape(0);
    Shape shape;
    if (!list) {
        std::copy_if(in.begin(), in.end(), std::back_inserter(shape), [](std::int64_t size) { return size != 1; });
        return oneOutput(call.type(0), std::move(shape));
    }
    CORE_TRY(const auto axes, call.axes(*list, in.size()));
    for (std::size_t axis = 0; axis < in.size(); ++axis) {
        if (!std::binary_search(axes.begin(), axes.end(), axis))
            shape.push_back(in[axis]);
        else if (in[axis] != 1)
            return call.problem(fmt::format("{}; axis {} is squeezed and must have size 1", call.inputText(0), axis));
    }
    return oneOutput(call.type(0), std::move(shape));
}

Result<Descriptions> describeUnsqueeze(const Call& call)
{
    CORE_TRY(const auto list, listOf(call, 1, "axes"));
    if (!list)
        return call.problem("input axes is missing");
    const std::size_t rank = call.rank(0) + list->size();
    CORE_TRY(const auto axes, call.axes(*list, rank));
    Shape shape = call.shape(0);
    for (const std::size_t axis : axes)
        shape.insert(shape.begin() + static_cast<std::ptrdiff_t>(axis), 1);
    return oneOutput(call.type(0), std::move(shape));
}

Descriptions constantOutput(Tensor tensor)
{
    const DataType type = tensor.type();
    Shape shape = tensor.shape();
    return {{type, std::move(shape), std::move(tensor)}};
}

/// The shape is known even where the elements are not.
Result<Descriptions> describeShape(const Call& call)
{
    const auto rank = static_cast<std::int64_t>(call.rank(0));
    const auto clamped = [rank](std::int64_t axis) { return std::clamp<std::int64_t>(axis < 0 ? axis + rank : axis, 0, rank); };
    const std::int64_t start = clamped(call.attributes().integer("start", 0)), end = clamped(call.attributes().integer("end", rank));
    const Shape& in = call.shape(0);
    const Shape part = start < end ? Shape(in.begin() + start, in.begin() + end) : Shape{};
    return constantOutput(Tensor::of<std::int64_t>({static_cast<std::int64_t>(part.size())}, part));
}

Result<Descriptions> describeSize(const Call& call) { return constantOutput(Tensor::scalar(product(call.shape(0)))); }

Result<Descriptions> describeConstant(const Call& call)
{
    const Attributes& attributes = call.attributes();
    if (const Tensor* value = attributes.tensor("value"))
        return constantOutput(*value);
    if (attributes.has("value_float"))
        return constantOutput(Tensor::scalar(attributes.real("value_float", 0)));
    if (attributes.has("value_int"))
        return constantOutput(Tensor::scalar(attributes.integer("value_int", 0)));
    if (attributes.has("value_floats")) {
        const std::vector<float> list = attributes.reals("value_floats");
        return constantOutput(Tensor::of<float>({static_cast<std::int64_t>(list.size())}, list));
    }
    if (attributes.has("value_ints")) {
        const std::vector<std::int64_t> list = attributes.integers("value_ints");
        return constantOutput(Tensor::of<std::int64_t>({static_cast<std::int64_t>(list.size())}, list));
    }
    return call.problem("holds no number; attribute value, value_float(s) or value_int(s) is wanted");
}

Result<Descriptions> describeConstantOfShape(const Call& call)
{
    CORE_TRY(Shape shape, call.integers(0));
    const Tensor* value = call.attributes().tensor("value");
    if (value && value->size() != 1)
        return call.problem(fmt::format("attribute value is {}; a single element is wanted", shapeText(value->shape())));
    return oneOutput(value ? value->type() : DataType::Float32, std::move(shape));
}

Result<void> runConstantOfShape(const Call& call, Outputs& outputs)
{
    const Tensor* value = call.attributes().tensor("value");
    Tensor& out = outputs.tensor(0);
    visitBits(out.type(), [&]<class Bits>() {
        std::fill_n(editBitsOf<Bits>(out), out.size(), value ? *bitsOf<Bits>(*value) : Bits{0});
    });
    return success();
}

Result<void> runIdentity(const Call& call, Outputs& outputs)
{
    outputs.set(0, call.tensor(0));
    return success();
}

/// Dropout as inference has it: nothing is dropped. Training mode draws random numbers, unless it drops none.
Result<Descriptions> describeDropout(const Call& call)
{
    if (call.has(2) && call.opset() >= 12) {
        CORE_TRY(const auto isTraining, call.integer(2));
        float ratio = 0.5f;
        if (call.has(1)) {
            CORE_TRY(ratio, call.real(1));
        }
        if (isTraining != 0 && ratio != 0.0f)
            return call.problem(fmt::format("training_mode is on and drops {} of the elements at random; only inference is known", ratio));
    }
    return Descriptions{{call.type(0), call.shape(0), std::nullopt},
                        {call.opset() < 10 ? call.type(0) : DataType::Bool, call.shape(0), std::nullopt}};
}

Result<void> runDropout(const Call& call, Outputs& outputs)
{
    outputs.set(0, call.tensor(0));
    if (call.wantsOutput(1)) {
        Tensor kept(DataType::Bool, outputs.shape(1));
        std::fill_n(kept.edit<bool>().begin(), kept.size(), true);
        outputs.set(1, converted(kept, outputs.type(1)));
    }
    return success();
}

Result<void> runConstant(const Call& call, Outputs&) { return call.problem("has elements before it runs"); }

constexpr Operation kOperations[] = {
    {"Constant", "", Nature::Moves, describeConstant, runConstant},
    {"ConstantOfShape", "input:i", Nature::Moves, describeConstantOfShape, runConstantOfShape},
    {"Dropout", "data:F ratio:f? training_mode:b?", Nature::Moves, describeDropout, runDropout},
    {"Flatten", "input:T", Nature::Moves, describeFlatten, runReshaped},
    {"Identity", "input:T", Nature::Moves, likeFirstInput, runIdentity},
    {"Reshape", "data:T shape:i?", Nature::Moves, describeReshape, runReshaped},
    {"Shape", "data:T", Nature::Moves, describeShape, runConstant},
    {"Size", "data:T", Nature::Moves, describeSize, runConstant},
    {"Squeeze", "data:T axes:i?", Nature::Moves, describeSqueeze, runReshaped},
    {"Unsqueeze", "data:T axes:i?", Nature::Moves, describeUnsqueeze, runReshaped},
};

}  // namespace

std::span<const Operation> shapeOperations() { return kOperations; }

}  // namespace core
