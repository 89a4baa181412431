// SPDX-License-Identifier: Apache-2.0
#pragma once
// What is not ideal about an array, effect by effect: the one list of them. Each can be told from the rest by switching it
// off in an array's orders.

#include "core/plan/precision_plan.h"

#include <span>
#include <string_view>

namespace core {

struct ArrayEffect {
    /// Code: of the numbers themselves. Chip: fixed when a chip is made. Read: drawn anew at every read.
    enum class Kind { Code, Chip, Read };
    std::string_view name;   // "variation"
    std::string_view title;  // "cell variation"
    std::string_view off;    // what stands in its place: "every cell exact"
    Kind kind;
    void (*switchOff)(ArrayTreatment& array);

    bool isIn(const ArrayTreatment& array) const;
};

/// In the order in which a waterfall adds them.
std::span<const ArrayEffect> arrayEffects();

/// The plan with `change` made to the orders of every array it has, by default and by layer.
template <class Change>
PrecisionPlan withArrays(PrecisionPlan plan, const Change& change)
{
    const auto changed = [&](LayerPlan& layer) {
        if (layer.cim && layer.cim->value)
            change(*layer.cim->value);
    };
    changed(plan.defaults);
    for (auto& [name, layer] : plan.layers)
        changed(layer);
    return plan;
}

}  // namespace core
