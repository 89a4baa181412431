// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a person has picked, shared by every dock: a value with one change signal (Exploration::selectionChanged).

#include "core/base/index.h"

#include <algorithm>
#include <optional>
#include <vector>

namespace app {

/// One weight of the current layer.
struct WeightPlace {
    int row = 0, column = 0;
    bool operator==(const WeightPlace&) const = default;
};

struct Selection {
    std::vector<core::LayerIndex> layers; // ascending; empty: edits go to every layer
    core::LayerIndex current;             // the one whose details are shown; invalid: the first selected, or the first
    core::SampleIndex sample;             // in the split; invalid: none
    std::optional<WeightPlace> weight;    // the one under the microscope; empty: none was picked

    bool contains(core::LayerIndex layer) const { return std::ranges::binary_search(layers, layer); }
    bool operator==(const Selection&) const = default;
};

} // namespace app
