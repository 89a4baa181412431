// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/plan_edit.h"

#include <algorithm>

namespace app {
namespace {

using core::LayerPlan;
using core::LayerTreatment;
using core::PrecisionPlan;

struct Edited {
    std::string name;
    LayerTreatment before, after;
};

/// A field as a plan writes it. What can be switched off (surrogate, array) is written as a Switchable.
template <class T>
const T& written(const T& value)
{
    return value;
}
template <class T>
core::Switchable<T> written(const std::optional<T>& value)
{
    return {value};
}

/// Rewrites one field of the plan: `order` is where a LayerTreatment has it, `field` where a LayerPlan does.
template <class Order, class Field>
void rewrite(PrecisionPlan& plan, const std::vector<Edited>& edits, bool everyLayer, Order LayerTreatment::*order, Field LayerPlan::*field)
{
    const auto changed = [&](const Edited& edit) { return edit.before.*order != edit.after.*order; };
    if (edits.empty() || std::ranges::none_of(edits, changed))
        return;
    const auto& first = edits.front().after.*order;
    if (everyLayer && std::ranges::all_of(edits, [&](const Edited& edit) { return edit.after.*order == first; })) {
        for (auto& [name, layer] : plan.layers)
            (layer.*field).reset();
        (plan.defaults.*field).reset();
        const LayerTreatment untold; // what nobody orders is FP32 throughout
        if (first != untold.*order)
            plan.defaults.*field = written(first);
        return;
    }
    for (const Edited& edit : edits) {
        if (!changed(edit))
            continue;
        LayerPlan& layer = plan.layers[edit.name];
        (layer.*field).reset();
        PrecisionPlan inherited;
        inherited.defaults = plan.defaults;
        if (core::resolve(inherited, edit.name).*order != edit.after.*order)
            layer.*field = written(edit.after.*order);
    }
}

} // namespace

PrecisionPlan withTreatment(const PrecisionPlan& plan, const std::vector<core::WeightedLayer>& layers,
                            const std::vector<core::LayerIndex>& edited, const TreatmentChange& change)
{
    std::vector<Edited> edits;
    for (const core::LayerIndex index : edited) {
        const core::WeightedLayer& layer = layers.at(index.value());
        Edited edit{layer.name, core::resolve(plan, layer.name), {}};
        edit.after = edit.before;
        change(layer, edit.after);
        edits.push_back(std::move(edit));
    }
    const bool everyLayer = edits.size() == layers.size();
    PrecisionPlan result = plan;
    rewrite(result, edits, everyLayer, &LayerTreatment::weights, &LayerPlan::weights);
    rewrite(result, edits, everyLayer, &LayerTreatment::activations, &LayerPlan::activations);
    rewrite(result, edits, everyLayer, &LayerTreatment::accumulator, &LayerPlan::accumulator);
    rewrite(result, edits, everyLayer, &LayerTreatment::surrogate, &LayerPlan::surrogate);
    rewrite(result, edits, everyLayer, &LayerTreatment::cim, &LayerPlan::cim);
    rewrite(result, edits, everyLayer, &LayerTreatment::correction, &LayerPlan::correction);
    rewrite(result, edits, everyLayer, &LayerTreatment::scores, &LayerPlan::scores);
    // A default rank is cut down where a layer is too small for it; one that is written for the layer must fit.
    for (const core::LayerIndex index : edited) {
        const core::WeightedLayer& layer = layers.at(index.value());
        const auto own = result.layers.find(layer.name);
        if (own != result.layers.end() && own->second.surrogate && own->second.surrogate->value)
            own->second.surrogate->value->rank = std::min(own->second.surrogate->value->rank, largestRank(layer));
    }
    std::erase_if(result.layers, [](const auto& layer) { return layer.second.isEmpty(); });
    return result;
}

int effectiveRank(const core::WeightedLayer& layer, const LayerTreatment& treatment)
{
    return treatment.surrogate ? std::min(treatment.surrogate->rank, largestRank(layer)) : 0;
}

int largestRank(const core::WeightedLayer& layer) { return std::min(layer.rows, layer.columns); }

} // namespace app
