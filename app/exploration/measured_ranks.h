// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What each rank of a layer's recovery path was measured to reach, collected as a person turns the dial. Figures count
// only for the treatment they were measured under, the rank aside.

#include "core/eval/report.h"
#include "core/network/weighted_layer.h"

#include <map>
#include <string>
#include <vector>

namespace app {

class MeasuredRanks {
public:
    void clear() { m_byLayer.clear(); }
    /// Takes the local figures of a report that is of this plan.
    void learn(const std::vector<core::WeightedLayer>& layers, const core::PrecisionPlan& plan, const core::Report& report);
    /// Rank and local signal over error in dB, by rising rank.
    std::map<int, double> of(const std::string& layer, core::LayerTreatment treatment) const;

private:
    struct Series {
        core::LayerTreatment treatment; // rank 0
        std::map<int, double> byRank;
    };
    static constexpr std::size_t kKept = 8; // treatments per layer; the oldest goes

    std::map<std::string, std::vector<Series>> m_byLayer;
};

} // namespace app
