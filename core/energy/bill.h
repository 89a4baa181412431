// SPDX-License-Identifier: Apache-2.0
#pragma once
// The energy bill: a ledger (how many of which operation at which width, for one inference) times a price table in
// which every price carries its source.

#include "core/base/index.h"
#include "core/base/problem.h"
#include "core/base/quantity.h"
#include "core/energy/accelerator.h"

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace core {

enum class LedgerOperation { Multiply, Add, Shift, Compare, Lookup, AdcConversion, DacConversion, ArrayCell, SramBits, DramBits };
std::string_view ledgerOperationName(LedgerOperation operation);   // "multiply", "adc", "array-cell", "sram" ...
/// Bfloat: bf16, whose products of 8-bit significands cost less than fp16's of 11 bits.
enum class NumberKind { Integer, Float, Bfloat };
std::string_view numberKindName(NumberKind kind);                  // "integer", "float", "bfloat"

/// The part of the layer the operation serves; the bars of the bill are stacked by it. Functions: what rounds a layer's
/// input, and the nodes behind a layer that have no weights (activations, pooling, residual sums, normalisation, products
/// of activations).
enum class LedgerPart { MainMultiply, Accumulate, Converter, Array, Recovery, Memory, Functions };
inline constexpr std::array kLedgerParts{LedgerPart::MainMultiply, LedgerPart::Accumulate, LedgerPart::Converter, LedgerPart::Array,
                                         LedgerPart::Recovery,     LedgerPart::Memory,     LedgerPart::Functions};
std::string ledgerPartName(LedgerPart part);   // "main multiply", "accumulate", "converter", "array", "recovery", "memory", "functions"

struct LedgerEntry {
    LayerIndex layer;
    LedgerPart part = LedgerPart::MainMultiply;
    LedgerOperation operation = LedgerOperation::Multiply;
    NumberKind kind = NumberKind::Integer;
    /// Operand widths. An adder, shifter, table or converter uses the first only; for a memory it is the capacity that
    /// is needed, in bits, since reading a larger memory costs more.
    double firstBits = 0, secondBits = 0;
    double count = 0;                       // per inference of one sample; of a memory: bits moved
};

using Ledger = std::vector<LedgerEntry>;

/// What a price without a range of its own may be off by, as a factor either way. A rule of this program, not a
/// publication's: 1.25, 1.5, 2, 3 in the order of Confidence.
double usualSpread(Confidence confidence);

struct PriceRange { Picojoules low, high; bool operator==(const PriceRange&) const = default; };   // low <= the price <= high

struct Price {
    LedgerOperation operation = LedgerOperation::Multiply;
    NumberKind kind = NumberKind::Integer;
    double bits = 0;               // both operands of a multiplier; a memory's capacity
    Picojoules perOperation;       // of a memory: per bit moved
    std::string source;
    Confidence confidence = Confidence::Recalled;
    std::optional<PriceRange> range = {};    // none: usualSpread(confidence) either way
    double nodeNanometres = 0, voltage = 0;  // of its own, where they are not the table's; 0: the table's
};

/// The price's own ends, else usualSpread(confidence) either way.
PriceRange rangeOf(const Price& price);

/// Prices of one technology; widths between listed ones are modelled from the nearest listed one and marked so:
/// multiplier ~ product of widths; adder, shifter, comparator, table and DAC ~ width; ADC ~ 100 b + 0.001 * 4^b (ZigZag's
/// fit). A listed zero holds for its own width only. A memory is the smallest listed one that holds the capacity needed, else the largest.
/// Where a table has no price for bfloats, they cost what floats do, and the price says so.
struct PriceTable {
    std::string name;        // "45nm"
    std::string title;       // "45 nm, 0.9 V (Horowitz, ISSCC 2014)"
    double nodeNanometres = 45;
    double voltage = 0.9;    // volts
    std::vector<Price> prices;
    std::optional<Accelerator> device = {};       // that pays them; none: no estimates of time and area
};

/// The price of an entry's single operation, with the words a person sees on hover. A problem names the table and the
/// operation where the table knows nothing of its sort.
struct PricedOperation {
    Picojoules perOperation;
    std::string provenance;
    Confidence confidence = Confidence::Model;
    double pricedBits = 0;   // the listed width; of a memory the capacity of the level that serves it
    PriceRange range;        // a width modelled from another is off by usualSpread(Model) at least
};
Result<PricedOperation> priceOf(const PriceTable& table, const LedgerEntry& entry);

/// What something costs, and what it costs at least and at most if every price is at its low or its high end at once: the
/// widest interval the prices allow, not a probability.
struct EnergyRange {
    Picojoules low, typical, high;
    EnergyRange& operator+=(const EnergyRange& other) { low += other.low; typical += other.typical; high += other.high; return *this; }
    bool operator==(const EnergyRange&) const = default;
};

struct BillLine {
    LedgerEntry entry;
    Picojoules energy;       // count times price
    std::string provenance;
    Picojoules below = {}, above = {};       // from the energy to the ends of its range
    Confidence confidence = Confidence::Model;
    double pricedBits = 0;                   // of the price: a memory's level
    EnergyRange range() const { return {energy - below, energy, energy + above}; }
};

struct EnergyBill {
    std::string technology;
    std::vector<BillLine> lines;
    double macs = 0;                               // of the main path, per inference; what TOPS/W counts
    Picojoules total() const;                      // per inference
    Picojoules ofLayer(LayerIndex layer) const;
    Picojoules ofLayer(LayerIndex layer, LedgerPart part) const;
    Picojoules ofPart(LedgerPart part) const;
    EnergyRange range() const;                     // of total()
    EnergyRange rangeOf(LayerIndex layer) const;
    EnergyRange rangeOf(LedgerPart part) const;
    /// 2 operations per main-path multiply-accumulate over the total, memory included: 2 macs / total[pJ].
    double topsPerWatt() const;
    double topsPerWatt(Picojoules energy) const;   // the same for another sum: a range's end, a part left out
    std::string convention() const;                // what topsPerWatt counts, in words
};

Result<EnergyBill> makeBill(const Ledger& ledger, const PriceTable& table, double macs);

}  // namespace core
