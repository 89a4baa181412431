// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Accuracy against cost of running sums: the low format and the high one as the ends, tolerances and fixed shares of rows
// between, each with its interval; and where mixing costs more than the high format throughout.

#include "app/exploration/sum_cost_study.h"
#include "app/views/figure_view.h"

namespace app {

struct SumCostFigure {
    std::shared_ptr<const SumCosts> costs;  // null: nothing to show
    QString low, high;                      // "e4m3ieee", "fp16"
    bool isOld = false;
};

class SumCostPlot;

class SumCostView : public FigureView {
    Q_OBJECT
public:
    /// What ways are compared by: right answers, or signal over error of the network's output, which tells them apart on few samples.
    enum class Measure { Accuracy, Output };

    explicit SumCostView(QWidget* parent = nullptr);

    void showFigure(SumCostFigure figure);
    void setMeasure(Measure measure);
    Measure measure() const { return m_measure; }
    double heightOf(const SumCost& way) const;  // on the measure's axis, % or dB
    const SumCostFigure& figure() const { return m_figure; }
    const std::vector<SumCost>& ways() const;
    QPointF pointOf(const SumCost& way) const;         // where it is drawn, in the picture
    QString wayName(const SumCost& way) const;         // "fp16 throughout", "tolerance 0.1", "40 % of the rows"
    QString wayText(const SumCost& way) const;         // with its figures
    QString differenceText(const SumCost& way) const;  // "−0.2 points to fp16 (95 %: −1.1 to +0.7)"; empty: not compared
    QRectF namePlace(const SumCost& way) const;        // where its name is drawn, in the picture; empty: there was no room

    NumberTable numbers() const override;

signals:
    void wayChosen(const app::SumCost& way);  // by double click or Enter

private:
    SumCostPlot* m_plot = nullptr;
    SumCostFigure m_figure;
    Measure m_measure = Measure::Accuracy;
};

}  // namespace app
