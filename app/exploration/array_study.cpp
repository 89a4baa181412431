// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/array_study.h"

#include <algorithm>

namespace app {

core::LayerIndex shownArrayLayer(const Exploration& exploration)
{
    const core::LayerIndex current = exploration.currentLayer();
    const Selection selection = exploration.selection();
    if (!current.isValid() || selection.current.isValid() || !selection.layers.empty() || exploration.treatment(current).cim)
        return current;
    const auto first =
        std::ranges::find_if(exploration.layers(), [&](const auto& layer) { return exploration.treatment(layer.index).cim.has_value(); });
    return first == exploration.layers().end() ? current : first->index;
}

void ArrayStudy::setTile(std::int64_t tile)
{
    m_tile = std::max<std::int64_t>(0, tile);
    look();
}

std::optional<ArrayQuestion> ArrayStudy::question() const
{
    const core::LayerIndex layer = shownArrayLayer(exploration());
    if (!exploration().isOpen() || !layer.isValid())
        return {};
    const core::LayerTreatment treatment = exploration().treatment(layer);
    if (!treatment.cim)
        return {};
    return ArrayQuestion{exploration().source().layers, layer, m_tile, exploration().settings().seed, treatment};
}

ArrayStudy::Ask ArrayStudy::asking(const ArrayQuestion& question) const
{
    const auto probe = exploration().source().arrayAt;
    if (!probe)
        return {};
    return [probe, question, plan = exploration().plan()](const core::RunControl& control) {
        return probe(plan, question.layer, question.tile, question.seed, control);
    };
}

}  // namespace app
