// SPDX-License-Identifier: Apache-2.0
#include "core/engine/recovery_model.h"

#include "core/engine/layer_ledger.h"

#include <limits>

namespace core {

namespace {

/// One layer of this shape with a path of this rank: its recovery entries only.
Ledger recoveryOf(const LayerShape& shape, int rank, const NumberFormat& format)
{
    WeightedLayer layer;
    layer.index = LayerIndex(0);
    layer.rows = shape.rows;
    layer.columns = shape.columns;
    LayerTreatment orders;
    if (rank > 0) {
        orders.surrogate = SurrogatePlan{};
        orders.surrogate->rank = rank;
        orders.surrogate->format = format;
    }
    Ledger path;
    for (const LedgerEntry& entry : ledgerOf(layer, orders))
        if (entry.part == LedgerPart::Recovery)
            path.push_back(entry);
    return path;
}

double macsOf(const LayerShape& shape) { return static_cast<double>(shape.rows) * shape.columns; }

}  // namespace

EnergyBill modelBill(const LayerShape& shape, int rank, const RecoveryModel& model)
{
    const NumberFormat half = NumberFormat::named("fp16").value();
    const double bits = half.storageBits();
    const Picojoules main(2 / model.mainTopsPerWatt), recovery(model.recoveryFemtojoulesPerOperation / 1000);
    PriceTable prices;
    prices.name = "model";
    const std::string source = "calibrated so that rank 8 on 512 x 512 gives the published 464 TOPS/W";
    prices.prices = {{LedgerOperation::ArrayCell, NumberKind::Integer, 1, main, "1602 TOPS/W: the same group's converter-free crossbar",
                      Confidence::Recalled},
                     {LedgerOperation::Multiply, NumberKind::Float, bits, recovery, source, Confidence::Estimated},
                     {LedgerOperation::Add, NumberKind::Float, bits, recovery, source, Confidence::Estimated}};
    Ledger ledger{{LayerIndex(0), LedgerPart::Array, LedgerOperation::ArrayCell, NumberKind::Integer, 1, 0, macsOf(shape)}};
    const Ledger path = recoveryOf(shape, rank, half);
    ledger.insert(ledger.end(), path.begin(), path.end());
    return makeBill(ledger, prices, macsOf(shape)).value();  // every operation is priced above
}

Result<double> rankCeiling(const LayerShape& shape, int rank, const NumberFormat& format, const PriceTable& prices)
{
    const Ledger path = recoveryOf(shape, rank, format);
    if (path.empty())
        return std::numeric_limits<double>::infinity();
    CORE_TRY(const EnergyBill bill, makeBill(path, prices, macsOf(shape)));
    return bill.topsPerWatt();
}

}  // namespace core
