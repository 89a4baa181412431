// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace core {

namespace {

const std::string kDefaults = "default";

/// Collects the flaws of one layer's section, or of the defaults.
class FlawList {
public:
    FlawList(std::vector<PlanFlaw>& flaws, std::string layer) : m_flaws(flaws), m_layer(std::move(layer)) {}
    void add(std::string field, std::string message, std::optional<RowIndex> row = {})
    {
        m_flaws.push_back({m_layer, row, std::move(field), std::move(message)});
    }

private:
    std::vector<PlanFlaw>& m_flaws;
    std::string m_layer;
};

bool isPercentile(double value) { return value > 0 && value <= 100; }  // false for NaN

void checkTreatment(const Treatment& treatment, const std::string& field, FlawList& flaws)
{
    const ScaleRule& scale = treatment.scale;
    const bool hasLength = scale.kind != ScaleRule::Kind::Tensor && scale.kind != ScaleRule::Kind::Row;
    if (hasLength && scale.length < 1)
        flaws.add(field + ".scale", fmt::format("a length of {}; wanted at least 1", scale.length));
    if (treatment.clip.kind == ClipRule::Kind::Percentile && !isPercentile(treatment.clip.percentile))
        flaws.add(field + ".clip", fmt::format("percentile {}; wanted above 0 and at most 100", treatment.clip.percentile));
}

void checkChoices(const WeightPlan& weights, const WeightedLayer* layer, FlawList& flaws)
{
    const auto size = static_cast<int>(weights.palette.size());
    if (weights.rows.empty() && size > 1)
        flaws.add("weights.rows", fmt::format("missing; a palette of {} wants one index per row", size));
    for (std::size_t row = 0; row < weights.rows.size(); ++row)
        if (weights.rows[row] >= size)
            flaws.add("weights.rows",
                      fmt::format("palette index {}; the palette has {} {}", weights.rows[row], size, size == 1 ? "entry" : "entries"),
                      RowIndex(row));
    if (layer && !weights.rows.empty() && weights.rows.size() != static_cast<std::size_t>(layer->rows))
        flaws.add("weights.rows", fmt::format("{} indices; the layer has {} rows", weights.rows.size(), layer->rows));
    if (!weights.channels.empty())
        flaws.add("weights.channels", "a palette over input channels is not computed by this version; known: rows");
}

void checkWeights(const WeightPlan& weights, const WeightedLayer* layer, FlawList& flaws)
{
    if (weights.palette.empty() || weights.palette.size() > 256)
        flaws.add("weights.palette", fmt::format("{} entries; wanted 1 to 256", weights.palette.size()));
    for (std::size_t i = 0; i < weights.palette.size(); ++i)
        checkTreatment(weights.palette[i], weights.palette.size() == 1 ? "weights" : fmt::format("weights.palette[{}]", i), flaws);
    checkChoices(weights, layer, flaws);
}

void checkActivations(const ActivationPlan& activations, FlawList& flaws)
{
    if (activations.scale.kind != ScaleRule::Kind::Tensor)
        flaws.add("activations.scale", fmt::format("\"{}\" is not computed by this version; known: tensor", activations.scale.text()));
    if (activations.range.kind == RangeRule::Kind::Percentile && !isPercentile(activations.range.percentile))
        flaws.add("activations.range", fmt::format("percentile {}; wanted above 0 and at most 100", activations.range.percentile));
}

/// A default rank above a layer's limit is cut down to it when the layer is compiled; one written for the layer is a flaw.
void checkSurrogate(const SurrogatePlan& surrogate, const WeightedLayer* layer, FlawList& flaws)
{
    if (surrogate.rank < 0)
        flaws.add("surrogate.rank", fmt::format("{}; wanted at least 0", surrogate.rank));
    if (layer && surrogate.rank > std::min(layer->rows, layer->columns))
        flaws.add("surrogate.rank", fmt::format("{}; a layer of {} rows and {} columns takes at most {}", surrogate.rank, layer->rows,
                                                layer->columns, std::min(layer->rows, layer->columns)));
    if (surrogate.calibrationSamples < 1)
        flaws.add("surrogate.calibration_samples", fmt::format("{}; wanted at least 1", surrogate.calibrationSamples));
}

/// `layer` is null for the defaults, which no layer's size limits.
void checkSection(const LayerPlan& plan, const WeightedLayer* layer, FlawList flaws)
{
    if (plan.weights)
        checkWeights(*plan.weights, layer, flaws);
    if (plan.activations)
        checkActivations(*plan.activations, flaws);
    if (plan.accumulator && !plan.accumulator->format.isFloat32())
        flaws.add("accumulator.format",
                  fmt::format("\"{}\" is not computed by this version; known: fp32", plan.accumulator->format.name()));
    if (plan.surrogate && plan.surrogate->value)
        checkSurrogate(*plan.surrogate->value, layer, flaws);
    if (plan.cim && plan.cim->value)
        for (const Problem& problem : check(*plan.cim->value))
            flaws.add(problem.place, problem.message);
}

}  // namespace

std::string PlanFlaw::text() const
{
    std::string place = layer;
    const auto append = [&place](const std::string& part) {
        if (!part.empty())
            place += (place.empty() ? "" : ", ") + part;
    };
    append(row ? fmt::format("row {}", row->value()) : std::string());
    append(field);
    return place.empty() ? message : place + ": " + message;
}

std::vector<PlanFlaw> check(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers, const std::string& networkName,
                            const std::string& networkHash)
{
    std::vector<PlanFlaw> flaws;
    if (!plan.network.name.empty() && plan.network.name != networkName)
        flaws.push_back({"", {}, "network.name", fmt::format("\"{}\"; the network is \"{}\"", plan.network.name, networkName)});
    if (!plan.network.hash.empty() && plan.network.hash != networkHash)
        flaws.push_back({"", {}, "network.hash", fmt::format("\"{}\"; the network's is \"{}\"", plan.network.hash, networkHash)});
    checkSection(plan.defaults, nullptr, {flaws, kDefaults});
    // A palette over rows in the defaults has to fit every layer that takes it.
    if (plan.defaults.weights && !plan.defaults.weights->rows.empty())
        for (const WeightedLayer& layer : layers) {
            const auto own = plan.layers.find(layer.name);
            const bool overridden = own != plan.layers.end() && own->second.weights;
            if (!overridden && plan.defaults.weights->rows.size() != static_cast<std::size_t>(layer.rows))
                flaws.push_back(
                    {layer.name,
                     {},
                     "weights.rows",
                     fmt::format("{} indices in the defaults; the layer has {} rows", plan.defaults.weights->rows.size(), layer.rows)});
        }
    for (const auto& [name, section] : plan.layers) {
        const auto layer =
            std::find_if(layers.begin(), layers.end(), [&name = name](const WeightedLayer& candidate) { return candidate.name == name; });
        if (layer == layers.end())
            flaws.push_back({name, {}, "", fmt::format("the network has no weighted layer of this name; it has {}", [&] {
                                 std::string known;
                                 for (const WeightedLayer& candidate : layers)
                                     known += (known.empty() ? "" : ", ") + candidate.name;
                                 return known.empty() ? std::string("none") : known;
                             }())});
        checkSection(section, layer == layers.end() ? nullptr : &*layer, {flaws, name});
    }
    return flaws;
}

}  // namespace core
