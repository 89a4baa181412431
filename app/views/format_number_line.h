// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A format's levels as ticks under the histogram of a layer's weights, in units of the scale, thresholds visible: what
// the format can say, over what it is asked to say.

#include "app/views/figure_view.h"
#include "core/formats/treatment.h"

#include <optional>

namespace app {

class NumberLineCanvas;

struct NumberLineFigure {
    QString layer;
    core::NumberFormat format;
    std::vector<float> normalised;  // weights in units of their scale
    QString scaleText;              // "one scale per row"
};

/// One weight that is pointed at elsewhere, where it lies on the line.
struct NumberLineMarker {
    double normalised = 0;  // in units of its scale
    QString words;          // "row 3, column 17: 2.61 steps"
};

/// Levels are numbered from the lowest, 0. The code is written in bits: two's complement for signed integers, sign,
/// exponent and mantissa for floats, the level's number for codebooks.
QString codeText(const core::NumberFormat& format, std::size_t level, const std::vector<float>& levels);

class FormatNumberLine : public FigureView {
    Q_OBJECT

public:
    explicit FormatNumberLine(QWidget* parent = nullptr);

    void showFormat(NumberLineFigure figure);
    void clear();
    void setMarker(std::optional<NumberLineMarker> marker);
    /// The histogram's height by the logarithm of the count: rare weights far out become visible.
    void setLogCounts(bool logarithmic);
    QAction* logCountsAction() const { return m_logCounts; }  // checkable

    /// Share of the weights that fall outside the outermost levels and are clipped.
    double clippedShare() const;
    /// "level 9 of 16: 0.0796, code 1000; takes 0.0398 to 0.1203; 8.1 % of the weights".
    QString levelText(std::size_t level) const;

    NumberTable numbers() const override;

signals:
    void levelHovered(int level);  // -1: none

private:
    NumberLineCanvas* m_canvas = nullptr;
    QAction* m_logCounts = nullptr;
};

}  // namespace app
