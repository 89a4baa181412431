// SPDX-License-Identifier: Apache-2.0
#include "core/network/operation.h"

#include "core/network/operations/registry.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

constexpr std::int64_t kLargestTensorBytes = std::int64_t{1} << 30;
constexpr std::int64_t kSmallConstant = 4096;        // elements; shape arithmetic is far below
constexpr std::int64_t kSmallOperands = 1 << 16;

bool isHalf(DataType type) { return type == DataType::Float16 || type == DataType::BFloat16; }

Result<void> checkSizes(const Call& call, const Descriptions& outputs)
{
    for (const TensorDescription& output : outputs) {
        std::int64_t bytes = static_cast<std::int64_t>(byteSize(output.type));
        for (const std::int64_t size : output.shape) {
            if (size < 0)
                return call.problem(fmt::format("an output would be {}; sizes of at least 0 are wanted", shapeText(output.shape)));
            bytes = saturatingProduct(bytes, std::max<std::int64_t>(size, 1));
        }
        if (bytes > kLargestTensorBytes)
            return call.problem(fmt::format("an output would be {} {}; a tensor may have {} MiB", dataTypeName(output.type),
                                            shapeText(output.shape), kLargestTensorBytes >> 20));
    }
    return success();
}

Result<Descriptions> describeCall(const Call& call)
{
    CORE_TRY(call.checkOperands());
    CORE_TRY(Descriptions outputs, call.operation().describe(call));
    for (std::size_t i = outputs.size(); i < call.outputCount(); ++i)
        if (call.wantsOutput(i))
            return call.problem(fmt::format("names {} outputs, there are {}", call.outputCount(), outputs.size()));
    outputs.resize(std::max<std::size_t>(call.outputCount(), 1));
    CORE_TRY(checkSizes(call, outputs));
    return outputs;
}

/// The run of a call whose outputs are described: all inputs known.
Result<std::vector<Tensor>> runCall(const Call& call, const Descriptions& described)
{
    if (std::all_of(described.begin(), described.end(), [](const TensorDescription& output) { return output.constant.has_value(); })) {
        std::vector<Tensor> constants;
        for (const TensorDescription& output : described)
            constants.push_back(*output.constant);
        return constants;
    }
    Outputs outputs(described);
    CORE_TRY(call.operation().run(call, outputs));
    return outputs.take();
}

/// A computation on 16-bit floats: in float32, each result rounded once.
Result<std::vector<Tensor>> runWidened(const Call& call, std::span<const TensorDescription* const> inputs, const Descriptions& described)
{
    std::vector<TensorDescription> wide;
    for (const TensorDescription* input : inputs) {
        wide.push_back(input ? *input : TensorDescription{});
        if (input && isHalf(input->type)) {
            wide.back().type = DataType::Float32;
            wide.back().constant = converted(*input->constant, DataType::Float32);
        }
    }
    std::vector<const TensorDescription*> pointers(inputs.size(), nullptr);
    for (std::size_t i = 0; i < inputs.size(); ++i)
        if (inputs[i])
            pointers[i] = &wide[i];
    Descriptions wideOutputs = described;
    for (TensorDescription& output : wideOutputs)
        if (isHalf(output.type))
            output.type = DataType::Float32;
    CORE_TRY(std::vector<Tensor> results, runCall(Call(call.operation(), call.node(), call.opset(), pointers), wideOutputs));
    for (std::size_t i = 0; i < results.size(); ++i)
        results[i] = converted(results[i], described[i].type);
    return results;
}

Result<std::vector<Tensor>> runDescribed(const Call& call, std::span<const TensorDescription* const> inputs, const Descriptions& described)
{
    const bool anyHalf = std::any_of(inputs.begin(), inputs.end(), [](const TensorDescription* input) { return input && isHalf(input->type); });
    if (anyHalf && call.operation().nature != Nature::Moves)
        return runWidened(call, inputs, described);
    return runCall(call, described);
}

Problem unknownOperation(const Node& node)
{
    return {fmt::format("{} ({})", node.name, node.operation), fmt::format("the operation {} is not supported", node.operation)};
}

/// Everything known and little of it: shape arithmetic, not a folded weight.
bool isSmall(std::span<const TensorDescription* const> inputs, const Descriptions& outputs)
{
    std::int64_t elements = 0;
    for (const TensorDescription* input : inputs) {
        if (input && !input->constant)
            return false;
        elements += input ? input->constant->size() : 0;
    }
    return elements <= kSmallOperands && std::all_of(outputs.begin(), outputs.end(), [](const TensorDescription& output) {
        return product(output.shape) <= kSmallConstant;
    });
}

}  // namespace

bool isKnownOperation(const std::string& operation) { return findOperation(operation) != nullptr; }

std::vector<std::string> knownOperations()
{
    std::vector<std::string> names;
    for (const Operation* operation : allOperations())
        names.emplace_back(operation->name);
    return names;
}

Support supportOf(const Network& network, const Node& node)
{
    const Operation* operation = findOperation(node.operation);
    if (!operation)
        return Support::Refused;
    if (operation->nature != Nature::Computes)
        return Support::Exact;
    const bool multipliesByWeights = node.operation == "Conv" || node.operation == "Gemm" || node.operation == "MatMul";
    const Tensor* weights = multipliesByWeights && node.inputs.size() > 1 ? network.constant(node.inputs[1]) : nullptr;
    return weights && weights->type() == DataType::Float32 ? Support::Exact : Support::Float;
}

Result<std::vector<Tensor>> runOperation(const Node& node, int opset, std::span<const Tensor* const> inputs)
{
    const Operation* operation = findOperation(node.operation);
    if (!operation)
        return unknownOperation(node);
    std::vector<TensorDescription> known(inputs.size());
    std::vector<const TensorDescription*> pointers(inputs.size(), nullptr);
    for (std::size_t i = 0; i < inputs.size(); ++i) {
        if (!inputs[i])
            continue;
        known[i] = {inputs[i]->type(), inputs[i]->shape(), *inputs[i]};
        pointers[i] = &known[i];
    }
    const Call call(*operation, node, opset, pointers);
    CORE_TRY(const Descriptions described, describeCall(call));
    return runDescribed(call, pointers, described);
}

Result<std::vector<TensorDescription>> describeOutputs(const Node& node, int opset, std::span<const TensorDescription* const> inputs)
{
    const Operation* operation = findOperation(node.operation);
    if (!operation)
        return unknownOperation(node);
    const Call call(*operation, node, opset, inputs);
    CORE_TRY(Descriptions described, describeCall(call));
    if (isSmall(inputs, described)) {
        CORE_TRY(std::vector<Tensor> results, runDescribed(call, inputs, described));
        for (std::size_t i = 0; i < results.size(); ++i)
            described[i].constant = std::move(results[i]);
    }
    return described;
}

}  // namespace core
