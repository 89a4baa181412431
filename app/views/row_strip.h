// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One stripe per row (or input channel) of one or several layers, coloured by a value or by its format. Sweeping over it
// tells which stripes the hand passed, so that a dock can paint formats; protected ones carry a notch.

#include "app/views/colour_map.h"
#include "app/views/figure_view.h"

#include <cstdint>
#include <optional>

namespace app {

class RowStripCanvas;

struct RowStripFigure {
    QString layer;
    /// Either a value per row, or a format per row; what is empty is not drawn.
    std::vector<float> values;  // NaN: not measured; infinity: exact
    QString valueName, unit;
    ColourMap map = ColourMap::Viridis;
    std::optional<ColourRange> range = {};  // of the values; empty: from the smallest to the largest
    QStringList formats;
    QStringList labels;                    // what a format is called in words: "int4 group:64"; empty: its name
    std::vector<std::uint8_t> rowFormats;  // index into formats
    std::vector<int> order;                // the row shown at each place; empty: by index
    std::vector<int> protectedRows;
    std::vector<int> selectedRows;
    /// Where the rows of each layer begin, ascending from 0; empty: one layer. Rows are then told by their layer's count.
    struct Section {
        QString layer;
        int first = 0;
    };
    std::vector<Section> sections;
    QString stripeName;   // "channel"; empty: "row"
    bool wraps = false;   // as many lines as stripes need to be touched, and no legend: the dock has its own
    int rowCount() const;
    QString formatWords(int row) const;
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
    QString rowText(int row) const;  // "row 17: pot4, 0.031", "conv2, row 17: pot4"

    NumberTable numbers() const override;

signals:
    void rowHovered(int row);                      // -1: none
    void rowsSwept(const std::vector<int>& rows);  // rows the brush passed since the last signal; with Shift a whole range
    void gestureBegun();                           // what lies between is one undo step
    void gestureEnded();
    void rowActivated(int row);
    void digitTyped(int digit);                    // 1 ... 9: people number what they paint with

private:
    RowStripCanvas* m_canvas = nullptr;
};

}  // namespace app
