// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The drawing of polarized strips: a line of words over each strip of cells, the scale with its ends below.

#include "app/views/polarized_strips.h"

#include <QWidget>

namespace app {

class PolarizedCanvas : public QWidget {
    Q_OBJECT

public:
    explicit PolarizedCanvas(QWidget* parent = nullptr);

    void showFigure(const PolarizedFigure& figure);
    QRect stripRect(PolarizedPart part) const;
    QString textAt(QPoint place) const;

    QSize sizeHint() const override { return {300, 360}; }
    QSize minimumSizeHint() const override;

protected:
    bool event(QEvent* event) override;
    void paintEvent(QPaintEvent* event) override;

private:
    int lineHeight() const;  // of the words over a strip
    int scaleHeight() const;
    void drawWords(QPainter& painter, PolarizedPart part) const;
    void drawScale(QPainter& painter) const;

    PolarizedFigure m_figure;
    ColourRange m_range;
};

/// "main path"; "recovery path" ...
QString polarizedPartName(PolarizedPart part);

}  // namespace app
