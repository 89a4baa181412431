// SPDX-License-Identifier: Apache-2.0
#pragma once
// The parts of a plan in a few words each, for tables, tips and lists of changes.

#include "core/plan/precision_plan.h"

namespace core {

std::string rangesText(const std::vector<std::size_t>& numbers);   // ascending; "3, 7-12"

std::string text(const Treatment& treatment);         // "nf4 group:64"; clip and points only where not absmax and 1
std::string text(const WeightPlan& weights);          // "pot4 row / int4 row over rows 12:8, 2 bits flipped"
std::string text(const ActivationPlan& activations);  // "int8", "int8 percentile:99" where the range is not the usual one
std::string text(const SurrogatePlan& surrogate);     // "rank 8"
std::string text(const CorrectionPlan& correction);   // "equalized, rounded adaptively, bias corrected"
std::string text(const ArrayTreatment& array);        // "array 64x128, W4A8, 6-bit ADC, sigma 0.1"

}  // namespace core
