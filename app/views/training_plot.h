// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The picture of a training chart: dots on a line are samples learned from, squares on dashes those kept back, and an upright
// line is the epoch that is kept.

#include "app/views/training_chart.h"

#include <array>

namespace app {

struct PlotScale;

class TrainingPlot : public QWidget {
    Q_OBJECT
public:
    enum class Quantity { Loss, Accuracy };
    enum class Samples { Learned, KeptBack };

    explicit TrainingPlot(QWidget* parent = nullptr);

    void showFigure(const TrainingFigure& figure);
    /// The colour of a curve, and where an epoch's value (loss in nats, accuracy in percent) is drawn.
    QColor colourOf(Samples samples) const;
    QPointF pointOf(Quantity quantity, double epoch, double value) const;

    QSize sizeHint() const override { return {260, 140}; }
    QSize minimumSizeHint() const override { return {120, 90}; }

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    struct Range {
        double low = 0, high = 1;
    };
    std::vector<Quantity> shown() const;  // accuracy only where the loss is a classification's
    QRectF area(Quantity quantity) const;
    PlotScale epochs(Quantity quantity) const;
    PlotScale values(Quantity quantity) const;
    void drawQuantity(QPainter& painter, Quantity quantity) const;
    void drawCurve(QPainter& painter, Quantity quantity, Samples samples) const;
    QString title(Quantity quantity) const;
    double leftOf(Quantity quantity) const;  // where its part of the picture begins
    void drawLegend(QPainter& painter, Quantity quantity) const;
    void drawKept(QPainter& painter, Quantity quantity) const;
    const Range& range(Quantity quantity) const { return m_ranges[quantity == Quantity::Loss ? 0 : 1]; }

    TrainingFigure m_figure;
    std::array<Range, 2> m_ranges;  // loss, accuracy in percent
};

/// The value of an epoch, where it has one: the start has no loss of samples learned from.
std::optional<double> valueOf(const core::EpochReport& epoch, TrainingPlot::Quantity quantity, TrainingPlot::Samples samples);

}  // namespace app
