// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a report knows of a compiled network beside any sample: its layers, the energy bill, estimates of time and area.

#include "core/engine/polarized_network.h"
#include "core/eval/report.h"

namespace core {

/// One entry a layer: shape, what is in force there in words, stored bits, the recovery path's report.
void listLayers(Report& report, const EngineContext& context, const PolarizedNetwork& network);

/// Fills in energy and estimates from `report.layers`, which listLayers() made. How much a dynamic mixed accumulator takes
/// again is known once sums are measured (LayerReport::sums) and counts as nothing until then: call it again then.
/// A table that lacks a price is a problem.
Result<void> keepAccounts(Report& report, const EngineContext& context, const PolarizedNetwork& network, const PriceTable& technology);

}  // namespace core
