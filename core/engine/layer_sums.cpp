// SPDX-License-Identifier: Apache-2.0
#include "core/engine/layer_sums.h"

#include "core/base/hash.h"
#include "core/engine/calibration.h"
#include "core/network/walk.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace core {

namespace {

using Kind = ActivationShape::Kind;

/// What only moves numbers, and a bias in a node of its own.
bool isTransparent(const Network& network, const Node& node)
{
    return isOneOf(node.operation, {"Reshape", "Flatten", "Squeeze", "Unsqueeze", "Identity", "Dropout", "Transpose", "MaxPool"}) ||
           (node.operation == "Add" && readsConstant(network, node));
}

/// The nodes that read a layer's output, past those that only move it.
std::vector<const Node*> readersBehind(const Network& network, ValueIndex value)
{
    std::vector<const Node*> readers = readersOf(network, value);
    while (readers.size() == 1 && isTransparent(network, *readers.front())) {
        value = readers.front()->outputs.front();
        readers = readersOf(network, value);
    }
    return readers;
}

constexpr std::int64_t kScoredVectors = 512;

}  // namespace

ActivationShape activationBehind(const Network& network, const WeightedLayer& layer)
{
    const std::vector<const Node*> readers = readersBehind(network, network.node(layer.node).outputs.front());
    const auto isRead = [&](std::string_view operation) {
        return std::any_of(readers.begin(), readers.end(), [&](const Node* node) { return node->operation == operation; });
    };
    if (readers.size() == 1) {
        const Node& reader = *readers.front();
        if (const auto fused = fusedActivation(network, reader))
            return fused->kind == FusedActivation::Kind::Relu        ? ActivationShape{Kind::Relu}
                   : fused->kind == FusedActivation::Kind::LeakyRelu ? ActivationShape{Kind::LeakyRelu}
                                                                     : ActivationShape{Kind::Clip, fused->first, fused->second};
        static const std::map<std::string, Kind> kinds{{"Tanh", Kind::Tanh}, {"Sigmoid", Kind::Sigmoid}, {"Gelu", Kind::Gelu}};
        const auto found = kinds.find(reader.operation);
        return {found == kinds.end() ? Kind::Identity : found->second};
    }
    if (readers.size() == 2 && isRead("Mul") && isRead("Sigmoid"))  // x sigmoid(x)
        return {Kind::Silu};
    // x (1 + erf(x / sqrt 2)) / 2, as exporters write it: a scaling that an error function reads.
    for (const Node* node : readers)
        if (isOneOf(node->operation, {"Div", "Mul"}) && readsConstant(network, *node))
            for (const Node* next : readersOf(network, node->outputs.front()))
                if (next->operation == "Erf")
                    return {Kind::Gelu};
    return {};
}

bool isLastLayer(const Network& network, const WeightedLayer& layer)
{
    ValueIndex value = network.node(layer.node).outputs.front();
    for (;;) {
        if (std::find(network.outputs.begin(), network.outputs.end(), value) != network.outputs.end())
            return true;
        const std::vector<const Node*> readers = readersOf(network, value);
        if (readers.size() != 1 ||
            !(isTransparent(network, *readers.front()) || isOneOf(readers.front()->operation, {"Softmax", "LogSoftmax"})))
            return false;
        value = readers.front()->outputs.front();
    }
}

Result<std::vector<std::uint8_t>> chooseHighRows(const Calibration& calibration, const WeightedLayer& layer, const RowMatrix& weights,
                                                 const std::vector<float>& bias, double share)
{
    const EngineContext& context = calibration.context();
    CORE_TRY(const auto reference, calibration.reference(Calibration::kConverterSamples, 0));
    const ActivationShape activation = activationBehind(*context.network, layer);
    const Patches patches(*context.network, layer, context.values[context.inputOf(layer.index).value()].shape,
                          context.values[context.outputOf(layer.index).value()].shape);
    const std::int64_t total = patches.vectors() * std::ssize(reference->inputs);
    const std::int64_t stride = std::max<std::int64_t>(1, total / kScoredVectors) | 1;
    const int rows = layer.rows / layer.groups;
    std::vector<double> scores(static_cast<std::size_t>(layer.rows));
    Eigen::VectorXf vector(layer.columns);
    for (int group = 0; group < layer.groups; ++group)
        for (std::int64_t at = 0; at < total; at += stride) {
            const auto input =
                reference->layerInputs[static_cast<std::size_t>(at / patches.vectors())][layer.index.value()].values<float>();
            patches.gather(input.data(), at % patches.vectors(), group, 0.0f, vector.data());
            const Eigen::Ref<const RowMatrix> part = weights.middleRows(group * rows, rows);
            const Eigen::VectorXf sums = part * vector, sizes = part.cwiseAbs() * vector.cwiseAbs();
            for (int row = 0; row < rows; ++row) {
                const auto place = static_cast<std::size_t>(group * rows + row);
                const float own = bias.empty() ? 0.0f : bias[place];
                const double weighed = static_cast<double>(activationCondition(activation, sums[row] + own)) *
                                       static_cast<double>(sizes[row] + std::abs(own));
                scores[place] += weighed * weighed;
            }
        }
    std::vector<std::size_t> order(scores.size());
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return scores[a] > scores[b]; });
    std::vector<std::uint8_t> high(scores.size());
    order.resize(static_cast<std::size_t>(std::lround(share * layer.rows)));
    for (const std::size_t row : order)
        high[row] = 1;
    return high;
}

LayerSums::LayerSums(LayerIndex index, int groups, CompiledLayerPtr compiled, std::vector<float> bias)
    : m_index(index),
      m_compiled(std::move(compiled)),
      m_bias(std::move(bias)),
      m_rows(m_compiled->weights.rows() / groups),
      m_columns(m_compiled->weights.cols())
{
}

SumOperands LayerSums::operandsOf(const SumRequest& request) const
{
    const std::int64_t firstRow = request.group * m_rows;
    const std::uint64_t seed = Hasher().add(m_compiled->treatment.accumulator.seed).add(m_index.value()).add(request.read).value();
    return {m_compiled->weights.data() + firstRow * m_columns,
            m_rows,
            m_columns,
            request.vectors,
            request.count,
            m_bias.empty() ? nullptr : m_bias.data() + firstRow,
            {seed, static_cast<std::uint32_t>(request.firstVector), static_cast<std::uint32_t>(firstRow)}};
}

MixedRule LayerSums::mixedRule(int group) const
{
    const AccumulatorPlan& plan = m_compiled->treatment.accumulator;
    MixedRule rule{plan.sum, *plan.mixed, m_compiled->sums->activation, m_compiled->sums->isLast};
    if (plan.mixed->isStatic())
        rule.highRows =
            std::span(m_compiled->sums->highRows).subspan(static_cast<std::size_t>(group * m_rows), static_cast<std::size_t>(m_rows));
    return rule;
}

void LayerSums::multiply(const SumRequest& request, float* sums, SumScratch& scratch, SumWatch* watch) const
{
    const AccumulatorPlan& plan = m_compiled->treatment.accumulator;
    const auto size = static_cast<std::size_t>(m_rows * request.count);
    if (watch) {
        watch->choices.assign(size, SumChoice::Low);
        watch->overflowed.assign(size, 0);
    }
    if (plan.integer)
        return multiplyIntegers(request, sums, scratch, watch);
    const SumOperands operands = operandsOf(request);
    if (watch || !plan.mixed)
        multiplyBySums(plan.sum, operands, sums, scratch.mixed.sums, watch ? watch->overflowed.data() : nullptr);
    if (watch)
        watch->low.assign(sums, sums + size);
    if (!plan.mixed)
        return;
    scratch.choices.resize(size);
    multiplyMixed(mixedRule(request.group), operands, sums, scratch.choices.data(), scratch.mixed);
    if (watch)
        watch->choices = scratch.choices;
}

void LayerSums::multiplyIntegers(const SumRequest& request, float* sums, SumScratch& scratch, SumWatch* watch) const
{
    const IntegerSumRule& rule = *m_compiled->treatment.accumulator.integer;
    const std::int64_t firstRow = request.group * m_rows;
    const auto size = static_cast<std::size_t>(m_rows * request.count);
    for (std::int64_t row = 0; row < m_rows; ++row)
        std::fill_n(sums + row * request.count, request.count, 0.0f);
    std::vector<std::uint8_t> overflowed(watch ? size : 0);
    const auto all = static_cast<std::size_t>(request.count * m_columns);
    for (const IntegerPart& part : m_compiled->integers) {
        const auto zero = static_cast<std::int16_t>(part.coding.zeroPoint);
        scratch.codes.resize(all);
        if (part.coding.isSigned) {
            scratch.signedBytes.resize(all);
            encodeActivations(part.input, {request.vectors, all}, std::span<std::int8_t>(scratch.signedBytes));
            std::copy(scratch.signedBytes.begin(), scratch.signedBytes.end(), scratch.codes.begin());
        } else {
            scratch.bytes.resize(all);
            encodeActivations(part.input, {request.vectors, all}, std::span<std::uint8_t>(scratch.bytes));
            std::transform(scratch.bytes.begin(), scratch.bytes.end(), scratch.codes.begin(),
                           [&](std::uint8_t code) { return static_cast<std::int16_t>(code - zero); });
        }
        std::int64_t columns = m_columns;
        if (!part.channels.empty()) {  // the part's own columns move together
            const std::int64_t width = m_columns / static_cast<std::int64_t>(m_compiled->treatment.weights.channels.size());
            columns = std::ssize(part.channels) * width;
            for (std::int64_t vector = 0; vector < request.count; ++vector)
                for (std::int64_t channel = 0; channel < std::ssize(part.channels); ++channel)
                    std::copy_n(scratch.codes.begin() + vector * m_columns + part.channels[static_cast<std::size_t>(channel)] * width,
                                width,
                                scratch.codes.begin() + vector * columns + channel * width);  // never ahead of what is still to be read
        }
        scratch.integerSums.resize(size);
        multiplyByIntegerSums(rule, {part.codes.data() + firstRow * columns, m_rows, columns, scratch.codes.data(), request.count},
                              scratch.integerSums.data(), scratch.packed, watch ? overflowed.data() : nullptr);
        for (std::int64_t row = 0; row < m_rows; ++row)
            for (std::int64_t vector = 0; vector < request.count; ++vector)
                sums[row * request.count + vector] +=
                    part.scales[static_cast<std::size_t>(firstRow + row)] *
                    static_cast<float>(scratch.integerSums[static_cast<std::size_t>(row * request.count + vector)]);
        if (watch)
            std::transform(overflowed.begin(), overflowed.end(), watch->overflowed.begin(), watch->overflowed.begin(),
                           [](std::uint8_t a, std::uint8_t b) { return a | b; });
    }
    for (std::int64_t row = 0; row < m_rows && !m_bias.empty(); ++row)
        for (std::int64_t vector = 0; vector < request.count; ++vector)
            sums[row * request.count + vector] += m_bias[static_cast<std::size_t>(firstRow + row)];
}

}  // namespace core
