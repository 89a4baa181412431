// SPDX-License-Identifier: Apache-2.0
#include "core/assign/equal_cost.h"

#include "core/learn/row_importance.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <numeric>
#include <tuple>

namespace core {

namespace {

double costIn(const PlanCost& cost, CostKind kind) { return kind == CostKind::Bytes ? cost.bytes : cost.energy.value(); }

PrecisionPlan withoutRecovery(PrecisionPlan plan, const std::vector<WeightedLayer>& layers)
{
    for (const WeightedLayer& layer : layers)
        plan = withRank(std::move(plan), layer, 0);
    return plan;
}

struct RowPlace {
    std::size_t layer, row;
};

/// The rows of digital layers that a palette over rows can treat, those the loss minds most first.
std::vector<RowPlace> rowsByScore(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers, const RowScores& scores)
{
    std::vector<RowPlace> rows;
    for (const WeightedLayer& layer : layers) {
        const LayerTreatment treatment = resolve(plan, layer.name);
        if (treatment.cim || !treatment.weights.channels.empty())
            continue;
        for (std::size_t row = 0; row < static_cast<std::size_t>(layer.rows); ++row)
            rows.push_back({layer.index.value(), row});
    }
    std::ranges::stable_sort(rows, [&](const RowPlace& a, const RowPlace& b) { return scores[a.layer][a.row] > scores[b.layer][b.row]; });
    return rows;
}

/// Without entries that nobody takes.
WeightPlan tidied(WeightPlan weights)
{
    std::vector<Treatment> used;
    std::vector<std::uint8_t> places(weights.palette.size(), 0);
    for (std::size_t entry = 0; entry < weights.palette.size(); ++entry)
        if (std::ranges::count(weights.rows, static_cast<std::uint8_t>(entry)) > 0) {
            places[entry] = static_cast<std::uint8_t>(used.size());
            used.push_back(weights.palette[entry]);
        }
    for (std::uint8_t& row : weights.rows)
        row = places[row];
    weights.palette = std::move(used);
    if (weights.palette.size() == 1)
        weights.rows.clear();
    return weights;
}

/// `better` of a row's treatment on the first `count` rows; nothing where it has no better one.
using Betterment = std::function<std::optional<Treatment>(const Treatment&)>;

PrecisionPlan withBetterRows(PrecisionPlan plan, const std::vector<WeightedLayer>& layers, std::span<const RowPlace> rows,
                             const Betterment& better)
{
    for (const WeightedLayer& layer : layers) {
        WeightPlan weights = resolve(plan, layer.name).weights;
        std::vector<std::uint8_t> choices =
            weights.rows.empty() ? std::vector<std::uint8_t>(static_cast<std::size_t>(layer.rows), 0) : weights.rows;
        bool isChanged = false;
        for (const RowPlace& place : rows) {
            if (place.layer != layer.index.value())
                continue;
            const std::optional<Treatment> wanted = better(weights.palette[choices[place.row]]);
            if (!wanted)
                continue;
            auto entry = std::ranges::find(weights.palette, *wanted);
            if (entry == weights.palette.end()) {
                weights.palette.push_back(*wanted);
                entry = std::prev(weights.palette.end());
            }
            choices[place.row] = static_cast<std::uint8_t>(entry - weights.palette.begin());
            isChanged = true;
        }
        if (!isChanged)
            continue;
        weights.rows = std::move(choices);
        plan.layers[layer.name].weights = tidied(std::move(weights));
    }
    return plan;
}

std::optional<Treatment> withOneBitMore(const Treatment& treatment)
{
    const std::optional<NumberFormat> wider = oneBitMore(treatment.format);
    return wider ? std::optional(Treatment{*wider, treatment.scale, treatment.clip, treatment.points}) : std::nullopt;
}

/// Rows take at most this many bits more, one after another.
constexpr std::size_t kMostExtraBits = 8;

std::string extraBitsText(std::size_t count, std::size_t rows)
{
    const std::size_t whole = count / rows, further = count % rows;
    if (whole == 0)
        return fmt::format("{} of {} rows take one bit more", further, rows);
    return fmt::format("every row takes {} bit{} more{}", whole, whole == 1 ? "" : "s",
                       further == 0 ? "" : fmt::format(", {} of {} another one", further, rows));
}

/// Eight bits, as RMSMP's protected rows; a row that has them already takes half floats.
std::optional<Treatment> protectedRow(const Treatment& treatment)
{
    if (treatment.format.isFloat32() || treatment.format.storageBits() >= 16)
        return std::nullopt;
    const char* const name = treatment.format.storageBits() < 8 ? "int8" : "fp16";
    return Treatment{NumberFormat::named(name).value(), {ScaleRule::Kind::Row, 0}, {}};
}

/// Every layer's groups, in the layers' order: first all of 256, then of 128, and so on.
constexpr std::array kGroupSizes{256, 128, 64, 32, 16, 8, 4, 2};

PrecisionPlan withFinerGroups(PrecisionPlan plan, const std::vector<WeightedLayer>& layers, std::size_t steps)
{
    for (std::size_t step = 0; step < steps; ++step) {
        const WeightedLayer& layer = layers[step % layers.size()];
        const int size = kGroupSizes[step / layers.size()];
        const LayerTreatment treatment = resolve(plan, layer.name);
        if (treatment.cim || !treatment.weights.isUniform() || treatment.weights.palette.front().format.isFloat32() ||
            size >= layer.columns)
            continue;
        const ScaleRule& now = treatment.weights.palette.front().scale;
        const bool isCoarser = now.kind == ScaleRule::Kind::Tensor || now.kind == ScaleRule::Kind::Row ||
                               (now.kind == ScaleRule::Kind::Group && now.length > size);
        if (!isCoarser)
            continue;
        WeightPlan weights = treatment.weights;
        weights.palette.front().scale = {ScaleRule::Kind::Group, size};
        plan.layers[layer.name].weights = std::move(weights);
    }
    return plan;
}

struct Family {
    std::string name;
    std::size_t most;                                // of the knob
    std::function<PrecisionPlan(std::size_t)> plan;  // its cost does not fall as the knob rises
    std::function<std::string(std::size_t)> words;
};

}  // namespace

std::optional<NumberFormat> oneBitMore(const NumberFormat& format)
{
    const auto named = [](const std::string& name) -> std::optional<NumberFormat> {
        auto found = NumberFormat::named(name);
        return found ? std::optional(std::move(found).value()) : std::nullopt;
    };
    const int bits = static_cast<int>(format.storageBits()) + 1;
    if (format.isFloat32() || bits > 16)
        return std::nullopt;
    for (const char* const kind : {"uint", "int", "pot", "odd"})
        if (format.name() == std::string(kind) + std::to_string(bits - 1))
            if (auto next = named(std::string(kind) + std::to_string(bits)))
                return next;
    return named("int" + std::to_string(bits));
}

Result<RowScores> fisherRowScores(Evaluator& evaluator, const PrecisionPlan& plan, int threads, const RunControl& control)
{
    CORE_TRY(const auto network, evaluator.compiled(withoutRecovery(plan, evaluator.layers()), 1, 1, threads, control));
    const auto context = evaluator.sharedContext();
    CORE_TRY(const auto graph, GradientGraph::build(context, context->batch));
    const SampleSet& calibration = evaluator.subject().calibration;
    SensitivityRequest request{*network, calibration};
    request.target = lossTargetOf(evaluator.subject());
    request.withProbe = false;
    request.threads = threads;
    CORE_TRY(const Sensitivities measured, sensitivities(*graph, request, control));
    RowScores scores;
    for (const LayerSensitivity& layer : measured.layers)
        scores.push_back(layer.rowFisherError);
    return scores;
}

Result<std::vector<Contender>> compareAtEqualCost(Evaluator& evaluator, const EqualCostRequest& request, const RowScores& rowScores,
                                                  const RunControl& control, const std::function<void(const Contender&)>& onContender)
{
    const std::vector<WeightedLayer>& layers = evaluator.layers();
    const PrecisionPlan bare = withoutRecovery(request.plan, layers);
    CORE_TRY(const PlanCost planned, costOf(request.plan, layers, request.technology));
    CORE_TRY(const PlanCost least, costOf(bare, layers, request.technology));
    const double limit = costIn(planned, request.kind) * (1 + 1e-9);
    if (planned.recoveryBytes <= 0)
        return Problem{"plan", "has no recovery path, so there is no cost to spend otherwise; wanted a surrogate of rank 1 or more"};

    std::vector<Contender> contenders;
    const auto enter = [&](std::string name, std::string words, PrecisionPlan plan) -> Result<void> {
        CORE_TRY(PlanCost cost, costOf(plan, layers, request.technology));
        EvaluationRequest evaluation;
        plan.name = name;
        evaluation.plan = plan;
        evaluation.samples = request.samples;
        evaluation.chips = request.chips;
        evaluation.seed = request.seed;
        evaluation.threads = request.threads;
        evaluation.technology = request.technology;
        CORE_TRY(ReportPtr report, evaluator.evaluate(evaluation, control));
        contenders.push_back({std::move(name), std::move(words), std::move(plan), cost, std::move(report)});
        if (onContender)
            onContender(contenders.back());
        return success();
    };

    CORE_TRY(enter("nothing", "the plan without recovery", bare));
    CORE_TRY(enter("rank", "the plan's own recovery paths", request.plan));
    const double spare = request.kind == CostKind::Bytes ? planned.recoveryBytes : planned.recoveryEnergy.value();
    const RankBudget budget{request.kind == CostKind::Bytes ? RankBudget::Kind::Bytes : RankBudget::Kind::Energy, spare * (1 + 1e-9),
                            false};
    CORE_TRY(const RankAllocation shared, allocate(evaluator, request.plan, budget, request.technology, request.threads, control));
    CORE_TRY(
        enter("shared rank",
              fmt::format("{} ranks shared out by what they win of the loss", std::accumulate(shared.ranks.begin(), shared.ranks.end(), 0)),
              shared.allocated));

    const std::vector<RowPlace> rows = rowsByScore(bare, layers, rowScores);
    std::vector<RowPlace> again;  // every row once for each bit it may gain
    for (std::size_t bit = 0; bit < kMostExtraBits; ++bit)
        again.insert(again.end(), rows.begin(), rows.end());
    const auto bettered = [&](std::size_t count, const Betterment& better) {
        return withBetterRows(bare, layers, std::span(again).first(count), better);
    };
    const std::vector<Family> families{
        {"finer groups", layers.size() * kGroupSizes.size(), [&](std::size_t steps) { return withFinerGroups(bare, layers, steps); },
         [&](std::size_t steps) { return fmt::format("scales of {} weights", kGroupSizes[(steps - 1) / layers.size()]); }},
        {"more bits", again.size(), [&](std::size_t count) { return bettered(count, withOneBitMore); },
         [&](std::size_t count) { return extraBitsText(count, rows.size()); }},
        {"protected rows", rows.size(), [&](std::size_t count) { return bettered(count, protectedRow); },
         [&](std::size_t count) { return fmt::format("{} of {} rows take eight bits or more", count, rows.size()); }},
    };
    for (const Family& family : families) {
        std::size_t low = 0, high = family.most;  // the largest knob that the limit allows
        while (low < high) {
            const std::size_t middle = (low + high + 1) / 2;
            CORE_TRY(const PlanCost cost, costOf(family.plan(middle), layers, request.technology));
            if (costIn(cost, request.kind) <= limit)
                low = middle;
            else
                high = middle - 1;
        }
        if (low == 0)
            continue;
        PrecisionPlan plan = family.plan(low);
        CORE_TRY(const PlanCost cost, costOf(plan, layers, request.technology));
        if (costIn(cost, request.kind) > costIn(least, request.kind))
            CORE_TRY(enter(family.name, family.words(low), std::move(plan)));
    }

    const auto outputError = [](const Contender& contender) {
        return -contender.report->layers.back().propagatedSqnrDecibels.value_or(0.0);
    };
    std::ranges::stable_sort(contenders, [&](const Contender& a, const Contender& b) {
        const auto key = [&](const Contender& c) {
            return std::tuple(-c.report->chips.mean, -static_cast<double>(c.report->agreement.successes), outputError(c));
        };
        return key(a) < key(b);
    });
    return contenders;
}

}  // namespace core
