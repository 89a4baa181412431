// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The real opener: bundled names and files through core/io, scored by core/eval.

#include "app/exploration/evaluation_source.h"

namespace app {

/// What a name or path stands for. Decided by its ending, by what a folder holds, and by the bundled names.
enum class ThingKind { Network, Dataset, Plan };
ThingKind kindOf(const std::string& nameOrPath);

/// Opens what is asked for. A network alone brings the dataset its manifest names. A plan's layers and its
/// orders for weights must fit the network; what else is wrong with it is for its fields to show. A plan that cannot be taken does
/// not keep a network and a dataset from opening.
core::Result<Opened> openFromLibrary(const OpenRequest& request, const core::RunControl& control);

} // namespace app
