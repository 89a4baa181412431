// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/column_sums_view.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"
#include "app/views/plot_axes.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>
#include <optional>

namespace app {

/// The drawing and touching. Keys: Left and Right move the range's ends by a step of the rule.
class ColumnSumsCanvas : public QWidget {
public:
    explicit ColumnSumsCanvas(ColumnSumsView& view) : m_view(view)
    {
        setObjectName(QStringLiteral("columnSumsCanvas"));
        setFocusPolicy(Qt::StrongFocus);
        setMouseTracking(true);
    }

    QSize sizeHint() const override { return {280, 220}; }
    QSize minimumSizeHint() const override { return {160, 120}; }

    void letGo() { m_dragged.reset(); }

protected:
    void paintEvent(QPaintEvent*) override
    {
        const core::SumsOfSlice* sums = m_view.sums();
        if (sums == nullptr || sums->shares.empty())
            return;
        QPainter painter(this);
        painter.setRenderHint(QPainter::Antialiasing);
        painter.setFont(smallFont(font()));
        const QRectF area = plot();
        const PlotScale across = scale();
        if (m_view.figure().isOld)
            painter.setOpacity(0.55);
        // Few sums are large, and those decide: the height is the root of the share.
        const double tallest = std::sqrt(*std::max_element(sums->shares.begin(), sums->shares.end()));
        const double width = (sums->greatest - sums->least) / static_cast<double>(sums->shares.size());
        for (std::size_t bin = 0; bin < sums->shares.size(); ++bin) {
            const double left = across.at(sums->least + width * static_cast<double>(bin)), right = across.at(sums->least + width * static_cast<double>(bin + 1));
            const double height = tallest > 0 ? std::sqrt(sums->shares[bin]) / tallest * area.height() : 0;
            painter.fillRect(QRectF(left, area.bottom() - height, std::max(1.0, right - left - 0.5), height), seriesColour(0, palette()));
        }
        drawBottomAxis(painter, area, across, ColumnSumsView::tr("column sum / digits"), palette());
        painter.setPen(mutedText(palette()));
        painter.drawText(QRectF(area.left(), 0, area.width(), area.top()), Qt::AlignLeft | Qt::AlignVCenter, ColumnSumsView::tr("√ share of sums"));
        if (sums->converter.ideal)
            return;
        drawConverter(painter, area, across, *sums);
    }

    void mousePressEvent(QMouseEvent* event) override
    {
        const core::SumsOfSlice* sums = m_view.sums();
        if (sums == nullptr || sums->converter.ideal || event->button() != Qt::LeftButton)
            return;
        m_dragged = scale().valueAt(event->position().x());
        update();
    }
    void mouseMoveEvent(QMouseEvent* event) override
    {
        if (m_dragged) {
            m_dragged = scale().valueAt(event->position().x());
            update();
        }
        setCursor(m_view.sums() != nullptr && !m_view.sums()->converter.ideal ? Qt::SizeHorCursor : Qt::ArrowCursor);
    }
    void mouseReleaseEvent(QMouseEvent*) override
    {
        if (!m_dragged)
            return;
        const double percentile = m_view.percentileAt(*m_dragged);
        m_dragged.reset();
        update();
        emit m_view.percentileDragged(percentile);
    }
    void keyPressEvent(QKeyEvent* event) override
    {
        const core::SumsOfSlice* sums = m_view.sums();
        const int step = event->key() == Qt::Key_Right ? 1 : event->key() == Qt::Key_Left ? -1 : 0;
        if (sums == nullptr || sums->converter.ideal || step == 0)
            return QWidget::keyPressEvent(event);
        const double end = sums->converter.high() + step * (sums->greatest - sums->least) / static_cast<double>(sums->shares.size());
        emit m_view.percentileDragged(m_view.percentileAt(end));
    }

private:
    QRectF plot() const
    {
        const QFont small = smallFont(font());
        return QRectF(rect()).adjusted(10, QFontMetricsF(small).height() + 4, -10, -bottomAxisHeight(small));
    }
    PlotScale scale() const
    {
        const core::SumsOfSlice& sums = *m_view.sums();
        double low = sums.least, high = sums.greatest;
        if (!sums.converter.ideal) {   // a range that reaches further is seen too, but not so far that nothing else is
            const double span = std::max(high - low, 1e-9);
            low = std::max(std::min(low, sums.converter.low()), low - span / 2);
            high = std::min(std::max(high, sums.converter.high()), high + span / 2);
        }
        const QRectF area = plot();
        return {low, high > low ? high : low + 1, area.left(), area.right()};
    }
    void drawConverter(QPainter& painter, const QRectF& area, const PlotScale& across, const core::SumsOfSlice& sums) const
    {
        double low = sums.converter.value(sums.converter.lowCode), high = sums.converter.value(sums.converter.highCode);
        if (m_dragged) {
            high = std::max(std::abs(*m_dragged), 0.0);
            low = sums.least < 0 ? -high : low;
        }
        const double left = std::clamp(across.at(low), area.left(), area.right()), right = std::clamp(across.at(high), area.left(), area.right());
        QColor shade = palette().color(QPalette::Window);
        shade.setAlphaF(0.6f);
        painter.fillRect(QRectF(area.left(), area.top(), left - area.left(), area.height()), shade);
        painter.fillRect(QRectF(right, area.top(), area.right() - right, area.height()), shade);
        const int steps = static_cast<int>(sums.converter.highCode - sums.converter.lowCode);
        if (steps <= 64 && !m_dragged) {
            painter.setPen(QPen(gridColour(palette()), 1));
            for (int code = 1; code < steps; ++code) {
                const double at = across.at(low + (high - low) * code / steps);
                if (at > area.left() && at < area.right())
                    painter.drawLine(QPointF(at, area.bottom() - 5), QPointF(at, area.bottom()));
            }
        }
        painter.setPen(seriesPen(1, palette(), 2));
        painter.setBrush(seriesColour(1, palette()));
        for (const double x : {left, right}) {
            painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
            painter.drawRect(QRectF(x - 3, area.top(), 6, 12));   // the handle
        }
    }

    ColumnSumsView& m_view;
    std::optional<double> m_dragged;   // sum under the pointer
};

ColumnSumsView::ColumnSumsView(QWidget* parent)
    : FigureView(QStringLiteral("columnSumsView"), tr("Column sums and the converter's range"), parent), m_canvas(new ColumnSumsCanvas(*this))
{
    m_canvas->setToolTip(tr("<p>Sums of the columns on sample inputs, as they reach the converters. Drag an end of the range: sums beyond it are clipped, "
                            "those within are told more finely. The rule is one percentile for all slices.</p>"));
    setPicture(m_canvas);
}

const core::SumsOfSlice* ColumnSumsView::sums() const
{
    if (!m_figure.view || m_figure.view->sums.empty())
        return nullptr;
    return &m_figure.view->sums.at(static_cast<std::size_t>(m_figure.slice));
}

void ColumnSumsView::showFigure(SumsFigure figure)
{
    m_figure = std::move(figure);
    if (m_figure.view)
        m_figure.slice = std::clamp(m_figure.slice, 0, static_cast<int>(m_figure.view->sums.size()) - 1);
    const core::SumsOfSlice* shown = sums();
    numbersChanged(shown == nullptr, shown == nullptr ? QString()
                                                      : tr("%1: column sums from %2 to %3 digits, %4 % of them clipped")
                                                            .arg(m_figure.layer, shortNumberText(shown->least), shortNumberText(shown->greatest),
                                                                 QString::number(100 * shown->clipped, 'f', 2)));
    m_canvas->letGo();
    m_canvas->update();
}

double ColumnSumsView::percentileAt(double sum) const
{
    const core::SumsOfSlice* shown = sums();
    if (shown == nullptr)
        return 100;
    const double outer = shown->least < 0 ? std::abs(sum) : sum;
    double below = 0;
    const double width = (shown->greatest - shown->least) / static_cast<double>(shown->shares.size());
    for (std::size_t bin = 0; bin < shown->shares.size(); ++bin) {
        const double middle = shown->least + width * (static_cast<double>(bin) + 0.5);
        if (middle <= outer)
            below += shown->shares[bin];
    }
    const double percentile = 100 * below;
    const double step = percentile > 99 ? 100 : 10;
    return std::clamp(std::round(percentile * step) / step, 50.1, 100.0);
}

NumberTable ColumnSumsView::numbers() const
{
    NumberTable table;
    const core::SumsOfSlice* shown = sums();
    if (shown == nullptr)
        return table;
    table.header << tr("from / digits") << tr("to / digits") << tr("share");
    const double width = (shown->greatest - shown->least) / static_cast<double>(shown->shares.size());
    for (std::size_t bin = 0; bin < shown->shares.size(); ++bin)
        table.rows.push_back({QString::number(shown->least + width * static_cast<double>(bin), 'g', 5),
                              QString::number(shown->least + width * static_cast<double>(bin + 1), 'g', 5), QString::number(shown->shares[bin], 'g', 5)});
    return table;
}

}  // namespace app
