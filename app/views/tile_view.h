// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The cells of one tile as a picture: rows are its inputs, columns its outputs, colour what a cell conducts; one plane of
// cells at a time, or both sides' difference.

#include "app/views/colour_map.h"
#include "app/views/figure_view.h"

#include "core/eval/array_view.h"

#include <memory>

namespace app {

struct TileFigure {
    QString layer;
    std::shared_ptr<const core::ArrayView> view;   // null: nothing to show
    int plane = 0;
    bool isOld = false;
};

/// "bit 2 +", "bits 0-2 -", "sign bit".
QString tilePlaneName(const core::TilePlane& plane, bool hasSides);

class TileCanvas;

class TileView : public FigureView {
    Q_OBJECT
public:
    explicit TileView(QWidget* parent = nullptr);

    void showFigure(TileFigure figure);
    const TileFigure& figure() const { return m_figure; }
    /// From an empty cell to the largest digit, or as far as the cells go beyond it.
    ColourRange range() const;
    /// "input 12, output 3: 0.93 of 1"; empty beside the tile.
    QString textAt(QPoint place) const;

    NumberTable numbers() const override;

private:
    TileCanvas* m_canvas = nullptr;
    TileFigure m_figure;
};

}  // namespace app
