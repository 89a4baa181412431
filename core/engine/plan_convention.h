// SPDX-License-Identifier: Apache-2.0
#pragma once
// The convention a plan's TOPS/W stands under: how many bits its operations have on average.

#include "core/energy/conventions.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

namespace core {

/// 2 operations a MAC, with memory. weightBits x activationBits is the mean product of widths over all main-path MACs, and
/// weightBits the mean width of weights: storage widths, a palette by the share of its rows or channels; an array's own bits.
EfficiencyConvention conventionOf(const PrecisionPlan& plan, const std::vector<WeightedLayer>& layers);

}  // namespace core
