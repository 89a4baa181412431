// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/waterfall_study.h"

#include <algorithm>

namespace app {

bool WaterfallStudy::hasArrays() const
{
    return std::ranges::any_of(exploration().layers(),
                               [this](const core::WeightedLayer& layer) { return exploration().treatment(layer.index).cim.has_value(); });
}

core::WaterfallRequest WaterfallStudy::request() const
{
    const EvaluationSettings& settings = exploration().settings();
    core::WaterfallRequest request;
    request.plan = exploration().plan();
    request.samples = m_samples.value_or(settings.samples > 0 ? std::min(settings.samples, kSamples) : kSamples);
    request.chips = m_chips.value_or(std::max(settings.chips, kFewestChips));
    request.seed = settings.seed;
    return request;
}

WaterfallStudy::Ask WaterfallStudy::asking() const
{
    const auto measure = exploration().source().waterfall;
    if (!measure)
        return {};
    return [measure, asked = request()](const core::RunControl& control, const Tell& tell) { return measure(asked, control, tell); };
}

}  // namespace app
