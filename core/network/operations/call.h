// SPDX-License-Identifier: Apache-2.0
#pragma once
// One operation about to be described or run: its node, its operands, and the questions every operation asks of
// them. An operation is one line of a table: name, operands, nature, shape rule, reference.

#include "core/network/operation.h"

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace core {

/// What an operation does to elements. Moves: copies their bits. Selects: answers with one of them, or compares.
/// Computes: rounds. All but Moves see 16-bit floats as float32 and have their results rounded back.
enum class Nature { Moves, Selects, Computes };

class Call;
class Outputs;
using Descriptions = std::vector<TensorDescription>;

struct Operation {
    std::string_view name;
    /// Operands as "X:N W:N B:N?". After the colon a type class; '?' may be omitted, '*' any number of them.
    /// T anything, N number, F float, I integer, U unsigned, B bool; operands with the same capital have the same type.
    /// Small letters (n f i u b t) name the same classes and bind nothing; i means int32 or int64.
    std::string_view operands;
    Nature nature;
    Result<Descriptions> (*describe)(const Call& call);
    Result<void> (*run)(const Call& call, Outputs& outputs);
};

class Call {
public:
    Call(const Operation& operation, const Node& node, int opset, std::span<const TensorDescription* const> inputs)
        : m_operation(operation), m_node(node), m_opset(opset), m_inputs(inputs) {}

    /// Number and types of the operands against the operation's declaration.
    Result<void> checkOperands() const;

    const Operation& operation() const { return m_operation; }
    const Node& node() const { return m_node; }
    const Attributes& attributes() const { return m_node.attributes; }
    int opset() const { return m_opset; }

    std::size_t inputCount() const;     // up to the last one present
    std::size_t outputCount() const { return m_node.outputs.size(); }
    bool wantsOutput(std::size_t output) const { return output < outputCount() && m_node.outputs[output].isValid(); }

    bool has(std::size_t input) const { return input < m_inputs.size() && m_inputs[input] != nullptr; }
    const TensorDescription& input(std::size_t index) const { return *m_inputs[index]; }
    const Shape& shape(std::size_t index) const { return m_inputs[index]->shape; }
    DataType type(std::size_t index) const { return m_inputs[index]->type; }
    std::size_t rank(std::size_t index) const { return shape(index).size(); }
    bool isKnown(std::size_t index) const { return has(index) && input(index).constant.has_value(); }

    /// The elements; only a run may ask, or a shape rule that has seen isKnown().
    const Tensor& tensor(std::size_t index) const { return *m_inputs[index]->constant; }
    template <class T>
    std::span<const T> values(std::size_t index) const { return tensor(index).values<T>(); }

    /// The elements of an operand that must be known before anything has run (a shape, a list of axes).
    Result<std::vector<std::int64_t>> integers(std::size_t index) const;
    Result<std::vector<float>> reals(std::size_t index) const;
    /// The same for an operand that must hold a single element.
    Result<std::int64_t> integer(std::size_t index) const;
    Result<float> real(std::size_t index) const;

    /// An axis counted from the front; negative ones count from the back. `rank` is how many there are.
    Result<std::size_t> axis(std::int64_t axis, std::size_t rank) const;
    /// Attribute `axis` against operand 0.
    Result<std::size_t> axisAttribute(std::int64_t fallback) const;
    /// Ascending distinct axes.
    Result<std::vector<std::size_t>> axes(const std::vector<std::int64_t>& list, std::size_t rank) const;

    Problem problem(std::string message) const;       // at "conv1 (Conv)"
    std::string inputName(std::size_t index) const;   // as the operation's definition calls it: "W"
    std::string inputText(std::size_t index) const;   // "input W is float32 6x1x5x5"

private:
    const Operation& m_operation;
    const Node& m_node;
    int m_opset;
    std::span<const TensorDescription* const> m_inputs;
};

/// Where a run leaves its results. Memory is taken when a result is first asked for, so a reshaped operand costs nothing.
class Outputs {
public:
    explicit Outputs(const Descriptions& descriptions) : m_descriptions(descriptions), m_tensors(descriptions.size()), m_isMade(descriptions.size(), false) {}

    const Shape& shape(std::size_t output) const { return m_descriptions[output].shape; }
    DataType type(std::size_t output) const { return m_descriptions[output].type; }
    Tensor& tensor(std::size_t output);
    template <class T>
    std::span<T> edit(std::size_t output) { return tensor(output).edit<T>(); }
    void set(std::size_t output, Tensor tensor);
    std::vector<Tensor> take();

private:
    const Descriptions& m_descriptions;
    std::vector<Tensor> m_tensors;
    std::vector<bool> m_isMade;
};

/// A shape rule's usual answer: one output.
inline Result<Descriptions> oneOutput(DataType type, Shape shape) { return Descriptions{{type, std::move(shape), std::nullopt}}; }
/// Output as operand 0.
Result<Descriptions> likeFirstInput(const Call& call);

/// Products and sums of sizes that stick at the largest int64, so that absurd sizes are found and not wrapped.
std::int64_t saturatingProduct(std::int64_t a, std::int64_t b);
std::int64_t saturatingSum(std::int64_t a, std::int64_t b);
std::int64_t product(std::span<const std::int64_t> sizes);                   // saturating; 1 for none
Shape contiguousStrides(const Shape& shape);                                 // in elements

/// Calls visitor.template operator()<T>() for float or double.
template <class Visitor>
decltype(auto) visitFloat(DataType type, Visitor&& visitor)
{
    if (type == DataType::Float64)
        return visitor.template operator()<double>();
    return visitor.template operator()<float>();
}

/// Calls visitor.template operator()<T>() for the numbers a computation sees: no bool, no 16-bit floats.
template <class Visitor>
decltype(auto) visitNumber(DataType type, Visitor&& visitor)
{
    switch (type) {
    case DataType::Float64: return visitor.template operator()<double>();
    case DataType::Int8: return visitor.template operator()<std::int8_t>();
    case DataType::Int16: return visitor.template operator()<std::int16_t>();
    case DataType::Int32: return visitor.template operator()<std::int32_t>();
    case DataType::Int64: return visitor.template operator()<std::int64_t>();
    case DataType::UInt8: return visitor.template operator()<std::uint8_t>();
    case DataType::UInt16: return visitor.template operator()<std::uint16_t>();
    case DataType::UInt32: return visitor.template operator()<std::uint32_t>();
    case DataType::UInt64: return visitor.template operator()<std::uint64_t>();
    default: return visitor.template operator()<float>();
    }
}

/// Calls visitor.template operator()<T>() for the unsigned integer as wide as an element: for copies of bits.
template <class Visitor>
decltype(auto) visitBits(DataType type, Visitor&& visitor)
{
    switch (byteSize(type)) {
    case 1: return visitor.template operator()<std::uint8_t>();
    case 2: return visitor.template operator()<std::uint16_t>();
    case 4: return visitor.template operator()<std::uint32_t>();
    default: return visitor.template operator()<std::uint64_t>();
    }
}

/// The elements of a tensor as plain bits of their width.
template <class Bits>
const Bits* bitsOf(const Tensor& tensor) { return reinterpret_cast<const Bits*>(tensor.bytes().data()); }
template <class Bits>
Bits* editBitsOf(Tensor& tensor) { return reinterpret_cast<Bits*>(tensor.editBytes().data()); }

/// Every element by convertElement.
Tensor converted(const Tensor& tensor, DataType type);

}  // namespace core
