// SPDX-License-Identifier: Apache-2.0
#pragma once
// Who gets how much rank: recovery paths shared out under a budget of work, bytes or energy.

#include "core/assign/plan_cost.h"
#include "core/eval/evaluator.h"

#include <string_view>

namespace core {

/// What one layer offers: its k-th rank wins gains[k] of the loss for costPerRank.
struct RankOffer {
    double costPerRank = 0;      // above 0
    std::vector<double> gains;   // not ascending; at most as many as the layer has ranks
};

/// Again and again one rank to the layer whose next one wins most for its cost, as long as it fits into what is left. Gains
/// descend within a layer, so this is off the optimum by less than the gain of one rank (fractional knapsack). A tie goes to
/// the earlier layer; a rank that wins nothing is not bought.
std::vector<int> allocateRanks(std::span<const RankOffer> offers, double budget);

/// The most rank that all layers can have alike (each at most what it has), for no more than the budget.
int uniformRank(std::span<const RankOffer> offers, double budget);

struct RankBudget {
    enum class Kind { Macs, Bytes, Energy };   // of recovery alone: per sample, to ship, picojoules per sample
    Kind kind = Kind::Bytes;
    double amount = 0;                         // in the kind's unit, or in parts of the plan without recovery
    bool isShare = false;
    bool operator==(const RankBudget&) const = default;
    std::string text() const;                  // "macs:20000", "bytes:5%", "energy:1200"
    static Result<RankBudget> parse(std::string_view text);
};

struct RankAllocation {
    PrecisionPlan allocated, uniform;          // the plan with ranks shared out, and with the same rank everywhere
    std::vector<int> ranks;                    // by LayerIndex; 0 where no path is placed
    int uniformRank = 0;
    double budget = 0, allocatedCost = 0, uniformCost = 0;   // in the kind's unit
};

/// `plan` has a surrogate wherever one may be placed; its ranks do not count. What a rank wins is told by the loss-weighted
/// fit (method `fisher`) of every layer, the layers before it corrected at `pilotRank`; the evaluator must know how to get
/// the row importance that needs (see Evaluator::create).
Result<RankAllocation> allocate(Evaluator& evaluator, const PrecisionPlan& plan, const RankBudget& budget, const PriceTable& technology,
                                int threads = 0, const RunControl& control = {});
inline constexpr int kPilotRank = 8;

/// The plan with this rank on one layer (0: no path there), whatever its defaults say.
PrecisionPlan withRank(PrecisionPlan plan, const WeightedLayer& layer, int rank);

}  // namespace core
