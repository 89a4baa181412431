// SPDX-License-Identifier: Apache-2.0
#include "core/energy/bill.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace core {

namespace {

template <class Wanted>
Picojoules sumOf(const std::vector<BillLine>& lines, Wanted&& isWanted)
{
    Picojoules sum;
    for (const BillLine& line : lines)
        if (isWanted(line.entry))
            sum += line.energy;
    return sum;
}

template <class Wanted>
EnergyRange rangeOfThose(const std::vector<BillLine>& lines, Wanted&& isWanted)
{
    EnergyRange sum;
    for (const BillLine& line : lines)
        if (isWanted(line.entry))
            sum += line.range();
    return sum;
}

/// "4 x 8", "float 32 x 32": the operand widths of the main path's multiplications, in order of appearance.
std::vector<std::string> operandWidths(const std::vector<BillLine>& lines)
{
    std::vector<std::string> widths;
    for (const BillLine& line : lines) {
        const LedgerEntry& entry = line.entry;
        if (entry.part != LedgerPart::MainMultiply || entry.operation != LedgerOperation::Multiply)
            continue;
        const std::string kind = entry.kind == NumberKind::Integer ? "" : fmt::format("{} ", numberKindName(entry.kind));
        std::string text = fmt::format("{}{:g} x {:g}", kind, entry.firstBits, entry.secondBits);
        if (std::find(widths.begin(), widths.end(), text) == widths.end())
            widths.push_back(std::move(text));
    }
    return widths;
}

}  // namespace

std::string ledgerPartName(LedgerPart part)
{
    switch (part) {
    case LedgerPart::MainMultiply: return "main multiply";
    case LedgerPart::Accumulate: return "accumulate";
    case LedgerPart::Converter: return "converter";
    case LedgerPart::Array: return "array";
    case LedgerPart::Recovery: return "recovery";
    case LedgerPart::Memory: return "memory";
    case LedgerPart::Functions: return "functions";
    }
    return "unknown";
}

Picojoules EnergyBill::total() const
{
    return sumOf(lines, [](const LedgerEntry&) { return true; });
}

Picojoules EnergyBill::ofLayer(LayerIndex layer) const
{
    return sumOf(lines, [&](const LedgerEntry& entry) { return entry.layer == layer; });
}

Picojoules EnergyBill::ofLayer(LayerIndex layer, LedgerPart part) const
{
    return sumOf(lines, [&](const LedgerEntry& entry) { return entry.layer == layer && entry.part == part; });
}

Picojoules EnergyBill::ofPart(LedgerPart part) const
{
    return sumOf(lines, [&](const LedgerEntry& entry) { return entry.part == part; });
}

EnergyRange EnergyBill::range() const
{
    return rangeOfThose(lines, [](const LedgerEntry&) { return true; });
}

EnergyRange EnergyBill::rangeOf(LayerIndex layer) const
{
    return rangeOfThose(lines, [&](const LedgerEntry& entry) { return entry.layer == layer; });
}

EnergyRange EnergyBill::rangeOf(LedgerPart part) const
{
    return rangeOfThose(lines, [&](const LedgerEntry& entry) { return entry.part == part; });
}

double EnergyBill::topsPerWatt() const { return topsPerWatt(total()); }

double EnergyBill::topsPerWatt(Picojoules energy) const
{
    if (!(energy.value() > 0))
        return macs > 0 ? std::numeric_limits<double>::infinity() : 0.0;
    return 2 * macs / energy.value();  // operations per picojoule are tera-operations per joule
}

std::string EnergyBill::convention() const
{
    std::vector<std::string> included;
    for (const LedgerPart part : kLedgerParts)
        if (ofPart(part).value() > 0)
            included.push_back(ledgerPartName(part));
    const std::vector<std::string> widths = operandWidths(lines);
    const bool hasDram = std::any_of(lines.begin(), lines.end(), [](const BillLine& line) { return line.entry.operation == LedgerOperation::DramBits; });
    return fmt::format("1 MAC = 2 operations; MACs of the main path only{}; energy of {}; without {}clock, control and leakage",
                       widths.empty() ? "" : fmt::format(", operands {} bits", fmt::join(widths, ", ")),
                       included.empty() ? "nothing" : fmt::format("{}", fmt::join(included, ", ")), hasDram ? "" : "DRAM, ");
}

Result<EnergyBill> makeBill(const Ledger& ledger, const PriceTable& table, double macs)
{
    EnergyBill bill;
    bill.technology = table.name;
    bill.macs = macs;
    bill.lines.reserve(ledger.size());
    for (const LedgerEntry& entry : ledger) {
        auto price = priceOf(table, entry);
        if (!price)
            return price.error();
        PricedOperation& priced = price.value();
        BillLine line{entry, priced.perOperation * entry.count, std::move(priced.provenance)};
        line.below = line.energy - priced.range.low * entry.count;
        line.above = priced.range.high * entry.count - line.energy;
        line.confidence = priced.confidence;
        line.pricedBits = priced.pricedBits;
        bill.lines.push_back(std::move(line));
    }
    return bill;
}

}  // namespace core
