// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Edits of a plan as a person makes them: "these layers shall be treated so". The answer is a new plan, written as
// briefly as a person would write it: what all layers share becomes the default.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

#include <functional>
#include <string>
#include <vector>

namespace app {

/// Changes one layer's orders; it is called once per edited layer.
using TreatmentChange = std::function<void(const core::WeightedLayer& layer, core::LayerTreatment& treatment)>;

/// The plan in which the layers named in `edited` are treated as `change` leaves them. Only fields that `change`
/// touched are rewritten. A rank that is larger than a layer can use stops at what it can. A field that was edited on every layer, to one
/// value, moves into the plan's defaults.
core::PrecisionPlan withTreatment(const core::PrecisionPlan& plan, const std::vector<core::WeightedLayer>& layers,
                                  const std::vector<core::LayerIndex>& edited, const TreatmentChange& change);

/// The largest rank that means anything for a layer: min(rows, columns).
int largestRank(const core::WeightedLayer& layer);
/// The rank a layer's recovery path really has; 0: none.
int effectiveRank(const core::WeightedLayer& layer, const core::LayerTreatment& treatment);

} // namespace app
