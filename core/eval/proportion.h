// SPDX-License-Identifier: Apache-2.0
#pragma once
// A share of samples with its uncertainty; accuracy never travels without it.

#include <cstdint>

namespace core {

/// successes / trials with the 95 % score interval of Wilson (1927), z = 1.959964. No trials: 0 in [0, 1].
/// Example: 8 of 10 is 0.8 in [0.490, 0.943].
struct Proportion {
    std::int64_t successes = 0, trials = 0;
    double value() const;
    double low() const;
    double high() const;
    bool operator==(const Proportion&) const = default;
};

}  // namespace core
