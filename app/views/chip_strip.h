// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Every chip's accuracy as a dot on one axis, which the chips alone decide: smallest to largest, the middle nine tenths, the
// mean - and the yield above a threshold that the person drags; one beyond the axis is pinned to its edge.

#include "core/eval/chip_statistics.h"

#include <QWidget>

#include <vector>

namespace app {

struct PlotScale;

class ChipStrip : public QWidget {
    Q_OBJECT

public:
    explicit ChipStrip(QWidget* parent = nullptr);

    void showChips(const core::ChipStatistics& chips);
    double threshold() const { return m_threshold; }
    void setThreshold(double share);
    /// Chips at or above the threshold.
    int yieldCount() const;
    QString yieldText() const;  // "yield 88 % (95 % interval 64 – 97 %): 14 of 16 chips reach 95.0 % accuracy"
    /// Where the threshold's mark is drawn: on the axis, or at the edge that it lies beyond.
    double thresholdPlace() const;
    bool isThresholdBeyond() const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void thresholdChanged(double share);  // by the person

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    PlotScale scale() const;
    QRectF plot() const;
    void drawThreshold(QPainter& painter, const QRectF& area) const;
    void drawLegend(QPainter& painter, const QRectF& line) const;
    void moveThreshold(double share);

    core::ChipStatistics m_chips;
    std::vector<double> m_sorted;
    double m_threshold = 0.95;
};

}  // namespace app
