// SPDX-License-Identifier: Apache-2.0
#pragma once
// The energy bill: a ledger (how many of which operation at which width, for one inference) times a price table in
// which every price carries its source.

#include "core/base/index.h"
#include "core/base/problem.h"
#include "core/base/quantity.h"

#include <string>
#include <vector>

namespace core {

enum class LedgerOperation { Multiply, Add, Shift, Compare, Lookup, AdcConversion, DacConversion, ArrayCell, SramBits, DramBits };
enum class NumberKind { Integer, Float };

/// The part of the layer the operation serves; the bars of the bill are stacked by it.
enum class LedgerPart { MainMultiply, Accumulate, Converter, Array, Recovery, Memory };
std::string ledgerPartName(LedgerPart part);   // "main multiply", "accumulate", "converter", "array", "recovery", "memory"

struct LedgerEntry {
    LayerIndex layer;
    LedgerPart part = LedgerPart::MainMultiply;
    LedgerOperation operation = LedgerOperation::Multiply;
    NumberKind kind = NumberKind::Integer;
    double firstBits = 0, secondBits = 0;   // operand widths; an adder, converter or memory uses the first only
    double count = 0;                       // per inference of one sample
};

using Ledger = std::vector<LedgerEntry>;

enum class Confidence { Measured, Model, Recalled };

struct Price {
    LedgerOperation operation = LedgerOperation::Multiply;
    NumberKind kind = NumberKind::Integer;
    double bits = 0;
    Picojoules perOperation;
    std::string source;
    Confidence confidence = Confidence::Recalled;
};

/// Prices of one technology; widths between listed ones are modelled (multiplier ~ product of widths, adder ~ width)
/// from the nearest listed one, and marked so.
struct PriceTable {
    std::string name;        // "45nm"
    std::string title;       // "45 nm, 0.9 V (Horowitz, ISSCC 2014)"
    double nodeNanometres = 45;
    std::vector<Price> prices;
};

/// The price of an entry's single operation, with the words a person sees on hover.
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
