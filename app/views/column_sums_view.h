// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The sums that reach a slice's converters, as a histogram, with the converter's range laid over it: its two ends are handles
// that a person drags to clip more of them or less.

#include "app/views/figure_view.h"

#include "core/eval/array_view.h"

#include <memory>

namespace app {

struct SumsFigure {
    QString layer;
    std::shared_ptr<const core::ArrayView> view;  // null: nothing to show
    int slice = 0;
    bool isOld = false;
};

class ColumnSumsCanvas;

class ColumnSumsView : public FigureView {
    Q_OBJECT
public:
    explicit ColumnSumsView(QWidget* parent = nullptr);

    void showFigure(SumsFigure figure);
    const SumsFigure& figure() const { return m_figure; }
    const core::SumsOfSlice* sums() const;  // null: nothing to show
    /// The percentile rule of a range whose outer end lies at this sum: above 50, at most 100, in tenths below 99 and in
    /// hundredths above.
    double percentileAt(double sum) const;
    /// Three shares for the axis, whose heights go with the root: 0, a power of ten and the one above, none greater than `tallest`.
    static std::vector<double> shareTicks(double tallest);

    NumberTable numbers() const override;

signals:
    /// A handle was dragged to here, and let go.
    void percentileDragged(double percentile);

private:
    ColumnSumsCanvas* m_canvas = nullptr;
    SumsFigure m_figure;
};

}  // namespace app
