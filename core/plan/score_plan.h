// SPDX-License-Identifier: Apache-2.0
#pragma once
// How an attention's logits are summed: the inner products of queries and keys in front of its softmax. All in a low format,
// and again in a high one where the softmax would turn their errors into error mass (LampAttention, arXiv 2601.21623).

#include "core/base/problem.h"
#include "core/formats/sums/running_sum.h"

#include <string>
#include <vector>

namespace core {

struct ScorePlan {
    SumRule low{.format = {}, .products = ProductRounding::Fused};  // its products, order and blocks are those of the high sums too
    NumberFormat high;
    /// Of one query: the logits kept low may have sum p (1 - p) up to it. 0: all of any probability are taken again; from 1 on none: the
    /// whole sum of a softmax is below 1.
    double tolerance = 0.1;
    bool operator==(const ScorePlan&) const = default;
    SumRule highRule() const;
};

/// All flaws, each with its place under "scores".
std::vector<Problem> check(const ScorePlan& scores);

std::string text(const ScorePlan& scores);  // "e4m3 / fp32 above 0.1"

}  // namespace core
