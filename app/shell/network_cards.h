// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The open network as the cards and edges that LayerGraphView draws: one card per node, in data order.

#include "app/exploration/sensitivity_study.h"
#include "app/models/plan_problems.h"
#include "app/views/layer_graph_view.h"

namespace app {

/// `before`: an older report whose layer errors stand in, marked as old, until the newest report has its own; may be null.
std::vector<LayerCard> networkCards(const Exploration& exploration, const core::ReportPtr& before = nullptr);
/// Whether a report has measured any layer's error; early estimates have not.
bool hasLayerErrors(const core::ReportPtr& report);
/// Writes the measured figures of this metric on the cards; what is not measured stays empty.
void showSensitivity(std::vector<LayerCard>& cards, const Exploration& exploration, const LayerSensitivities& found,
                     SensitivityMetric metric);
/// What a metric measures, as people say it: "1 first order", its source and formula, its unit for this loss.
struct MetricWords {
    QString name, tip, unit;
};
MetricWords wordsOf(SensitivityMetric metric, std::optional<core::LossTarget> loss = {});
std::vector<CardEdge> networkEdges(const core::Network& network);

} // namespace app
