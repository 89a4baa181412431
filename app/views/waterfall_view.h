// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The noise waterfall: from the ideal array down to the real one, an effect a row; beside each step what the effect costs
// alone and what taking it away gains, each with its interval.

#include "app/views/figure_view.h"
#include "core/eval/noise_waterfall.h"

#include <memory>

namespace app {

struct PlotScale;

/// The picture alone.
class WaterfallPlot : public QWidget {
    Q_OBJECT

public:
    explicit WaterfallPlot(QWidget* parent = nullptr);

    void showFigures(std::shared_ptr<const core::NoiseWaterfall> figures);
    /// Rows drawn: every effect off, the effects the plan has, all together.
    int rowCount() const;
    QRectF rowArea(int row) const;
    double placeOf(double top1) const;  // where an accuracy, a share, is drawn
    QString rowText(int row) const;     // what the tip over a row says

    QSize sizeHint() const override;
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    QRectF plot() const;
    PlotScale scale() const;
    double labelWidth() const;
    QString labelOf(int row) const;
    const core::EffectCost* effectOf(int row) const;  // null: the first and the last row
    double rowHeight() const;
    void drawEffect(QPainter& painter, int row, const core::EffectCost& effect, double before) const;
    void drawTotal(QPainter& painter) const;
    /// `from` plus a difference with its interval, at a height.
    void drawWhisker(QPainter& painter, double from, const core::PairedDifference& difference, double y, bool isUp,
                     const QColor& ink) const;
    enum class Sign { Loss, Gain, Alone, Without, Total, NotSignificant };
    struct LegendEntry {
        Sign sign;
        QString words;
        QRectF at;  // below the axis, as many lines as the width takes
    };
    std::vector<LegendEntry> legend() const;
    void drawLegend(QPainter& painter, double top) const;

    std::shared_ptr<const core::NoiseWaterfall> m_figures;
    std::vector<std::size_t> m_present;  // places of effects that are drawn
};

class WaterfallView : public FigureView {
    Q_OBJECT

public:
    explicit WaterfallView(QWidget* parent = nullptr);

    void showFigures(std::shared_ptr<const core::NoiseWaterfall> figures);
    void clear();

    NumberTable numbers() const override;

private:
    WaterfallPlot* m_plot = nullptr;
    std::shared_ptr<const core::NoiseWaterfall> m_figures;
};

}  // namespace app
