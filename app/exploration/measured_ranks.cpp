// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/measured_ranks.h"

#include <algorithm>
#include <cmath>

namespace app {
namespace {

/// The rank goes out of the treatment, and its absence counts as rank 0 of the usual recovery path.
int takeRank(core::LayerTreatment& treatment)
{
    if (!treatment.surrogate)
        treatment.surrogate = core::SurrogatePlan{};
    else if (treatment.surrogate->rank > 0)
        return std::exchange(treatment.surrogate->rank, 0);
    treatment.surrogate->rank = 0;
    return 0;
}

} // namespace

void MeasuredRanks::learn(const std::vector<core::WeightedLayer>& layers, const core::PrecisionPlan& plan, const core::Report& report)
{
    for (std::size_t index = 0; index < std::min(layers.size(), report.layers.size()); ++index) {
        const auto& figure = report.layers[index].sqnrDecibels;
        if (!figure || !std::isfinite(*figure))
            continue;
        core::LayerTreatment treatment = core::resolve(plan, layers[index].name);
        const int rank = takeRank(treatment);
        std::vector<Series>& kept = m_byLayer[layers[index].name];
        auto series = std::ranges::find(kept, treatment, &Series::treatment);
        if (series == kept.end()) {
            if (kept.size() == kKept)
                kept.erase(kept.begin());
            series = kept.insert(kept.end(), Series{treatment, {}});
        }
        series->byRank[rank] = *figure;
    }
}

std::map<int, double> MeasuredRanks::of(const std::string& layer, core::LayerTreatment treatment) const
{
    takeRank(treatment);
    const auto kept = m_byLayer.find(layer);
    if (kept == m_byLayer.end())
        return {};
    const auto series = std::ranges::find(kept->second, treatment, &Series::treatment);
    return series == kept->second.end() ? std::map<int, double>{} : series->byRank;
}

} // namespace app
