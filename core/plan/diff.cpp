// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"
#include "core/plan/plan_text.h"

#include <set>

namespace core {

namespace {

const std::string kInherits = "as default";
const std::string kNone = "none";

std::string fieldText(const std::optional<WeightPlan>& weights) { return weights ? text(*weights) : kInherits; }
std::string fieldText(const std::optional<ActivationPlan>& activations) { return activations ? text(*activations) : kInherits; }
std::string fieldText(const std::optional<AccumulatorPlan>& accumulator) { return accumulator ? accumulator->format.name() : kInherits; }

template <class T>
std::string fieldText(const std::optional<Switchable<T>>& part)
{
    if (!part)
        return kInherits;
    return part->value ? text(*part->value) : kNone;
}

/// Values that differ in what the few words leave out still show that they differ.
template <class Field>
void compare(const std::string& layer, const char* name, const Field& before, const Field& after, std::vector<PlanChange>& changes)
{
    if (before == after)
        return;
    PlanChange change{layer, name, fieldText(before), fieldText(after)};
    if (change.before == change.after)
        change.after += " (other details)";
    changes.push_back(std::move(change));
}

void compareText(const char* name, const std::string& before, const std::string& after, std::vector<PlanChange>& changes)
{
    if (before != after)
        changes.push_back({"", name, before, after});
}

void compareSections(const std::string& layer, const LayerPlan& before, const LayerPlan& after, std::vector<PlanChange>& changes)
{
    compare(layer, "weights", before.weights, after.weights, changes);
    compare(layer, "activations", before.activations, after.activations, changes);
    compare(layer, "accumulator", before.accumulator, after.accumulator, changes);
    compare(layer, "surrogate", before.surrogate, after.surrogate, changes);
    compare(layer, "cim", before.cim, after.cim, changes);
}

}  // namespace

std::vector<PlanChange> diff(const PrecisionPlan& before, const PrecisionPlan& after)
{
    std::vector<PlanChange> changes;
    compareText("name", before.name, after.name, changes);
    compareText("network.name", before.network.name, after.network.name, changes);
    compareText("network.hash", before.network.hash, after.network.hash, changes);
    compareSections("default", before.defaults, after.defaults, changes);
    std::set<std::string> names;
    for (const auto* plan : {&before, &after})
        for (const auto& [name, layer] : plan->layers)
            names.insert(name);
    const auto section = [](const PrecisionPlan& plan, const std::string& name) {
        const auto found = plan.layers.find(name);
        return found == plan.layers.end() ? LayerPlan{} : found->second;
    };
    for (const std::string& name : names)
        compareSections(name, section(before, name), section(after, name), changes);
    return changes;
}

}  // namespace core
