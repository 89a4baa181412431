// SPDX-License-Identifier: Apache-2.0
#pragma once
// How the accuracy of many chips closes in on where it ends, sample by sample.

#include "core/eval/paired_difference.h"

#include <vector>

namespace core {

/// The chips' accuracy on the first `samples` samples of the order: mean, 5th and 95th percentile over chips, and the first
/// chip's own, which is one of them.
struct FanPoint {
    std::int64_t samples = 0;
    double mean = 0, low = 0, high = 0, first = 0;
};

/// At `most` places or fewer (at least 2), from 32 samples to all, each about the same multiple of the one before. None without chips.
std::vector<FanPoint> chipFan(const ChipAnswers& answers, int most = 48);

}  // namespace core
