// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a layer's running sums did, in words: figures a line each, and whether mixing formats pays.

#include "core/eval/sum_figures.h"
#include "core/plan/accumulator_plan.h"

#include <QString>

#include <vector>

namespace app {

struct SumLine {
    QString name, value;  // "overflow", "0.3 % of sums"
    bool operator==(const SumLine&) const = default;
};

/// Only what means something for the accumulator: safe bits of integers, recomputation of the rule.
std::vector<SumLine> sumLines(const core::SumFigures& figures, const core::AccumulatorPlan& plan);
/// "Pays: ..." or "Does not pay: ..."; empty where nothing is mixed.
QString sumVerdict(const core::SumFigures& figures, const core::AccumulatorPlan& plan);
/// The lines as a page under the layer's name.
QString sumFiguresPage(const QString& layer, const core::SumFigures& figures, const core::AccumulatorPlan& plan);
QString sumFiguresTip();

}  // namespace app
