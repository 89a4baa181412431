// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The drawing and touching of a format's number line: weights above, levels below, thresholds between.

#include "app/views/format_number_line.h"

#include <QWidget>

namespace app {

struct PlotScale;

/// How many of the weights go to each level: those between its thresholds. A weight on a threshold counts to the level
/// above (for the picture; the engine's tie rule is the format's). NaN counts to none.
std::vector<std::size_t> countsPerLevel(const std::vector<float>& weights, const std::vector<float>& thresholds, std::size_t levels);

class NumberLineCanvas : public QWidget {
    Q_OBJECT

public:
    explicit NumberLineCanvas(QWidget* parent = nullptr);

    void showFigure(NumberLineFigure figure);
    void setMarker(std::optional<NumberLineMarker> marker);
    void setLogCounts(bool logarithmic);
    bool logCounts() const { return m_logCounts; }
    const NumberLineFigure& figure() const { return m_figure; }
    const std::vector<float>& levels() const { return m_levels; }
    const std::vector<std::size_t>& counts() const { return m_counts; }
    double clippedShare() const { return m_clipped; }
    QString levelText(std::size_t level) const;
    int currentLevel() const { return m_current; }
    double pixelOf(double value) const;  // x of a value in units of the scale

    QSize sizeHint() const override { return {420, 220}; }
    QSize minimumSizeHint() const override { return {180, 130}; }

signals:
    void levelHovered(int level);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    QRectF plot() const;
    PlotScale scale() const;
    int levelNear(double pixel) const;
    void point(int level);
    void drawHistogram(QPainter& painter, const QRectF& area, const PlotScale& axis) const;
    void drawLevels(QPainter& painter, const QRectF& area, const PlotScale& axis) const;
    void drawMarker(QPainter& painter, const QRectF& area, const PlotScale& axis) const;
    void drawHeading(QPainter& painter) const;

    NumberLineFigure m_figure;
    std::vector<float> m_levels, m_thresholds;
    std::vector<std::size_t> m_counts;
    double m_low = -1, m_high = 1;  // shown, in units of the scale
    double m_clipped = 0;
    int m_current = -1;
    std::optional<NumberLineMarker> m_marker;
    bool m_logCounts = false;
};

}  // namespace app
