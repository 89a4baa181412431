// SPDX-License-Identifier: Apache-2.0
#pragma once
// How an activation function magnifies the relative error of what it is given: kappa(v) = |v phi'(v) / phi(v)|.

namespace core {

struct ActivationShape {
    enum class Kind { Identity, Relu, LeakyRelu, Clip, Tanh, Sigmoid, Gelu, Silu };
    Kind kind = Kind::Identity;
    float low = 0, high = 0;  // of Clip
    bool operator==(const ActivationShape&) const = default;
};

/// GELU and SiLU come close to zero far below zero, where kappa grows without bound and nothing depends on it: there the error
/// is taken relative to this output instead.
inline constexpr float kSmallestOutput = 0x1p-6f;

/// Identity and leaky ReLU 1; ReLU 1 where v >= 0, else 0; clip 1 between its ends, else 0; tanh 2 |v| / sinh(2 |v|), sigmoid
/// |v| (1 - s(v)), GELU and SiLU by the formula with |phi| no less than kSmallestOutput. 0/0 is 0, except at tanh's zero, where
/// the limit 1 stands. NaN stays NaN.
float activationCondition(const ActivationShape& activation, float v);

}  // namespace core
