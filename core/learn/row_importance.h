// SPDX-License-Identifier: Apache-2.0
#pragma once
// The row importance that loss-weighted recovery fits need, as the evaluator asks for it.

#include "core/eval/evaluator.h"
#include "core/learn/sensitivity.h"

namespace core {

/// What the loss of this subject is measured against: its labels where there are any, else the network's own answers; its
/// input where it is to be reconstructed.
LossTarget lossTargetOf(const Subject& subject);

/// Squared output gradients on at most kImportanceSamples of the subject's calibration samples; single precision
/// is enough for a weight.
Result<RowImportance> rowImportance(const std::shared_ptr<const EngineContext>& context, const Subject& subject, const RunControl& control);
inline constexpr std::int64_t kImportanceSamples = 256;

}  // namespace core
