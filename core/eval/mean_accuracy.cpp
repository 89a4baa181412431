// SPDX-License-Identifier: Apache-2.0
#include "core/eval/mean_accuracy.h"

#include "core/eval/proportion.h"

#include <algorithm>
#include <cmath>

namespace core {

MeanAccuracy meanAccuracy(const ChipAnswers& answers)
{
    ChipAnswers none;  // is right
    none.seed = answers.seed;
    none.samples = answers.samples;
    none.right.assign(answers.right.size(), std::vector<std::uint8_t>(answers.samples.size(), 0));
    const auto found = pairedDifference(none, answers);
    if (!found)
        return {};
    const double p = found.value().difference;
    if (found.value().method == PairedDifference::Method::McNemar || p <= 0 || p >= 1) {
        const Proportion right{found.value().gained, found.value().samples};
        return {right.value(), right.low(), right.high()};
    }
    if (found.value().low <= -1)  // cut off: the deviation is larger than it tells
        return {p, 0, 1};
    constexpr double kZ = 1.959964;  // 97.5 % point of a unit Gaussian
    const double half = p - found.value().low;
    // Samples that all have the same mean tell no deviation; they are still no more than so many.
    const double shrink = half > 0 ? half * half / (p * (1 - p)) : kZ * kZ / static_cast<double>(found.value().samples);
    const double centre = (p + shrink / 2) / (1 + shrink), around = std::sqrt(shrink * p * (1 - p) + shrink * shrink / 4) / (1 + shrink);
    return {p, std::max(0.0, centre - around), std::min(1.0, centre + around)};
}

}  // namespace core
