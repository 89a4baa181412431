// SPDX-License-Identifier: Apache-2.0
#include "core/plan/score_plan.h"

#include "core/plan/accumulator_plan.h"

#include <fmt/format.h>

#include <cmath>

namespace core {

SumRule ScorePlan::highRule() const
{
    SumRule rule = low;
    rule.format = high;
    return rule;
}

std::vector<Problem> check(const ScorePlan& scores)
{
    // The sums are an accumulator's: what it may not be, they may not.
    std::vector<Problem> flaws = check(AccumulatorPlan{.sum = scores.low});
    for (Problem& flaw : flaws)
        if (flaw.place == "format")
            flaw.place = "low";
    if (!isSumFormat(scores.high))
        flaws.push_back({"high", fmt::format("\"{}\" is no float; wanted fp32, fp16, bf16, tf32 or an eXmY", scores.high.name())});
    if (!(std::isfinite(scores.tolerance) && scores.tolerance >= 0))
        flaws.push_back({"tolerance", fmt::format("{}; wanted a number of at least 0", scores.tolerance)});
    return flaws;
}

std::string text(const ScorePlan& scores)
{
    static const ScorePlan usual;
    std::string words = fmt::format("{} / {} above {:g}", scores.low.format.name(), scores.high.name(), scores.tolerance);
    if (scores.low.products != usual.low.products)
        words += fmt::format(", products {}", productRoundingName(scores.low.products));
    if (scores.low.order != SumOrder::Sequential)
        words += fmt::format(" {}", sumOrderName(scores.low.order));
    if (scores.low.block > 0)
        words += fmt::format(" in blocks of {}", scores.low.block);
    return words;
}

}  // namespace core
