// SPDX-License-Identifier: Apache-2.0
#include "core/network/operations/call.h"

#include "core/network/operations/element_conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <limits>

namespace core {

namespace {

struct Operand {
    std::string_view name;
    char typeClass = 'T';
    bool isOptional = false;
    bool isVariadic = false;
};

Operand parseOperand(std::string_view word)
{
    const std::size_t colon = word.find(':');
    assert(colon != std::string_view::npos && colon + 1 < word.size());
    const char mark = word.size() > colon + 2 ? word[colon + 2] : ' ';
    return {word.substr(0, colon), word[colon + 1], mark == '?', mark == '*'};
}

/// Calls visit(operand) for each word of a declaration.
template <class Visit>
void forEachOperand(std::string_view declaration, Visit visit)
{
    while (!declaration.empty()) {
        const std::size_t space = std::min(declaration.find(' '), declaration.size());
        visit(parseOperand(declaration.substr(0, space)));
        declaration.remove_prefix(std::min(space + 1, declaration.size()));
    }
}

std::vector<Operand> parseOperands(std::string_view declaration)
{
    std::vector<Operand> operands;
    forEachOperand(declaration, [&](const Operand& operand) { operands.push_back(operand); });
    return operands;
}

bool isFloat(DataType type)
{
    return type == DataType::Float32 || type == DataType::Float64 || type == DataType::Float16 || type == DataType::BFloat16;
}

bool isUnsigned(DataType type)
{
    return type == DataType::UInt8 || type == DataType::UInt16 || type == DataType::UInt32 || type == DataType::UInt64;
}

bool belongs(DataType type, char typeClass)
{
    switch (typeClass) {
    case 'N': case 'n': return type != DataType::Bool;
    case 'F': case 'f': return isFloat(type);
    case 'I': return !isFloat(type) && type != DataType::Bool;
    case 'i': return type == DataType::Int32 || type == DataType::Int64;
    case 'U': case 'u': return isUnsigned(type);
    case 'B': case 'b': return type == DataType::Bool;
    default: return true;
    }
}

std::string_view className(char typeClass)
{
    switch (typeClass) {
    case 'N': case 'n': return "a number type";
    case 'F': case 'f': return "a float type";
    case 'I': return "an integer type";
    case 'i': return "int32 or int64";
    case 'U': case 'u': return "an unsigned integer type";
    case 'B': case 'b': return "bool";
    default: return "any type";
    }
}

}  // namespace

Result<void> Call::checkOperands() const
{
    const std::vector<Operand> operands = parseOperands(m_operation.operands);
    const bool isVariadic = !operands.empty() && operands.back().isVariadic;
    if (!isVariadic && inputCount() > operands.size())
        return problem(fmt::format("has {} inputs, at most {} are wanted", inputCount(), operands.size()));
    for (std::size_t i = 0; i < operands.size(); ++i)
        if (!operands[i].isOptional && !has(i))
            return problem(fmt::format("input {} is missing", operands[i].name));

    std::optional<DataType> bound[128] = {};
    for (std::size_t i = 0; i < inputCount(); ++i) {
        if (!has(i))
            continue;
        const Operand& operand = operands[std::min(i, operands.size() - 1)];
        if (!belongs(type(i), operand.typeClass))
            return problem(fmt::format("{}; {} is wanted", inputText(i), className(operand.typeClass)));
        if (operand.typeClass < 'A' || operand.typeClass > 'Z')
            continue;
        std::optional<DataType>& wanted = bound[static_cast<std::size_t>(operand.typeClass)];
        if (wanted && *wanted != type(i))
            return problem(fmt::format("{}; {} is wanted as in the inputs before it", inputText(i), dataTypeName(*wanted)));
        wanted = type(i);
    }
    return success();
}

std::size_t Call::inputCount() const
{
    std::size_t count = m_inputs.size();
    while (count > 0 && m_inputs[count - 1] == nullptr)
        --count;
    return count;
}

Result<std::vector<std::int64_t>> Call::integers(std::size_t index) const
{
    if (!isKnown(index))
        return problem(fmt::format("input {} is computed while the network runs; a constant is wanted", inputName(index)));
    const Tensor wide = converted(tensor(index), DataType::Int64);
    const auto elements = wide.values<std::int64_t>();
    return std::vector<std::int64_t>(elements.begin(), elements.end());
}

Result<std::vector<float>> Call::reals(std::size_t index) const
{
    if (!isKnown(index))
        return problem(fmt::format("input {} is computed while the network runs; a constant is wanted", inputName(index)));
    const Tensor floats = converted(tensor(index), DataType::Float32);
    const auto elements = floats.values<float>();
    return std::vector<float>(elements.begin(), elements.end());
}

Result<std::int64_t> Call::integer(std::size_t index) const
{
    CORE_TRY(const std::vector<std::int64_t> list, integers(index));
    if (list.size() != 1)
        return problem(fmt::format("{}; a single element is wanted", inputText(index)));
    return list.front();
}

Result<float> Call::real(std::size_t index) const
{
    CORE_TRY(const std::vector<float> list, reals(index));
    if (list.size() != 1)
        return problem(fmt::format("{}; a single element is wanted", inputText(index)));
    return list.front();
}

Result<std::size_t> Call::axis(std::int64_t axis, std::size_t rank) const
{
    const auto count = static_cast<std::int64_t>(rank);
    if (axis < -count || axis >= count)
        return problem(fmt::format("axis is {}; there are {} axes", axis, rank));
    return static_cast<std::size_t>(axis < 0 ? axis + count : axis);
}

Result<std::size_t> Call::axisAttribute(std::int64_t fallback) const { return axis(attributes().integer("axis", fallback), rank(0)); }

Result<std::vector<std::size_t>> Call::axes(const std::vector<std::int64_t>& list, std::size_t rank) const
{
    std::vector<std::size_t> result;
    for (const std::int64_t one : list) {
        CORE_TRY(const std::size_t front, axis(one, rank));
        result.push_back(front);
    }
    std::sort(result.begin(), result.end());
    if (std::adjacent_find(result.begin(), result.end()) != result.end())
        return problem("an axis is listed twice");
    return result;
}

Problem Call::problem(std::string message) const { return {fmt::format("{} ({})", m_node.name, m_node.operation), std::move(message)}; }

std::string Call::inputName(std::size_t index) const
{
    const std::vector<Operand> operands = parseOperands(m_operation.operands);
    if (operands.empty())
        return fmt::format("{}", index);
    const Operand& operand = operands[std::min(index, operands.size() - 1)];
    return operand.isVariadic ? fmt::format("{}[{}]", operand.name, index + 1 - operands.size()) : std::string(operand.name);
}

std::string Call::inputText(std::size_t index) const
{
    return fmt::format("input {} is {} {}", inputName(index), dataTypeName(type(index)), shapeText(shape(index)));
}

Tensor& Outputs::tensor(std::size_t output)
{
    if (!m_isMade[output])
        set(output, Tensor::uninitialized(type(output), shape(output)));
    return m_tensors[output];
}

void Outputs::set(std::size_t output, Tensor tensor)
{
    assert(tensor.shape() == shape(output));
    m_tensors[output] = std::move(tensor);
    m_isMade[output] = true;
}

std::vector<Tensor> Outputs::take() { return std::move(m_tensors); }

Result<Descriptions> likeFirstInput(const Call& call) { return oneOutput(call.type(0), call.shape(0)); }

std::int64_t saturatingProduct(std::int64_t a, std::int64_t b)
{
    std::int64_t result = 0;
    return __builtin_mul_overflow(a, b, &result) ? std::numeric_limits<std::int64_t>::max() : result;
}

std::int64_t saturatingSum(std::int64_t a, std::int64_t b)
{
    std::int64_t result = 0;
    if (!__builtin_add_overflow(a, b, &result))
        return result;
    return a < 0 ? std::numeric_limits<std::int64_t>::min() : std::numeric_limits<std::int64_t>::max();
}

std::int64_t product(std::span<const std::int64_t> sizes)
{
    std::int64_t result = 1;
    for (const std::int64_t size : sizes)
        result = saturatingProduct(result, size);
    return result;
}

Shape contiguousStrides(const Shape& shape)
{
    Shape strides(shape.size());
    std::int64_t stride = 1;
    for (std::size_t axis = shape.size(); axis-- > 0;) {
        strides[axis] = stride;
        stride *= shape[axis];
    }
    return strides;
}

Tensor converted(const Tensor& tensor, DataType type)
{
    if (tensor.type() == type)
        return tensor;
    Tensor result = Tensor::uninitialized(type, tensor.shape());
    visitType(tensor.type(), [&]<class From>() {
        visitType(type, [&]<class To>() {
            const auto from = tensor.values<From>();
            const auto to = result.edit<To>();
            std::transform(from.begin(), from.end(), to.begin(), [](From value) { return convertElement<To>(value); });
        });
    });
    return result;
}

}  // namespace core
