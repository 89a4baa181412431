// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The accuracy: one large figure with its 95 % interval and difference to the reference, the running estimate
// converging below it, and a strip of chips where there are several.

#include "app/models/number_text.h"
#include "app/views/figure_view.h"
#include "core/eval/chip_fan.h"
#include "core/eval/mean_accuracy.h"
#include "core/eval/report.h"

#include <optional>

namespace app {

class AccuracyFigureLabel;
class ChipStrip;
class ConvergenceChart;

/// What one estimate says; made from a report by accuracyFigure.
struct AccuracyFigure {
    core::Proportion top1;       // of the first chip
    core::Proportion reference;  // no trials: no reference
    std::int64_t samples = 0, requested = 0;
    bool partial = false;
    core::ChipStatistics chips;
    std::vector<core::FanPoint> fan = {};                                   // of several chips; empty: not known yet
    std::optional<core::PairedDifference> toReference = {}, toBefore = {};  // this plan minus the reference, minus the plan before
    std::optional<core::MeanAccuracy> ofChips = {};                         // the mean of several chips with its interval
    std::vector<core::Proportion> path = {};  // of a single chip: how its settled answers came to where they are
};
/// `before`: the report of the plan before, if there is one that can be compared.
AccuracyFigure accuracyFigure(const core::Report& report, const core::Report* before = nullptr);

class AccuracyView : public FigureView {
    Q_OBJECT

public:
    enum class SampleAxis { Linear, Logarithmic };

    explicit AccuracyView(QWidget* parent = nullptr);

    /// A new question was asked: the curve so far becomes the pale one behind the next.
    void beginRun();
    /// One more estimate of the present run. Fewer samples than before begin a new run by themselves.
    void showEstimate(const AccuracyFigure& figure);
    void clear();

    void setSampleAxis(SampleAxis axis);
    SampleAxis sampleAxis() const { return m_axis; }
    double yieldThreshold() const;
    void setYieldThreshold(double share);

    NumberTable numbers() const override;

signals:
    void yieldThresholdChanged(double share);

private:
    AccuracyFigureLabel* m_label = nullptr;
    ConvergenceChart* m_chart = nullptr;
    ChipStrip* m_chips = nullptr;
    std::vector<AccuracyFigure> m_run;
    SampleAxis m_axis = SampleAxis::Logarithmic;
};

}  // namespace app
