// SPDX-License-Identifier: Apache-2.0
#pragma once
// The same bytes or picojoules spent in other ways: on rank, on rank shared out, on finer groups, on more bits, on protected
// rows. Tells whether a recovery path is what its cost is best spent on.

#include "core/assign/rank_allocation.h"

#include <functional>

namespace core {

enum class CostKind { Bytes, Energy };

struct EqualCostRequest {
    PrecisionPlan plan;              // with recovery paths: what they cost is what the others may spend
    CostKind kind = CostKind::Bytes;
    PriceTable technology;
    std::int64_t samples = 0;        // scored; 0: all
    int chips = 1;
    std::uint64_t seed = 1;
    int threads = 0;
};

/// One way to spend, taken as far as the cost allows.
struct Contender {
    std::string name;                // "rank", "shared rank", "finer groups", "more bits", "protected rows", "nothing"
    std::string words;               // "41 of 236 rows take one bit more"
    PrecisionPlan plan;
    PlanCost cost;
    ReportPtr report;
};

/// `rowScores[LayerIndex][row]`: how much the loss minds what the plan without recovery does to that row; rows are bettered
/// in descending order of it.
using RowScores = std::vector<std::vector<double>>;

/// Fisher-weighted output error of every row under the plan without its recovery paths, on the calibration samples: importance
/// times squared output error (core/learn/sensitivity.h, metric 2).
Result<RowScores> fisherRowScores(Evaluator& evaluator, const PrecisionPlan& plan, int threads = 0, const RunControl& control = {});

/// The contenders, the best first: by right answers, then by agreement with the reference, then by the output's error. What a
/// plan cannot spend on (groups of a palette, rows of an array) is left out. `onContender` is told each as it is known.
Result<std::vector<Contender>> compareAtEqualCost(Evaluator& evaluator, const EqualCostRequest& request, const RowScores& rowScores,
                                                  const RunControl& control = {}, const std::function<void(const Contender&)>& onContender = {});

/// One bit more of the same kind: int4 becomes int5, pot4 pot5; a format without such a successor the integer one bit wider.
/// Nothing beyond 16 bits.
std::optional<NumberFormat> oneBitMore(const NumberFormat& format);

}  // namespace core
