// SPDX-License-Identifier: Apache-2.0
#pragma once
// What summing an attention's logits in two formats did on samples that really arrived.

#include "core/base/tensor.h"
#include "core/engine/score_product.h"

namespace core {

struct ScoreFigures {
    std::int64_t logits = 0;        // that were looked at
    double recomputedFraction = 0;  // of the logits: in the high format
    /// Error mass of the softmax, the mean over queries of sum |p - p_exact| / 2: with the rule, and with all logits low.
    double errorMass = 0, lowErrorMass = 0;
    bool operator==(const ScoreFigures&) const = default;
};

/// queries, keys: batch by batch, as they arrive at the product. Exact is the sum in double of the same numbers.
ScoreFigures scoreFigures(const ScorePlan& plan, double scale, const std::vector<Tensor>& queries, const std::vector<Tensor>& keys,
                          int threads = 0);

}  // namespace core
