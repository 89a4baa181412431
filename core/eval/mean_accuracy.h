// SPDX-License-Identifier: Apache-2.0
#pragma once
// The accuracy of several chips as one figure, with how far other chips and other samples of the same kind could move it.

#include "core/eval/paired_difference.h"

namespace core {

struct MeanAccuracy {
    double value = 0;          // over chips, reads and samples, as a share
    double low = 0, high = 1;  // its 95 % interval
};

/// Wilson's interval where the chips answer all alike. Else its form for answers that are not independent: t^2 / n becomes
/// half^2 / (p (1 - p)), half being t times the deviation of the crossed design (paired_difference.h), so that it stays within
/// 0 and 1 and does not shrink near them (Franco et al., J. Surv. Stat. Methodol. 7, 2019). No chip or sample: 0 in [0, 1].
MeanAccuracy meanAccuracy(const ChipAnswers& answers);

}  // namespace core
