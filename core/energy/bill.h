// SPDX-License-Identifier: Apache-2.0
#pragma once
// The energy bill: a ledger (how many of which operation at which width, for one inference) times a price table in
// which every price carries its source.

#include "core/base/index.h"
#include "core/base/problem.h"
#include "core/base/quantity.h"

#include <string>
#include <string_view>
#include <vector>

namespace core {

enum class LedgerOperation { Multiply, Add, Shift, Compare, Lookup, AdcConversion, DacConversion, ArrayCell, SramBits, DramBits };
std::string_view ledgerOperationName(LedgerOperation operation);   // "multiply", "adc", "array-cell", "sram" ...
enum class NumberKind { Integer, Float };
std::string_view numberKindName(NumberKind kind);                  // "integer", "float"

/// The part of the layer the operation serves; the bars of the bill are stacked by it.
enum class LedgerPart { MainMultiply, Accumulate, Converter, Array, Recovery, Memory };
std::string ledgerPartName(LedgerPart part);   // "main multiply", "accumulate", "converter", "array", "recovery", "memory"

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

/// Measured: published of a circuit, and seen there. Model: computed by a formula the source names. Recalled: quoted from
/// a publication, not checked against it again.
enum class Confidence { Measured, Model, Recalled };
std::string_view confidenceName(Confidence confidence);            // "measured", "model", "recalled"

struct Price {
    LedgerOperation operation = LedgerOperation::Multiply;
    NumberKind kind = NumberKind::Integer;
    double bits = 0;               // both operands of a multiplier; a memory's capacity
    Picojoules perOperation;       // of a memory: per bit moved
    std::string source;
    Confidence confidence = Confidence::Recalled;
};

/// Prices of one technology; widths between listed ones are modelled from the nearest listed one and marked so:
/// multiplier ~ product of widths; adder, shifter, comparator, table and DAC ~ width; ADC ~ 100 b + 0.001 * 4^b (ZigZag's
/// fit). A listed zero holds for its own width only. A memory is the smallest listed one that holds the capacity needed, else the largest.
struct PriceTable {
    std::string name;        // "45nm"
    std::string title;       // "45 nm, 0.9 V (Horowitz, ISSCC 2014)"
    double nodeNanometres = 45;
    double voltage = 0.9;    // volts
    std::vector<Price> prices;
};

/// The price of an entry's single operation, with the words a person sees on hover. A problem names the table and the
/// operation where the table knows nothing of its sort.
struct PricedOperation { Picojoules perOperation; std::string provenance; Confidence confidence = Confidence::Model; };
Result<PricedOperation> priceOf(const PriceTable& table, const LedgerEntry& entry);

struct BillLine {
    LedgerEntry entry;
    Picojoules energy;       // count times price
    std::string provenance;
};

struct EnergyBill {
    std::string technology;
    std::vector<BillLine> lines;
    double macs = 0;                               // of the main path, per inference; what TOPS/W counts
    Picojoules total() const;                      // per inference
    Picojoules ofLayer(LayerIndex layer) const;
    Picojoules ofLayer(LayerIndex layer, LedgerPart part) const;
    Picojoules ofPart(LedgerPart part) const;
    /// 2 operations per main-path multiply-accumulate over the total, memory included: 2 macs / total[pJ].
    double topsPerWatt() const;
    std::string convention() const;                // what topsPerWatt counts, in words
};

Result<EnergyBill> makeBill(const Ledger& ledger, const PriceTable& table, double macs);

}  // namespace core
