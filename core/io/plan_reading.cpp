// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_documents.h"

#include "core/io/array_json.h"
#include "core/io/named_values.h"
#include "core/io/palette_choices.h"
#include "core/io/plan_formats.h"
#include "core/io/plan_names.h"
#include "core/io/stored_paths.h"

#include <map>

namespace core {

namespace {

constexpr std::size_t kLargestPalette = 256;
constexpr IntegerBounds kAnyIndex{0, 1 << 30};

Result<CodeFlip> flipFrom(const Json& element, const std::string& path)
{
    CORE_TRY(const JsonObject object, JsonObject::of(element, path));
    CORE_TRY(object.onlyKeys({"row", "column", "bit"}));
    CORE_TRY(object.require({"row", "column", "bit"}));
    CodeFlip flip;
    CORE_TRY(object.read("row", flip.row, kAnyIndex));
    CORE_TRY(object.read("column", flip.column, kAnyIndex));
    CORE_TRY(object.read("bit", flip.bit, kAnyIndex));
    return flip;
}

Result<void> readFlips(const JsonObject& object, std::vector<CodeFlip>& target)
{
    if (!object.has("flips"))
        return success();
    const Json& list = *object.find("flips");
    if (!list.is_array())
        return object.problem("flips", fmt::format("found {}; wanted a list of {{\"row\", \"column\", \"bit\"}}", excerpt(list)));
    target.clear();
    for (const Json& element : list) {
        CORE_TRY(const CodeFlip flip, flipFrom(element, fmt::format("{}[{}]", object.pathOf("flips"), target.size())));
        target.push_back(flip);
    }
    return success();
}

/// What a null means here: the part is switched off, even where the defaults switch it on.
template <class T>
const T* valueIn(const std::optional<Switchable<T>>& switchable)
{
    return switchable && switchable->value ? &*switchable->value : nullptr;
}

/// Reads the form of a plan; whether its indices fit a network is check()'s to tell, for all of them at once.
class PlanReader {
public:
    explicit PlanReader(std::filesystem::path folder) : m_folder(std::move(folder)) {}

    Result<PrecisionPlan> plan(const Json& document)
    {
        CORE_TRY(const JsonObject root, JsonObject::of(document, ""));
        CORE_TRY(root.require({"schema"}));
        std::string schema;
        CORE_TRY(root.read("schema", schema));
        if (schema != plan_names::kSchema)
            return root.problem("schema", fmt::format("found \"{}\"; wanted \"{}\"", schema, plan_names::kSchema));
        CORE_TRY(root.onlyKeys({"schema", "name", "network", "default", "layers"}));
        PrecisionPlan plan;
        CORE_TRY(root.read("name", plan.name));
        if (root.has("network")) {
            CORE_TRY(const JsonObject network, root.object("network"));
            CORE_TRY(network.onlyKeys({"name", "hash"}));
            CORE_TRY(network.read("name", plan.network.name));
            CORE_TRY(network.read("hash", plan.network.hash));
        }
        if (root.has("default")) {
            CORE_TRY(const JsonObject defaults, root.object("default"));
            CORE_TRY(plan.defaults, layerPlanFrom(defaults, {}));
        }
        if (root.has("layers")) {
            CORE_TRY(const JsonObject layers, root.object("layers"));
            for (const auto& [name, value] : layers.json().items()) {
                CORE_TRY(const JsonObject section, JsonObject::of(value, layers.pathOf(name)));
                CORE_TRY(plan.layers[name], layerPlanFrom(section, plan.defaults));
            }
        }
        return plan;
    }

private:
    Result<void> readFormat(const JsonObject& object, NumberFormat& target, const char* key = "format")
    {
        if (!object.has(key))
            return success();
        std::string name;
        CORE_TRY(object.read(key, name));
        const auto known = m_formats.find(name);
        if (known != m_formats.end()) {
            target = known->second;
            return success();
        }
        auto format = formatNamed(name, m_folder);
        if (!format)
            return object.problem(key, format.error().text());
        target = m_formats.emplace(name, std::move(format).value()).first->second;
        return success();
    }

    Result<void> readTreatment(const JsonObject& object, Treatment& treatment)
    {
        CORE_TRY(readFormat(object, treatment.format));
        CORE_TRY(readParsed(object, "scale", ScaleRule::parse, treatment.scale));
        CORE_TRY(readParsed(object, "clip", ClipRule::parse, treatment.clip));
        return object.read("points", treatment.points, {1, kAnyIndex.high});
    }

    Result<WeightPlan> mixedWeights(const JsonObject& object)
    {
        for (const char* key : {"format", "scale", "clip", "points"})
            if (object.has(key))
                return object.problem(key, "stands beside a palette; wanted it inside the palette's entries");
        const Json& list = *object.find("palette");
        if (!list.is_array() || list.empty() || list.size() > kLargestPalette)
            return object.problem("palette", fmt::format("found {}; wanted a list of 1 to {} treatments", excerpt(list), kLargestPalette));
        WeightPlan weights{{}, {}, {}, {}};
        for (const Json& element : list) {
            CORE_TRY(const JsonObject entry,
                     JsonObject::of(element, fmt::format("{}[{}]", object.pathOf("palette"), weights.palette.size())));
            CORE_TRY(entry.onlyKeys({"format", "scale", "clip", "points"}));
            CORE_TRY(entry.require({"format"}));
            CORE_TRY(readTreatment(entry, weights.palette.emplace_back()));
        }
        if (weights.palette.size() > 1 && !object.has("rows") && !object.has("channels"))
            return object.problem("rows",
                                  "missing; a palette wants an index for each row, or \"channels\" with one for each input channel");
        if (object.has("rows")) {
            CORE_TRY(weights.rows, paletteChoicesFrom(*object.find("rows"), object.pathOf("rows"), "row"));
        }
        if (object.has("channels")) {
            CORE_TRY(weights.channels, paletteChoicesFrom(*object.find("channels"), object.pathOf("channels"), "input channel"));
        }
        CORE_TRY(readFlips(object, weights.flips));
        return weights;
    }

    /// `inherited` is what the plan's defaults say, so that a layer writes only what differs.
    Result<WeightPlan> weightsFrom(const JsonObject& object, const std::optional<WeightPlan>& inherited)
    {
        CORE_TRY(object.onlyKeys({"format", "scale", "clip", "points", "palette", "rows", "channels", "flips"}));
        if (object.has("palette"))
            return mixedWeights(object);
        for (const char* key : {"rows", "channels"})
            if (object.has(key))
                return object.problem(key, "needs a palette to choose from");
        WeightPlan weights;
        if (inherited && inherited->isUniform() && inherited->palette.size() == 1)
            weights = *inherited;
        else
            CORE_TRY(object.require({"format"}));
        CORE_TRY(readTreatment(object, weights.palette.front()));
        CORE_TRY(readFlips(object, weights.flips));
        return weights;
    }

    Result<ActivationPlan> activationsFrom(const JsonObject& object, const std::optional<ActivationPlan>& inherited)
    {
        CORE_TRY(object.onlyKeys({"format", "scale", "range"}));
        ActivationPlan activations = inherited.value_or(ActivationPlan{});
        if (!inherited)
            CORE_TRY(object.require({"format"}));
        CORE_TRY(readFormat(object, activations.format));
        CORE_TRY(readParsed(object, "scale", ScaleRule::parse, activations.scale));
        CORE_TRY(readParsed(object, "range", RangeRule::parse, activations.range));
        if (activations.scale.kind != ScaleRule::Kind::Tensor)
            return object.problem("scale", fmt::format("\"{}\" is not computed by this version; known: tensor", activations.scale.text()));
        return activations;
    }

    Result<IntegerSumRule> integerSumFrom(const JsonObject& object)
    {
        CORE_TRY(object.onlyKeys({"bits", "overflow"}));
        CORE_TRY(object.require({"bits"}));
        IntegerSumRule rule;
        CORE_TRY(object.read("bits", rule.bits, {kFewestSumBits, kMostSumBits}));
        CORE_TRY(readNamed(object, "overflow", plan_names::kOverflows, rule.overflow));
        return rule;
    }

    Result<void> readMixed(const JsonObject& object, AccumulatorPlan& accumulator)
    {
        constexpr RealBounds kTolerance{0, 1e300};
        CORE_TRY(object.onlyKeys({"low", "high", "tolerance", "condition", "middle", "tile", "last", "static"}));
        CORE_TRY(object.require({"low", "high"}));
        MixedSum mixed;
        CORE_TRY(readFormat(object, accumulator.sum.format, "low"));
        CORE_TRY(readFormat(object, mixed.high, "high"));
        CORE_TRY(object.read("tolerance", mixed.tolerance, kTolerance));
        CORE_TRY(readNamed(object, "condition", plan_names::kConditions, mixed.condition));
        if (object.has("middle")) {
            CORE_TRY(const JsonObject middle, object.object("middle"));
            CORE_TRY(middle.onlyKeys({"format", "tolerance"}));
            CORE_TRY(middle.require({"format", "tolerance"}));
            mixed.middle.emplace();
            CORE_TRY(readFormat(middle, mixed.middle->format));
            CORE_TRY(middle.read("tolerance", mixed.middle->tolerance, kTolerance));
        }
        CORE_TRY(object.read("tile", mixed.tile, {1, kLargestSumTile}));
        CORE_TRY(readNamed(object, "last", plan_names::kLastLayers, mixed.last));
        CORE_TRY(object.read("static", mixed.highRows, {0, 1}));
        accumulator.mixed = mixed;
        return success();
    }

    /// An accumulator is told whole: nothing of it is inherited field by field.
    Result<AccumulatorPlan> accumulatorFrom(const JsonObject& object)
    {
        AccumulatorPlan accumulator;
        if (object.has("integer")) {
            CORE_TRY(object.onlyKeys({"integer"}));
            CORE_TRY(const JsonObject integer, object.object("integer"));
            CORE_TRY(accumulator.integer, integerSumFrom(integer));
            return accumulator;
        }
        CORE_TRY(object.onlyKeys({"format", "mixed", "product", "order", "block", "combine", "rounding", "random_bits", "seed"}));
        if (object.has("mixed")) {
            if (object.has("format"))
                return object.problem("format", "stands beside \"mixed\", which names its own; wanted one of the two");
            CORE_TRY(const JsonObject mixed, object.object("mixed"));
            CORE_TRY(readMixed(mixed, accumulator));
        }
        SumRule& sum = accumulator.sum;
        sum.products = accumulator.usualProducts();
        CORE_TRY(readFormat(object, sum.format));
        CORE_TRY(readNamed(object, "product", plan_names::kProducts, sum.products));
        CORE_TRY(readNamed(object, "order", plan_names::kOrders, sum.order));
        CORE_TRY(object.read("block", sum.block, {1, kLargestSumBlock}));
        if (object.has("combine")) {
            sum.combine.emplace();
            CORE_TRY(readFormat(object, *sum.combine, "combine"));
        }
        bool isByChance = false;
        CORE_TRY(readNamed(object, "rounding", plan_names::kSumRoundings, isByChance));
        if (isByChance) {
            sum.randomBits = kUsualRandomBits;
            CORE_TRY(object.read("random_bits", *sum.randomBits, {1, kMostRandomBits}));
        } else if (object.has("random_bits")) {
            return object.problem("random_bits", "without \"rounding\": \"stochastic\", which alone draws any");
        }
        CORE_TRY(object.read("seed", accumulator.seed));
        return accumulator;
    }

    /// Told whole, as accumulators are.
    Result<ScorePlan> scoresFrom(const JsonObject& object)
    {
        CORE_TRY(object.onlyKeys({"low", "high", "tolerance", "product", "order", "block"}));
        CORE_TRY(object.require({"low"}));
        ScorePlan scores;
        CORE_TRY(readFormat(object, scores.low.format, "low"));
        CORE_TRY(readFormat(object, scores.high, "high"));
        CORE_TRY(object.read("tolerance", scores.tolerance, RealBounds{0, 1e300}));
        CORE_TRY(readNamed(object, "product", plan_names::kProducts, scores.low.products));
        CORE_TRY(readNamed(object, "order", plan_names::kOrders, scores.low.order));
        CORE_TRY(object.read("block", scores.low.block, {1, kLargestSumBlock}));
        return scores;
    }

    Result<void> readPaths(const JsonObject& object, StoredPaths& target)
    {
        if (!object.has("paths"))
            return success();
        std::string file;
        CORE_TRY(object.read("paths", file));
        if (file.empty()) {   // a layer without the paths that the defaults name
            target = {};
            return success();
        }
        auto known = m_paths.find(file);
        if (known == m_paths.end()) {
            auto paths = readStoredPaths(file, m_folder);
            if (!paths)
                return object.problem("paths", paths.error().text());
            known = m_paths.emplace(file, std::move(paths).value()).first;
        }
        target = known->second;
        return success();
    }

    Result<SurrogatePlan> surrogateFrom(const JsonObject& object, const SurrogatePlan* inherited)
    {
        CORE_TRY(object.onlyKeys({"rank", "format", "method", "input", "calibration_samples", "fit_on", "paths"}));
        SurrogatePlan surrogate = inherited ? *inherited : SurrogatePlan{};
        if (!inherited)
            CORE_TRY(object.require({"rank"}));
        CORE_TRY(object.read("rank", surrogate.rank, {0, 1 << 20}));
        CORE_TRY(readFormat(object, surrogate.format));
        CORE_TRY(readNamed(object, "method", plan_names::kMethods, surrogate.method));
        CORE_TRY(readNamed(object, "input", plan_names::kInputs, surrogate.input));
        CORE_TRY(object.read("calibration_samples", surrogate.calibrationSamples, {1, 1 << 20}));
        CORE_TRY(readParsed(object, "fit_on", FitDevice::parse, surrogate.fitOn));
        CORE_TRY(readPaths(object, surrogate.paths));
        return surrogate;
    }

    Result<CorrectionPlan> correctionFrom(const JsonObject& object, const CorrectionPlan* inherited)
    {
        CORE_TRY(object.onlyKeys({"bias", "rounding", "equalize", "calibration_samples"}));
        CorrectionPlan correction = inherited ? *inherited : CorrectionPlan{};
        CORE_TRY(object.read("bias", correction.bias));
        CORE_TRY(readNamed(object, "rounding", plan_names::kRoundings, correction.rounding));
        CORE_TRY(object.read("equalize", correction.equalize));
        CORE_TRY(object.read("calibration_samples", correction.calibrationSamples, {1, 1 << 20}));
        return correction;
    }

    Result<LayerPlan> layerPlanFrom(const JsonObject& object, const LayerPlan& inherited)
    {
        CORE_TRY(object.onlyKeys({"weights", "activations", "accumulator", "surrogate", "cim", "correction", "scores"}));
        LayerPlan plan;
        if (object.has("weights")) {
            CORE_TRY(const JsonObject weights, object.object("weights"));
            CORE_TRY(plan.weights, weightsFrom(weights, inherited.weights));
        }
        if (object.has("activations")) {
            CORE_TRY(const JsonObject activations, object.object("activations"));
            CORE_TRY(plan.activations, activationsFrom(activations, inherited.activations));
        }
        if (object.has("accumulator")) {
            CORE_TRY(const JsonObject accumulator, object.object("accumulator"));
            CORE_TRY(plan.accumulator, accumulatorFrom(accumulator));
        }
        if (object.isNull("scores")) {
            plan.scores = Switchable<ScorePlan>{};
        } else if (object.has("scores")) {
            CORE_TRY(const JsonObject scores, object.object("scores"));
            CORE_TRY(const ScorePlan read, scoresFrom(scores));
            plan.scores = Switchable<ScorePlan>{read};
        }
        if (object.isNull("surrogate")) {
            plan.surrogate = Switchable<SurrogatePlan>{};
        } else if (object.has("surrogate")) {
            CORE_TRY(const JsonObject surrogate, object.object("surrogate"));
            CORE_TRY(const SurrogatePlan read, surrogateFrom(surrogate, valueIn(inherited.surrogate)));
            plan.surrogate = Switchable<SurrogatePlan>{read};
        }
        if (object.isNull("cim")) {
            plan.cim = Switchable<ArrayTreatment>{};
        } else if (object.has("cim")) {
            CORE_TRY(const JsonObject cim, object.object("cim"));
            const ArrayTreatment* const base = valueIn(inherited.cim);
            CORE_TRY(const ArrayTreatment read, arrayTreatmentFrom(cim, base ? *base : ArrayTreatment{}));
            plan.cim = Switchable<ArrayTreatment>{read};
        }
        if (object.isNull("correction")) {
            plan.correction = Switchable<CorrectionPlan>{};
        } else if (object.has("correction")) {
            CORE_TRY(const JsonObject correction, object.object("correction"));
            CORE_TRY(const CorrectionPlan read, correctionFrom(correction, valueIn(inherited.correction)));
            plan.correction = Switchable<CorrectionPlan>{read};
        }
        return plan;
    }

    std::filesystem::path m_folder;
    std::map<std::string, StoredPaths> m_paths;     // by file
    std::map<std::string, NumberFormat> m_formats;  // by name: a book that many layers use is read once
};

}  // namespace

Result<PrecisionPlan> planFromJson(const nlohmann::ordered_json& document, const std::filesystem::path& folder)
{
    return PlanReader(folder).plan(document);
}

Result<PrecisionPlan> readPlan(const std::filesystem::path& file)
{
    CORE_TRY(const Json document, readJson(file));
    auto plan = planFromJson(document, file.parent_path());
    if (!plan)
        return plan.error().within(file.string());
    return plan;
}

}  // namespace core
