// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is wrong with a plan for a network, what differs between two plans, and ready-made plans.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

inline constexpr int kMostPoints = 64;   // of a row: more than an exact one needs

struct PlanFlaw {
    std::string layer;          // empty: the plan as a whole
    std::optional<RowIndex> row;
    std::string field;          // "weights.scale"
    std::string message;        // value found, value wanted
    std::optional<ChannelIndex> channel = {};
    std::string text() const;   // "conv2, row 17, weights.rows: palette index 3; the palette has 2 entries"
};

/// All flaws, not only the first: unknown layers, palette indices out of range, wrong lengths, rows and channels at once, points
/// beyond 1 ... kMostPoints, flips outside the matrix or the code, ranks below 0 or above min(rows, columns), ranges that
/// what reads them cannot have, array of 0 rows, converter of 40 bits, a plan written for another network.
std::vector<PlanFlaw> check(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers, const std::string& networkName, const std::string& networkHash);

struct PlanChange {
    std::string layer, field;                       // layer "default" for the defaults; "weights.rows" where some rows change
    std::string before, after;
    std::string where = {};                         // "rows 3, 7-12", "channel 5"; empty: all of the field
    std::string text() const;                       // "fc1, rows 3, 7-12: int4 row -> int8 row"
};
/// Mixtures of the same length are compared row by row (channel by channel): one change for each pair of treatments.
std::vector<PlanChange> diff(const PrecisionPlan& before, const PrecisionPlan& after);

/// A layer's orders in words: "nf4 group:64, activations int8, rank 8".
std::string treatmentText(const LayerTreatment& treatment);

/// A published setting. `source` names the publication, and what differs from it.
struct PlanPreset {
    std::string name, title, source;
    PrecisionPlan plan;                                        // for any network; of a mixture, what every layer has in common
    WeightPlan (*mixture)(const WeightedLayer&) = nullptr;     // of a mixture: who takes what is counted from a layer's weights
};
const std::vector<PlanPreset>& planPresets();

/// The preset for a network of these layers.
PrecisionPlan presetFor(const PlanPreset& preset, const std::vector<WeightedLayer>& layers);

}  // namespace core
