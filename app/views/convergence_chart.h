// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The running estimate over the samples scored so far, its 95 % band closing around it, the reference as a line and the
// run before in pale. A run of one estimate is a point with its 95 % interval. Of several chips the mean and the band that
// holds nine tenths of them; the first chip, counted at the same samples, is a thin line. Points are drawn once per frame.

#include "app/views/accuracy_view.h"

#include <QChartView>
#include <QPointF>

#include <optional>

class QAreaSeries;
class QLineSeries;
class QLogValueAxis;
class QTimer;
class QValueAxis;

namespace app {

class ConvergenceChart : public QChartView {
    Q_OBJECT

public:
    explicit ConvergenceChart(QWidget* parent = nullptr);

    void addEstimate(const AccuracyFigure& figure);
    /// The present curve becomes the pale one; the next estimate starts a new one.
    void beginRun();
    void clear();
    void setSampleAxis(AccuracyView::SampleAxis axis);
    int pointCount() const { return static_cast<int>(m_estimate.size()); }

    QSize minimumSizeHint() const override { return {180, 140}; }
    QSize sizeHint() const override { return {420, 260}; }

protected:
    void changeEvent(QEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void drawForeground(QPainter* painter, const QRectF& rect) override;

private:
    void forgetFan();
    bool hasFan() const { return !m_fanMean.isEmpty(); }
    bool isLone() const { return (hasFan() ? m_fanMean : m_estimate).size() == 1; }
    void draw();
    void fitAxes();
    void fitSamples();
    void style();

    QList<QPointF> m_estimate, m_low, m_high, m_before;  // x samples, y percent
    QList<QPointF> m_fanMean, m_fanLow, m_fanHigh;       // the same over chips
    QList<QPointF> m_fanFirst;                           // the first chip at the fan's samples
    std::optional<double> m_reference;                   // percent
    double m_requested = 0;

    QLineSeries* m_estimateLine = nullptr;
    QLineSeries* m_lowLine = nullptr;
    QLineSeries* m_highLine = nullptr;
    QAreaSeries* m_band = nullptr;
    QLineSeries* m_fanLine = nullptr;
    QLineSeries* m_fanLowLine = nullptr;
    QLineSeries* m_fanHighLine = nullptr;
    QAreaSeries* m_fanBand = nullptr;
    QLineSeries* m_beforeLine = nullptr;
    QLineSeries* m_referenceLine = nullptr;
    QValueAxis* m_linear = nullptr;
    QLogValueAxis* m_logarithmic = nullptr;
    QValueAxis* m_accuracy = nullptr;
    AccuracyView::SampleAxis m_axis = AccuracyView::SampleAxis::Logarithmic;
    QTimer* m_frame = nullptr;
};

}  // namespace app
