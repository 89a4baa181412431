// SPDX-License-Identifier: GPL-3.0-or-later
// polar inspect: what a network is made of, and what becomes of each of its nodes.
#include "app/cli/options.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/base/quantity_text.h"
#include "core/io/library.h"
#include "core/io/onnx_reader.h"
#include "core/network/operation.h"
#include "core/network/weighted_layer.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <memory>
#include <set>

namespace app {
namespace {

using nlohmann::ordered_json;

struct NodeFigures {
    int rows = 0, columns = 0; // of a weighted node
    std::int64_t macs = 0;     // per sample
    std::int64_t parameters = 0;
    std::string shape; // of the first output, one sample
};

/// Constants of more than one element that are real numbers were learned; a scalar or an integer is an argument.
std::int64_t parametersOf(const core::Network& network, core::ValueIndex value)
{
    const core::Tensor* constant = network.constant(value);
    const bool isReal =
        constant != nullptr && (constant->type() == core::DataType::Float32 || constant->type() == core::DataType::Float64 ||
                                constant->type() == core::DataType::Float16 || constant->type() == core::DataType::BFloat16);
    return isReal && constant->size() > 1 ? constant->size() : 0;
}

/// Multiply-accumulates of a product of two computed matrices (attention): elements of the result times the inner length.
std::int64_t innerProducts(const core::Node& node, const std::vector<core::TensorDescription>& values)
{
    if (node.operation != "MatMul" || values.empty())
        return 0;
    const core::Shape& left = values[node.inputs.at(0).value()].shape;
    return left.empty() ? 0 : core::elementCount(values[node.outputs.at(0).value()].shape) * left.back();
}

std::vector<NodeFigures> figuresOf(const core::Network& network, const std::vector<core::TensorDescription>& values)
{
    std::vector<NodeFigures> figures(network.nodes.size());
    for (std::size_t i = 0; i < figures.size(); ++i) {
        const core::Node& node = network.nodes[i];
        for (const core::ValueIndex input : node.inputs)
            figures[i].parameters += parametersOf(network, input);
        figures[i].macs = innerProducts(node, values);
        if (!values.empty() && !node.outputs.empty() && node.outputs.front().isValid())
            figures[i].shape = core::shapeText(values[node.outputs.front().value()].shape);
    }
    if (!values.empty())
        for (const core::WeightedLayer& layer : core::weightedLayers(network, values)) {
            NodeFigures& node = figures[layer.node.value()];
            node.rows = layer.rows;
            node.columns = layer.columns;
            node.macs = layer.macs();
        }
    return figures;
}

std::int64_t distinctParameters(const core::Network& network)
{
    std::set<core::ValueIndex> seen;
    std::int64_t sum = 0;
    for (const core::Node& node : network.nodes)
        for (const core::ValueIndex input : node.inputs)
            if (input.isValid() && seen.insert(input).second)
                sum += parametersOf(network, input);
    return sum;
}

std::string shapeOf(const core::Value& value)
{
    if (!value.shape)
        return "?";
    std::string text;
    for (const core::Dimension& axis : *value.shape)
        text += (text.empty() ? "" : "x") + (axis.size ? std::to_string(*axis.size) : axis.symbol.empty() ? "?" : axis.symbol);
    return text.empty() ? "scalar" : text;
}

ordered_json endsOf(const core::Network& network, const std::vector<core::ValueIndex>& ends, const char* what, std::string& page)
{
    ordered_json all = ordered_json::array();
    for (const core::ValueIndex end : ends) {
        const core::Value& value = network.value(end);
        all.push_back({{"name", value.name}, {"type", core::dataTypeName(value.type)}, {"shape", shapeOf(value)}});
        page += fmt::format("{:<11} {}: {} {}\n", what, value.name, core::dataTypeName(value.type), shapeOf(value));
    }
    return all;
}

std::vector<core::ImportNote> refusedNodes(const core::Network& network)
{
    std::vector<core::ImportNote> refused;
    std::ranges::copy_if(network.importNotes, std::back_inserter(refused),
                         [](const auto& note) { return note.support == core::Support::Refused; });
    return refused;
}

/// Every node once: those that run, and those of the file that folding removed.
void describeNodes(const core::Network& network, const std::vector<NodeFigures>& figures, Answer& answer)
{
    std::map<std::string, const core::ImportNote*> notes;
    for (const core::ImportNote& note : network.importNotes)
        notes[note.node] = &note;
    using enum Table::Align;
    Table table({{"NODE"},
                 {"op"},
                 {"rows", Right},
                 {"columns", Right},
                 {"MACs", Right},
                 {"parameters", Right},
                 {"output", Right},
                 {"support"},
                 {"remark"}});
    ordered_json& nodes = answer.document["nodes"] = ordered_json::array();
    const auto add = [&](const std::string& name, const std::string& operation, const NodeFigures& f, core::Support support,
                         const std::string& remark) {
        nodes.push_back({{"name", name},
                         {"op", operation},
                         {"rows", f.rows},
                         {"columns", f.columns},
                         {"macs", f.macs},
                         {"parameters", f.parameters},
                         {"shape", f.shape},
                         {"support", core::supportName(support)},
                         {"remark", remark}});
        const auto figure = [](std::int64_t count) { return count == 0 ? std::string() : core::countText(count); };
        table.add({name, operation, figure(f.rows), figure(f.columns), figure(f.macs), figure(f.parameters), f.shape,
                   core::supportName(support), remark});
    };
    std::set<std::string> told;
    for (std::size_t i = 0; i < network.nodes.size(); ++i) {
        const core::Node& node = network.nodes[i];
        const auto note = notes.find(node.name);
        const bool noted = note != notes.end();
        add(node.name, node.operation, figures[i], noted ? note->second->support : core::supportOf(network, node),
            noted ? note->second->remark : "");
        told.insert(node.name);
    }
    for (const core::ImportNote& note : network.importNotes)
        if (!told.contains(note.node))
            add(note.node, note.operation, {}, note.support, note.remark);
    answer.page += '\n' + table.text();
}

/// As loadNetwork, but a file with operators we do not know is still read, so that all its nodes can be shown.
core::Result<core::LoadedNetwork> loadToShow(const std::string& name, core::BatchNormalization batchNormalization)
{
    auto loaded = core::loadNetwork(name, batchNormalization);
    if (loaded || !name.ends_with(".onnx"))
        return loaded;
    auto kept = core::readOnnx(name, core::RefusedNodes::Keep);
    if (!kept || refusedNodes(kept.value()).empty())
        return loaded;
    return core::LoadedNetwork{std::make_shared<const core::Network>(std::move(kept.value())), {}};
}

core::Result<Answer> inspect(const std::string& name, core::BatchNormalization batchNormalization)
{
    CORE_TRY(const core::LoadedNetwork loaded, loadToShow(name, batchNormalization));
    const core::Network& network = *loaded.network;

    Answer answer;
    for (const core::ImportNote& note : refusedNodes(network))
        answer.problems.push_back({name + ": " + note.node, fmt::format("operator {} is refused{}{}", note.operation,
                                                                        note.remark.empty() ? "" : ": ", note.remark)});
    // Shapes of a refused network cannot be known past the refused node; without them the rest is still worth seeing.
    std::vector<core::TensorDescription> values;
    if (auto described = core::describeValues(network, 1))
        values = std::move(described.value());
    else if (answer.problems.empty())
        answer.problems.push_back(described.error().within(name));
    if (!answer.problems.empty())
        answer.ending = Ending::Problem;

    const std::vector<NodeFigures> figures = figuresOf(network, values);
    std::int64_t macs = 0;
    for (const NodeFigures& node : figures)
        macs += node.macs;
    const std::string title = loaded.manifest.title.empty() ? network.name : loaded.manifest.title;
    answer.document = ordered_json{{"name", loaded.manifest.name.empty() ? network.name : loaded.manifest.name},
                                   {"title", title},
                                   {"source", loaded.manifest.source},
                                   {"licence", loaded.manifest.licence},
                                   {"hash", network.hash},
                                   {"opset", network.opset},
                                   {"parameters", distinctParameters(network)},
                                   {"macs", macs}};
    answer.page = fmt::format("{}\n{:<11} {}\n{:<11} {}\n{:<11} {} parameters, {} MACs a sample\n", title, "hash", network.hash, "opset",
                              network.opset, "size", core::countText(distinctParameters(network)), core::countText(macs));
    answer.document["inputs"] = endsOf(network, network.inputs, "input", answer.page);
    answer.document["outputs"] = endsOf(network, network.outputs, "output", answer.page);
    describeNodes(network, figures, answer);
    return answer;
}

}  // namespace

void addInspectVerb(Verbs& verbs)
{
    struct Options {
        std::string network;
        bool keepBatchNormalization = false;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("inspect", "Layers, shapes, MACs, parameters, and what import made of every node",
                               {"polar inspect lenet5-mnist", "polar inspect lenet5-mnist --json"}, [options](const core::RunControl&) {
                                   return inspect(options->network, options->keepBatchNormalization ? core::BatchNormalization::Keep
                                                                                                    : core::BatchNormalization::Fold);
                               });
    addNetwork(verb, options->network);
    verb.add_flag("--keep-batch-norm", options->keepBatchNormalization, "Do not fold BatchNormalization into the layer before it");
}

}  // namespace app
