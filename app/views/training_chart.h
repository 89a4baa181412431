// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// How a training goes: loss and accuracy over epochs, of the samples learned from and of those kept back, with the epoch
// whose weights are kept. Side by side in a wide place, else one over the other.

#include "app/views/figure_view.h"
#include "core/learn/training.h"

namespace app {

class TrainingPlot;

struct TrainingFigure {
    std::vector<core::EpochReport> history;  // from epoch 0
    int epochs = 1;                          // asked for: the axis reaches this far
    bool isRunning = false;
};

/// The best epoch so far; nothing before the first.
std::optional<int> keptEpoch(const std::vector<core::EpochReport>& history);

class TrainingChart : public FigureView {
    Q_OBJECT
public:
    explicit TrainingChart(QWidget* parent = nullptr);

    /// Any number of times a frame; it is drawn once.
    void showFigure(const TrainingFigure& figure);
    const TrainingFigure& figure() const { return m_figure; }
    NumberTable numbers() const override;

private:
    TrainingFigure m_figure;
    TrainingPlot* m_plot = nullptr;
};

}  // namespace app
