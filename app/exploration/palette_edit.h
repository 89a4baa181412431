// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Painting: which treatment of a palette each row, or each input channel, of a layer takes. Every function gives new
// weights orders in which entries nobody takes are gone and a palette of one is uniform, as a person would write it.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

#include <optional>
#include <vector>

namespace app {

/// What a stripe stands for: an output channel (row of the weight matrix) or an input channel (group of its columns).
enum class PaletteAxis { Rows, Channels };

/// Rows, or input channels (of one group where a convolution has several).
inline int stripeCount(const core::WeightedLayer& layer, PaletteAxis axis)
{
    return axis == PaletteAxis::Rows ? layer.rows : layer.channels();
}

/// The palette entry of each stripe; nothing where the orders are mixed along the other axis.
std::optional<std::vector<std::uint8_t>> choicesAlong(const core::WeightPlan& weights, PaletteAxis axis, int stripes);

/// The orders in which the stripes named in `painted` take `treatment`, out of `stripes` along `axis`. A mixture along the
/// other axis gives way: stripes that are not painted then take the entry that was taken most. Flipped bits stay as they
/// are; see withoutLostFlips.
core::WeightPlan withPaint(const core::WeightPlan& weights, PaletteAxis axis, int stripes, const std::vector<int>& painted,
                           const core::Treatment& treatment);

/// The orders in which whatever was treated as `before` is treated as `after`.
core::WeightPlan withExchange(const core::WeightPlan& weights, const core::Treatment& before, const core::Treatment& after);

/// The treatment of one weight: its row's, its input channel's, or everybody's.
const core::Treatment& treatmentAt(const core::WeightPlan& weights, int row, int channel);

/// The orders without flipped bits that their codes do not have (any more).
core::WeightPlan withoutLostFlips(const core::WeightPlan& weights, int columnsPerChannel);

} // namespace app
