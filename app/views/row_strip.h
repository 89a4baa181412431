// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One stripe per row of a layer, coloured by a value or by the row's format. Sweeping over it tells which rows the hand
// passed, so that a dock can paint formats; protected rows carry a notch.

#include "app/views/colour_map.h"
#include "app/views/figure_view.h"

#include <cstdint>

namespace app {

class RowStripCanvas;

struct RowStripFigure {
    QString layer;
    /// Either a value per row, or a format per row; what is empty is not drawn.
    std::vector<float> values;  // NaN: not measured; infinity: exact
    QString valueName, unit;
    ColourMap map = ColourMap::Viridis;
    QStringList formats;
    std::vector<std::uint8_t> rowFormats;  // index into formats
    std::vector<int> order;                // the row shown at each place; empty: by index
    std::vector<int> protectedRows;
    std::vector<int> selectedRows;
    int rowCount() const;
};

/// Stripes for cards and icons: the rows' formats from left to right, neighbours merged where there are more rows than
/// pixels (the most frequent format of a pixel's rows wins).
void paintRowFormats(QPainter& painter, const QRectF& area, const QStringList& formats, const std::vector<std::uint8_t>& rowFormats,
                     const QPalette& palette);

class RowStrip : public FigureView {
    Q_OBJECT

public:
    explicit RowStrip(QWidget* parent = nullptr);

    void showRows(RowStripFigure figure);
    void clear();
    int currentRow() const;
    QString rowText(int row) const;  // "row 17: pot4, 0.031"

    NumberTable numbers() const override;

signals:
    void rowHovered(int row);                      // -1: none
    void rowsSwept(const std::vector<int>& rows);  // rows the brush passed since the last signal
    void gestureBegun();                           // what lies between is one undo step
    void gestureEnded();
    void rowActivated(int row);

private:
    RowStripCanvas* m_canvas = nullptr;
};

}  // namespace app
