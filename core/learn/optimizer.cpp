// SPDX-License-Identifier: Apache-2.0
#include "core/learn/optimizer.h"

#include <cassert>
#include <cmath>

namespace core {

namespace {

void step(const MomentumRule& rule, OptimizerState& state, std::span<float> values, std::span<const float> gradient, double rateScale)
{
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = static_cast<double>(values[i]), slope = static_cast<double>(gradient[i]) + rule.decay * value;
        const double moment = state.steps == 0 ? slope : rule.momentum * static_cast<double>(state.first[i]) + slope;
        state.first[i] = static_cast<float>(moment);
        values[i] = static_cast<float>(value - rule.rate * rateScale * moment);
    }
    ++state.steps;
}

void step(const AdamRule& rule, OptimizerState& state, std::span<float> values, std::span<const float> gradient, double rateScale)
{
    state.second.resize(values.size(), 0.0f);
    ++state.steps;
    const double firstShare = 1 - std::pow(rule.firstDecay, static_cast<double>(state.steps)), secondShare = 1 - std::pow(rule.secondDecay, static_cast<double>(state.steps));
    for (std::size_t i = 0; i < values.size(); ++i) {
        const double value = static_cast<double>(values[i]), slope = static_cast<double>(gradient[i]) + rule.decay * value;
        const double first = rule.firstDecay * static_cast<double>(state.first[i]) + (1 - rule.firstDecay) * slope;
        const double second = rule.secondDecay * static_cast<double>(state.second[i]) + (1 - rule.secondDecay) * slope * slope;
        state.first[i] = static_cast<float>(first);
        state.second[i] = static_cast<float>(second);
        values[i] = static_cast<float>(value - rule.rate * rateScale * (first / firstShare) / (std::sqrt(second / secondShare) + rule.epsilon));
    }
}

}  // namespace

void takeStep(const StepRule& rule, OptimizerState& state, std::span<float> values, std::span<const float> gradient, double rateScale)
{
    assert(values.size() == gradient.size());
    state.first.resize(values.size(), 0.0f);
    std::visit([&](const auto& chosen) { step(chosen, state, values, gradient, rateScale); }, rule);
}

}  // namespace core
