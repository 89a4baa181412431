// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The weights that take one entry of a layer's palette, in units of the scale each is stored under: what that entry's
// format is given to encode.

#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

#include <cstddef>
#include <vector>

namespace app {

/// Every weight of the layer row by row, divided by its scale; NaN where it takes another entry. Of several points the first:
/// what it leaves over is another picture.
std::vector<float> weightsInScales(const core::WeightedLayer& layer, const core::WeightPlan& orders, std::size_t entry);

/// How many rows or input channels take the entry; 0 where nothing is mixed.
std::size_t stripesOfEntry(const core::WeightPlan& orders, std::size_t entry);

} // namespace app
