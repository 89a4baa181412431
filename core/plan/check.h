// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is wrong with a plan for a network, what differs between two plans, and ready-made plans.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

struct PlanFlaw {
    std::string layer;          // empty: the plan as a whole
    std::optional<RowIndex> row;
    std::string field;          // "weights.scale"
    std::string message;        // value found, value wanted
    std::string text() const;   // "conv2, row 17, weights.rows: palette index 3; the palette has 2 entries"
};

/// All flaws, not only the first: unknown layers, palette indices out of range, wrong lengths, ranks below 0 or above
/// min(rows, columns), array of 0 rows, converter of 40 bits, a plan written for another network.
std::vector<PlanFlaw> check(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers, const std::string& networkName, const std::string& networkHash);

struct PlanChange { std::string layer, field, before, after; };   // layer "default" for the defaults
std::vector<PlanChange> diff(const PrecisionPlan& before, const PrecisionPlan& after);

/// A layer's orders in words: "nf4 group:64, activations int8, rank 8".
std::string treatmentText(const LayerTreatment& treatment);

struct PlanPreset { std::string name, title, source; PrecisionPlan plan; };   // source: the publication it comes from
const std::vector<PlanPreset>& planPresets();

}  // namespace core
