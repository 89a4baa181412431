// SPDX-License-Identifier: Apache-2.0
#pragma once
// The distributions behind tests and intervals: beta, binomial and Student's t.

#include <cstdint>

namespace core {

/// The regularised incomplete beta function I_x(a, b), a and b positive, x in [0, 1]: the continued fraction of DLMF 8.17.22
/// by Lentz's method, to about 1e-14. Example: I_0.5(2, 3) is 0.6875.
double incompleteBeta(double a, double b, double x);

/// P(|T| > |t|) of Student's t; infinitely many degrees of freedom is the unit Gaussian. Example: t = 2.228, 10 degrees: 0.05.
double twoSidedStudent(double t, double degrees);
/// The t that |T| exceeds with probability 0.05. Example: 12.706 for 1 degree of freedom, 1.960 for infinitely many.
double student95(double degrees);

/// P(X <= k), X of n tosses of a fair coin.
double fairCoinAtMost(std::int64_t k, std::int64_t n);

}  // namespace core
