// SPDX-License-Identifier: Apache-2.0
#include "core/engine/layer_ledger.h"

#include "core/cim/input_levels.h"
#include "core/cim/weight_planes.h"
#include "core/engine/input_treatment.h"
#include "core/formats/rounding.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

using Op = LedgerOperation;
using Part = LedgerPart;
constexpr auto kInteger = NumberKind::Integer;
constexpr auto kFloat = NumberKind::Float;
constexpr double kBiasBits = 32, kScaleBits = 16, kExponentBits = 8, kVectorSumBits = 24, kSumBits = 32;

struct Width { NumberKind kind; double bits; };

Width widthOf(const Operand& operand) { return {numberKindOf(operand), operand.bits}; }

/// A product with a bfloat is a bfloat's unless the other operand is a float of another sort.
NumberKind productKind(const Operand& first, const Operand& second)
{
    const NumberKind a = numberKindOf(first), b = numberKindOf(second);
    return a == NumberKind::Integer ? b : b == NumberKind::Integer || a == b ? a : kFloat;
}

bool isScaled(const NumberFormat& format) { return !isWideFloat(format.spec()); }

/// A part of the weight matrix under one treatment.
struct Share { const Treatment* treatment; double rows, columns; };

class LayerCount {
public:
    LayerCount(const WeightedLayer& layer, const LayerTreatment& treatment, const LayerFacts& facts)
        : m_layer(layer),
          m_treatment(treatment),
          m_facts(facts),
          m_rows(layer.rows),
          m_columns(layer.columns),
          m_groups(layer.groups),
          m_positions(static_cast<double>(layer.positions))
    {
    }

    Ledger run()
    {
        if (m_treatment.cim)
            countArray(*m_treatment.cim);
        else
            countDigital();
        countRounding();
        countActivations();
        countRecovery();
        return std::move(m_ledger);
    }

private:
    void add(Part part, Op operation, NumberKind kind, double count, double firstBits, double secondBits = 0)
    {
        if (count > 0)
            m_ledger.push_back({m_layer.index, part, operation, kind, firstBits, secondBits, count});
    }

    double biasBits() const { return m_facts.hasBias ? kBiasBits * m_rows : 0; }
    double differentInputs() const { return m_facts.inputValues > 0 ? m_facts.inputValues : inputsPerSample(); }
    double inputsPerSample() const { return m_columns * m_groups * m_positions; }
    double outputsPerSample() const { return m_rows * m_positions; }

    std::vector<Share> shares() const
    {
        const WeightPlan& weights = m_treatment.weights;
        std::vector<Share> all;
        for (std::size_t entry = 0; entry < weights.palette.size(); ++entry) {
            const auto chosen = [&](const std::vector<std::uint8_t>& choices) {
                return static_cast<double>(std::count(choices.begin(), choices.end(), static_cast<std::uint8_t>(entry)));
            };
            const double rows = weights.rows.empty() ? m_rows : chosen(weights.rows);
            const double columns = weights.channels.empty() ? m_columns : chosen(weights.channels) * m_columns / static_cast<double>(weights.channels.size());
            const bool isUsed = entry == 0 || !weights.isUniform();
            if (isUsed && rows > 0 && columns > 0)
                all.push_back({&weights.palette[entry], rows, columns});
        }
        return all;
    }

    /// What the activations that meet this share's weights are held in.
    NumberFormat activationOf(const Share& share) const
    {
        const NumberFormat& asked = m_treatment.activations.format;
        return m_treatment.weights.channels.empty() ? asked : channelActivation(share.treatment->format, asked);
    }

    void countDigital()
    {
        const bool isOverChannels = !m_treatment.weights.channels.empty();
        double weightBits = 0;
        bool isInputRead = false;   // shares of rows read the same input
        for (const Share& share : shares()) {
            const Operand activation = operandOf(activationOf(share));
            if (activation.isLookedUp && !isInputRead)
                add(Part::MainMultiply, Op::Lookup, kInteger, inputsPerSample() * (isOverChannels ? share.columns / m_columns : 1), activation.bits);
            isInputRead = !isOverChannels;
            const Width sum = countProducts(share, activation);
            countRescaling(share, sum);
            countZeroPoints(share, isOverChannels ? share.columns / m_columns : 1, sum);
            weightBits += storedBits(*share.treatment, static_cast<std::size_t>(share.rows), static_cast<std::size_t>(share.columns));
        }
        const double stored = (m_facts.weightBits > 0 ? m_facts.weightBits : weightBits) + biasBits();
        add(Part::Memory, Op::SramBits, kInteger, stored, stored);
    }

    /// Sums of codes that count from a zero point other than 0.
    void countZeroPoints(const Share& share, double inputShare, Width sum)
    {
        const auto* integers = std::get_if<IntegerFormat>(&share.treatment->format.spec());
        if (!integers || integers->isSigned)
            return;
        const double scales =
            std::max(1.0, static_cast<double>(scalesPerRow(share.treatment->scale, static_cast<std::size_t>(share.columns))));
        add(Part::Accumulate, Op::Add, sum.kind, inputsPerSample() * inputShare, sum.bits);
        add(Part::Accumulate, Op::Multiply, sum.kind, share.rows * m_positions * scales * share.treatment->points, integers->bits,
            sum.bits);
    }

    /// Returns what the products are added up in.
    Width countProducts(const Share& share, const Operand& activation)
    {
        const Operand weight = operandOf(share.treatment->format);
        if (weight.isLookedUp)
            add(Part::MainMultiply, Op::Lookup, kInteger, share.rows * share.columns, weight.bits);
        const bool isFloat = weight.kind == Operand::Kind::Float || activation.kind == Operand::Kind::Float;
        const double sums = share.rows * m_positions * share.treatment->points;
        const SumRule& rule = m_treatment.accumulator.sum;
        double taken = 0;
        for (const SumPass& pass : sumPasses()) {
            countSums(rule, sumWidth(*pass.format, isFloat), sums * pass.share, share.columns);
            taken += pass.share;
        }
        countMultiplies(weight, activation, sums * share.columns * taken);
        if (const auto& mixed = m_treatment.accumulator.mixed; mixed && !mixed->isStatic())
            add(Part::Accumulate, Op::Compare, kInteger, sums, rule.format.storageBits());
        return sumWidth(rule.format, isFloat);
    }

    void countMultiplies(const Operand& weight, const Operand& activation, double products)
    {
        if (const NumberKind kind = productKind(weight, activation); kind != kInteger)
            add(Part::MainMultiply, Op::Multiply, kind, products, weight.bits, activation.bits);
        else if (weight.kind == Operand::Kind::Shift)
            add(Part::MainMultiply, Op::Shift, kInteger, products, activation.bits);
        else if (activation.kind == Operand::Kind::Shift)
            add(Part::MainMultiply, Op::Shift, kInteger, products, weight.bits);
        else
            add(Part::MainMultiply, Op::Multiply, kInteger, products, weight.bits, activation.bits);
    }

    /// All components once in the low format, some again in higher ones; or each in one of two, where the choice is fixed.
    struct SumPass {
        const NumberFormat* format = nullptr;
        double share = 0;   // of the components
    };
    std::vector<SumPass> sumPasses() const
    {
        const AccumulatorPlan& plan = m_treatment.accumulator;
        if (!plan.mixed)
            return {{&plan.sum.format, 1}};
        const MixedSum& mixed = *plan.mixed;
        if (mixed.isStatic()) {
            const double high = std::round(mixed.highRows * m_rows) / m_rows;   // whole rows
            return {{&plan.sum.format, 1 - high}, {&mixed.high, high}};
        }
        std::vector<SumPass> passes{{&plan.sum.format, mixed.condition == MixedSum::Condition::Full ? 2.0 : 1.0}, {&mixed.high, m_facts.highShare}};
        if (mixed.middle)
            passes.push_back({&mixed.middle->format, m_facts.middleShare});
        return passes;
    }

    Width sumWidth(const NumberFormat& format, bool isFloat) const
    {
        if (m_treatment.accumulator.integer)
            return {kInteger, static_cast<double>(m_treatment.accumulator.integer->bits)};
        return format.isFloat32() ? Width{isFloat ? kFloat : kInteger, kSumBits} : widthOf(operandOf(format));
    }

    void countSums(const SumRule& rule, Width sum, double sums, double length)
    {
        constexpr double kKahanSteps = 4;   // the sum, and three more for what rounding took
        add(Part::Accumulate, Op::Add, sum.kind, sums * length * (rule.order == SumOrder::Kahan ? kKahanSteps : 1), sum.bits);
        if (rule.block == 0)
            return;
        const Width outer = rule.combine ? widthOf(operandOf(*rule.combine)) : sum;
        add(Part::Accumulate, Op::Add, outer.kind, sums * std::ceil(length / rule.block), outer.bits);
    }

    /// Sums under different scales meet at one scale.
    void countRescaling(const Share& share, Width sum)
    {
        const bool areWeightsScaled = isScaled(share.treatment->format);
        if (!areWeightsScaled && !isScaled(activationOf(share)))
            return;
        const ScaleRule& rule = share.treatment->scale;
        const double own = areWeightsScaled ? static_cast<double>(scalesPerRow(rule, static_cast<std::size_t>(share.columns))) : 0;
        const double points = areWeightsScaled ? share.treatment->points : 1;
        const double sums = share.rows * m_positions * std::max(1.0, own) * points;
        add(Part::Accumulate, Op::Add, sum.kind, sums - share.rows * m_positions, sum.bits);
        if (areWeightsScaled && rule.kind == ScaleRule::Kind::Block && rule.blockScale == ScaleRule::BlockScale::E8m0) {
            add(Part::Accumulate, Op::Add, kInteger, sums, kExponentBits);
            return;
        }
        if (areWeightsScaled && rule.kind == ScaleRule::Kind::Vector) {
            add(Part::Accumulate, Op::Multiply, kInteger, sums, rule.scaleBits, kVectorSumBits);
            add(Part::Accumulate, Op::Multiply, kFloat, share.rows * m_positions, kScaleBits, kScaleBits);
            return;
        }
        const bool isByte = areWeightsScaled && rule.kind == ScaleRule::Kind::Block;   // e4m3, and above it one float for all
        add(Part::Accumulate, Op::Multiply, kFloat, sums, isByte ? kExponentBits : kScaleBits, kScaleBits);
    }

    void countArray(const ArrayTreatment& array)
    {
        const WeightPlanes planes = WeightPlanes::of(array);
        const double rowTiles = std::ceil(m_columns / array.rows);
        const double columnTiles = std::ceil(m_rows / m_groups / array.columns);
        double levels = 0, digitalPairs = 0;   // of one column: input levels that meet a slice, and pairs of planes kept digital
        for (const WeightSlice& slice : planes.slices) {
            const double analog = analogPlanes(array, slice);
            levels += array.hybridLevels > 0 ? analog : inputLevels(array);
            digitalPairs += array.inputBits - analog;
        }
        const double conversions = outputsPerSample() * rowTiles * levels;

        add(Part::Array, Op::ArrayCell, kInteger, m_rows * m_columns * m_positions * planes.sides * levels, 1);
        add(Part::Converter, Op::AdcConversion, kInteger, conversions, array.adc.isComparator ? 1 : converterBits(array, planes));
        add(Part::Converter, Op::DacConversion, kInteger, inputsPerSample() * inputLevels(array) * columnTiles, array.dacBits);
        // The pairs of planes that never leave the digital domain: one bit times one.
        add(Part::MainMultiply, Op::Multiply, kInteger, m_rows * m_columns * m_positions * digitalPairs, 1, 1);

        const auto* inputs = std::get_if<IntegerFormat>(&m_treatment.activations.format.spec());
        const double corrections = (planes.offset != 0 ? 1 : 0) + (inputs && !inputs->isSigned ? 1 : 0);
        const double inputSums = planes.offset != 0 ? (m_columns - 1) * m_groups * m_positions : 0;
        const double sumBits = array.inputBits + array.weightBits + std::ceil(std::log2(std::max(1.0, m_columns)));
        const double joined = std::max(0.0, conversions - outputsPerSample());
        add(Part::Accumulate, Op::Add, kInteger, joined + corrections * outputsPerSample() + inputSums, sumBits);
        add(Part::Accumulate, Op::Add, kInteger, m_rows * m_columns * m_positions * digitalPairs, sumBits);
        add(Part::Accumulate, Op::Multiply, kFloat, outputsPerSample(), kScaleBits, kScaleBits);
        if (array.drift.isOn() && array.drift.compensation != Drift::Compensation::None)   // one factor for all outputs, or one each
            add(Part::Accumulate, Op::Multiply, kFloat, outputsPerSample(), kScaleBits, kScaleBits);

        const double digitalBits = kScaleBits * m_rows + biasBits();
        add(Part::Memory, Op::SramBits, kInteger, digitalBits, digitalBits);
    }

    static double inputLevels(const ArrayTreatment& array) { return std::ceil(array.inputBits / static_cast<double>(levelBits(array))); }

    /// Input planes whose pair with the slice the array computes; the most significant pairs may be digital.
    static double analogPlanes(const ArrayTreatment& array, const WeightSlice& slice)
    {
        const int top = array.weightBits + array.inputBits - array.hybridLevels - 2 - (slice.firstBit + slice.bits - 1);
        return array.hybridLevels == 0 ? array.inputBits : std::clamp(top + 1, 0, array.inputBits);
    }

    double converterBits(const ArrayTreatment& array, const WeightPlanes& planes) const
    {
        if (array.adc.bits > 0)
            return array.adc.bits;
        const double largestSum = std::min<double>(array.rows, m_columns) * planes.slices.front().largestDigit() * planes.sides;
        return std::ceil(std::log2(largestSum + 1));
    }

    /// Inputs become codes, each once.
    void countRounding()
    {
        const NumberFormat& asked = m_treatment.activations.format;
        if (m_treatment.cim) {
            add(Part::Functions, Op::Compare, kInteger, 2 * differentInputs(), kSumBits);
        } else if (m_treatment.weights.channels.empty()) {
            countRounding(asked, differentInputs());
        } else {
            for (const Share& share : shares())
                countRounding(activationOf(share), differentInputs() * share.columns / m_columns);
        }
        if (asked.isFloat32() || !m_treatment.activations.range.isDynamic())
            return;
        const bool isStandardised = m_treatment.activations.range.kind == RangeRule::Kind::Daq;  // mean, square, difference; and back
        add(Part::Functions, Op::Compare, kInteger, isStandardised ? 0 : 2 * differentInputs(), kSumBits);
        add(Part::Functions, Op::Add, kFloat, isStandardised ? 3 * differentInputs() : 0, kScaleBits);
        add(Part::Functions, Op::Multiply, kFloat, (isStandardised ? 3 : 1) * differentInputs(), kScaleBits, kScaleBits);
    }

    void countRounding(const NumberFormat& format, double values)
    {
        if (format.isFloat32())
            return;
        if (std::holds_alternative<IntegerFormat>(format.spec()))
            add(Part::Functions, Op::Compare, kInteger, 2 * values, kSumBits);
        else if (const auto* book = std::get_if<CodebookFormat>(&format.spec()))
            add(Part::Functions, Op::Compare, kInteger, std::ceil(std::log2(static_cast<double>(book->levels.size()))) * values, kSumBits);
        else
            add(Part::Functions, Op::Add, kInteger, values, format.storageBits());
    }

    void countActivations()
    {
        const double bits = m_treatment.activations.format.storageBits();
        double inputBits = bits;  // of a number: the mean over the channels
        if (!m_treatment.weights.channels.empty() && !m_treatment.cim) {
            inputBits = 0;
            for (const Share& share : shares())
                inputBits += share.columns / m_columns * activationOf(share).storageBits();
        }
        add(Part::Memory, Op::SramBits, kInteger, inputsPerSample() * inputBits, differentInputs() * inputBits);
        add(Part::Memory, Op::SramBits, kInteger, outputsPerSample() * bits, outputsPerSample() * bits);
    }

    void countRecovery()
    {
        if (!m_treatment.surrogate)
            return;
        const Operand operand = operandOf(m_treatment.surrogate->format);
        const auto [kind, bits] = widthOf(operand);
        const double rank = std::min({static_cast<double>(m_treatment.surrogate->rank), m_rows, m_columns});
        const double values = rank * (m_columns * m_groups + m_rows);
        add(Part::Recovery, Op::Multiply, kind, values * m_positions, bits, bits);
        add(Part::Recovery, Op::Add, kind, values * m_positions, kind == kInteger ? kSumBits : bits);
        const double storedBits = values * m_treatment.surrogate->format.storageBits();
        add(Part::Memory, Op::SramBits, kInteger, storedBits, storedBits);
        const bool isMainExact = m_treatment.activations.format.isFloat32() && !m_treatment.cim;
        if (m_treatment.surrogate->input == SurrogateInput::Exact && !isMainExact) {
            const double width = m_treatment.surrogate->format.storageBits();
            add(Part::Memory, Op::SramBits, kInteger, (inputsPerSample() + differentInputs()) * width, differentInputs() * width);
        }
    }

    const WeightedLayer& m_layer;
    const LayerTreatment& m_treatment;
    LayerFacts m_facts;
    double m_rows, m_columns, m_groups, m_positions;
    Ledger m_ledger;
};

}  // namespace

NumberKind numberKindOf(const Operand& operand)
{
    if (operand.kind != Operand::Kind::Float)
        return NumberKind::Integer;
    return operand.isBfloat ? NumberKind::Bfloat : NumberKind::Float;
}

LayerFacts LayerFacts::of(const WeightedLayer& layer, const LayerTreatment& treatment)
{
    return {0, static_cast<double>(layer.inputValues), !layer.bias.empty() || (treatment.correction && treatment.correction->bias)};
}

Ledger ledgerOf(const WeightedLayer& layer, const LayerTreatment& treatment, const LayerFacts& facts)
{
    return LayerCount(layer, treatment, facts).run();
}

}  // namespace core
