// SPDX-License-Identifier: Apache-2.0
#include "core/io/onnx_writer.h"

#include "core/io/file_target.h"
#include "core/network/onnx_types.h"

#include <onnx/onnx_pb.h>

#include <set>

namespace core {

namespace {

/// The first IR version that has every opset we read; later ones add what networks here do not use.
constexpr std::int64_t kIrVersion = 8;

std::int32_t onnxType(DataType type)
{
    for (std::int32_t number = 1; number <= 16; ++number)
        if (dataTypeFromOnnx(number) == type)
            return number;
    return 0;
}

void write(const Tensor& tensor, const std::string& name, onnx::TensorProto& proto)
{
    proto.set_name(name);
    proto.set_data_type(onnxType(tensor.type()));
    for (const std::int64_t size : tensor.shape())
        proto.add_dims(size);
    proto.set_raw_data(tensor.bytes().data(), tensor.byteCount());
}

void write(const Value& value, onnx::ValueInfoProto& proto)
{
    proto.set_name(value.name);
    auto& type = *proto.mutable_type()->mutable_tensor_type();
    type.set_elem_type(onnxType(value.type));
    if (!value.shape)
        return;
    type.mutable_shape();
    for (const Dimension& dimension : *value.shape) {
        auto& axis = *type.mutable_shape()->add_dim();
        if (dimension.size)
            axis.set_dim_value(*dimension.size);
        else if (!dimension.symbol.empty())
            axis.set_dim_param(dimension.symbol);
    }
}

struct AttributeWriter {
    onnx::AttributeProto& proto;
    void operator()(std::int64_t value) const
    {
        proto.set_type(onnx::AttributeProto::INT);
        proto.set_i(value);
    }
    void operator()(float value) const
    {
        proto.set_type(onnx::AttributeProto::FLOAT);
        proto.set_f(value);
    }
    void operator()(const std::string& value) const
    {
        proto.set_type(onnx::AttributeProto::STRING);
        proto.set_s(value);
    }
    void operator()(const Tensor& value) const
    {
        proto.set_type(onnx::AttributeProto::TENSOR);
        write(value, "", *proto.mutable_t());
    }
    void operator()(const std::vector<std::int64_t>& values) const
    {
        proto.set_type(onnx::AttributeProto::INTS);
        for (const std::int64_t value : values)
            proto.add_ints(value);
    }
    void operator()(const std::vector<float>& values) const
    {
        proto.set_type(onnx::AttributeProto::FLOATS);
        for (const float value : values)
            proto.add_floats(value);
    }
    void operator()(const std::vector<std::string>& values) const
    {
        proto.set_type(onnx::AttributeProto::STRINGS);
        for (const std::string& value : values)
            proto.add_strings(value);
    }
};

void write(const Network& network, const Node& node, onnx::NodeProto& proto)
{
    proto.set_name(node.name);
    // Operators outside ONNX's own set are named "domain.Operator" here.
    const std::size_t dot = node.operation.rfind('.');
    if (dot != std::string::npos)
        proto.set_domain(node.operation.substr(0, dot));
    proto.set_op_type(dot == std::string::npos ? node.operation : node.operation.substr(dot + 1));
    const auto nameOf = [&](ValueIndex value) { return value.isValid() ? network.value(value).name : std::string(); };
    for (const ValueIndex input : node.inputs)
        proto.add_input(nameOf(input));
    for (const ValueIndex output : node.outputs)
        proto.add_output(nameOf(output));
    for (const auto& [name, value] : node.attributes.all()) {
        onnx::AttributeProto& attribute = *proto.add_attribute();
        attribute.set_name(name);
        std::visit(AttributeWriter{attribute}, value);
    }
}

onnx::ModelProto modelOf(const Network& network)
{
    onnx::ModelProto model;
    model.set_ir_version(kIrVersion);
    model.set_producer_name("polarizer");
    onnx::OperatorSetIdProto& opset = *model.add_opset_import();
    opset.set_domain("");
    opset.set_version(network.opset);
    onnx::GraphProto& graph = *model.mutable_graph();
    graph.set_name(network.name.empty() ? "network" : network.name);
    std::set<std::string> domains;
    for (const Node& node : network.nodes) {
        write(network, node, *graph.add_node());
        if (const std::string& domain = graph.node(graph.node_size() - 1).domain(); !domain.empty() && domains.insert(domain).second) {
            onnx::OperatorSetIdProto& other = *model.add_opset_import();
            other.set_domain(domain);
            other.set_version(1);
        }
    }
    std::set<ValueIndex> used;  // folding leaves constants that no node reads any more
    for (const Node& node : network.nodes)
        used.insert(node.inputs.begin(), node.inputs.end());
    used.insert(network.outputs.begin(), network.outputs.end());
    for (std::size_t index = 0; index < network.values.size(); ++index)
        if (network.values[index].constant && used.contains(ValueIndex(index)))
            write(*network.values[index].constant, network.values[index].name, *graph.add_initializer());
    for (const ValueIndex input : network.inputs)
        write(network.value(input), *graph.add_input());
    for (const ValueIndex output : network.outputs)
        write(network.value(output), *graph.add_output());
    return model;
}

}  // namespace

Result<void> writeOnnx(const Network& network, const std::filesystem::path& file)
{
    return replaceFile(file, [&](std::ostream& out) { return modelOf(network).SerializeToOstream(&out); });
}

}  // namespace core
