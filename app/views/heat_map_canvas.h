// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The drawing and touching of a heat map: labels, cells, scale, the frame around the chosen cell.

#include "app/views/heat_map_view.h"

#include <QPoint>
#include <QWidget>

namespace app {

class HeatMapCanvas : public QWidget {
    Q_OBJECT

public:
    explicit HeatMapCanvas(QWidget* parent = nullptr);

    void showMap(HeatMap map);
    const HeatMap& map() const { return m_map; }
    const ColourRange& range() const { return m_range; }
    void select(int row, int column);
    int selectedRow() const { return m_row; }
    int selectedColumn() const { return m_column; }
    QString cellText(int row, int column) const;
    QString valueText(float value) const;
    /// The cell under a point, as (column, row); (-1, -1) outside.
    QPoint cellAt(QPointF position) const;
    /// Where a cell is drawn.
    QRectF cellRect(int row, int column) const;

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void cellHovered(int row, int column);
    void cellSelected(int row, int column);
    void cellActivated(int row, int column);

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;
    void resizeEvent(QResizeEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;
    void leaveEvent(QEvent* event) override;

private:
    int rows() const { return static_cast<int>(m_map.values.rows()); }
    int columns() const { return static_cast<int>(m_map.values.cols()); }
    QString rowLabel(int row) const;
    QString columnLabel(int column) const;
    void arrange();
    void drawLabels(QPainter& painter) const;
    void drawNumbers(QPainter& painter) const;
    void drawScale(QPainter& painter) const;
    void drawPoolingNote(QPainter& painter, const QRectF& room) const;  // where a pixel stands for several cells
    void choose(int row, int column);

    HeatMap m_map;
    ColourRange m_range;
    bool m_hasMissing = false, m_hasExact = false;
    QImage m_image;               // the cells, made when size or values change
    QRectF m_cells;               // where they lie
    bool m_uprightLabels = true;  // column labels fit side by side
    int m_row = -1, m_column = -1;
    QPoint m_hovered{-1, -1};
};

}  // namespace app
