// SPDX-License-Identifier: GPL-3.0-or-later
// How a row strip looks: stripes, the numbers of their palette entries, value bars, marks and the words below.
#include "app/views/row_strip_canvas.h"

#include "app/models/number_text.h"
#include "app/views/format_style.h"
#include "app/views/heat_map_view.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kNotch = 6, kSwatch = 12;
constexpr double kRoomForBars = 20;  // a thinner line shows formats only

}  // namespace

void RowStripCanvas::paintEvent(QPaintEvent*)
{
    if (m_figure.rowCount() == 0)
        return;
    QPainter painter(this);
    if (m_figure.rowFormats.empty())
        drawValues(painter);
    else
        drawFormats(painter);
    drawSections(painter);
    drawMarks(painter);
    drawLegend(painter);
}

void RowStripCanvas::drawFormats(QPainter& painter) const
{
    const int count = m_figure.rowCount(), perLine = placesPerLine();
    // Values, where given as well, stand as bars in the lower half: what the format was chosen by.
    const bool both = static_cast<int>(m_figure.values.size()) == count;
    for (int line = 0; line * perLine < count; ++line) {
        const int first = line * perLine, places = std::min(perLine, count - first);
        std::vector<std::uint8_t> choices;
        choices.reserve(static_cast<std::size_t>(places));
        for (int place = first; place < first + places; ++place)
            choices.push_back(m_figure.rowFormats[static_cast<std::size_t>(rowAtPlace(place))]);
        QRectF area = lineRect(line);
        area.setWidth(placeRect(first + places - 1).right() - area.left());
        const bool bars = both && area.height() >= kRoomForBars;
        const QRectF upper(area.topLeft(), QSizeF(area.width(), bars ? 0.55 * area.height() : area.height()));
        paintRowFormats(painter, upper, m_figure.formats, choices, palette());
        if (m_figure.wraps)
            drawEntryNumbers(painter, upper, first, choices);
        if (bars)
            drawValueBars(painter, QRectF(area.left(), upper.bottom() + 2, area.width(), area.bottom() - upper.bottom() - 2), first,
                          places);
        painter.setPen(mutedText(palette()));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(area);
    }
}

/// The palette entry's number, once on every run of stripes that has room for it: nothing hangs on colour alone.
void RowStripCanvas::drawEntryNumbers(QPainter& painter, const QRectF& area, int firstPlace, const std::vector<std::uint8_t>& choices) const
{
    painter.setFont(smallFont(font()));
    const QFontMetricsF metrics(painter.font());
    if (area.height() < metrics.height() - 2 || m_figure.formats.size() < 2)
        return;
    for (std::size_t begin = 0; begin < choices.size();) {
        std::size_t end = begin + 1;
        while (end < choices.size() && choices[end] == choices[begin])
            ++end;
        const double left = placeRect(firstPlace + static_cast<int>(begin)).left();
        const double right = placeRect(firstPlace + static_cast<int>(end) - 1).right();
        const QString number = QString::number(choices[begin] + 1);
        const double wide = metrics.horizontalAdvance(number) + 4;
        if (right - left >= wide && choices[begin] < m_figure.formats.size()) {
            const QRectF plate(0.5 * (left + right - wide), area.center().y() - 0.5 * metrics.height() + 1, wide, metrics.height() - 2);
            const QColor ground = formatStyle(m_figure.formats[choices[begin]], palette()).colour;
            painter.fillRect(plate, ground);
            painter.setPen(inkOn(ground));
            painter.drawText(plate, Qt::AlignCenter, number);
        }
        begin = end;
    }
}

void RowStripCanvas::drawValueBars(QPainter& painter, const QRectF& room, int firstPlace, int places) const
{
    const double top = std::max(std::abs(m_range.low), std::abs(m_range.high));
    if (top == 0)
        return;
    const QColor ink = mutedText(palette());
    for (int place = firstPlace; place < firstPlace + places; ++place) {
        const float value = m_figure.values[static_cast<std::size_t>(rowAtPlace(place))];
        if (!std::isfinite(value))
            continue;
        QRectF bar = placeRect(place);
        bar.setTop(room.bottom() - room.height() * std::abs(value) / top);
        bar.setBottom(room.bottom());
        painter.fillRect(bar, ink);
    }
}

void RowStripCanvas::drawValues(QPainter& painter) const
{
    const int count = m_figure.rowCount(), perLine = placesPerLine();
    for (int line = 0; line * perLine < count; ++line) {
        const int first = line * perLine, places = std::min(perLine, count - first);
        core::RowMatrix values(1, places);
        for (int place = 0; place < places; ++place)
            values(0, place) = m_figure.values[static_cast<std::size_t>(rowAtPlace(first + place))];
        QRectF area = lineRect(line);
        area.setWidth(placeRect(first + places - 1).right() - area.left());
        const int most = std::max(1, static_cast<int>(area.width()));
        const core::RowMatrix shown = pooled(values, 1, most);
        const int wide = std::max(1, most / static_cast<int>(shown.cols()));
        const QImage image = heatMapImage(shown, m_figure.map, m_range, {wide, std::max(1, static_cast<int>(area.height()))});
        painter.drawImage(area, image);
        painter.setPen(mutedText(palette()));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(area);
    }
}

/// A line where a layer begins, as long as the layers stand one after another.
void RowStripCanvas::drawSections(QPainter& painter) const
{
    if (!m_figure.order.empty())
        return;
    painter.setPen(QPen(palette().color(QPalette::WindowText), 2));
    for (const RowStripFigure::Section& section : m_figure.sections)
        if (section.first > 0 && section.first < m_figure.rowCount()) {
            const QRectF place = placeRect(section.first);
            painter.drawLine(QPointF(place.left(), place.top() - kNotch), QPointF(place.left(), place.bottom() + 2));
        }
}

void RowStripCanvas::drawMarks(QPainter& painter) const
{
    const int count = m_figure.rowCount();
    std::vector<int> placeOf(static_cast<std::size_t>(count), -1);
    for (int place = 0; place < count; ++place)
        if (const int row = rowAtPlace(place); row >= 0 && row < count)
            placeOf[static_cast<std::size_t>(row)] = place;
    painter.setRenderHint(QPainter::Antialiasing);
    for (const int row : m_figure.protectedRows) {
        if (row < 0 || row >= count)
            continue;
        const QRectF stripe = placeRect(placeOf[static_cast<std::size_t>(row)]);
        const double x = stripe.center().x(), y = stripe.top();
        painter.setPen(Qt::NoPen);
        painter.setBrush(palette().color(QPalette::Text));
        painter.drawPolygon(QPolygonF{{x - 3, y - kNotch}, {x + 3, y - kNotch}, {x, y - 1}});
    }
    for (const int row : m_figure.selectedRows) {
        if (row < 0 || row >= count)
            continue;
        QRectF mark = placeRect(placeOf[static_cast<std::size_t>(row)]);
        mark.setTop(mark.bottom() + 1);
        mark.setHeight(3);
        mark.setWidth(std::max(1.5, mark.width()));
        painter.fillRect(mark, palette().color(QPalette::Highlight));
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    if (m_place >= 0) {
        QRectF cell = placeRect(m_place);
        if (cell.width() < 4)
            cell.adjust(-2, 0, 2, 0);
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(palette().color(QPalette::Base), 3));
        painter.drawRect(cell);
        painter.setPen(QPen(hasFocus() ? palette().color(QPalette::Highlight) : palette().color(QPalette::Text), 1.4));
        painter.drawRect(cell);
    }
}

void RowStripCanvas::drawLegend(QPainter& painter) const
{
    painter.setFont(smallFont(font()));
    const QFontMetricsF metrics(painter.font());
    const QRectF area = strip();
    double y = area.bottom() + kNotch;
    const QString name = m_figure.stripeName.isEmpty() ? tr("row") : m_figure.stripeName;
    const bool inOrder = m_figure.order.empty() && m_figure.sections.size() < 2;
    painter.setPen(mutedText(palette()));
    painter.drawText(QRectF(area.left(), y, area.width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     inOrder ? tr("%1 0").arg(name) : tr("first"));
    painter.drawText(QRectF(area.left(), y, area.width(), metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                     inOrder ? tr("%1 %2").arg(name).arg(m_figure.rowCount() - 1)
                             : tr("last of %1 %2s").arg(m_figure.rowCount()).arg(name));
    if (m_figure.wraps)
        return;
    y += metrics.height() + 2;
    double x = area.left();
    if (!m_figure.rowFormats.empty()) {
        for (qsizetype i = 0; i < m_figure.formats.size(); ++i) {
            const auto rows = std::count(m_figure.rowFormats.begin(), m_figure.rowFormats.end(), static_cast<std::uint8_t>(i));
            const QString word = tr("%1: %2").arg(m_figure.formats[i]).arg(rows);
            const double wide = kSwatch + 4 + metrics.horizontalAdvance(word) + 10;
            if (x + wide > area.right() + 10)
                break;  // the tooltip and the table name every format
            fillFormat(painter, QRectF(x, y + 1, kSwatch, metrics.height() - 2), formatStyle(m_figure.formats[i], palette()));
            painter.setPen(palette().color(QPalette::WindowText));
            painter.drawText(QRectF(x + kSwatch + 4, y, wide, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, word);
            x += wide;
        }
        return;
    }
    const QString unit = m_figure.unit.isEmpty() ? QString() : QChar(QChar::Nbsp) + m_figure.unit;
    const QString low = shortNumberText(m_range.low) + unit, high = shortNumberText(m_range.high) + unit;
    painter.setPen(palette().color(QPalette::WindowText));
    const QRectF line(area.left(), y, area.width(), metrics.height());
    painter.drawText(line, Qt::AlignLeft | Qt::AlignVCenter, low);
    painter.drawText(line, Qt::AlignRight | Qt::AlignVCenter, high);
    const QRectF bar = line.adjusted(metrics.horizontalAdvance(low) + 6, 2, -metrics.horizontalAdvance(high) - 6, -2);
    if (bar.width() > 8)
        painter.drawImage(bar, colourBarImage(m_figure.map, bar.size().toSize(), Qt::Horizontal));
}

}  // namespace app
