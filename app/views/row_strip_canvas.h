// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The drawing and touching of a row strip: stripes side by side, a brush that sweeps, marks below.

#include "app/views/row_strip.h"

#include <QWidget>

namespace app {

class RowStripCanvas : public QWidget {
    Q_OBJECT

public:
    explicit RowStripCanvas(QWidget* parent = nullptr);

    void showRows(RowStripFigure figure);
    const RowStripFigure& figure() const { return m_figure; }
    int currentRow() const;
    QString rowText(int row) const;
    QRectF strip() const;
    /// Lines of stripes under one another; one where the figure does not wrap or all stripes are wide enough to touch.
    int lineCount() const;
    QRectF placeRect(int place) const;
    int placeAt(QPointF point) const;  // clamped to the places there are

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

signals:
    void rowHovered(int row);
    void rowsSwept(const std::vector<int>& rows);
    void gestureBegun();
    void gestureEnded();
    void rowActivated(int row);
    void digitTyped(int digit);

protected:
    void paintEvent(QPaintEvent* event) override;
    void mousePressEvent(QMouseEvent* event) override;
    void mouseMoveEvent(QMouseEvent* event) override;
    void mouseReleaseEvent(QMouseEvent* event) override;
    void mouseDoubleClickEvent(QMouseEvent* event) override;
    void leaveEvent(QEvent* event) override;
    void keyPressEvent(QKeyEvent* event) override;

private:
    int rowAtPlace(int place) const;
    int placesPerLine() const;
    QRectF lineRect(int line) const;
    void sweepTo(int place);
    void moveTo(int place);
    void touch(bool range);
    void drawFormats(QPainter& painter) const;
    void drawEntryNumbers(QPainter& painter, const QRectF& area, int firstPlace, const std::vector<std::uint8_t>& choices) const;
    void drawValueBars(QPainter& painter, const QRectF& room, int firstPlace, int places) const;
    void drawValues(QPainter& painter) const;
    void drawSections(QPainter& painter) const;
    void drawMarks(QPainter& painter) const;
    void drawLegend(QPainter& painter) const;

    RowStripFigure m_figure;
    ColourRange m_range;
    int m_place = -1;    // of the current row
    int m_swept = -1;    // last place the brush passed; -1: no sweep under way
    int m_touched = -1;  // where the last touch was: a range starts there
};

}  // namespace app
