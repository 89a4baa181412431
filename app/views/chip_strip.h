// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Every chip's accuracy as a dot on one axis: smallest to largest, the middle nine tenths, the mean - and the yield
// above a threshold that the person drags.

#include <QWidget>

#include <vector>

namespace core {
struct ChipStatistics;
}

namespace app {

struct PlotScale;

/// The value below which `share` of the sorted values lie, straight between neighbours (Hyndman and Fan's type 7).
double percentileOf(const std::vector<double>& sorted, double share);

class ChipStrip : public QWidget {
    Q_OBJECT

public:
    explicit ChipStrip(QWidget* parent = nullptr);

    void showChips(const core::ChipStatistics& chips);
    double threshold() const { return m_threshold; }
    void setThreshold(double share);
    /// Chips at or above the threshold.
    int yieldCount() const;
    QString yieldText() const;  // "yield: 14 of 16 chips reach 95.0 %"

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
    void moveThreshold(double share);

    std::vector<double> m_sorted;
    double m_mean = 0;
    double m_threshold = 0.95;
};

}  // namespace app
