// SPDX-License-Identifier: Apache-2.0
#include "core/energy/bill.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

bool hasKind(LedgerOperation operation)
{
    return operation == LedgerOperation::Multiply || operation == LedgerOperation::Add || operation == LedgerOperation::Compare;
}

bool isMemory(LedgerOperation operation) { return operation == LedgerOperation::SramBits || operation == LedgerOperation::DramBits; }

/// How an operation's energy grows with its operands' widths, up to a factor.
double growth(LedgerOperation operation, double firstBits, double secondBits)
{
    switch (operation) {
    case LedgerOperation::Multiply: return firstBits * secondBits;
    case LedgerOperation::Add:
    case LedgerOperation::Shift:
    case LedgerOperation::Compare:
    case LedgerOperation::Lookup:
    case LedgerOperation::DacConversion: return firstBits;
    case LedgerOperation::AdcConversion: return 100 * firstBits + 0.001 * std::exp2(2 * firstBits);
    case LedgerOperation::ArrayCell:
    case LedgerOperation::SramBits:
    case LedgerOperation::DramBits: return 1;
    }
    return 1;
}

/// What the entry is, in the words of a person: "float 16 x 8-bit multiply", "6-bit adc", "array-cell".
std::string describe(LedgerOperation operation, NumberKind kind, double firstBits, double secondBits)
{
    const std::string_view name = ledgerOperationName(operation);
    const std::string kindWord = hasKind(operation) ? fmt::format("{} ", numberKindName(kind)) : std::string{};
    if (operation == LedgerOperation::ArrayCell)
        return std::string(name);
    if (isMemory(operation))
        return fmt::format("{} of {:.4g} KB, a bit", name, firstBits / 8192);
    if (operation == LedgerOperation::Multiply && firstBits != secondBits)
        return fmt::format("{}{:g} x {:g}-bit {}", kindWord, firstBits, secondBits, name);
    return fmt::format("{}{:g}-bit {}", kindWord, firstBits, name);
}

std::string describe(const Price& price) { return describe(price.operation, price.kind, price.bits, price.bits); }

/// ", at 40 nm, 1.1 V" where a price was made under other conditions than its table.
std::string conditions(const PriceTable& table, const Price& price)
{
    std::string text;
    if (price.nodeNanometres > 0 && price.nodeNanometres != table.nodeNanometres)
        text += fmt::format(", {:g} nm", price.nodeNanometres);
    if (price.voltage > 0 && price.voltage != table.voltage)
        text += fmt::format(", {:g} V", price.voltage);
    return text;
}

/// Distance between widths on a logarithmic scale; a multiplier is as wide as the geometric mean of its operands.
double distance(const Price& price, const LedgerEntry& entry)
{
    const double width = entry.operation == LedgerOperation::Multiply ? std::sqrt(entry.firstBits * entry.secondBits) : entry.firstBits;
    return std::abs(std::log2(price.bits / width));
}

bool isBetter(const Price& candidate, const Price& best, const LedgerEntry& entry)
{
    if (!isMemory(entry.operation))
        return distance(candidate, entry) < distance(best, entry);
    const bool candidateHolds = candidate.bits >= entry.firstBits;
    if (candidateHolds != (best.bits >= entry.firstBits))
        return candidateHolds;
    return candidateHolds ? candidate.bits < best.bits : candidate.bits > best.bits;
}

/// The nearest listed price of this kind; null: none of any width.
const Price* nearestPrice(const PriceTable& table, const LedgerEntry& entry, NumberKind kind)
{
    const bool isWidthless = entry.operation == LedgerOperation::ArrayCell;
    const Price* best = nullptr;
    for (const Price& price : table.prices) {
        if (price.operation != entry.operation || (hasKind(entry.operation) && price.kind != kind))
            continue;
        if (price.perOperation.value() == 0 && !isWidthless && !isMemory(entry.operation) && price.bits != entry.firstBits)
            continue;
        if (!best || (!isWidthless && isBetter(price, *best, entry)))
            best = &price;
    }
    return best;
}

}  // namespace

std::string_view ledgerOperationName(LedgerOperation operation)
{
    switch (operation) {
    case LedgerOperation::Multiply: return "multiply";
    case LedgerOperation::Add: return "add";
    case LedgerOperation::Shift: return "shift";
    case LedgerOperation::Compare: return "compare";
    case LedgerOperation::Lookup: return "lookup";
    case LedgerOperation::AdcConversion: return "adc";
    case LedgerOperation::DacConversion: return "dac";
    case LedgerOperation::ArrayCell: return "array-cell";
    case LedgerOperation::SramBits: return "sram";
    case LedgerOperation::DramBits: return "dram";
    }
    return "unknown";
}

std::string_view numberKindName(NumberKind kind)
{
    switch (kind) {
    case NumberKind::Integer: return "integer";
    case NumberKind::Float: return "float";
    case NumberKind::Bfloat: return "bfloat";
    }
    return "unknown";
}

std::string_view confidenceName(Confidence confidence)
{
    switch (confidence) {
    case Confidence::Measured: return "measured";
    case Confidence::Recalled: return "recalled";
    case Confidence::Model: return "model";
    case Confidence::Estimated: return "estimated";
    }
    return "unknown";
}

double usualSpread(Confidence confidence)
{
    switch (confidence) {
    case Confidence::Measured: return 1.25;
    case Confidence::Recalled: return 1.5;
    case Confidence::Model: return 2;
    case Confidence::Estimated: return 3;
    }
    return 3;
}

PriceRange rangeOf(const Price& price)
{
    const double spread = usualSpread(price.confidence);
    return price.range.value_or(PriceRange{price.perOperation / spread, price.perOperation * spread});
}

Result<PricedOperation> priceOf(const PriceTable& table, const LedgerEntry& entry)
{
    const std::string wanted = describe(entry.operation, entry.kind, entry.firstBits, entry.secondBits);
    const bool isWidthless = entry.operation == LedgerOperation::ArrayCell;
    if (!isWidthless && (!(entry.firstBits > 0) || (entry.operation == LedgerOperation::Multiply && !(entry.secondBits > 0))))
        return Problem{"price table " + table.name, fmt::format("{} has no width; wanted a positive number of bits", wanted)};

    const Price* best = nearestPrice(table, entry, entry.kind);
    const bool isFallback = !best && entry.kind == NumberKind::Bfloat;
    if (isFallback)
        best = nearestPrice(table, entry, NumberKind::Float);
    if (!best)
        return Problem{"price table " + table.name, fmt::format("has no price for {}; wanted one of any width to model it from", wanted)};

    const PriceRange range = rangeOf(*best);
    const std::string listed = fmt::format("{}, {:.4g} pJ ({:.3g} to {:.3g}{}){}: {} ({})", describe(*best), best->perOperation.value(),
                                           range.low.value(), range.high.value(), best->range ? "" : " by rule", conditions(table, *best),
                                           best->source, confidenceName(best->confidence));
    const double ratio = growth(entry.operation, entry.firstBits, entry.secondBits) / growth(entry.operation, best->bits, best->bits);
    const bool isListed =
        !isFallback && (entry.operation != LedgerOperation::Multiply || (entry.firstBits == best->bits && entry.secondBits == best->bits));
    if (ratio == 1 && isListed)
        return PricedOperation{best->perOperation, listed, best->confidence, best->bits, range};
    const double spread = usualSpread(Confidence::Model);
    const PriceRange wider{std::min(range.low, best->perOperation / spread) * ratio,
                           std::max(range.high, best->perOperation * spread) * ratio};
    const Confidence confidence = best->confidence == Confidence::Estimated ? Confidence::Estimated : Confidence::Model;
    return PricedOperation{best->perOperation * ratio, fmt::format("{}, modelled as {:.4g} times {}", wanted, ratio, listed), confidence,
                           best->bits, wider};
}

}  // namespace core
