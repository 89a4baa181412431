// SPDX-License-Identifier: Apache-2.0
#include "core/assign/plan_cost.h"

#include "core/engine/layer_ledger.h"
#include "core/plan/storage.h"

#include <algorithm>

namespace core {

LayerTreatment effectiveTreatment(const PrecisionPlan& plan, const WeightedLayer& layer)
{
    LayerTreatment treatment = resolve(plan, layer.name);
    if (treatment.surrogate && layer.groups > 1)
        treatment.surrogate.reset();
    if (treatment.surrogate)
        treatment.surrogate->rank = std::min({treatment.surrogate->rank, layer.rows, layer.columns});
    if (treatment.surrogate && treatment.surrogate->rank == 0)
        treatment.surrogate.reset();
    return treatment;
}

Result<PlanCost> costOf(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers, const PriceTable& technology)
{
    PlanCost cost;
    Ledger all, withoutRecovery;
    double macs = 0;
    for (const WeightedLayer& layer : layers) {
        LayerTreatment treatment = effectiveTreatment(plan, layer);
        const LayerStorage storage = storageOf(layer, treatment);
        cost.bytes += storage.total() / 8;
        cost.recoveryBytes += storage.recoveryBits / 8;
        macs += static_cast<double>(layer.macs());
        const LayerFacts facts{storage.weightBits, static_cast<double>(layer.inputValues), storage.biasBits > 0};
        const Ledger own = ledgerOf(layer, treatment, facts);
        all.insert(all.end(), own.begin(), own.end());
        if (treatment.surrogate)
            cost.recoveryMacs +=
                static_cast<double>(treatment.surrogate->rank) * (layer.rows + layer.columns) * static_cast<double>(layer.positions);
        treatment.surrogate.reset();
        const Ledger bare = ledgerOf(layer, treatment, facts);
        withoutRecovery.insert(withoutRecovery.end(), bare.begin(), bare.end());
    }
    CORE_TRY(const EnergyBill bill, makeBill(all, technology, macs));
    CORE_TRY(const EnergyBill bareBill, makeBill(withoutRecovery, technology, macs));
    cost.energy = bill.total();
    cost.recoveryEnergy = bill.total() - bareBill.total();
    return cost;
}

}  // namespace core
