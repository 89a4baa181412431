// SPDX-License-Identifier: Apache-2.0
#include "core/eval/proportion.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

constexpr double kZ = 1.959964;   // 97.5 % point of a unit Gaussian

// Wilson's score interval, p = successes / trials, n = trials:
// (p + z^2 / 2n -+ z sqrt(p (1 - p) / n + z^2 / 4n^2)) / (1 + z^2 / n)
struct Interval { double centre, halfWidth; };

Interval wilson(const Proportion& proportion)
{
    const auto n = static_cast<double>(proportion.trials);
    const double p = proportion.value();
    const double widening = 1 + kZ * kZ / n;
    return {(p + kZ * kZ / (2 * n)) / widening, kZ * std::sqrt(p * (1 - p) / n + kZ * kZ / (4 * n * n)) / widening};
}

}  // namespace

double Proportion::value() const { return trials > 0 ? static_cast<double>(successes) / static_cast<double>(trials) : 0.0; }

double Proportion::low() const
{
    if (trials <= 0 || successes <= 0)   // exactly 0 there; the formula would leave a rounding error
        return 0.0;
    const Interval interval = wilson(*this);
    return std::max(0.0, interval.centre - interval.halfWidth);
}

double Proportion::high() const
{
    if (trials <= 0 || successes >= trials)
        return 1.0;
    const Interval interval = wilson(*this);
    return std::min(1.0, interval.centre + interval.halfWidth);
}

}  // namespace core
