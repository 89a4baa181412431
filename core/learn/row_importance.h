// SPDX-License-Identifier: Apache-2.0
#pragma once
// The row importance that loss-weighted recovery fits need, as the evaluator asks for it.

#include "core/eval/evaluator.h"

namespace core {

/// Squared output gradients on at most kImportanceSamples of the subject's calibration samples, by their labels; where there
/// are none, by the network's own answers, and for a network that reconstructs its input by its squared error.
Result<RowImportance> rowImportance(const EngineContext& context, const Subject& subject, const RunControl& control);
inline constexpr std::int64_t kImportanceSamples = 256;

}  // namespace core
