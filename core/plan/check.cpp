// SPDX-License-Identifier: Apache-2.0
#include "core/plan/check.h"

#include "core/formats/rounding.h"
#include "core/plan/plan_text.h"

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
    void add(std::string field, std::string message, std::optional<RowIndex> row = {}, std::optional<ChannelIndex> channel = {})
    {
        m_flaws.push_back({m_layer, row, std::move(field), std::move(message), channel});
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
    if (scale.kind == ScaleRule::Kind::Vector && (scale.scaleBits < 3 || scale.scaleBits > 10))
        flaws.add(field + ".scale", fmt::format("scales of {} bits; wanted 3 to 10", scale.scaleBits));
    if (treatment.clip.kind == ClipRule::Kind::Percentile && !isPercentile(treatment.clip.percentile))
        flaws.add(field + ".clip", fmt::format("percentile {}; wanted above 0 and at most 100", treatment.clip.percentile));
    if (treatment.points < 1 || treatment.points > kMostPoints)
        flaws.add(field + ".points", fmt::format("{}; wanted 1 to {}", treatment.points, kMostPoints));
}

std::string fieldOfEntry(const WeightPlan& weights, std::size_t entry)
{
    return weights.palette.size() == 1 ? "weights" : fmt::format("weights.palette[{}]", entry);
}

std::string unknownEntry(int index, std::size_t size)
{
    return fmt::format("palette index {}; the palette has {} {}", index, size, size == 1 ? "entry" : "entries");
}

/// What is wrong with the weights' orders whatever the layer is.
void checkWeights(const WeightPlan& weights, FlawList& flaws)
{
    const std::size_t size = weights.palette.size();
    if (size == 0 || size > 256)
        flaws.add("weights.palette", fmt::format("{} entries; wanted 1 to 256", size));
    for (std::size_t entry = 0; entry < size; ++entry)
        checkTreatment(weights.palette[entry], fieldOfEntry(weights, entry), flaws);
    if (size > 1 && weights.isUniform())
        flaws.add("weights.rows", fmt::format("missing; a palette of {} wants one index per row, or per input channel", size));
    if (!weights.rows.empty() && !weights.channels.empty())
        flaws.add("weights.channels", "given beside rows; wanted a palette over rows or over input channels");
    for (std::size_t row = 0; row < weights.rows.size(); ++row)
        if (weights.rows[row] >= size)
            flaws.add("weights.rows", unknownEntry(weights.rows[row], size), RowIndex(row));
    for (std::size_t channel = 0; channel < weights.channels.size(); ++channel)
        if (weights.channels[channel] >= size)
            flaws.add("weights.channels", unknownEntry(weights.channels[channel], size), {}, ChannelIndex(channel));
}

/// The treatment of one weight; null where the orders do not say.
const Treatment* treatmentAt(const WeightPlan& weights, const WeightedLayer& layer, int row, int column)
{
    std::size_t entry = 0;
    if (!weights.rows.empty() || !weights.channels.empty()) {
        const std::vector<std::uint8_t>& choices = weights.rows.empty() ? weights.channels : weights.rows;
        const auto at = static_cast<std::size_t>(weights.rows.empty() ? column / layer.columnsPerChannel : row);
        if (at >= choices.size())
            return nullptr;
        entry = choices[at];
    }
    return entry < weights.palette.size() ? &weights.palette[entry] : nullptr;
}

void checkFlip(const CodeFlip& flip, const std::string& field, const WeightPlan& weights, const WeightedLayer& layer,
               const ArrayTreatment* array, FlawList& flaws)
{
    if (flip.row < 0 || flip.row >= layer.rows)
        return flaws.add(field, fmt::format("row {}; the layer has {} rows", flip.row, layer.rows));
    const RowIndex row(static_cast<std::size_t>(flip.row));
    if (flip.column < 0 || flip.column >= layer.columns)
        return flaws.add(field, fmt::format("column {}; the layer has {} columns", flip.column, layer.columns), row);
    const Treatment* treatment = treatmentAt(weights, layer, flip.row, flip.column);
    if (!treatment && !array)
        return;  // told where the choices are checked
    const int bits =
        array ? array->weightBits : std::max(1, treatment->points) * static_cast<int>(std::ceil(treatment->format.storageBits()));
    if (flip.bit < 0 || flip.bit >= bits) {
        const std::string code =
            array ? "the array" : (treatment->points > 1 ? fmt::format("{} points of ", treatment->points) : "") + treatment->format.name();
        flaws.add(field, fmt::format("bit {}; a code of {} has bits 0 to {}", flip.bit, code, bits - 1), row);
    }
}

/// What does not fit this layer; `whose` says where the orders were written if not in the layer's own section.
void checkFit(const WeightPlan& weights, const WeightedLayer& layer, const ArrayTreatment* array, const char* whose, FlawList& flaws)
{
    if (!weights.rows.empty() && weights.rows.size() != static_cast<std::size_t>(layer.rows))
        flaws.add("weights.rows", fmt::format("{} indices{}; the layer has {} rows", weights.rows.size(), whose, layer.rows));
    if (!weights.channels.empty() && weights.channels.size() != static_cast<std::size_t>(layer.channels()))
        flaws.add("weights.channels", fmt::format("{} indices{}; the layer has {} input channels{}", weights.channels.size(), whose,
                                                  layer.channels(), layer.groups > 1 ? " in each of its groups" : ""));
    for (std::size_t i = 0; i < weights.flips.size(); ++i)
        checkFlip(weights.flips[i], fmt::format("weights.flips[{}]", i), weights, layer, array, flaws);
}

void checkActivations(const ActivationPlan& activations, FlawList& flaws)
{
    if (activations.scale.kind != ScaleRule::Kind::Tensor)
        flaws.add("activations.scale", fmt::format("\"{}\" is not computed by this version; known: tensor", activations.scale.text()));
    if (activations.range.kind == RangeRule::Kind::Percentile && !isPercentile(activations.range.percentile))
        flaws.add("activations.range", fmt::format("percentile {}; wanted above 0 and at most 100", activations.range.percentile));
    const FormatSpec& spec = activations.format.spec();
    if (activations.range.kind == RangeRule::Kind::Daq &&
        (std::holds_alternative<Float32Format>(spec) || std::holds_alternative<MinifloatFormat>(spec)))
        flaws.add("activations.range",
                  fmt::format("\"daq\" of {}, a float; wanted a format of even steps such as int4", activations.format.name()));
}

/// Integers of at most 8 bits times one scale a row, or a tensor: what an integer accumulator adds up.
bool hasIntegerCodes(const Treatment& weights)
{
    const ScaleRule::Kind scale = weights.scale.kind;
    return (scale == ScaleRule::Kind::Row || scale == ScaleRule::Kind::Tensor) && weights.points == 1 && weights.format.rounding().unit > 0;
}

/// What an integer accumulator adds up must be codes.
void checkIntegerSums(const LayerTreatment& treatment, FlawList& flaws)
{
    for (std::size_t entry = 0; entry < treatment.weights.palette.size(); ++entry)
        if (const Treatment& weights = treatment.weights.palette[entry]; !hasIntegerCodes(weights))
            flaws.add("accumulator.integer", fmt::format("adds up codes, and {} has {}; wanted integers of at most 8 bits by row or tensor",
                                                         fieldOfEntry(treatment.weights, entry), text(weights)));
    const auto* const activations = std::get_if<IntegerFormat>(&treatment.activations.format.spec());
    if (!activations || activations->bits > 8 || treatment.activations.range.isDynamic())
        flaws.add("accumulator.integer",
                  fmt::format("adds up codes, and the activations are {}; wanted integers of at most 8 bits in a calibrated range",
                              text(treatment.activations)));
    if (treatment.correction && treatment.correction->equalize)
        flaws.add("accumulator.integer", "adds up codes of one scale, and equalized inputs have one each; wanted equalize false");
}

void checkAccumulator(const LayerTreatment& treatment, FlawList& flaws)
{
    if (treatment.accumulator.isEngineSum())
        return;
    if (treatment.cim)
        return flaws.add("accumulator",
                         fmt::format("\"{}\" of an array, whose converters add up; wanted fp32", text(treatment.accumulator)));
    if (treatment.accumulator.integer)
        checkIntegerSums(treatment, flaws);
}

/// Parts that cannot stand beside each other in one layer.
void checkTogether(const LayerTreatment& treatment, FlawList& flaws)
{
    checkAccumulator(treatment, flaws);
    if (treatment.cim && treatment.correction && treatment.correction->rounding == WeightRounding::Adaptive)
        flaws.add("correction.rounding", "\"adaptive\" of an array, whose cells are programmed to the nearest level; wanted nearest");
    if (treatment.cim && treatment.correction && treatment.correction->equalize)
        flaws.add("correction.equalize", "true of an array, whose inputs share one scale; wanted false");
    const RangeRule& range = treatment.activations.range;
    constexpr const char* kWanted = "wanted max, percentile:P or mse";
    if (!range.isDynamic())
        return;
    if (treatment.cim)
        flaws.add("activations.range", fmt::format("\"{}\" in front of an array, whose inputs and converters are fixed by calibration; {}",
                                                   range.text(), kWanted));
    else if (!treatment.weights.channels.empty() && !treatment.activations.format.isFloat32())
        flaws.add("activations.range",
                  fmt::format("\"{}\" beside a palette over input channels, each with a range of its own; {}", range.text(), kWanted));
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
    if (surrogate.method == SurrogateMethod::Trained && surrogate.paths.isEmpty())
        flaws.add("surrogate.paths",
                  "missing; the method \"trained\" takes its paths from a file (polar recover --method trained makes one)");
    if (surrogate.method != SurrogateMethod::Trained && !surrogate.paths.isEmpty())
        flaws.add("surrogate.paths", fmt::format("\"{}\" beside the method \"{}\", which fits its own; wanted the method \"trained\"",
                                                 surrogate.paths.file(), surrogateMethodName(surrogate.method)));
}

void checkStoredPath(const SurrogatePlan& surrogate, const WeightedLayer& layer, FlawList& flaws)
{
    const StoredPath* const path = surrogate.paths.find(layer.name);
    if (!path)
        flaws.add("surrogate.paths", fmt::format("\"{}\" holds no path for this layer", surrogate.paths.file()));
    else if (path->down.cols() != layer.columns || path->up.rows() != layer.rows)
        flaws.add("surrogate.paths", fmt::format("\"{}\" holds a path from {} columns to {} rows; the layer has {} and {}",
                                                 surrogate.paths.file(), path->down.cols(), path->up.rows(), layer.columns, layer.rows));
}

void checkCorrection(const CorrectionPlan& correction, FlawList& flaws)
{
    if (correction.calibrationSamples < 1)
        flaws.add("correction.calibration_samples", fmt::format("{}; wanted at least 1", correction.calibrationSamples));
}

/// `layer` is null for the defaults, which no layer's size limits.
void checkSection(const LayerPlan& plan, const WeightedLayer* layer, FlawList& flaws)
{
    if (plan.weights)
        checkWeights(*plan.weights, flaws);
    if (plan.activations)
        checkActivations(*plan.activations, flaws);
    if (plan.accumulator)
        for (const Problem& problem : check(*plan.accumulator))
            flaws.add(problem.place.empty() ? "accumulator" : "accumulator." + problem.place, problem.message);
    if (plan.scores && plan.scores->value)
        for (const Problem& problem : check(*plan.scores->value))
            flaws.add("scores." + problem.place, problem.message);
    if (plan.surrogate && plan.surrogate->value)
        checkSurrogate(*plan.surrogate->value, layer, flaws);
    if (plan.correction && plan.correction->value)
        checkCorrection(*plan.correction->value, flaws);
    if (plan.cim && plan.cim->value)
        for (const Problem& problem : check(*plan.cim->value))
            flaws.add(problem.place, problem.message);
}

/// A layer as its own section and the defaults together make it. What the defaults alone do wrong is told of them.
void checkResolved(const PrecisionPlan& plan, const WeightedLayer& layer, FlawList& flaws)
{
    const auto found = plan.layers.find(layer.name);
    const LayerPlan own = found == plan.layers.end() ? LayerPlan{} : found->second;
    const LayerTreatment treatment = resolve(plan, layer.name);
    checkFit(treatment.weights, layer, treatment.cim ? &*treatment.cim : nullptr, own.weights ? "" : " in the defaults", flaws);
    if (own.weights || own.activations || own.accumulator || own.cim || own.correction)
        checkTogether(treatment, flaws);
    else if (treatment.accumulator.integer && !treatment.cim)  // the defaults' sums, told where they do not fit
        checkIntegerSums(treatment, flaws);
    if (treatment.surrogate && treatment.surrogate->method == SurrogateMethod::Trained && !treatment.surrogate->paths.isEmpty() &&
        layer.groups == 1)
        checkStoredPath(*treatment.surrogate, layer, flaws);
}

std::string namesOf(const std::vector<WeightedLayer>& layers)
{
    std::string names;
    for (const WeightedLayer& layer : layers)
        names += (names.empty() ? "" : ", ") + layer.name;
    return names.empty() ? "none" : names;
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
    append(channel ? fmt::format("channel {}", channel->value()) : std::string());
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
    FlawList inDefaults(flaws, kDefaults);
    checkSection(plan.defaults, nullptr, inDefaults);
    LayerTreatment defaults = resolve({{}, {}, plan.defaults, {}}, {});
    if (!layers.empty())
        defaults.accumulator.integer.reset();  // whose codes may be every layer's own: checked there
    checkTogether(defaults, inDefaults);
    for (const auto& [name, section] : plan.layers) {
        const auto layer = std::ranges::find(layers, name, &WeightedLayer::name);
        FlawList inLayer(flaws, name);
        if (layer == layers.end())
            inLayer.add("", fmt::format("the network has no weighted layer of this name; it has {}", namesOf(layers)));
        checkSection(section, layer == layers.end() ? nullptr : &*layer, inLayer);
        if (layer != layers.end())
            checkResolved(plan, *layer, inLayer);
    }
    for (const WeightedLayer& layer : layers) {
        FlawList inLayer(flaws, layer.name);
        if (!plan.layers.contains(layer.name))
            checkResolved(plan, layer, inLayer);
    }
    return flaws;
}

}  // namespace core
