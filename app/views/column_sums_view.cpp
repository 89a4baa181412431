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
#include <tuple>

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
        const double tallest = tallestShare(*sums);
        const double width = (sums->greatest - sums->least) / static_cast<double>(sums->shares.size());
        for (std::size_t bin = 0; bin < sums->shares.size(); ++bin) {
            const double left = across.at(sums->least + width * static_cast<double>(bin)),
                         right = across.at(sums->least + width * static_cast<double>(bin + 1));
            const double top = heightOf(sums->shares[bin], tallest, area);
            painter.fillRect(QRectF(left, top, std::max(1.0, right - left - 0.5), area.bottom() - top), seriesColour(0, palette()));
        }
        drawBottomAxis(painter, area, across, ColumnSumsView::tr("column sum / weight digits"), palette());
        drawShares(painter, area, tallest);
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
        const QFontMetricsF metrics(small);
        double widest = 0;
        if (const core::SumsOfSlice* sums = m_view.sums(); sums != nullptr && !sums->shares.empty())
            for (const double tick : ColumnSumsView::shareTicks(tallestShare(*sums)))
                widest = std::max(widest, metrics.horizontalAdvance(shareText(tick)));
        return QRectF(rect()).adjusted(widest + 8, 2 * metrics.height() + 8, -10, -bottomAxisHeight(small));
    }
    static double tallestShare(const core::SumsOfSlice& sums) { return *std::max_element(sums.shares.begin(), sums.shares.end()); }
    static QString shareText(double share) { return QString::number(100 * share, 'g', 3); }
    static double heightOf(double share, double tallest, const QRectF& area)
    {
        return area.bottom() - (tallest > 0 ? std::sqrt(share / tallest) : 0.0) * area.height();
    }
    void drawShares(QPainter& painter, const QRectF& area, double tallest) const
    {
        const QFontMetricsF metrics(painter.font());
        for (const double tick : ColumnSumsView::shareTicks(tallest)) {
            const double y = heightOf(tick, tallest, area);
            painter.setPen(QPen(gridColour(palette()), 1, Qt::DotLine));
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
            painter.setPen(mutedText(palette()));
            painter.drawLine(QPointF(area.left() - 4, y), QPointF(area.left(), y));
            painter.drawText(QRectF(0, y - metrics.height() / 2, area.left() - 6, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                             shareText(tick));
        }
        painter.drawLine(area.topLeft(), area.bottomLeft());
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(0, 0, width(), metrics.height() + 2), Qt::AlignLeft | Qt::AlignVCenter,
                         ColumnSumsView::tr("share of sums / %, root scale"));
    }
    PlotScale scale() const
    {
        const core::SumsOfSlice& sums = *m_view.sums();
        double low = sums.least, high = sums.greatest;
        if (!sums.converter.ideal) {  // a range that reaches further is seen too, but not so far that nothing else is
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
        const double left = std::clamp(across.at(low), area.left(), area.right()),
                     right = std::clamp(across.at(high), area.left(), area.right());
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
        // A handle above each end, with the sum it stands at; they open away from one another.
        const QFontMetricsF metrics(painter.font());
        const QColor ink = seriesColour(1, palette());
        for (const auto& [x, value, isLow] : {std::tuple(left, low, true), std::tuple(right, high, false)}) {
            const QString text = shortNumberText(value);
            const double wide = metrics.horizontalAdvance(text) + 10;
            const double from = std::clamp(isLow ? x - wide + 5 : x - 5, 0.0, std::max(0.0, this->width() - wide));
            const QRectF handle(from, area.top() - metrics.height() - 4, wide, metrics.height() + 2);
            painter.setPen(QPen(ink, 2));
            painter.drawLine(QPointF(x, handle.bottom()), QPointF(x, area.bottom()));
            painter.setPen(Qt::NoPen);
            painter.setBrush(ink);
            painter.drawRoundedRect(handle, 3, 3);
            painter.setPen(inkOn(ink));
            painter.drawText(handle, Qt::AlignCenter, text);
        }
    }

    ColumnSumsView& m_view;
    std::optional<double> m_dragged;  // sum under the pointer
};

ColumnSumsView::ColumnSumsView(QWidget* parent)
    : FigureView(QStringLiteral("columnSumsView"), tr("Column sums and the converter's range"), parent),
      m_canvas(new ColumnSumsCanvas(*this))
{
    m_canvas->setToolTip(
        tr("<p>Sums of the columns on sample inputs, as they reach the converters. Drag an end of the range: sums beyond it are clipped, "
           "those within are told more finely. The rule is one percentile for all slices.</p>"
           "<p>A <i>weight digit</i> is what a cell conducts per unit of the bits it holds: a cell of one bit adds 1 where its bit and "
           "its row's input are on, a full cell of two bits adds 3.</p>"));
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
    numbersChanged(shown == nullptr, shown == nullptr
                                         ? QString()
                                         : tr("%1: column sums from %2 to %3 weight digits, %4 % of them clipped")
                                               .arg(m_figure.layer, shortNumberText(shown->least), shortNumberText(shown->greatest),
                                                    QString::number(100 * shown->clipped, 'f', 2)));
    m_canvas->letGo();
    m_canvas->update();
}

std::vector<double> ColumnSumsView::shareTicks(double tallest)
{
    if (!(tallest > 0))
        return {0};
    const double power = std::pow(10.0, std::floor(std::log10(tallest) + 1e-9));
    return {0, power / 10, power};
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
    table.header << tr("from / weight digits") << tr("to / weight digits") << tr("share");
    const double width = (shown->greatest - shown->least) / static_cast<double>(shown->shares.size());
    for (std::size_t bin = 0; bin < shown->shares.size(); ++bin)
        table.rows.push_back({QString::number(shown->least + width * static_cast<double>(bin), 'g', 5),
                              QString::number(shown->least + width * static_cast<double>(bin + 1), 'g', 5),
                              QString::number(shown->shares[bin], 'g', 5)});
    return table;
}

}  // namespace app
