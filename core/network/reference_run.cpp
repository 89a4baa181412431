// SPDX-License-Identifier: Apache-2.0
#include "core/network/operation.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

constexpr std::int64_t kMostElements = std::int64_t{1} << 30;

Result<Shape> inputShape(const Value& input, const std::string& batchSymbol, std::int64_t batch)
{
    const std::string place = fmt::format("input {}", input.name);
    if (!input.shape)
        return Problem{place, "the file declares no shape; one is wanted"};
    Shape shape;
    for (std::size_t axis = 0; axis < input.shape->size(); ++axis) {
        const Dimension& dimension = (*input.shape)[axis];
        if (dimension.size)
            shape.push_back(*dimension.size);
        else if (axis == 0 || (!batchSymbol.empty() && dimension.symbol == batchSymbol))
            shape.push_back(batch);
        else
            return Problem{place, fmt::format("axis {} has the open size '{}'; only the first axis may be open", axis, dimension.symbol)};
    }
    std::int64_t elements = 1;
    for (const std::int64_t size : shape) {
        if (size < 0)
            return Problem{place, fmt::format("is {}; sizes of at least 0 are wanted", shapeText(shape))};
        if (__builtin_mul_overflow(elements, std::max<std::int64_t>(size, 1), &elements) || elements > kMostElements)
            return Problem{place, fmt::format("is {}; at most {} elements are wanted", shapeText(shape), kMostElements)};
    }
    return shape;
}

/// The name an open first axis bears; the same name on another axis means the same size.
std::string batchSymbolOf(const Network& network)
{
    for (const ValueIndex index : network.inputs) {
        const auto& shape = network.value(index).shape;
        if (shape && !shape->empty() && !shape->front().size)
            return shape->front().symbol;
    }
    return {};
}

/// bfloat16 often travels as the uint16 of its bits (.npy knows no bfloat16): the same bits, under their right name.
Tensor asDeclared(const Tensor& tensor, DataType type)
{
    if (type != DataType::BFloat16 || tensor.type() != DataType::UInt16)
        return tensor;
    Tensor result = Tensor::uninitialized(type, tensor.shape());
    std::copy(tensor.bytes().begin(), tensor.bytes().end(), result.editBytes().begin());
    return result;
}

/// Does this tensor fit what the file declares? Open axes take any size.
Result<void> checkInput(const Value& declared, const Tensor& tensor)
{
    const std::string place = fmt::format("input {}", declared.name);
    if (tensor.type() != declared.type)
        return Problem{place, fmt::format("is {}; {} is wanted", dataTypeName(tensor.type()), dataTypeName(declared.type))};
    if (!declared.shape)
        return success();
    bool fits = declared.shape->size() == tensor.rank();
    std::string wanted;
    for (std::size_t axis = 0; axis < declared.shape->size(); ++axis) {
        const Dimension& dimension = (*declared.shape)[axis];
        fits = fits && (!dimension.size || *dimension.size == tensor.dimension(axis));
        wanted += (axis ? "x" : "") + (dimension.size ? std::to_string(*dimension.size) : dimension.symbol.empty() ? "?" : dimension.symbol);
    }
    if (!fits)
        return Problem{place, fmt::format("is {}; {} is wanted", shapeText(tensor.shape()), wanted.empty() ? "a scalar" : wanted)};
    return success();
}

/// A problem of an input, with the first node that reads it.
Problem readBy(const Network& network, ValueIndex input, Problem problem)
{
    for (const Node& node : network.nodes)
        if (std::find(node.inputs.begin(), node.inputs.end(), input) != node.inputs.end()) {
            problem.message += fmt::format(" (read by {}, {})", node.name, node.operation);
            break;
        }
    return problem;
}

/// How many readers a value still has; the network's own outputs are never finished.
std::vector<std::size_t> countReaders(const Network& network)
{
    std::vector<std::size_t> readers(network.values.size(), 0);
    for (const Node& node : network.nodes)
        for (const ValueIndex input : node.inputs)
            if (input.isValid())
                ++readers[input.value()];
    for (const ValueIndex output : network.outputs)
        ++readers[output.value()];
    return readers;
}

}  // namespace

Result<std::vector<TensorDescription>> describeValues(const Network& network, std::int64_t batch)
{
    std::vector<TensorDescription> known(network.values.size());
    for (std::size_t i = 0; i < network.values.size(); ++i)
        if (const auto& constant = network.values[i].constant)
            known[i] = {constant->type(), constant->shape(), constant};
    const std::string batchSymbol = batchSymbolOf(network);
    for (const ValueIndex input : network.inputs) {
        CORE_TRY(Shape shape, inputShape(network.value(input), batchSymbol, batch));
        known[input.value()] = {network.value(input).type, std::move(shape), std::nullopt};
    }
    for (const Node& node : network.nodes) {
        std::vector<const TensorDescription*> inputs;
        for (const ValueIndex input : node.inputs)
            inputs.push_back(input.isValid() ? &known[input.value()] : nullptr);
        CORE_TRY(std::vector<TensorDescription> outputs, describeOutputs(node, network.opset, inputs));
        for (std::size_t i = 0; i < node.outputs.size(); ++i)
            if (node.outputs[i].isValid())
                known[node.outputs[i].value()] = std::move(outputs[i]);
    }
    return known;
}

Result<Network> withInputShape(const Network& network, ValueIndex input, const Shape& shape)
{
    Network result = network;
    Value& value = result.values.at(input.value());
    const std::size_t rank = value.shape ? value.shape->size() : shape.size();
    bool fits = rank == shape.size();
    for (std::size_t axis = 0; fits && axis < rank; ++axis)
        fits = shape[axis] >= -1 && (!value.shape || !(*value.shape)[axis].size || shape[axis] == -1 || *(*value.shape)[axis].size == shape[axis]);
    if (!fits)
        return Problem{fmt::format("input {}", value.name), fmt::format("cannot take the shape {}; sizes for its open axes are wanted", shapeText(shape))};
    if (!value.shape)
        value.shape.emplace(rank);
    for (std::size_t axis = 0; axis < rank; ++axis)
        if (shape[axis] >= 0)
            (*value.shape)[axis] = {shape[axis], {}};
    return result;
}

Result<std::vector<Tensor>> runReference(const Network& network, std::span<const Tensor> inputs)
{
    if (inputs.size() != network.inputs.size())
        return Problem{network.name, fmt::format("{} inputs are given, the network has {}", inputs.size(), network.inputs.size())};
    std::vector<std::size_t> readers = countReaders(network);
    std::vector<std::optional<Tensor>> values(network.values.size());
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] = network.values[i].constant;
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        const Value& declared = network.value(network.inputs[i]);
        const Tensor input = asDeclared(inputs[i], declared.type);
        // What nobody reads may look as it likes.
        if (const Result<void> fits = checkInput(declared, input); !fits && readers[network.inputs[i].value()] > 0)
            return readBy(network, network.inputs[i], fits.error());
        values[network.inputs[i].value()] = input;
    }
    for (const Node& node : network.nodes) {
        std::vector<const Tensor*> operands;
        for (const ValueIndex input : node.inputs)
            operands.push_back(input.isValid() ? &*values[input.value()] : nullptr);
        CORE_TRY(std::vector<Tensor> results, runOperation(node, network.opset, operands));
        for (std::size_t i = 0; i < node.outputs.size(); ++i)
            if (node.outputs[i].isValid())
                values[node.outputs[i].value()] = std::move(results[i]);
        for (const ValueIndex input : node.inputs)
            if (input.isValid() && --readers[input.value()] == 0)
                values[input.value()].reset();
    }
    std::vector<Tensor> outputs;
    for (const ValueIndex output : network.outputs)
        outputs.push_back(*values[output.value()]);
    return outputs;
}

}  // namespace core
