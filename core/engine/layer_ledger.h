// SPDX-License-Identifier: Apache-2.0
#pragma once
// Counts what one weighted layer does for one sample: multiplications, additions, conversions, bits moved.

#include "core/energy/bill.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

/// The ledger of one layer under its orders; core/engine/layer_ledger.cpp gives each count's formula.
Ledger ledgerOf(const WeightedLayer& layer, const LayerTreatment& treatment);

}  // namespace core
