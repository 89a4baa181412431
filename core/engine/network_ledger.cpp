// SPDX-License-Identifier: Apache-2.0
#include "core/engine/network_ledger.h"

#include "core/cim/weight_planes.h"
#include "core/network/walk.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>
#include <string_view>

namespace core {

namespace {

using Op = LedgerOperation;
using Part = LedgerPart;
constexpr double kFloatBits = 32, kTableBits = 16;

/// How often an element of the output is met by each sort of work.
struct Work {
    double compares = 0, adds = 0, products = 0, lookups = 0;
};

class FunctionCount {
public:
    FunctionCount(const EngineContext& context, std::span<const ScoreSums> scores, std::span<const double> mapBits)
        : m_context(context),
          m_network(*context.network),
          m_scores(scores),
          m_mapBits(mapBits),
          m_stepOf(m_network.nodes.size()),
          m_makerOf(m_network.values.size()),
          m_bitsOf(m_network.values.size(), kFloatBits)
    {
        for (const NodeGroup& group : context.groups)
            for (const NodeIndex node : group.nodes)
                m_stepOf[node.value()] = &group;
        for (std::size_t n = 0; n < m_network.nodes.size(); ++n)
            for (const ValueIndex output : m_network.nodes[n].outputs)
                if (output.isValid())
                    m_makerOf[output.value()] = NodeIndex(n);
    }

    FunctionLedger run()
    {
        std::set<NodeIndex> weighted;
        for (const WeightedLayer& layer : m_context.layers)
            weighted.insert(layer.node);
        LayerIndex layer = m_context.layers.empty() ? LayerIndex{} : m_context.layers.front().index;
        m_bitsOf[m_context.input().value()] = bitsBehind(layer);
        for (std::size_t n = 0; n < m_network.nodes.size(); ++n) {
            const Node& node = m_network.nodes[n];
            for (const WeightedLayer& owner : m_context.layers)
                if (owner.node == NodeIndex(n))
                    layer = owner.index;
            bool isWork = true;
            if (const auto scores = std::ranges::find(m_scores, NodeIndex(n), &ScoreSums::node); scores != m_scores.end())
                bookScores(layer, node, *scores);
            else if (!weighted.contains(NodeIndex(n)))
                isWork = book(layer, node);
            if (isWork && !weighted.contains(NodeIndex(n)))
                bookMaps(layer, NodeIndex(n));
            const double bits =
                isWork || node.inputs.empty() || !node.inputs.front().isValid() ? bitsBehind(layer) : m_bitsOf[node.inputs.front().value()];
            for (const ValueIndex output : node.outputs)
                if (output.isValid())
                    m_bitsOf[output.value()] = bits;
        }
        return std::move(m_result);
    }

private:
    double elements(ValueIndex value) const
    {
        return value.isValid() ? static_cast<double>(elementCount(m_context.values[value.value()].shape)) : 0;
    }
    /// Elements of one sample; what is constant is made once and costs nothing.
    double perSample(double count) const { return count / static_cast<double>(m_context.batch); }

    bool isConstant(ValueIndex value) const { return m_network.constant(value) || m_context.values[value.value()].constant; }
    bool isConstant(const Node& node) const
    {
        return std::all_of(node.inputs.begin(), node.inputs.end(), [&](ValueIndex input) { return !input.isValid() || isConstant(input); });
    }

    double windowOf(const Node& node) const
    {
        double window = 1;
        for (const std::int64_t side : node.attributes.integers("kernel_shape"))
            window *= static_cast<double>(side);
        return window;
    }

    double innerSize(const Node& node) const
    {
        const Shape& left = m_context.values[node.inputs.front().value()].shape;
        if (node.operation == "Gemm" && node.attributes.integer("transA", 0) != 0)
            return static_cast<double>(left.front());
        return left.empty() ? 1 : static_cast<double>(left.back());
    }

    std::optional<Work> workOf(const Node& node, double reduced) const
    {
        const std::string& name = node.operation;
        const double furtherInputs = static_cast<double>(node.inputs.size()) - 1;
        if (isOneOf(name, {"Relu", "ThresholdedRelu", "Abs", "Sign"}))
            return Work{1, 0, 0, 0};
        if (isOneOf(name, {"Clip", "Round", "Floor", "Ceil"}))
            return Work{2, 0, 0, 0};
        if (isOneOf(name, {"LeakyRelu", "PRelu"}))
            return Work{1, 0, 1, 0};
        if (isOneOf(name, {"HardSigmoid"}))
            return Work{2, 1, 1, 0};
        if (isOneOf(name, {"HardSwish"}))
            return Work{2, 1, 2, 0};
        if (isOneOf(name, {"Max", "Min"}))
            return Work{furtherInputs, 0, 0, 0};
        if (isOneOf(name, {"Add", "Sub"}))
            return Work{0, 1, 0, 0};
        if (name == "Sum")
            return Work{0, furtherInputs, 0, 0};
        if (name == "Mean")
            return Work{0, furtherInputs, 1, 0};
        if (isOneOf(name, {"Mul", "Div"}))
            return Work{0, 0, 1, 0};
        if (isOneOf(name, {"Sigmoid", "Tanh", "Erf", "Exp", "Log", "Sqrt", "Reciprocal", "Gelu", "Elu", "Selu", "Celu", "Softplus",
                           "Softsign", "Mish", "Pow", "Sin", "Cos"}))
            return Work{0, 0, 0, 1};
        if (name == "MaxPool")
            return Work{windowOf(node) - 1, 0, 0, 0};
        if (name == "GlobalMaxPool" || name == "ReduceMax" || name == "ReduceMin")
            return Work{reduced, 0, 0, 0};
        if (name == "AveragePool")
            return Work{0, windowOf(node) - 1, 1, 0};
        if (name == "GlobalAveragePool" || name == "ReduceMean")
            return Work{0, reduced, 1, 0};
        if (name == "ReduceSum")
            return Work{0, reduced, 0, 0};
        if (isOneOf(name, {"MatMul", "Gemm", "Einsum"}))
            return Work{0, innerSize(node), innerSize(node), 0};
        if (isOneOf(name, {"Softmax", "LogSoftmax"}))
            return Work{1, 2, 1, 1};
        if (isOneOf(name, {"LayerNormalization", "InstanceNormalization", "GroupNormalization", "BatchNormalization", "LpNormalization"}))
            return Work{0, 3, 3, 0};
        return std::nullopt;
    }

    /// False where the node is free.
    bool book(LayerIndex layer, const Node& node)
    {
        if (isConstant(node) || node.outputs.empty() || !node.outputs.front().isValid())
            return false;
        const DataType type = m_context.values[node.outputs.front().value()].type;
        if (type != DataType::Float32)
            return false;
        const double whole = elements(node.outputs.front());
        const double count = perSample(whole);
        const double reduced = whole > 0 && !node.inputs.empty() ? elements(node.inputs.front()) / whole : 0;
        std::optional<Work> work = workOf(node, reduced);
        if (!work) {
            if (supportOf(m_network, node) != Support::Float)
                return false;  // moves or selects
            work = Work{0, 1, 1, 0};
            if (std::find(m_result.guessed.begin(), m_result.guessed.end(), node.operation) == m_result.guessed.end())
                m_result.guessed.push_back(node.operation);
        }
        add({layer, Part::Functions, Op::Compare, NumberKind::Integer, kFloatBits, 0, work->compares * count});
        add({layer, Part::Functions, Op::Add, NumberKind::Float, kFloatBits, 0, work->adds * count});
        add({layer, Part::Functions, Op::Multiply, NumberKind::Float, kFloatBits, kFloatBits, work->products * count});
        add({layer, Part::Functions, Op::Lookup, NumberKind::Integer, kTableBits, 0, work->lookups * count});
        return true;
    }

    void bookScores(LayerIndex layer, const Node& node, const ScoreSums& scores)
    {
        const double count = perSample(elements(node.outputs.front())) * innerSize(node);
        const NumberFormat &low = scores.plan.low.format, &high = scores.plan.high;
        add({layer, Part::Functions, Op::Add, numberKindOf(operandOf(low)), low.storageBits(), 0, count});
        add({layer, Part::Functions, Op::Add, numberKindOf(operandOf(high)), high.storageBits(), 0, count * scores.highShare});
        add({layer, Part::Functions, Op::Multiply, NumberKind::Float, kFloatBits, kFloatBits, count * (1 + scores.highShare)});
    }

    double bitsBehind(LayerIndex layer) const
    {
        return layer.isValid() && layer.value() < m_mapBits.size() ? m_mapBits[layer.value()] : kFloatBits;
    }

    /// Inside a step of the engine a map is handed on without memory.
    bool isHandedOn(ValueIndex value, NodeIndex reader) const
    {
        const NodeIndex maker = m_makerOf[value.value()];
        return maker.isValid() && m_stepOf[reader.value()] && m_stepOf[maker.value()] == m_stepOf[reader.value()];
    }

    /// What the node reads of its inputs, and its output where it leaves the step; a layer's output is in the layer's own ledger.
    void bookMaps(LayerIndex layer, NodeIndex at)
    {
        const Node& node = m_network.node(at);
        const auto move = [&](double count, double mapBits) {
            add({layer, Part::Memory, Op::SramBits, NumberKind::Integer, mapBits, 0, count});
        };
        const double outputs = perSample(elements(node.outputs.front()));
        for (std::size_t i = 0; i < node.inputs.size(); ++i) {
            const ValueIndex input = node.inputs[i];
            const bool isFirst = std::find(node.inputs.begin(), node.inputs.begin() + static_cast<std::ptrdiff_t>(i), input) ==
                                 node.inputs.begin() + static_cast<std::ptrdiff_t>(i);
            if (!input.isValid() || !isFirst || isHandedOn(input, at) || m_context.values[input.value()].type != DataType::Float32)
                continue;
            const double bits = m_bitsOf[input.value()];
            if (isConstant(input)) {
                if (const double values = elements(input); values > 1)
                    move(values * kFloatBits, values * kFloatBits);
                continue;
            }
            const double map = perSample(elements(input)) * bits;
            const bool isPool = isOneOf(node.operation, {"MaxPool", "AveragePool"});
            move(isPool ? windowOf(node) * outputs * bits : map, map);
        }
        const NodeGroup* step = m_stepOf[at.value()];
        if (!step || (step->nodes.back() == at && !step->layer.isValid()))
            move(outputs * bitsBehind(layer), outputs * bitsBehind(layer));
    }

    /// One entry a layer, operation and width: twenty activations behind one layer are one line of its bill.
    void add(const LedgerEntry& wanted)
    {
        if (wanted.count <= 0)
            return;
        for (LedgerEntry& entry : m_result.entries)
            if (entry.layer == wanted.layer && entry.part == wanted.part && entry.operation == wanted.operation &&
                entry.kind == wanted.kind && entry.firstBits == wanted.firstBits) {
                entry.count += wanted.count;
                return;
            }
        m_result.entries.push_back(wanted);
    }

    const EngineContext& m_context;
    const Network& m_network;
    std::span<const ScoreSums> m_scores;
    std::span<const double> m_mapBits;
    std::vector<const NodeGroup*> m_stepOf;  // by node
    std::vector<NodeIndex> m_makerOf;        // by value; invalid: an input or a constant
    std::vector<double> m_bitsOf;            // of one number, by value
    FunctionLedger m_result;
};

}  // namespace

FunctionLedger functionLedger(const EngineContext& context, std::span<const ScoreSums> scores, std::span<const double> mapBits)
{
    return FunctionCount(context, scores, mapBits).run();
}

Ledger weightsFromDram(const std::vector<WeightedLayer>& layers, const std::vector<double>& weightBits, double onChipBits)
{
    const double all = std::accumulate(weightBits.begin(), weightBits.end(), 0.0);
    Ledger ledger;
    if (onChipBits <= 0 || all <= onChipBits)
        return ledger;
    for (const WeightedLayer& layer : layers)
        if (const double bits = weightBits[layer.index.value()]; bits > 0)
            ledger.push_back({layer.index, LedgerPart::Memory, Op::DramBits, NumberKind::Integer, all, 0, bits});
    return ledger;
}

std::optional<WordCount> wordsOf(const WeightedLayer& layer, const LayerTreatment& treatment)
{
    if (treatment.cim)
        return std::nullopt;
    WordCount count{layer.index};
    const auto words = [](double products, double bits) { return std::ceil(products * bits / kVectorWordBits); };
    double products = 0;
    const double positions = static_cast<double>(layer.positions);
    // One entry a width: rows of one treatment over all columns, or all rows over the columns of one entry.
    LayerTreatment main = treatment;
    main.surrogate.reset();
    for (const LedgerEntry& entry : ledgerOf(layer, main)) {
        if (entry.part != LedgerPart::MainMultiply || (entry.operation != Op::Multiply && entry.operation != Op::Shift))
            continue;
        if (entry.kind != NumberKind::Integer)
            return std::nullopt;
        const bool isOverChannels = !treatment.weights.channels.empty();
        const double all = static_cast<double>(layer.rows) * positions;
        const double outputs = isOverChannels ? all : entry.count / layer.columns;
        const double inner = isOverChannels ? entry.count / all : layer.columns;
        count.words += outputs * words(inner, std::max(entry.firstBits, entry.secondBits));
        products += entry.count;
    }
    count.wordsInt8 = static_cast<double>(layer.rows) * positions * words(layer.columns, 8);
    return products > 0 ? std::optional(count) : std::nullopt;
}

double digitalWeightBits(const WeightedLayer& layer, const LayerTreatment& treatment, const LayerFacts& facts)
{
    const double recovery = treatment.surrogate ? treatment.surrogate->format.storageBits() * treatment.surrogate->rank *
                                                      (static_cast<double>(layer.columns) * layer.groups + layer.rows)
                                                : 0;
    const double scales = 16.0 * layer.rows;
    return (treatment.cim ? scales : facts.weightBits) + (facts.hasBias ? 32.0 * layer.rows : 0) + recovery;
}

void addTo(AreaDemand& demand, const WeightedLayer& layer, const LayerTreatment& treatment, const LayerFacts& facts)
{
    demand.weightBits += digitalWeightBits(layer, treatment, facts);
    if (!treatment.cim)
        return;
    const ArrayTreatment& array = *treatment.cim;
    const double tiles = layer.groups * std::ceil(static_cast<double>(layer.columns) / array.rows) *
                         std::ceil(static_cast<double>(layer.rows) / layer.groups / array.columns);
    demand.arrayCells += tiles * array.rows * array.columns * static_cast<double>(WeightPlanes::of(array).cellsPerWeight());
    demand.converterBits = std::max(demand.converterBits, array.adc.isComparator ? 1.0 : static_cast<double>(array.adc.bits));
}

}  // namespace core
