// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"
#include "core/plan/plan_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <set>

namespace core {

namespace {

const std::string kInherits = "as default";
const std::string kNone = "none";

std::string fieldText(const std::optional<WeightPlan>& weights) { return weights ? text(*weights) : kInherits; }
std::string fieldText(const std::optional<ActivationPlan>& activations) { return activations ? text(*activations) : kInherits; }
std::string fieldText(const std::optional<AccumulatorPlan>& accumulator) { return accumulator ? text(*accumulator) : kInherits; }

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

/// Which entry each of `count` rows or channels takes; nothing where the orders are mixed otherwise.
using Choices = std::vector<std::uint8_t>;

std::optional<Choices> choicesAlong(Choices WeightPlan::*axis, const WeightPlan& weights, std::size_t count)
{
    const Choices& own = weights.*axis;
    Choices choices = weights.isUniform() ? Choices(count, 0) : own;
    const bool isSound = choices.size() == count && (weights.isUniform() || weights.rows.empty() || weights.channels.empty()) &&
                         std::ranges::all_of(choices, [&](std::uint8_t entry) { return entry < weights.palette.size(); });
    return isSound ? std::optional(std::move(choices)) : std::nullopt;
}

/// Answers whether all that differs was rows, or channels, that take another treatment.
bool compareAlong(Choices WeightPlan::*axis, const char* field, const char* one, const std::string& layer, const WeightPlan& before,
                  const WeightPlan& after, std::vector<PlanChange>& changes)
{
    const std::size_t count = std::max((before.*axis).size(), (after.*axis).size());
    const auto from = choicesAlong(axis, before, count), to = choicesAlong(axis, after, count);
    if (count == 0 || !from || !to)
        return false;
    std::map<std::pair<std::uint8_t, std::uint8_t>, std::vector<std::size_t>> moved;
    for (std::size_t i = 0; i < count; ++i)
        if (before.palette[(*from)[i]] != after.palette[(*to)[i]])
            moved[{(*from)[i], (*to)[i]}].push_back(i);
    for (const auto& [pair, which] : moved) {
        PlanChange change{layer, field, text(before.palette[pair.first]), text(after.palette[pair.second])};
        change.where = fmt::format("{}{} {}", one, which.size() == 1 ? "" : "s", rangesText(which));
        changes.push_back(std::move(change));
    }
    return !moved.empty();
}

std::string flipsText(const std::vector<CodeFlip>& flips)
{
    constexpr std::size_t kMost = 4;
    std::string words;
    for (std::size_t i = 0; i < std::min(flips.size(), kMost); ++i)
        words += fmt::format("{}row {} column {} bit {}", i == 0 ? "" : "; ", flips[i].row, flips[i].column, flips[i].bit);
    if (flips.size() > kMost)
        words += fmt::format("; {} more", flips.size() - kMost);
    return flips.empty() ? kNone : words;
}

/// `inherited` is what holds where a section is silent: the defaults of its plan, or fp32.
void compareWeights(const std::string& layer, const std::optional<WeightPlan>& before, const std::optional<WeightPlan>& after,
                    const WeightPlan& inheritedBefore, const WeightPlan& inheritedAfter, std::vector<PlanChange>& changes)
{
    if (before == after)
        return;
    WeightPlan from = before.value_or(inheritedBefore), to = after.value_or(inheritedAfter);
    const bool flipsDiffer = from.flips != to.flips;
    if (flipsDiffer)
        changes.push_back({layer, "weights.flips", flipsText(from.flips), flipsText(to.flips)});
    from.flips = to.flips = {};
    if (flipsDiffer && from == to)
        return;
    if (compareAlong(&WeightPlan::rows, "weights.rows", "row", layer, from, to, changes) ||
        compareAlong(&WeightPlan::channels, "weights.channels", "channel", layer, from, to, changes))
        return;
    compare(layer, "weights", before ? std::optional(from) : before, after ? std::optional(to) : after, changes);
}

void compareText(const char* name, const std::string& before, const std::string& after, std::vector<PlanChange>& changes)
{
    if (before != after)
        changes.push_back({"", name, before, after});
}

void compareSections(const std::string& layer, const LayerPlan& before, const LayerPlan& after, const LayerPlan& defaultsBefore,
                     const LayerPlan& defaultsAfter, std::vector<PlanChange>& changes)
{
    compareWeights(layer, before.weights, after.weights, defaultsBefore.weights.value_or(WeightPlan{}),
                   defaultsAfter.weights.value_or(WeightPlan{}), changes);
    compare(layer, "activations", before.activations, after.activations, changes);
    compare(layer, "accumulator", before.accumulator, after.accumulator, changes);
    compare(layer, "surrogate", before.surrogate, after.surrogate, changes);
    compare(layer, "cim", before.cim, after.cim, changes);
    compare(layer, "correction", before.correction, after.correction, changes);
    compare(layer, "scores", before.scores, after.scores, changes);
}

}  // namespace

std::string PlanChange::text() const
{
    std::string place = layer;
    const std::string& part = where.empty() ? field : where;
    place += (place.empty() ? "" : ", ") + part;
    return fmt::format("{}: {} -> {}", place, before, after);
}

std::vector<PlanChange> diff(const PrecisionPlan& before, const PrecisionPlan& after)
{
    std::vector<PlanChange> changes;
    compareText("name", before.name, after.name, changes);
    compareText("network.name", before.network.name, after.network.name, changes);
    compareText("network.hash", before.network.hash, after.network.hash, changes);
    compareSections("default", before.defaults, after.defaults, {}, {}, changes);
    std::set<std::string> names;
    for (const auto* plan : {&before, &after})
        for (const auto& [name, layer] : plan->layers)
            names.insert(name);
    const auto section = [](const PrecisionPlan& plan, const std::string& name) {
        const auto found = plan.layers.find(name);
        return found == plan.layers.end() ? LayerPlan{} : found->second;
    };
    for (const std::string& name : names)
        compareSections(name, section(before, name), section(after, name), before.defaults, after.defaults, changes);
    return changes;
}

}  // namespace core
