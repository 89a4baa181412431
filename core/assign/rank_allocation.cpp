// SPDX-License-Identifier: Apache-2.0
#include "core/assign/rank_allocation.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <limits>
#include <queue>

namespace core {

namespace {

using namespace std::string_view_literals;
constexpr std::array kKinds{std::pair{"macs"sv, RankBudget::Kind::Macs}, std::pair{"bytes"sv, RankBudget::Kind::Bytes},
                            std::pair{"energy"sv, RankBudget::Kind::Energy}};

std::string_view nameOf(RankBudget::Kind kind)
{
    for (const auto& [name, value] : kKinds)
        if (value == kind)
            return name;
    return {};
}

double recoveryCost(const PlanCost& cost, RankBudget::Kind kind)
{
    switch (kind) {
    case RankBudget::Kind::Macs: return cost.recoveryMacs;
    case RankBudget::Kind::Bytes: return cost.recoveryBytes;
    case RankBudget::Kind::Energy: return cost.recoveryEnergy.value();
    }
    return 0;
}

/// What a share is a share of: the plan without any recovery path.
double mainCost(const PlanCost& bare, const std::vector<WeightedLayer>& layers, RankBudget::Kind kind)
{
    double macs = 0;
    for (const WeightedLayer& layer : layers)
        macs += static_cast<double>(layer.macs());
    switch (kind) {
    case RankBudget::Kind::Macs: return macs;
    case RankBudget::Kind::Bytes: return bare.bytes;
    case RankBudget::Kind::Energy: return bare.energy.value();
    }
    return 0;
}

template <class RankOf>
PrecisionPlan withRanks(PrecisionPlan plan, const std::vector<WeightedLayer>& layers, const RankOf& rankOf)
{
    for (const WeightedLayer& layer : layers)
        plan = withRank(std::move(plan), layer, rankOf(layer));
    return plan;
}

}  // namespace

std::vector<int> allocateRanks(std::span<const RankOffer> offers, double budget)
{
    std::vector<int> ranks(offers.size(), 0);
    struct Candidate {
        double worth;
        std::size_t layer;
        bool operator<(const Candidate& other) const { return worth != other.worth ? worth < other.worth : layer > other.layer; }
    };
    std::priority_queue<Candidate> next;
    const auto offer = [&](std::size_t layer) {
        const auto rank = static_cast<std::size_t>(ranks[layer]);
        if (rank < offers[layer].gains.size() && offers[layer].gains[rank] > 0)
            next.push({offers[layer].gains[rank] / offers[layer].costPerRank, layer});
    };
    for (std::size_t layer = 0; layer < offers.size(); ++layer)
        offer(layer);
    double left = budget;
    while (!next.empty()) {
        const std::size_t layer = next.top().layer;
        next.pop();
        if (offers[layer].costPerRank > left)
            continue;  // a cheaper layer may still fit
        left -= offers[layer].costPerRank;
        ++ranks[layer];
        offer(layer);
    }
    return ranks;
}

int uniformRank(std::span<const RankOffer> offers, double budget)
{
    std::size_t most = 0;
    for (const RankOffer& offer : offers)
        most = std::max(most, offer.gains.size());
    int rank = 0;
    for (int wanted = 1; wanted <= static_cast<int>(most); ++wanted) {
        double cost = 0;
        for (const RankOffer& offer : offers)
            cost += offer.costPerRank * static_cast<double>(std::min(static_cast<std::size_t>(wanted), offer.gains.size()));
        if (cost > budget)
            break;
        rank = wanted;
    }
    return rank;
}

std::string RankBudget::text() const
{
    return isShare ? fmt::format("{}:{}%", nameOf(kind), amount * 100) : fmt::format("{}:{}", nameOf(kind), amount);
}

Result<RankBudget> RankBudget::parse(std::string_view text)
{
    const auto fault = [&] {
        return Problem{
            "", fmt::format("found \"{}\"; wanted macs:N, bytes:N or energy:PICOJOULES of recovery, or a share such as bytes:5%", text)};
    };
    const std::size_t colon = text.find(':');
    if (colon == std::string_view::npos)
        return fault();
    const auto kind = std::ranges::find(kKinds, text.substr(0, colon), [](const auto& entry) { return entry.first; });
    std::string_view number = text.substr(colon + 1);
    RankBudget budget;
    budget.isShare = number.ends_with('%');
    if (budget.isShare)
        number.remove_suffix(1);
    const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), budget.amount);
    if (kind == kKinds.end() || error != std::errc{} || end != number.data() + number.size() || !std::isfinite(budget.amount) ||
        budget.amount <= 0)
        return fault();
    budget.kind = kind->second;
    if (budget.isShare)
        budget.amount /= 100;
    return budget;
}

PrecisionPlan withRank(PrecisionPlan plan, const WeightedLayer& layer, int rank)
{
    const std::optional<SurrogatePlan> surrogate = resolve(plan, layer.name).surrogate;
    if (!surrogate)
        return plan;
    LayerPlan& own = plan.layers[layer.name];
    own.surrogate = Switchable<SurrogatePlan>{};
    if (rank > 0) {
        own.surrogate->value = surrogate;
        own.surrogate->value->rank = rank;
    }
    return plan;
}

Result<RankAllocation> allocate(Evaluator& evaluator, const PrecisionPlan& plan, const RankBudget& budget, const PriceTable& technology,
                                int threads, const RunControl& control)
{
    const std::vector<WeightedLayer>& layers = evaluator.layers();
    const auto fullRank = [](const WeightedLayer& layer) { return std::min(layer.rows, layer.columns); };

    PrecisionPlan pilot = plan;
    for (const WeightedLayer& layer : layers)
        if (const auto surrogate = resolve(plan, layer.name).surrogate) {
            pilot = withRank(std::move(pilot), layer, std::min(kPilotRank, fullRank(layer)));
            SurrogatePlan& own = *pilot.layers[layer.name].surrogate->value;
            own.method = SurrogateMethod::Fisher;
            own.paths = {};
        }
    CORE_TRY(const auto network, evaluator.compiled(pilot, 1, 1, threads, control));

    const auto rankAll = [&](int rank) {
        return withRanks(plan, layers, [&](const WeightedLayer& layer) { return std::min(rank, fullRank(layer)); });
    };
    std::vector<RankOffer> offers(layers.size());
    for (const WeightedLayer& layer : layers) {
        const auto& report = network->surrogates[layer.index.value()];
        if (!report || report->vectors == 0)
            continue;
        const PrecisionPlan alone = withRanks(plan, layers, [&](const WeightedLayer& other) { return other.index == layer.index ? 1 : 0; });
        CORE_TRY(const PlanCost cost, costOf(alone, layers, technology));
        RankOffer& offer = offers[layer.index.value()];
        offer.costPerRank = recoveryCost(cost, budget.kind);
        // Per sample, so that layers are comparable whatever the fit looked at; not ascending, as measured gains nearly are.
        double least = std::numeric_limits<double>::infinity();
        for (const double gain : report->gains) {
            least = std::min(least, gain * static_cast<double>(layer.positions) / static_cast<double>(report->vectors));
            offer.gains.push_back(least);
        }
    }
    CORE_TRY(const PlanCost bare, costOf(rankAll(0), layers, technology));
    RankAllocation result;
    result.budget = budget.isShare ? budget.amount * mainCost(bare, layers, budget.kind) : budget.amount;
    result.ranks = allocateRanks(offers, result.budget);
    result.uniformRank = uniformRank(offers, result.budget);
    result.allocated = withRanks(plan, layers, [&](const WeightedLayer& layer) { return result.ranks[layer.index.value()]; });
    result.uniform = rankAll(result.uniformRank);
    CORE_TRY(const PlanCost allocatedCost, costOf(result.allocated, layers, technology));
    CORE_TRY(const PlanCost uniformCost, costOf(result.uniform, layers, technology));
    result.allocatedCost = recoveryCost(allocatedCost, budget.kind);
    result.uniformCost = recoveryCost(uniformCost, budget.kind);
    return result;
}

}  // namespace core
