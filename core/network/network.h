// SPDX-License-Identifier: Apache-2.0
#pragma once
// A neural network as a graph of ONNX operations: nodes in data order, values along the edges. A Network is a value
// that nobody changes once it is read; folding makes a new one.

#include "core/base/index.h"
#include "core/base/problem.h"
#include "core/base/tensor.h"

#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace core {

/// One axis of a declared shape: a size, or a name for a size known only at run time ("N"), or neither.
struct Dimension {
    std::optional<std::int64_t> size;
    std::string symbol;
    bool operator==(const Dimension&) const = default;
};

/// What runs along an edge. A constant carries its tensor; a declared shape is what the file says, inference knows more.
struct Value {
    std::string name;
    DataType type = DataType::Float32;
    std::optional<std::vector<Dimension>> shape;
    std::optional<Tensor> constant;
};

using AttributeValue = std::variant<std::int64_t, float, std::string, Tensor, std::vector<std::int64_t>, std::vector<float>, std::vector<std::string>>;

/// The attributes of a node, read with the default its ONNX definition gives.
class Attributes {
public:
    void set(const std::string& name, AttributeValue value) { m_values[name] = std::move(value); }
    bool has(const std::string& name) const { return m_values.contains(name); }
    const std::map<std::string, AttributeValue>& all() const { return m_values; }

    std::int64_t integer(const std::string& name, std::int64_t fallback) const;
    float real(const std::string& name, float fallback) const;
    std::string text(const std::string& name, const std::string& fallback) const;
    std::vector<std::int64_t> integers(const std::string& name, std::vector<std::int64_t> fallback = {}) const;
    std::vector<float> reals(const std::string& name, std::vector<float> fallback = {}) const;
    std::vector<std::string> texts(const std::string& name, std::vector<std::string> fallback = {}) const;
    const Tensor* tensor(const std::string& name) const;   // nullptr where there is none

private:
    std::map<std::string, AttributeValue> m_values;
};

struct Node {
    std::string name;        // unique; "Conv_3" where the file has none
    std::string operation;   // ONNX operator: "Conv", "Gemm", "Relu"
    std::vector<ValueIndex> inputs;    // an omitted optional input is an invalid index
    std::vector<ValueIndex> outputs;   // an omitted optional output is an invalid index
    Attributes attributes;
};

/// What becomes of a node of the file.
enum class Support { Exact, Folded, Float, Refused };   // Float: passed through in float, never quantized
std::string supportName(Support support);               // "exact", "folded", "float", "refused"

/// One line of the import report; it also lists the nodes that folding removed.
struct ImportNote {
    std::string node;
    std::string operation;
    Support support = Support::Exact;
    std::string remark;   // why, in words; empty when nothing need be said
};

struct Network {
    std::string name;
    int opset = 17;                      // version of the default ONNX operator set
    std::vector<Value> values;
    std::vector<Node> nodes;             // every node after those it depends on
    std::vector<ValueIndex> inputs;      // without constants
    std::vector<ValueIndex> outputs;
    std::vector<ImportNote> importNotes;
    std::string hash;                    // of the file's bytes, "xxh3:..."

    const Value& value(ValueIndex index) const { return values.at(index.value()); }
    const Node& node(NodeIndex index) const { return nodes.at(index.value()); }
    const Tensor* constant(ValueIndex index) const;                // nullptr for no value or no constant
    std::optional<NodeIndex> nodeNamed(const std::string& nodeName) const;
};

/// Checks what every other function takes for granted: indices in range, data order, each value written once.
Problems findFlaws(const Network& network);

}  // namespace core
