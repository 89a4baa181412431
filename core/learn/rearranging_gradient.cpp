// SPDX-License-Identifier: Apache-2.0
// Operations that only move elements. Where each result comes from is asked of the scalar reference itself, once, by letting
// it move the elements' numbers; on the way back every element gets the sum over the places it went to.

#include "core/learn/gradient_builder.h"
#include "core/network/operation.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

namespace core {

namespace {

class MoveStep : public ReferenceForward {
public:
    /// By result and element: the element of the operands' gradients, laid one after another, it came from; -1: none of them.
    std::vector<std::vector<std::int32_t>> origins;

    void backward(GradientFrame& frame) const override
    {
        std::int64_t first = 0;
        for (std::size_t i = 0; i < inputs.size(); ++i) {
            if (!inputs[i].isValid() || operands[i].type != DataType::Float32)
                continue;
            const auto count = static_cast<std::int64_t>(frame.form(inputs[i]).floats());
            deliver(frame, i, [&](float* dx) {
                std::fill_n(dx, count, 0.0f);
                for (std::size_t o = 0; o < outputs.size(); ++o) {
                    if (!outputs[o].isValid())
                        continue;
                    const float* const dy = frame.gradient(outputs[o]);
                    for (std::size_t k = 0; k < origins[o].size(); ++k)
                        if (origins[o][k] >= first && origins[o][k] < first + count)
                            dx[origins[o][k] - first] += dy[k];
                }
            });
            first += count;
        }
    }
};

bool reshapes(const std::string& operation)
{
    static const std::vector<std::string> kNames{"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout"};
    return std::find(kNames.begin(), kNames.end(), operation) != kNames.end();
}

}  // namespace

bool onlyMoves(const std::string& operation)
{
    static const std::vector<std::string> kNames{"Compress", "Concat", "DepthToSpace", "Dropout", "Expand", "Flatten", "Gather", "GatherElements", "GatherND", "Identity", "Pad", "Reshape",
                                                 "ReverseSequence", "Slice", "SpaceToDepth", "Split", "Squeeze", "Tile", "Transpose", "Trilu", "Unsqueeze", "Where"};
    return std::binary_search(kNames.begin(), kNames.end(), operation);
}

Result<void> addMove(GradientBuilder& builder, const Node& node)
{
    const bool oneOutput = node.outputs.size() == 1 || std::none_of(node.outputs.begin() + 1, node.outputs.end(), [](ValueIndex value) { return value.isValid(); });
    if (reshapes(node.operation) && oneOutput) {
        builder.alias(node.outputs.front(), builder.plain(node.inputs.front()));
        return success();
    }
    auto step = std::make_unique<MoveStep>();
    builder.fill(*step, node);

    std::vector<Tensor> numbered(node.inputs.size());
    std::vector<const Tensor*> pointers(node.inputs.size(), nullptr);
    std::int64_t next = 0;
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
        const ReferenceForward::Operand& operand = step->operands[i];
        if (!operand.form && !operand.constant)
            continue;
        if (operand.type == DataType::Float32) {
            numbered[i] = Tensor(DataType::Int32, operand.shape);
            const auto places = numbered[i].edit<std::int32_t>();
            std::fill(places.begin(), places.end(), -1);
            if (operand.form) {
                std::iota(places.begin(), places.end(), static_cast<std::int32_t>(next));
                next += static_cast<std::int64_t>(places.size());
            }
        } else if (operand.constant) {
            numbered[i] = *operand.constant;
        } else {
            return builder.refused(node, fmt::format("input {} is computed while the network runs; where the elements go has to be known for their gradient", i));
        }
        pointers[i] = &numbered[i];
    }
    if (next > std::numeric_limits<std::int32_t>::max())
        return builder.refused(node, "it moves more than 2^31 elements");
    // A pad that writes a value of its own writes no element's number.
    Tensor none = Tensor::scalar(std::int32_t{-1});
    if (node.operation == "Pad" && node.attributes.text("mode", "constant") == "constant") {
        if (builder.context().network->opset < 11)
            return builder.refused(node, "Pad before opset 11 has its sizes as attributes; the gradient wants a newer one");
        pointers.resize(std::max<std::size_t>(pointers.size(), 3), nullptr);
        pointers[2] = &none;
    }
    CORE_TRY(const auto moved, runOperation(node, builder.context().network->opset, pointers));
    for (const Tensor& result : moved) {
        const auto places = result.values<std::int32_t>();
        step->origins.emplace_back(places.begin(), places.end());
    }
    builder.add(std::move(step));
    return success();
}

}  // namespace core
