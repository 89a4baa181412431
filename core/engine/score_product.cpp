// SPDX-License-Identifier: Apache-2.0
#include "core/engine/score_product.h"

#include "core/network/walk.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace core {

namespace {

/// A constant of one number, as a factor of a Mul or Div.
std::optional<double> constantFactor(const Network& network, const Node& node)
{
    if (!isOneOf(node.operation, {"Mul", "Div"}) || node.inputs.size() != 2)
        return std::nullopt;
    const Tensor* const constant = network.constant(node.inputs[1]) ? network.constant(node.inputs[1])
                                   : node.operation == "Mul"        ? network.constant(node.inputs[0])
                                                                    : nullptr;
    if (!constant || constant->type() != DataType::Float32 || constant->size() != 1)
        return std::nullopt;
    const double value = constant->values<float>()[0];
    return node.operation == "Mul" ? value : 1 / value;
}

bool isOverLastAxis(const Network& network, const Node& softmax)
{
    const std::int64_t axis = softmax.attributes.integer("axis", network.opset < 13 ? 1 : -1);
    const auto& shape = network.value(softmax.outputs.front()).shape;
    return axis == -1 || (shape && axis == static_cast<std::int64_t>(shape->size()) - 1);
}

/// Up from a product's left side to the weighted layer that made it.
LayerIndex makerLayer(const Network& network, const std::vector<WeightedLayer>& layers, ValueIndex value)
{
    for (;;) {
        const Node* const maker = makerOf(network, value);
        if (!maker)
            return {};
        for (const WeightedLayer& layer : layers)
            if (&network.node(layer.node) == maker)
                return layer.index;
        const bool isMoved = isOneOf(maker->operation, {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Transpose",
                                                        "Split", "Slice", "Gather", "Mul", "Div", "Add"});
        value = isMoved ? onlyData(network, *maker) : ValueIndex{};
        if (!value.isValid())
            return {};
    }
}

}  // namespace

std::vector<ScoreProduct> scoreProducts(const Network& network, const std::vector<WeightedLayer>& layers)
{
    std::vector<ScoreProduct> products;
    for (std::size_t n = 0; n < network.nodes.size(); ++n) {
        const Node& node = network.nodes[n];
        if (node.operation != "MatMul" || readsConstant(network, node))
            continue;
        ScoreProduct product{NodeIndex(n), {}, 1};
        std::vector<const Node*> readers = readersOf(network, node.outputs.front());
        while (readers.size() == 1 && constantFactor(network, *readers.front())) {
            product.scale *= *constantFactor(network, *readers.front());
            readers = readersOf(network, readers.front()->outputs.front());
        }
        if (readers.size() != 1 || readers.front()->operation != "Softmax" || !isOverLastAxis(network, *readers.front()))
            continue;
        product.layer = makerLayer(network, layers, node.inputs.front());
        if (product.layer.isValid())
            products.push_back(product);
    }
    return products;
}

void chooseLogits(const ScorePlan& plan, std::span<const float> scaledLogits, std::span<std::uint8_t> high)
{
    const bool takesNone = plan.tolerance >= 1;
    const std::vector<std::uint8_t> low = lowLogits(scaledLogits, plan.tolerance);
    float top = -std::numeric_limits<float>::infinity();
    for (const float logit : scaledLogits)
        top = std::max(top, logit);
    const double reach = static_cast<double>(top) - std::abs(static_cast<double>(top)) * unitRoundoff(plan.low.format);
    for (std::size_t i = 0; i < high.size(); ++i)
        high[i] = !takesNone && (low[i] == 0 || static_cast<double>(scaledLogits[i]) >= reach) ? 1 : 0;
}

void multiplyScores(const ScorePlan& plan, double scale, const ScoreMatrix& matrix, float* logits, ScoreScratch& scratch,
                    std::uint8_t* chosen)
{
    const auto [queries, keys, rows, width, columns] = matrix;
    scratch.keys.resize(static_cast<std::size_t>(columns * width));
    for (std::int64_t k = 0; k < width; ++k)
        for (std::int64_t c = 0; c < columns; ++c)
            scratch.keys[static_cast<std::size_t>(c * width + k)] = keys[k * columns + c];
    const SumOperands operands{queries, rows, width, scratch.keys.data(), columns};
    multiplyBySums(plan.low, operands, logits, scratch.sums);

    std::vector<std::uint8_t> high(static_cast<std::size_t>(columns));
    scratch.scaled.resize(static_cast<std::size_t>(columns));
    scratch.again.clear();
    for (std::int64_t row = 0; row < rows; ++row) {
        for (std::int64_t c = 0; c < columns; ++c)
            scratch.scaled[static_cast<std::size_t>(c)] = static_cast<float>(scale * static_cast<double>(logits[row * columns + c]));
        chooseLogits(plan, scratch.scaled, high);
        for (std::int64_t c = 0; c < columns; ++c)
            if (high[static_cast<std::size_t>(c)])
                scratch.again.push_back(static_cast<std::uint32_t>(row * columns + c));
        if (chosen)
            std::copy(high.begin(), high.end(), chosen + row * columns);
    }
    multiplyComponents(plan.highRule(), operands, scratch.again, logits, scratch.sums);
}

std::optional<ScoreStep::Orders> ScoreStep::Orders::of(const ScorePlan& plan, double scale, const Shape& queries, const Shape& keys)
{
    const std::size_t rank = queries.size();
    if (rank < 2 || keys.size() != rank || !std::equal(queries.begin(), queries.end() - 2, keys.begin()))
        return std::nullopt;
    Orders orders{plan, scale, 1, queries[rank - 2], queries[rank - 1], keys[rank - 1]};
    for (std::size_t axis = 0; axis + 2 < rank; ++axis)
        orders.matrices *= queries[axis];
    return orders;
}

ScoreStep::ScoreStep(Orders orders, SlotIndex queries, SlotIndex keys, SlotIndex logits) : m_orders(std::move(orders))
{
    reads = {queries, keys};
    writes = {logits};
}

Action ScoreStep::bind(const FrameMemory& memory) const
{
    auto scratch = std::make_shared<ScoreScratch>();
    const float* const queries = memory.floats(reads[0]);
    const float* const keys = memory.floats(reads[1]);
    float* const logits = memory.floats(writes[0]);
    return [this, scratch, queries, keys, logits]() -> Result<void> {
        const auto& [plan, scale, matrices, rows, width, columns] = m_orders;
        for (std::int64_t m = 0; m < matrices; ++m)
            multiplyScores(plan, scale, {queries + m * rows * width, keys + m * width * columns, rows, width, columns},
                           logits + m * rows * columns, *scratch);
        return success();
    };
}

}  // namespace core
