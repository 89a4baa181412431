// SPDX-License-Identifier: Apache-2.0
#include "core/io/onnx_graph.h"

#include "core/io/onnx_tensor.h"
#include "core/network/onnx_types.h"
#include "core/network/operation.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <cmath>
#include <queue>
#include <set>
#include <unordered_map>
#include <unordered_set>

namespace core {

namespace {

bool isDefaultDomain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

std::string qualifiedName(const onnx::NodeProto& node)
{
    return isDefaultDomain(node.domain()) ? node.op_type() : node.domain() + "." + node.op_type();
}

struct ReadType {
    DataType type = DataType::Float32;
    std::optional<std::vector<Dimension>> shape;
    std::string refusal;   // why it cannot run along our edges; empty where it can
};

ReadType readType(const onnx::TypeProto& proto)
{
    if (!proto.has_tensor_type()) {
        if (proto.value_case() == onnx::TypeProto::VALUE_NOT_SET)
            return {};
        return {{}, {}, proto.has_sequence_type() ? "a sequence" : proto.has_optional_type() ? "an optional" : proto.has_map_type() ? "a map" : "a sparse tensor"};
    }
    const auto& tensor = proto.tensor_type();
    ReadType result;
    if (const std::optional<DataType> type = dataTypeFromOnnx(tensor.elem_type()))
        result.type = *type;
    else if (tensor.elem_type() != 0)
        result.refusal = fmt::format("a tensor of {}", onnxTypeName(tensor.elem_type()));
    if (tensor.has_shape()) {
        result.shape.emplace();
        for (const auto& dimension : tensor.shape().dim()) {
            // Some exporters write an open size as -1 or 0.
            if (dimension.has_dim_value() && dimension.dim_value() >= (result.shape->empty() ? 1 : 0))
                result.shape->push_back({dimension.dim_value(), {}});
            else
                result.shape->push_back({std::nullopt, dimension.dim_param()});
        }
    }
    return result;
}

class GraphReader {
public:
    GraphReader(const onnx::ModelProto& model, std::filesystem::path folder) : m_model(model), m_graph(model.graph()), m_folder(std::move(folder)) {}

    Result<Network> read(RefusedNodes refused)
    {
        CORE_TRY(readOpset());
        CORE_TRY(readInitializers());
        CORE_TRY(readInputs());
        CORE_TRY(readNodes());
        CORE_TRY(linkNodes());
        CORE_TRY(readOutputs());
        readDeclarations();
        CORE_TRY(sortNodes());
        if (!m_refusals.empty() && refused == RefusedNodes::Problem)
            return refusalProblem();
        CORE_TRY(checkNumbers());
        writeNotes();
        return std::move(m_network);
    }

private:
    struct Refusal {
        std::vector<std::string> nodes;
        std::string reason;
    };

    Result<void> readOpset()
    {
        if (m_graph.node_size() == 0)
            return Problem{"", "holds no graph with nodes; an ONNX model is wanted"};
        m_network.name = m_graph.name();
        m_network.opset = 1;   // what a file without any opset means
        for (const auto& entry : m_model.opset_import()) {
            if (!isDefaultDomain(entry.domain()))
                continue;
            if (entry.version() < 1 || entry.version() > 1000)
                return Problem{"opset_import", fmt::format("version is {}; 1 or more is wanted", entry.version())};
            m_network.opset = static_cast<int>(entry.version());
        }
        return success();
    }

    ValueIndex addValue(const std::string& name)
    {
        const ValueIndex index(m_network.values.size());
        m_values.emplace(name, index);
        m_network.values.push_back({name, DataType::Float32, std::nullopt, std::nullopt});
        return index;
    }

    Result<void> readInitializers()
    {
        for (const auto& proto : m_graph.initializer()) {
            if (proto.name().empty() || m_values.contains(proto.name()))
                return Problem{fmt::format("initializer '{}'", proto.name()), "the name is empty or taken; a name of its own is wanted"};
            if (proto.data_type() == onnx::TensorProto::STRING) {
                m_refusedValues.emplace(proto.name(), "a tensor of STRING");
                addValue(proto.name());
                continue;
            }
            CORE_TRY(Tensor tensor, tensorFromProto(proto, m_folder));
            Value& value = m_network.values[addValue(proto.name()).value()];
            value.type = tensor.type();
            value.shape.emplace();
            for (const std::int64_t size : tensor.shape())
                value.shape->push_back({size, {}});
            value.constant = std::move(tensor);
        }
        for (const auto& sparse : m_graph.sparse_initializer()) {
            m_refusedValues.emplace(sparse.values().name(), "a sparse tensor");
            if (!m_values.contains(sparse.values().name()))
                addValue(sparse.values().name());
        }
        return success();
    }

    /// Since IR version 4 an input may have an initializer as its default, before that every initializer was an input:
    /// either way it is a constant here.
    Result<void> readInputs()
    {
        std::unordered_set<std::string> seen;
        for (const auto& proto : m_graph.input()) {
            if (proto.name().empty() || !seen.insert(proto.name()).second)
                return Problem{fmt::format("input '{}'", proto.name()), "the name is empty or listed twice"};
            if (m_values.contains(proto.name()))
                continue;
            ReadType type = readType(proto.type());
            const ValueIndex index = addValue(proto.name());
            m_network.values[index.value()].type = type.type;
            m_network.values[index.value()].shape = std::move(type.shape);
            m_network.inputs.push_back(index);
            if (!type.refusal.empty())
                m_refusedValues.emplace(proto.name(), type.refusal);
        }
        return success();
    }

    std::string uniqueNodeName(const onnx::NodeProto& proto, int position)
    {
        std::string name = proto.name().empty() ? fmt::format("{}_{}", proto.op_type(), position) : proto.name();
        const std::string stem = name;
        for (int copy = 2; !m_nodeNames.insert(name).second; ++copy)
            name = fmt::format("{}_{}", stem, copy);
        return name;
    }

    void refuse(const std::string& operation, const std::string& node, std::string reason)
    {
        if (m_nodeRefusals.contains(node))
            return;
        Refusal& refusal = m_refusals[operation];
        refusal.nodes.push_back(node);
        refusal.reason = std::move(reason);
        m_nodeRefusals[node] = refusal.reason;
    }

    /// Empty where the attribute was read; else why it could not be.
    Result<std::string> readAttribute(const onnx::AttributeProto& proto, Node& node)
    {
        const std::string& name = proto.name();
        switch (proto.type()) {
        case onnx::AttributeProto::FLOAT: node.attributes.set(name, proto.f()); break;
        case onnx::AttributeProto::INT: node.attributes.set(name, static_cast<std::int64_t>(proto.i())); break;
        case onnx::AttributeProto::STRING: node.attributes.set(name, proto.s()); break;
        case onnx::AttributeProto::FLOATS: node.attributes.set(name, std::vector<float>(proto.floats().begin(), proto.floats().end())); break;
        case onnx::AttributeProto::INTS: node.attributes.set(name, std::vector<std::int64_t>(proto.ints().begin(), proto.ints().end())); break;
        case onnx::AttributeProto::STRINGS: node.attributes.set(name, std::vector<std::string>(proto.strings().begin(), proto.strings().end())); break;
        case onnx::AttributeProto::TENSOR: {
            if (!dataTypeFromOnnx(proto.t().data_type()))
                return fmt::format("attribute {} holds {}", name, onnxTypeName(proto.t().data_type()));
            CORE_TRY(Tensor tensor, tensorFromProto(proto.t(), m_folder));
            node.attributes.set(name, std::move(tensor));
            break;
        }
        case onnx::AttributeProto::GRAPH:
        case onnx::AttributeProto::GRAPHS: return fmt::format("attribute {} holds a graph of its own", name);
        default: return fmt::format("attribute {} is neither number, text nor tensor", name);
        }
        return std::string();
    }

    Result<void> readNodes()
    {
        for (int position = 0; position < m_graph.node_size(); ++position) {
            const onnx::NodeProto& proto = m_graph.node(position);
            Node node;
            node.name = uniqueNodeName(proto, position);
            node.operation = qualifiedName(proto);
            const std::string place = fmt::format("{} ({})", node.name, node.operation);
            std::string reason;
            for (const auto& attribute : proto.attribute()) {
                Result<std::string> refusal = readAttribute(attribute, node);
                if (!refusal)
                    return refusal.error().within(place);
                if (!refusal.value().empty())
                    reason = refusal.value();
            }
            if (!isKnownOperation(node.operation))
                reason = isDefaultDomain(proto.domain()) ? "the operation is not supported" : fmt::format("domain {} is not supported", proto.domain());
            if (!reason.empty())
                refuse(node.operation, node.name, reason);
            for (const std::string& name : proto.output()) {
                if (name.empty()) {
                    node.outputs.emplace_back();
                    continue;
                }
                if (const auto writer = m_writers.find(name); writer != m_writers.end())
                    return Problem{place, fmt::format("writes '{}', which {} writes too; one writer is wanted", name, writer->second)};
                if (m_values.contains(name))
                    return Problem{place, fmt::format("writes '{}', which is an input or initializer; a name of its own is wanted", name)};
                m_writers.emplace(name, place);
                node.outputs.push_back(addValue(name));
            }
            if (std::none_of(node.outputs.begin(), node.outputs.end(), [](ValueIndex output) { return output.isValid(); }))
                return Problem{place, "names no output"};
            m_network.nodes.push_back(std::move(node));
        }
        return success();
    }

    Result<void> linkNodes()
    {
        for (int position = 0; position < m_graph.node_size(); ++position) {
            Node& node = m_network.nodes[static_cast<std::size_t>(position)];
            for (const std::string& name : m_graph.node(position).input()) {
                if (name.empty()) {
                    node.inputs.emplace_back();
                    continue;
                }
                const auto found = m_values.find(name);
                if (found == m_values.end())
                    return Problem{fmt::format("{} ({})", node.name, node.operation), fmt::format("reads '{}', which no input, initializer or node provides", name)};
                node.inputs.push_back(found->second);
                if (const auto refusal = m_refusedValues.find(name); refusal != m_refusedValues.end())
                    refuse(node.operation, node.name, fmt::format("its input '{}' is {}", name, refusal->second));
            }
        }
        return success();
    }

    Result<void> readOutputs()
    {
        if (m_graph.output_size() == 0)
            return Problem{"", "the graph names no output"};
        for (const auto& proto : m_graph.output()) {
            const auto found = m_values.find(proto.name());
            if (found == m_values.end())
                return Problem{fmt::format("output '{}'", proto.name()), "nothing in the graph provides it"};
            m_network.outputs.push_back(found->second);
            declare(proto);
        }
        return success();
    }

    void readDeclarations()
    {
        for (const auto& proto : m_graph.value_info())
            declare(proto);
    }

    /// What the file says of a value some node writes. Types we have none for refuse the node.
    void declare(const onnx::ValueInfoProto& proto)
    {
        const auto found = m_values.find(proto.name());
        if (found == m_values.end() || m_network.value(found->second).shape)
            return;
        ReadType type = readType(proto.type());
        Value& value = m_network.values[found->second.value()];
        value.type = type.type;
        value.shape = std::move(type.shape);
        if (type.refusal.empty())
            return;
        for (const Node& node : m_network.nodes)
            if (std::find(node.outputs.begin(), node.outputs.end(), found->second) != node.outputs.end())
                refuse(node.operation, node.name, fmt::format("its output '{}' is {}", proto.name(), type.refusal));
    }

    /// Data order with the file's order among nodes that are ready.
    Result<void> sortNodes()
    {
        std::vector<Node>& nodes = m_network.nodes;
        std::vector<std::vector<std::size_t>> readers(m_network.values.size());
        std::vector<std::size_t> waitsFor(nodes.size(), 0);
        std::vector<bool> isMade(m_network.values.size(), true);
        for (const Node& node : nodes)
            for (const ValueIndex output : node.outputs)
                if (output.isValid())
                    isMade[output.value()] = false;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            for (const ValueIndex input : nodes[i].inputs)
                if (input.isValid() && !isMade[input.value()]) {
                    readers[input.value()].push_back(i);
                    ++waitsFor[i];
                }
        std::priority_queue<std::size_t, std::vector<std::size_t>, std::greater<>> ready;
        for (std::size_t i = 0; i < nodes.size(); ++i)
            if (waitsFor[i] == 0)
                ready.push(i);
        std::vector<Node> sorted;
        while (!ready.empty()) {
            const std::size_t next = ready.top();
            ready.pop();
            for (const ValueIndex output : nodes[next].outputs)
                if (output.isValid())
                    for (const std::size_t reader : readers[output.value()])
                        if (--waitsFor[reader] == 0)
                            ready.push(reader);
            sorted.push_back(nodes[next]);
        }
        if (sorted.size() < nodes.size()) {
            std::vector<std::string> waiting;
            for (std::size_t i = 0; i < nodes.size() && waiting.size() < 8; ++i)
                if (waitsFor[i] > 0)
                    waiting.push_back(fmt::format("{} ({})", nodes[i].name, nodes[i].operation));
            if (waiting.size() == 1)
                return Problem{waiting.front(), "waits for its own output; a graph without circles is wanted"};
            return Problem{"", fmt::format("{} nodes wait for each other in a circle, {} among them; a graph without circles is wanted",
                                           nodes.size() - sorted.size(), fmt::join(waiting, ", "))};
        }
        nodes = std::move(sorted);
        return success();
    }

    Problem refusalProblem() const
    {
        std::vector<std::string> lines;
        for (const auto& [operation, refusal] : m_refusals) {
            std::vector<std::string> names(refusal.nodes.begin(), refusal.nodes.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(refusal.nodes.size(), 3)));
            if (refusal.nodes.size() > names.size())
                names.push_back(fmt::format("{} more", refusal.nodes.size() - names.size()));
            lines.push_back(fmt::format("{} (node {}: {})", operation, fmt::join(names, ", "), refusal.reason));
        }
        return {"", fmt::format("{} operator{} cannot be run: {}", lines.size(), lines.size() == 1 ? "" : "s", fmt::join(lines, "; "))};
    }

    /// NaN is nowhere a number; infinity is one as a bound or a mask, but not as something to multiply by.
    Result<void> checkNumbers() const
    {
        static const std::set<std::string> kMultiplying = {"BatchNormalization", "Conv", "ConvTranspose", "GRU", "Gemm", "InstanceNormalization",
                                                           "LSTM", "LayerNormalization", "MatMul", "PRelu", "RNN"};
        for (const Value& value : m_network.values)
            if (value.constant)
                CORE_TRY(checkElements(value.name, *value.constant, Infinity::Allowed));
        for (const Node& node : m_network.nodes) {
            if (const Tensor* tensor = node.operation == "Constant" ? node.attributes.tensor("value") : nullptr)
                CORE_TRY(checkElements(node.name, *tensor, Infinity::Allowed));
            if (kMultiplying.contains(node.operation))
                for (const ValueIndex input : node.inputs)
                    if (const Tensor* tensor = m_network.constant(input))
                        CORE_TRY(checkElements(m_network.value(input).name, *tensor, Infinity::Refused));
        }
        return success();
    }

    enum class Infinity { Allowed, Refused };

    static Result<void> checkElements(const std::string& name, const Tensor& tensor, Infinity infinity)
    {
        return visitType(tensor.type(), [&]<class T>() -> Result<void> {
            if constexpr (!std::is_integral_v<T>) {
                const auto elements = tensor.values<T>();
                for (std::size_t i = 0; i < elements.size(); ++i) {
                    const auto element = static_cast<double>(static_cast<std::conditional_t<std::is_same_v<T, double>, double, float>>(elements[i]));
                    if (std::isnan(element) || (infinity == Infinity::Refused && std::isinf(element)))
                        return Problem{fmt::format("tensor '{}', element {}", name, i), fmt::format("is {}; a finite number is wanted", element)};
                }
            }
            return success();
        });
    }

    void writeNotes()
    {
        for (const Node& node : m_network.nodes) {
            const auto refusal = m_nodeRefusals.find(node.name);
            if (refusal != m_nodeRefusals.end())
                m_network.importNotes.push_back({node.name, node.operation, Support::Refused, refusal->second});
            else
                m_network.importNotes.push_back({node.name, node.operation, supportOf(m_network, node), {}});
        }
    }

    const onnx::ModelProto& m_model;
    const onnx::GraphProto& m_graph;
    std::filesystem::path m_folder;
    Network m_network;
    std::unordered_map<std::string, ValueIndex> m_values;
    std::unordered_map<std::string, std::string> m_writers;           // value name -> "node (operation)"
    std::unordered_map<std::string, std::string> m_refusedValues;     // name -> what it is
    std::unordered_set<std::string> m_nodeNames;
    std::map<std::string, Refusal> m_refusals;                        // by operation
    std::unordered_map<std::string, std::string> m_nodeRefusals;      // node name -> reason
};

}  // namespace

Result<Network> networkFromProto(const onnx::ModelProto& model, const std::filesystem::path& folder, RefusedNodes refused)
{
    return GraphReader(model, folder).read(refused);
}

}  // namespace core
