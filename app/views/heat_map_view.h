// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Any matrix as a picture: layers x measures, rows x samples, a confusion matrix. What was not measured is hatched, what
// has no error carries an infinity sign, and the scale always shows its ends.

#include "app/views/colour_map.h"
#include "app/views/figure_view.h"
#include "core/base/matrix.h"

#include <optional>
#include <vector>

class QScrollArea;

namespace app {

class HeatMapCanvas;

/// One cell of `cell` pixels per element, row 0 on top. NaN is hatched and infinity signed where a cell is at least
/// 5 x 5 pixels; smaller ones show their two colours only.
QImage heatMapImage(const core::RowMatrix& values, ColourMap map, const ColourRange& range, QSize cell = {1, 1});

enum class Pooling { Mean, Largest };  // what stands for several cells where there are more than pixels

/// Means (or largest values) of blocks, so that no more than `rows` x `columns` remain; NaN only where all of a block is NaN.
core::RowMatrix pooled(const core::RowMatrix& values, int rows, int columns, Pooling pooling = Pooling::Mean);

struct HeatMap {
    core::RowMatrix values;                // NaN: not measured; +infinity: exact
    QStringList rowLabels, columnLabels;   // empty: their numbers
    QString title, rowTitle, columnTitle;  // "layer", "sample"
    QString unit;                          // "dB", "%"; of the values
    ColourMap map = ColourMap::Viridis;
    std::optional<ColourRange> range;  // empty: from the smallest to the largest finite value
    int decimals = 1;
    Pooling pooling = Pooling::Mean;  // Largest: what is rare must be seen
    struct Step {
        float value;
        QString word;
    };
    std::vector<Step> steps = {};  // all values there can be, by name: a legend takes the place of the scale
};

class HeatMapView : public FigureView {
    Q_OBJECT

public:
    explicit HeatMapView(QWidget* parent = nullptr);

    void showMap(HeatMap map);
    void clear();
    const HeatMap& map() const;

    /// The cell with the frame around it; row -1: none.
    void select(int row, int column);
    int selectedRow() const;
    int selectedColumn() const;
    /// "conv1, propagated: 31.4 dB", "fc2, local: exact", "not measured".
    QString cellText(int row, int column) const;

    NumberTable numbers() const override;

signals:
    void cellHovered(int row, int column);
    void cellSelected(int row, int column);   // by click or arrow key
    void cellActivated(int row, int column);  // by double click or Enter

private:
    HeatMapCanvas* m_canvas = nullptr;
    QScrollArea* m_scroll = nullptr;
};

}  // namespace app
