// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One sample as one layer computes it, as five strips under one colour scale: what the cheap main path gives, what the
// recovery path adds, their sum, what the reference says, and what is left wrong.

#include "app/views/colour_map.h"
#include "app/views/figure_view.h"
#include "core/eval/polarized_sample.h"

#include <array>
#include <memory>
#include <optional>
#include <span>

namespace app {

enum class PolarizedPart { Main, Recovery, Sum, Target, Residual };
inline constexpr std::array kPolarizedParts{PolarizedPart::Main, PolarizedPart::Recovery, PolarizedPart::Sum, PolarizedPart::Target,
                                            PolarizedPart::Residual};

struct PolarizedFigure {
    QString layer;
    std::int64_t sample = -1;
    std::shared_ptr<const core::PolarizedSample> values;         // null: nothing to show
    std::optional<double> mainEnergyShare, recoveryEnergyShare;  // 0 ... 1 of what the layer spends
    double gain = 1;                                             // how many times the scale is narrowed; larger values saturate
    bool isOld = false;                                          // of the plan before; shown pale
};

std::span<const float> partOf(const core::PolarizedSample& sample, PolarizedPart part);
double rootMeanSquare(std::span<const float> values);
/// The signal handed on over what is left wrong, in dB; infinity where nothing is.
double sampleSqnr(const core::PolarizedSample& sample);
/// From minus to plus the largest size among all parts, divided by the gain.
ColourRange polarizedRange(const core::PolarizedSample& sample, double gain = 1);

/// One pixel an element: rows down and positions across, or (one position) the rows across. Where `room` has fewer pixels,
/// a pixel is the mean of the elements it stands for, so that strips still add up.
QImage stripImage(const core::PolarizedSample& sample, PolarizedPart part, const ColourRange& range, QSize room);

class PolarizedCanvas;

class PolarizedStrips : public FigureView {
    Q_OBJECT

public:
    explicit PolarizedStrips(QWidget* parent = nullptr);

    void showFigure(PolarizedFigure figure);
    void clear() { showFigure({}); }
    const PolarizedFigure& figure() const { return m_figure; }
    /// Where a part's cells are drawn, in this widget's coordinates.
    QRect stripRect(PolarizedPart part) const;
    /// "recovery path, row 3, position 17: 0.0123"; empty beside the strips.
    QString textAt(QPoint place) const;

    NumberTable numbers() const override;

private:
    PolarizedCanvas* m_canvas = nullptr;
    PolarizedFigure m_figure;
};

}  // namespace app
