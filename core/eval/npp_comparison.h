// SPDX-License-Identifier: Apache-2.0
#pragma once
// A network's own efficiency beside the published headline of 464 TOPS/W and our model of it (core/engine/recovery_model.h),
// and what the difference is made of.

#include "core/engine/recovery_model.h"
#include "core/eval/report.h"

namespace core {

/// The bill without some of its parts: each step leaves out one more, the dearest first.
struct EfficiencyStep {
    std::string words;           // "without memory", "and without recovery"
    double topsPerWatt = 0;      // infinity: nothing is left to pay
};

struct NppComparison {
    double published = kPublishedNppTopsPerWatt;
    double model = 0;            // 512 x 512, rank 8
    double modelHere = 0;        // the same two prices on this network's layers and ranks; layers without a path cost the main path alone
    double own = 0;              // as billed
    EnergyRange ownRange;        // of the bill
    std::vector<EfficiencyStep> steps;
    std::string reason;          // in words, the dearest part first
};

/// A report without a bill compares nothing.
std::optional<NppComparison> compareWithNpp(const Report& report);

/// What a layer's recovery path alone allows, however cheap the main path is: 2 operations a main MAC over the path's energy.
/// Nothing without a path.
std::optional<double> rankCeilingOf(const LayerReport& layer, const EnergyBill& bill);

}  // namespace core
