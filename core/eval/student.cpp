// SPDX-License-Identifier: Apache-2.0
#include "core/eval/student.h"

#include <cmath>

namespace core {

namespace {

/// Swift for x < (a + 1) / (a + b + 2).
double betaFraction(double a, double b, double x)
{
    constexpr double kTiny = 1e-300, kEnough = 1e-15;
    constexpr int kMost = 10'000;
    const auto away = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
    double c = 1.0, d = 1.0 / away(1.0 - (a + b) * x / (a + 1.0)), result = d;
    for (int m = 1; m <= kMost; ++m) {
        const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
        d = 1.0 / away(1.0 + even * d);
        c = away(1.0 + even / c);
        result *= d * c;
        const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
        d = 1.0 / away(1.0 + odd * d);
        c = away(1.0 + odd / c);
        result *= d * c;
        if (std::abs(d * c - 1.0) < kEnough)
            break;
    }
    return result;
}

}  // namespace

double incompleteBeta(double a, double b, double x)
{
    if (x <= 0.0)
        return 0.0;
    if (x >= 1.0)
        return 1.0;
    const double front = std::exp(std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x));
    if (x < (a + 1.0) / (a + b + 2.0))
        return front * betaFraction(a, b, x) / a;
    return 1.0 - front * betaFraction(b, a, 1.0 - x) / b;
}

double twoSidedStudent(double t, double degrees)
{
    if (std::isinf(t))
        return 0.0;
    if (std::isinf(degrees))
        return std::erfc(std::abs(t) / std::sqrt(2.0));
    return incompleteBeta(degrees / 2.0, 0.5, degrees / (degrees + t * t));
}

double student95(double degrees)
{
    double low = 0.0, high = 2.0;
    while (twoSidedStudent(high, degrees) > 0.05)
        high *= 2.0;
    for (int i = 0; i < 200 && high - low > 1e-13 * high; ++i) {
        const double middle = 0.5 * (low + high);
        (twoSidedStudent(middle, degrees) > 0.05 ? low : high) = middle;
    }
    return 0.5 * (low + high);
}

double fairCoinAtMost(std::int64_t k, std::int64_t n)
{
    if (k < 0)
        return 0.0;
    if (k >= n)
        return 1.0;
    return incompleteBeta(static_cast<double>(n - k), static_cast<double>(k) + 1.0, 0.5);
}

}  // namespace core
