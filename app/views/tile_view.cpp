// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/tile_view.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"

#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>

namespace app {

QString tilePlaneName(const core::TilePlane& plane, bool hasSides)
{
    const int first = plane.slice.firstBit, last = first + plane.slice.bits - 1;
    QString name = plane.slice.isSign ? TileView::tr("sign bit")
                   : first == last    ? TileView::tr("bit %1").arg(first)
                                      : TileView::tr("bits %1–%2").arg(first).arg(last);
    if (hasSides)
        name += plane.side == 0 ? QStringLiteral(" +") : QStringLiteral(" −");
    return name;
}

/// The drawing alone: a frame, the cells, the colour scale with its ends, and what the axes count.
class TileCanvas : public QWidget {
public:
    explicit TileCanvas(TileView& view) : m_view(view)
    {
        setObjectName(QStringLiteral("tileCanvas"));
        setMouseTracking(true);
    }

    QSize sizeHint() const override { return {280, 280}; }
    QSize minimumSizeHint() const override { return {160, 140}; }

    /// Where cells are drawn: whole pixels a cell where there is room.
    QRect cells() const
    {
        const core::ArrayView* view = m_view.figure().view.get();
        if (view == nullptr || view->rows < 1 || view->outputs < 1)
            return {};
        const QFontMetrics metrics(smallFont(font()));
        const QRect room = rect().adjusted(metrics.height() + 6, metrics.height() + 4, -4, -(2 * metrics.height() + 14));
        const auto size = [](int pixels, std::int64_t count) {
            const auto cells = static_cast<int>(count);
            return pixels >= cells ? std::min(pixels / cells, 14) * cells : pixels;
        };
        const QSize picture(size(room.width(), view->outputs), size(room.height(), view->rows));
        return {room.topLeft(), picture};
    }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const TileFigure& figure = m_view.figure();
        const QRect area = cells();
        if (!figure.view || area.isEmpty())
            return;
        const core::ArrayView& view = *figure.view;
        const core::TilePlane& plane = view.planes.at(static_cast<std::size_t>(figure.plane));
        QImage image(static_cast<int>(view.outputs), static_cast<int>(view.rows), QImage::Format_RGB32);
        const ColourRange range = m_view.range();
        for (int row = 0; row < image.height(); ++row)
            for (int output = 0; output < image.width(); ++output)
                image.setPixel(output, row,
                               colourOf(static_cast<double>(plane.conductances[static_cast<std::size_t>(row * view.outputs + output)]),
                                        ColourMap::Viridis, range));
        QPainter painter(this);
        if (figure.isOld)
            painter.setOpacity(0.55);
        const bool isShrunk = area.width() < image.width() || area.height() < image.height();
        painter.setRenderHint(QPainter::SmoothPixmapTransform, isShrunk);
        painter.drawImage(area, image);
        painter.setPen(mutedText(palette()));
        painter.drawRect(area.adjusted(-1, -1, 0, 0));
        painter.setFont(smallFont(font()));
        const QFontMetrics metrics(painter.font());
        painter.drawText(QRect(area.left(), 0, width() - area.left(), metrics.height() + 2), Qt::AlignLeft | Qt::AlignVCenter,
                         TileView::tr("outputs %1–%2 →").arg(view.firstOutput).arg(view.firstOutput + view.outputs - 1));
        painter.save();
        painter.translate(0, area.bottom());
        painter.rotate(-90);
        painter.drawText(QRect(0, 0, area.height(), metrics.height() + 2), Qt::AlignRight | Qt::AlignVCenter,
                         TileView::tr("← inputs %1–%2").arg(view.firstRow).arg(view.firstRow + view.rows - 1));
        painter.restore();

        const QRect bar(area.left(), area.bottom() + 8, std::max(area.width(), std::min(140, width() - area.left() - 8)), 8);
        painter.drawImage(bar, colourBarImage(ColourMap::Viridis, bar.size(), Qt::Horizontal));
        const QRect words(bar.left(), bar.bottom() + 2, bar.width(), metrics.height() + 2);
        painter.drawText(words, Qt::AlignLeft, shortNumberText(range.low));
        painter.drawText(words, Qt::AlignRight, shortNumberText(range.high));
        if (words.width() > metrics.horizontalAdvance(QStringLiteral("0000 weight digits 0000")))
            painter.drawText(words, Qt::AlignHCenter, TileView::tr("weight digits"));
    }

    bool event(QEvent* event) override
    {
        if (event->type() != QEvent::ToolTip)
            return QWidget::event(event);
        auto* help = static_cast<QHelpEvent*>(event);
        const QString cell = m_view.textAt(mapTo(&m_view, help->pos()));
        QToolTip::showText(help->globalPos(), cell.isEmpty() ? toolTip() : cell, this);
        return true;
    }

private:
    TileView& m_view;
};

TileView::TileView(QWidget* parent)
    : FigureView(QStringLiteral("tileView"), tr("The cells of one tile of the array"), parent), m_canvas(new TileCanvas(*this))
{
    m_canvas->setToolTip(
        tr("<p>What every cell conducts, in <i>weight digits</i>: 1 is the conductance that a cell holding 1 is meant to have; an "
           "ideal cell of two bits holds 0, 1, 2 or 3.</p>"));
    setPicture(m_canvas);
}

void TileView::showFigure(TileFigure figure)
{
    m_figure = std::move(figure);
    if (m_figure.view)
        m_figure.plane = std::clamp(m_figure.plane, 0, static_cast<int>(m_figure.view->planes.size()) - 1);
    const bool isEmpty = !m_figure.view;
    numbersChanged(isEmpty, isEmpty ? QString()
                                    : tr("%1, tile %2 of %3: %4 inputs by %5 outputs, conductances from %6 to %7 weight digits")
                                          .arg(m_figure.layer)
                                          .arg(m_figure.view->tile + 1)
                                          .arg(m_figure.view->tiles)
                                          .arg(m_figure.view->rows)
                                          .arg(m_figure.view->outputs)
                                          .arg(shortNumberText(range().low), shortNumberText(range().high)));
    m_canvas->update();
}

ColourRange TileView::range() const
{
    if (!m_figure.view)
        return {};
    const core::TilePlane& plane = m_figure.view->planes.at(static_cast<std::size_t>(m_figure.plane));
    const ColourRange found = finiteRange(plane.conductances.data(), plane.conductances.size());
    return {std::min(0.0, found.low), std::max(static_cast<double>(plane.slice.largestDigit()), found.high)};
}

QString TileView::textAt(QPoint place) const
{
    const QRect area = m_canvas->cells();
    const QPoint inside = m_canvas->mapFrom(this, place);
    if (!m_figure.view || area.isEmpty() || !area.contains(inside))
        return {};
    const core::ArrayView& view = *m_figure.view;
    const std::int64_t output = std::min<std::int64_t>(view.outputs - 1, (inside.x() - area.left()) * view.outputs / area.width());
    const std::int64_t row = std::min<std::int64_t>(view.rows - 1, (inside.y() - area.top()) * view.rows / area.height());
    const core::TilePlane& plane = view.planes.at(static_cast<std::size_t>(m_figure.plane));
    return tr("input %1, output %2: %3 of %4")
        .arg(view.firstRow + row)
        .arg(view.firstOutput + output)
        .arg(shortNumberText(static_cast<double>(plane.conductances[static_cast<std::size_t>(row * view.outputs + output)])))
        .arg(plane.slice.largestDigit());
}

NumberTable TileView::numbers() const
{
    NumberTable table;
    if (!m_figure.view)
        return table;
    const core::ArrayView& view = *m_figure.view;
    table.header << tr("input");
    for (std::int64_t output = 0; output < view.outputs; ++output)
        table.header << tr("output %1").arg(view.firstOutput + output);
    const core::TilePlane& plane = view.planes.at(static_cast<std::size_t>(m_figure.plane));
    for (std::int64_t row = 0; row < view.rows; ++row) {
        QStringList cells{QString::number(view.firstRow + row)};
        for (std::int64_t output = 0; output < view.outputs; ++output)
            cells << QString::number(static_cast<double>(plane.conductances[static_cast<std::size_t>(row * view.outputs + output)]), 'g',
                                     5);
        table.rows.push_back(cells);
    }
    return table;
}

}  // namespace app
