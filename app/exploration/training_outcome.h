// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a training gave: the network with the state to go on from, and what it was worth before and after.

#include "app/exploration/evaluation_source.h"
#include "core/io/training_files.h"

namespace app {

/// The figures are top 1 on the whole test split, under the plan; none where it was stopped before there were any.
struct TrainingOutcome {
    core::TrainedNetwork trained;
    std::optional<core::Proportion> before, after;
};

}  // namespace app
