// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a person has picked, shared by every dock: a value with one change signal (Exploration::selectionChanged).

#include "core/base/index.h"

#include <algorithm>
#include <vector>

namespace app {

struct Selection {
    std::vector<core::LayerIndex> layers; // ascending; empty: edits go to every layer
    core::LayerIndex current;             // the one whose details are shown; invalid: the first selected, or the first
    core::SampleIndex sample;             // in the split; invalid: none

    bool contains(core::LayerIndex layer) const { return std::ranges::binary_search(layers, layer); }
    bool operator==(const Selection&) const = default;
};

} // namespace app
