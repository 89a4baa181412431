// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The open network as the cards and edges that LayerGraphView draws: one card per node, in data order.

#include "app/exploration/exploration.h"
#include "app/models/plan_problems.h"
#include "app/views/layer_graph_view.h"

namespace app {

std::vector<LayerCard> networkCards(const Exploration& exploration);
std::vector<CardEdge> networkEdges(const core::Network& network);

} // namespace app
