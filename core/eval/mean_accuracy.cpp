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
    const double half = p - found.value().low, shrink = half * half / (p * (1 - p));
    const double centre = (p + shrink / 2) / (1 + shrink), around = std::sqrt(half * half + shrink * shrink / 4) / (1 + shrink);
    return {p, std::max(0.0, centre - around), std::min(1.0, centre + around)};
}

}  // namespace core
