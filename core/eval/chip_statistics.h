// SPDX-License-Identifier: Apache-2.0
#pragma once
// What many chips of one design, each read several times, say about the design: centre, spread, yield, and how much of the
// spread is the chips' and how much the reads'.

#include "core/eval/proportion.h"

#include <cstdint>
#include <span>
#include <vector>

namespace core {

/// The value below which `share` of the sorted values lie, straight between neighbours (type 7 of Hyndman and Fan, 1996).
double percentileOf(std::span<const double> sorted, double share);

struct ChipStatistics {
    int count = 1;                                             // chips
    double mean = 0, standardDeviation = 0, min = 0, max = 0;  // of top1 over chips
    std::vector<double> top1;                                  // per chip, the mean of its reads
    double low = 0, high = 0;                                  // 5th and 95th percentile over chips
    int reads = 1;                                             // of each chip
    std::vector<double> readTop1;                              // chip after chip, each read's; empty for one read
    /// The two parts of the spread of a single read: what differs from chip to chip, and from read to read of one chip. From
    /// the mean squares of one-way random effects: MSB = reads * var(chips' means), MSW = mean variance within a chip,
    /// read^2 = MSW, chip^2 = max(0, (MSB - MSW) / reads) (Searle, Casella and McCulloch, Variance Components, 1992, 3.6).
    double chipDeviation = 0, readDeviation = 0;
};

/// From each read's share of right answers: chip after chip, `reads` of each; at least one chip.
ChipStatistics chipStatistics(std::span<const double> readTop1, int reads = 1);

/// How many chips reach the threshold, with the 95 % score interval of that share: 14 of 16 is 87.5 % in [64.0, 96.5].
Proportion yieldAt(const ChipStatistics& chips, double threshold);

}  // namespace core
