// SPDX-License-Identifier: Apache-2.0
#pragma once
// How wrong a running sum may be: the componentwise bound of its rule (README.md, "Bounds").

#include "core/formats/sums/running_sum.h"

#include <span>

namespace core {

/// |computed - exact| <= relative * (sum |w x| + |b|) + absolute for every sum that does not overflow, where `saysSomething`.
struct SumBound {
    double roundings = 0;     // c(n): the most that any product goes through
    double perturbation = 0;  // t: these roundings' unit roundoffs, added up; n u where the order is sequential
    double relative = 0;      // gamma = t / (1 - t); infinite where t >= 1
    double absolute = 0;      // of results below the smallest normal number, each off by half a smallest step
    bool saysSomething() const { return perturbation < 1; }
    double of(double size) const { return relative * size + absolute; }
};

/// For sums of `products` terms, and a bias where there is one. Kahan's order: to first order, 2 u + O(n u^2) (Higham, 4.3).
SumBound sumBound(const SumRule& rule, std::int64_t products, bool hasBias);

/// Spearman's: the correlation of the ranks of two lists of one length; equal values share their mean rank. 0 where one of the
/// lists is constant. Infinities rank as such; NaN is not expected.
double rankCorrelation(std::span<const double> a, std::span<const double> b);

}  // namespace core
