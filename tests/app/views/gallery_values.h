// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plausible values for the widget gallery and for widget tests: invented here, seeded, and never part of the instrument.

#include "app/views/accuracy_view.h"
#include "app/views/energy_view.h"
#include "app/views/format_number_line.h"
#include "app/views/heat_map_view.h"
#include "app/views/layer_graph_view.h"
#include "app/views/rank_dial.h"
#include "app/views/row_strip.h"
#include "app/views/sample_grid.h"

#include <QPalette>

namespace test {

QPalette lightPalette();
QPalette darkPalette();

/// `successes` of `trials` with a partial mark where samples < requested.
app::AccuracyFigure estimateAt(std::int64_t samples, std::int64_t requested, double accuracy, double reference);
/// Estimates after 32, 64, ... samples that wander around `accuracy` by a fixed seed.
std::vector<app::AccuracyFigure> convergingRun(std::int64_t samples, std::int64_t requested, double accuracy, double reference);
core::ChipStatistics chipsAround(double mean, double spread, int count);

/// A small residual network's cards: 14 nodes, 8 with weights, two skipping edges, one problem.
std::vector<app::LayerCard> residualCards();
std::vector<app::CardEdge> residualEdges();
/// Layers x (local, propagated, flipped share); one cell not measured, one exact.
app::HeatMap layerErrorMap();
app::EnergyFigure residualBill();
/// Weights like a trained layer's, one scale a row, in units of the scale.
app::NumberLineFigure numberLine(const char* format);
/// A spectrum that falls by `decay` per rank above a floor that holds `floorShare` of the squared error.
app::RankFigure rankFigure(int rank, int maximumRank, double decay, double floorShare);
app::RowStripFigure rowFormats(int rows);
std::vector<app::SampleCard> sampleCards(int count);
/// A stroke on a dark square, different for each sample.
core::Tensor strokeSample(int sample);

}  // namespace test
