// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What each rank wins: signal over error by rank with measured points and the floor above which no rank reaches, over
// the singular spectrum whose filled part the present rank removes.

#include "app/views/rank_dial.h"

#include <QWidget>

namespace app {

struct PlotScale;

/// dB of what no rank removes; infinity where nothing is left at full rank.
double floorDecibels(const core::SurrogateReport& surrogate);

class RankPlot : public QWidget {
    Q_OBJECT

public:
    explicit RankPlot(QWidget* parent = nullptr);

    void showFigure(const RankFigure& figure);
    QPointF pointOf(int rank, double decibels) const;  // where a rank's signal over error is drawn

    QSize sizeHint() const override { return {320, 240}; }
    QSize minimumSizeHint() const override { return {160, 170}; }

signals:
    void rankPointed(int rank);  // the person clicked or dragged in the plot
    void gestureBegun();
    void gestureEnded();

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;

private:
    struct Areas {
        QRectF upper, lower;
    };
    Areas areas() const;
    PlotScale ranks() const;
    PlotScale decibels() const;
    int rankAt(double x) const;
    QString rankText(int rank) const;
    void drawCurve(QPainter& painter, const QRectF& area) const;
    void drawSpectrum(QPainter& painter, const QRectF& area) const;

    RankFigure m_figure;
    int m_lastRank = 1;            // shown: where nothing is left to win, the plot ends
    double m_low = 0, m_high = 1;  // dB shown
};

}  // namespace app
