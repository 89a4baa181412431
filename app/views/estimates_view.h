// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Time and room by the ledger that makes the bill: how long each layer takes on the technology's device and what it waits
// for, what area it asks for, what a shift-and-multiplier machine and packed vector words would make of the plan.

#include "app/views/figure_view.h"
#include "core/energy/estimates.h"

class QLabel;

namespace app {

class ValueBars;

struct EstimatesFigure {
    core::Estimates estimates;
    QStringList layerNames;  // by LayerIndex
};

class EstimatesView : public FigureView {
    Q_OBJECT

public:
    explicit EstimatesView(QWidget* parent = nullptr);

    void showEstimates(EstimatesFigure figure);
    void clear();
    void setSelectedLayers(const std::vector<core::LayerIndex>& layers);

    NumberTable numbers() const override;

signals:
    void layerSelected(core::LayerIndex layer);

private:
    QString nameOf(core::LayerIndex layer) const;

    QLabel *m_time = nullptr, *m_device = nullptr;
    ValueBars* m_bars = nullptr;
    EstimatesFigure m_figure;
};

QString timeText(core::Seconds time);  // "12.3 µs"

}  // namespace app
