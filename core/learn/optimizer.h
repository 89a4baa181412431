// SPDX-License-Identifier: Apache-2.0
#pragma once
// Steps of gradient descent on flat lists of numbers. The state is a plain value, so that training can be put aside and
// taken up again; the same state and gradients give the same step.

#include <cstdint>
#include <span>
#include <variant>
#include <vector>

namespace core {

/// g' = g + decay w, m = momentum m + g' (the first time m = g'), w -= rate m. As torch.optim.SGD.
struct MomentumRule {
    double rate = 0.01, momentum = 0.9, decay = 0;
    bool operator==(const MomentumRule&) const = default;
};

/// g' = g + decay w, m = b1 m + (1 - b1) g', v = b2 v + (1 - b2) g'^2,
/// w -= rate (m / (1 - b1^t)) / (sqrt(v / (1 - b2^t)) + epsilon) at step t = 1, 2, ... (Kingma and Ba, 2015). As torch.optim.Adam.
struct AdamRule {
    double rate = 1e-3, firstDecay = 0.9, secondDecay = 0.999, epsilon = 1e-8, decay = 0;
    bool operator==(const AdamRule&) const = default;
};

using StepRule = std::variant<MomentumRule, AdamRule>;

/// Moments of one list of numbers.
struct OptimizerState {
    std::int64_t steps = 0;
    std::vector<float> first, second;    // second: Adam's alone
    bool operator==(const OptimizerState&) const = default;
};

/// One step; `rateScale` multiplies the rule's rate (a schedule). Each number in double, rounded once to float.
void takeStep(const StepRule& rule, OptimizerState& state, std::span<float> values, std::span<const float> gradient, double rateScale = 1.0);

}  // namespace core
