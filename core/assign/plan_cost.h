// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a plan costs: bytes to ship, energy and recovery work to infer one sample.

#include "core/energy/bill.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

struct PlanCost {
    double bytes = 0;             // weights, scales, biases and recovery paths of all weighted layers
    double recoveryBytes = 0;
    double recoveryMacs = 0;      // per sample
    Picojoules energy, recoveryEnergy;   // of the weighted layers alone, without the functions between them and their maps
};

/// The orders that are carried out: no recovery path on a grouped convolution, and no more rank than the layer has.
LayerTreatment effectiveTreatment(const PrecisionPlan& plan, const WeightedLayer& layer);

Result<PlanCost> costOf(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers, const PriceTable& technology);

}  // namespace core
