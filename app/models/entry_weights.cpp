// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/entry_weights.h"

#include "app/models/weight_specimen.h"
#include "core/formats/weight_parts.h"

#include <algorithm>
#include <limits>

namespace app {

std::vector<float> weightsInScales(const core::WeightedLayer& layer, const core::WeightPlan& orders, std::size_t entry)
{
    std::vector<core::Treatment> palette = orders.palette;
    for (core::Treatment& treatment : palette)
        treatment.points = 1;
    const core::PaletteChoices choices = choicesOf(layer, orders);
    const core::QuantizedMatrix quantized = core::quantizeWeights(layer.weights, palette, choices);
    std::vector<float> weights(static_cast<std::size_t>(layer.weights.size()), std::numeric_limits<float>::quiet_NaN());
    for (const core::WeightPart& part : core::weightParts(palette, choices, layer.weights.rows(), layer.weights.cols()).parts)
        for (std::size_t row = 0; row < part.rows.size(); ++row) {
            if (part.entries[row] != entry)
                continue;
            for (std::size_t column = 0; column < part.columns.size(); ++column) {
                const Eigen::Index at = part.rows[row] * layer.weights.cols() + part.columns[column];
                weights[static_cast<std::size_t>(at)] = layer.weights.data()[at] / quantized.scales[part.scaleOf(palette, row, column)];
            }
        }
    return weights;
}

std::size_t stripesOfEntry(const core::WeightPlan& orders, std::size_t entry)
{
    const auto& choices = orders.rows.empty() ? orders.channels : orders.rows;
    return static_cast<std::size_t>(std::ranges::count(choices, static_cast<std::uint8_t>(entry)));
}

} // namespace app
