// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How the error of running sums grows from product to product, beside the bound on it, both in even ratios.

#include "app/views/figure_view.h"

#include <vector>

namespace app {

struct SumErrorFigure {
    QString layer, rule;        // "fc1", "e4m3 in blocks of 8"
    std::vector<int> products;  // summed so far, ascending
    std::vector<float> error;   // root mean square over sums, relative to sum |w x|
    std::vector<float> bound;   // likewise; infinite where it says nothing
    bool isOld = false;
};

class SumErrorPlot;

class SumErrorView : public FigureView {
    Q_OBJECT
public:
    explicit SumErrorView(QWidget* parent = nullptr);

    void showFigure(SumErrorFigure figure);
    const SumErrorFigure& figure() const { return m_figure; }
    /// The first number of products from which the bound says nothing; 0: none.
    int vacuousFrom() const;
    QPointF pointOf(int products, double error) const;  // where it is drawn, in the picture

    NumberTable numbers() const override;

private:
    SumErrorPlot* m_plot = nullptr;
    SumErrorFigure m_figure;
};

}  // namespace app
