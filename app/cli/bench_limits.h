// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a measured figure could be at most on this machine: the weighted layers of a network as bare oneDNN primitives, with
// nothing between them - no activations, no conversions, no memory of other layers.

#include "app/cli/bench_figures.h"

namespace app {

enum class LimitNumbers {
    Float32, // f32 products
    Bytes,   // u8 inputs, s8 weights, u8 results: the widest integer instructions there are
};

/// One run is one batch through all weighted layers, so large layers count as much as they take. A problem where the library has no
/// kernel of its own for these numbers on this machine.
core::Result<Workload> bareProducts(const std::string& network, LimitNumbers numbers);

}  // namespace app
