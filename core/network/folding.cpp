// SPDX-License-Identifier: Apache-2.0
#include "core/network/folding.h"

#include "core/network/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>
#include <set>

namespace core {

namespace {

void note(Network& network, const Node& node, std::string remark)
{
    const auto found = std::find_if(network.importNotes.begin(), network.importNotes.end(), [&](const ImportNote& one) { return one.node == node.name; });
    ImportNote folded{node.name, node.operation, Support::Folded, std::move(remark)};
    if (found == network.importNotes.end())
        network.importNotes.push_back(std::move(folded));
    else
        *found = std::move(folded);
}

bool isOutput(const Network& network, ValueIndex value) { return std::find(network.outputs.begin(), network.outputs.end(), value) != network.outputs.end(); }

bool isRead(const Network& network, ValueIndex value)
{
    return std::any_of(network.nodes.begin(), network.nodes.end(), [value](const Node& node) {
        return std::find(node.inputs.begin(), node.inputs.end(), value) != node.inputs.end();
    });
}

/// Runs a node whose inputs are all constant and makes its outputs constants; their bytes add to `foldedBytes`.
Result<void> compute(Network& network, const Node& node, std::int64_t& foldedBytes, std::int64_t mostBytes)
{
    std::vector<const Tensor*> inputs;
    for (const ValueIndex input : node.inputs)
        inputs.push_back(network.constant(input));
    CORE_TRY(std::vector<Tensor> results, runOperation(node, network.opset, inputs));
    for (std::size_t i = 0; i < node.outputs.size(); ++i) {
        if (!node.outputs[i].isValid())
            continue;
        foldedBytes += static_cast<std::int64_t>(results[i].byteCount());
        if (foldedBytes > mostBytes)
            return Problem{fmt::format("{} ({})", node.name, node.operation),
                           fmt::format("what is computed from constants takes {} bytes up to here; at most {} in all are wanted",
                                       foldedBytes, mostBytes)};
        Value& value = network.values[node.outputs[i].value()];
        value.type = results[i].type();
        value.shape = std::vector<Dimension>();
        for (const std::int64_t size : results[i].shape())
            value.shape->push_back({size, {}});
        value.constant = std::move(results[i]);
    }
    return success();
}

/// Identity, and Dropout as inference has it: the first output is the first input.
bool passesOn(const Network& network, const Node& node)
{
    if (node.operation == "Identity")
        return true;
    if (node.operation != "Dropout")
        return false;
    const bool wantsMask = node.outputs.size() > 1 && node.outputs[1].isValid();
    // A training_mode that is no constant, or true, is left for the run to judge.
    const bool mayTrain = node.inputs.size() > 2 && node.inputs[2].isValid()
                          && !(network.constant(node.inputs[2]) && network.constant(node.inputs[2])->type() == DataType::Bool
                               && network.constant(node.inputs[2])->size() == 1 && !network.constant(node.inputs[2])->values<bool>()[0]);
    return !wantsMask && !mayTrain;
}

/// Lets readers of `from` read `to`.
void redirect(Network& network, ValueIndex from, ValueIndex to)
{
    for (Node& node : network.nodes)
        std::replace(node.inputs.begin(), node.inputs.end(), from, to);
}

Node* writerOf(Network& network, ValueIndex value)
{
    for (Node& node : network.nodes)
        if (std::find(node.outputs.begin(), node.outputs.end(), value) != node.outputs.end())
            return &node;
    return nullptr;
}

/// Takes a node that passes its input on out of the way. An output of the network keeps its name, so there the node in
/// front writes it; where that cannot be the node stays.
bool bypass(Network& network, const Node& node)
{
    const ValueIndex in = node.inputs.front(), out = node.outputs.front();
    if (!in.isValid() || !out.isValid())
        return false;
    if (!isOutput(network, out)) {
        redirect(network, out, in);
        return true;
    }
    Node* writer = writerOf(network, in);
    if (!writer || isOutput(network, in))
        return false;
    std::replace(writer->outputs.begin(), writer->outputs.end(), in, out);
    redirect(network, in, out);
    return true;
}

bool allInputsConstant(const Network& network, const Node& node)
{
    return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueIndex input) { return !input.isValid() || network.constant(input); });
}

void dropNodes(Network& network, const std::vector<bool>& isDropped)
{
    std::vector<Node> kept;
    for (std::size_t i = 0; i < network.nodes.size(); ++i)
        if (!isDropped[i])
            kept.push_back(std::move(network.nodes[i]));
    network.nodes = std::move(kept);
}

/// Walks back from the outputs, so a chain that ends nowhere goes as a whole.
void dropUnread(Network& network)
{
    std::set<ValueIndex> wanted(network.outputs.begin(), network.outputs.end());
    std::vector<bool> isDropped(network.nodes.size(), false);
    for (std::size_t i = network.nodes.size(); i-- > 0;) {
        const Node& node = network.nodes[i];
        const bool isWanted = std::any_of(node.outputs.begin(), node.outputs.end(), [&](ValueIndex output) { return wanted.contains(output); });
        if (isWanted) {
            wanted.insert(node.inputs.begin(), node.inputs.end());
        } else {
            isDropped[i] = true;
            note(network, node, "nothing reads its result");
        }
    }
    dropNodes(network, isDropped);
}

/// Forgets values that no node, input or output names, and numbers the rest anew in their old order.
void dropUnusedValues(Network& network)
{
    std::vector<bool> isUsed(network.values.size(), false);
    const auto use = [&](const std::vector<ValueIndex>& list) {
        for (const ValueIndex value : list)
            if (value.isValid())
                isUsed[value.value()] = true;
    };
    use(network.inputs);
    use(network.outputs);
    for (const Node& node : network.nodes) {
        use(node.inputs);
        use(node.outputs);
    }
    std::vector<ValueIndex> places(network.values.size());
    std::vector<Value> kept;
    for (std::size_t i = 0; i < isUsed.size(); ++i) {
        if (!isUsed[i])
            continue;
        places[i] = ValueIndex(kept.size());
        kept.push_back(std::move(network.values[i]));
    }
    network.values = std::move(kept);
    const auto renumber = [&](std::vector<ValueIndex>& list) {
        for (ValueIndex& value : list)
            if (value.isValid())
                value = places[value.value()];
    };
    renumber(network.inputs);
    renumber(network.outputs);
    for (Node& node : network.nodes) {
        renumber(node.inputs);
        renumber(node.outputs);
    }
}

/// Folding turns computed weights into constants, so what a plan can treat is judged again.
void judgeSupportAgain(Network& network)
{
    for (const Node& node : network.nodes)
        for (ImportNote& one : network.importNotes)
            if (one.node == node.name && one.support != Support::Refused)
                one.support = supportOf(network, node);
}

}  // namespace

Result<Network> foldConstants(const Network& network, std::int64_t mostBytes)
{
    Network folded = network;
    std::vector<bool> isDropped(folded.nodes.size(), false);
    std::int64_t foldedBytes = 0;
    for (std::size_t i = 0; i < folded.nodes.size(); ++i) {
        const Node node = folded.nodes[i];
        if (!isKnownOperation(node.operation))
            continue;
        if (allInputsConstant(folded, node)) {
            CORE_TRY(compute(folded, node, foldedBytes, mostBytes));
            isDropped[i] = true;
            note(folded, node, "computed from constants");
        } else if (passesOn(folded, node) && bypass(folded, node)) {
            isDropped[i] = true;
            note(folded, node, "passes its input on");
        }
    }
    dropNodes(folded, isDropped);
    dropUnread(folded);
    dropUnusedValues(folded);
    judgeSupportAgain(folded);
    return folded;
}

namespace {

struct Normalization {
    std::vector<double> factor;   // scale / sqrt(variance + epsilon)
    std::vector<double> mean, shift;
};

std::optional<Normalization> normalizationOf(const Network& network, const Node& node)
{
    if (node.inputs.size() < 5 || node.attributes.integer("training_mode", 0) != 0)
        return std::nullopt;
    std::vector<double> parameters[4];
    for (std::size_t i = 0; i < 4; ++i) {
        const Tensor* tensor = network.constant(node.inputs[i + 1]);
        if (!tensor || tensor->type() != DataType::Float32 || (i > 0 && tensor->size() != static_cast<std::int64_t>(parameters[0].size())))
            return std::nullopt;
        parameters[i].assign(tensor->values<float>().begin(), tensor->values<float>().end());
    }
    const auto epsilon = static_cast<double>(node.attributes.real("epsilon", 1e-5f));
    Normalization result{parameters[0], parameters[2], parameters[1]};
    for (std::size_t i = 0; i < result.factor.size(); ++i)
        result.factor[i] /= std::sqrt(parameters[3][i] + epsilon);
    return result;
}

/// How a node's weights lie: `rows` output channels in `outer` groups, each row `inner` elements wide and repeated over
/// `repeats` slices. Element ((group, slice, row in group), i).
struct WeightLayout { std::int64_t outer = 1, slices = 1, rowsPerGroup = 1, inner = 1; };

std::optional<WeightLayout> layoutOf(const Node& node, const Tensor& weights)
{
    const std::int64_t groups = node.attributes.integer("group", 1);
    if (node.operation == "Conv" && weights.rank() >= 3)
        return WeightLayout{1, 1, weights.dimension(0), weights.size() / std::max<std::int64_t>(weights.dimension(0), 1)};
    if (node.operation == "ConvTranspose" && weights.rank() >= 3 && groups > 0 && weights.dimension(0) % groups == 0) {
        const std::int64_t kernel = weights.size() / std::max<std::int64_t>(weights.dimension(0) * weights.dimension(1), 1);
        return WeightLayout{groups, weights.dimension(0) / groups, weights.dimension(1), kernel};
    }
    if (node.operation == "Gemm" && weights.rank() == 2) {
        if (node.attributes.integer("transB", 0) != 0)
            return WeightLayout{1, 1, weights.dimension(0), weights.dimension(1)};
        return WeightLayout{1, weights.dimension(0), weights.dimension(1), 1};
    }
    return std::nullopt;
}

/// w' = w * factor, taken in double and rounded once.
Tensor scaled(const Tensor& weights, const WeightLayout& layout, const std::vector<double>& factor)
{
    Tensor result = weights;
    float* element = result.edit<float>().data();
    for (std::int64_t group = 0; group < layout.outer; ++group)
        for (std::int64_t slice = 0; slice < layout.slices; ++slice)
            for (std::int64_t row = 0; row < layout.rowsPerGroup; ++row) {
                const double by = factor[static_cast<std::size_t>(group * layout.rowsPerGroup + row)];
                for (std::int64_t i = 0; i < layout.inner; ++i, ++element)
                    *element = static_cast<float>(static_cast<double>(*element) * by);
            }
    return result;
}

/// The node's bias (times Gemm's beta) for every row, zeros where it has none; nothing where it is no such list.
std::optional<std::vector<double>> biasOf(const Network& network, const Node& node, std::size_t rows)
{
    std::vector<double> bias(rows, 0.0);
    if (node.inputs.size() < 3 || !node.inputs[2].isValid())
        return bias;
    const Tensor* tensor = network.constant(node.inputs[2]);
    const bool isRowVector = tensor && (tensor->rank() < 2 || (tensor->rank() == 2 && tensor->dimension(0) == 1));
    if (!isRowVector || tensor->type() != DataType::Float32 || (tensor->size() != 1 && tensor->size() != static_cast<std::int64_t>(rows)))
        return std::nullopt;
    const double beta = node.operation == "Gemm" ? static_cast<double>(node.attributes.real("beta", 1.0f)) : 1.0;
    for (std::size_t row = 0; row < rows; ++row)
        bias[row] = beta * static_cast<double>(tensor->values<float>()[tensor->size() == 1 ? 0 : row]);
    return bias;
}

ValueIndex addConstant(Network& network, std::string name, Tensor tensor)
{
    const auto isTaken = [&](const std::string& wanted) {
        return std::any_of(network.values.begin(), network.values.end(), [&](const Value& value) { return value.name == wanted; });
    };
    while (isTaken(name))
        name += "_";
    Value value{std::move(name), tensor.type(), std::vector<Dimension>(), std::nullopt};
    for (const std::int64_t size : tensor.shape())
        value.shape->push_back({size, {}});
    value.constant = std::move(tensor);
    network.values.push_back(std::move(value));
    return ValueIndex(network.values.size() - 1);
}

/// Folds one BatchNormalization into the node that writes its input; false where it cannot be.
bool foldInto(Network& network, Node& target, const Node& normalization)
{
    const std::optional<Normalization> numbers = normalizationOf(network, normalization);
    const Tensor* weights = target.inputs.size() > 1 ? network.constant(target.inputs[1]) : nullptr;
    if (!numbers || !weights || weights->type() != DataType::Float32)
        return false;
    const std::optional<WeightLayout> layout = layoutOf(target, *weights);
    const std::size_t rows = numbers->factor.size();
    if (!layout || layout->outer * layout->rowsPerGroup != static_cast<std::int64_t>(rows))
        return false;
    const auto bias = biasOf(network, target, rows);
    if (!bias)
        return false;
    std::vector<float> shifted(rows);
    for (std::size_t row = 0; row < rows; ++row)
        shifted[row] = static_cast<float>(((*bias)[row] - numbers->mean[row]) * numbers->factor[row] + numbers->shift[row]);
    const std::string weightName = network.value(target.inputs[1]).name;
    target.inputs[1] = addConstant(network, weightName + ".folded", scaled(*weights, *layout, numbers->factor));
    target.inputs.resize(3);
    target.inputs[2] = addConstant(network, target.name + ".bias.folded", Tensor::of<float>({static_cast<std::int64_t>(rows)}, shifted));
    if (target.operation == "Gemm")
        target.attributes.set("beta", 1.0f);
    target.outputs.front() = normalization.outputs.front();
    return true;
}

bool writesFromFirstInput(const Node& node)
{
    return !node.inputs.empty() && node.inputs.front().isValid() && !node.outputs.empty() && node.outputs.front().isValid();
}

bool isReadOnce(const Network& network, ValueIndex value)
{
    std::size_t readers = isOutput(network, value) ? 1 : 0;
    for (const Node& node : network.nodes)
        readers += static_cast<std::size_t>(std::count(node.inputs.begin(), node.inputs.end(), value));
    return readers == 1;
}

}  // namespace

Result<Network> foldBatchNormalization(const Network& network)
{
    Network folded = network;
    std::vector<bool> isDropped(folded.nodes.size(), false);
    for (std::size_t i = 0; i < folded.nodes.size(); ++i) {
        const Node node = folded.nodes[i];
        if (node.operation != "BatchNormalization" || !writesFromFirstInput(node) || !isReadOnce(folded, node.inputs.front()))
            continue;
        // Extra outputs are training's; whoever reads them needs the node.
        if (std::any_of(node.outputs.begin() + 1, node.outputs.end(), [&](ValueIndex output) {
                return output.isValid() && (isRead(folded, output) || isOutput(folded, output));
            }))
            continue;
        Node* writer = writerOf(folded, node.inputs.front());
        if (!writer || !foldInto(folded, *writer, node))
            continue;
        isDropped[i] = true;
        note(folded, node, fmt::format("folded into {}", writer->name));
    }
    dropNodes(folded, isDropped);
    dropUnusedValues(folded);
    return folded;
}

}  // namespace core
