// SPDX-License-Identifier: Apache-2.0
#include "core/formats/sums/activation_condition.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace core {

namespace {

/// |v phi' / phi| with the floor under |phi|.
float guarded(double v, double value, double slope)
{
    return static_cast<float>(std::abs(v * slope) / std::max(std::abs(value), static_cast<double>(kSmallestOutput)));
}

double logistic(double v) { return 1 / (1 + std::exp(-v)); }

}  // namespace

float activationCondition(const ActivationShape& activation, float v)
{
    using Kind = ActivationShape::Kind;
    if (std::isnan(v))
        return v;
    const double x = v;
    switch (activation.kind) {
    case Kind::Identity:
    case Kind::LeakyRelu: return 1;
    case Kind::Relu: return v >= 0 ? 1.0f : 0.0f;
    case Kind::Clip: return v >= activation.low && v <= activation.high ? 1.0f : 0.0f;
    case Kind::Tanh: {
        const double twice = 2 * std::abs(x);
        return twice == 0 ? 1.0f : twice > 700 ? 0.0f : static_cast<float>(twice / std::sinh(twice));
    }
    case Kind::Sigmoid: return std::isinf(v) ? (v > 0 ? 0.0f : -v) : static_cast<float>(std::abs(x) * (1 - logistic(x)));
    case Kind::Gelu: {
        if (std::isinf(v))
            return v > 0 ? 1.0f : 0.0f;
        const double below = 0.5 * std::erfc(-x / std::numbers::sqrt2),
                     density = std::exp(-x * x / 2) * std::numbers::inv_sqrtpi / std::numbers::sqrt2;
        return guarded(x, x * below, below + x * density);
    }
    case Kind::Silu: {
        if (std::isinf(v))
            return v > 0 ? 1.0f : 0.0f;
        const double s = logistic(x);
        return guarded(x, x * s, s * (1 + x * (1 - s)));
    }
    }
    return 1;
}

}  // namespace core
