// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/row_strip_canvas.h"

#include "app/views/format_style.h"
#include "app/views/heat_map_view.h"
#include "app/views/number_text.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 6, kNotch = 6, kSwatch = 12;

}  // namespace

RowStripCanvas::RowStripCanvas(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("rowStripCanvas"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

void RowStripCanvas::showRows(const RowStripFigure& figure)
{
    m_figure = figure;
    m_range = finiteRange(figure.values.data(), figure.values.size());
    if (figure.map == ColourMap::Difference)
        m_range = symmetricRange(m_range);
    if (m_place >= figure.rowCount())
        m_place = -1;
    update();
}

QSize RowStripCanvas::sizeHint() const { return {360, minimumSizeHint().height() + 24}; }

QSize RowStripCanvas::minimumSizeHint() const
{
    return {140, static_cast<int>(QFontMetricsF(smallFont(font())).height() * 2 + 24 + 2 * kNotch + 3 * kMargin)};
}

int RowStripCanvas::rowAtPlace(int place) const
{
    if (place < 0 || place >= m_figure.rowCount())
        return -1;
    return place < static_cast<int>(m_figure.order.size()) ? m_figure.order[static_cast<std::size_t>(place)] : place;
}

int RowStripCanvas::currentRow() const { return rowAtPlace(m_place); }

QString RowStripCanvas::rowText(int row) const
{
    if (row < 0 || row >= m_figure.rowCount())
        return {};
    const std::size_t r = static_cast<std::size_t>(row);
    QStringList parts;
    if (r < m_figure.rowFormats.size())
        parts << m_figure.formats.value(m_figure.rowFormats[r], tr("unknown format"));
    if (r < m_figure.values.size()) {
        const float value = m_figure.values[r];
        const QString text = std::isnan(value) ? tr("not measured") : std::isinf(value) ? tr("exact") : shortNumberText(value);
        const QString unit = std::isfinite(value) && !m_figure.unit.isEmpty() ? QChar(QChar::Nbsp) + m_figure.unit : QString();
        parts << (m_figure.valueName.isEmpty() ? text : m_figure.valueName + u' ' + text) + unit;
    }
    if (std::find(m_figure.protectedRows.begin(), m_figure.protectedRows.end(), row) != m_figure.protectedRows.end())
        parts << tr("protected");
    return tr("row %1: %2").arg(row).arg(parts.join(QStringLiteral(", ")));
}

QRectF RowStripCanvas::strip() const
{
    const double line = QFontMetricsF(smallFont(font())).height();
    return {kMargin, kMargin + kNotch, std::max(1.0, width() - 2 * kMargin),
            std::max(12.0, height() - 2 * line - 2 * kNotch - 3 * kMargin)};
}

QRectF RowStripCanvas::placeRect(int place) const
{
    const QRectF area = strip();
    const double wide = area.width() / std::max(1, m_figure.rowCount());
    return {area.left() + place * wide, area.top(), wide, area.height()};
}

int RowStripCanvas::placeAt(double x) const
{
    const QRectF area = strip();
    const int place = static_cast<int>(std::floor((x - area.left()) * m_figure.rowCount() / area.width()));
    return std::clamp(place, 0, std::max(0, m_figure.rowCount() - 1));
}

void RowStripCanvas::paintEvent(QPaintEvent*)
{
    const int count = m_figure.rowCount();
    if (count == 0)
        return;
    QPainter painter(this);
    const QRectF area = strip();
    const bool byFormat = !m_figure.rowFormats.empty();
    if (byFormat) {
        std::vector<std::uint8_t> inOrder;
        inOrder.reserve(static_cast<std::size_t>(count));
        for (int place = 0; place < count; ++place)
            inOrder.push_back(m_figure.rowFormats[static_cast<std::size_t>(rowAtPlace(place))]);
        // Values, where given as well, stand as bars in the lower half: what the format was chosen by.
        const bool both = static_cast<int>(m_figure.values.size()) == count;
        const QRectF upper(area.topLeft(), QSizeF(area.width(), both ? 0.55 * area.height() : area.height()));
        paintRowFormats(painter, upper, m_figure.formats, inOrder, palette());
        if (both) {
            const double room = area.bottom() - upper.bottom() - 2;
            const double top = std::max(std::abs(m_range.low), std::abs(m_range.high));
            for (int place = 0; place < count; ++place) {
                const float value = m_figure.values[static_cast<std::size_t>(rowAtPlace(place))];
                if (!std::isfinite(value) || top == 0)
                    continue;
                QRectF bar = placeRect(place);
                bar.setTop(area.bottom() - room * std::abs(value) / top);
                painter.fillRect(bar, mutedText(palette()));
            }
        }
    } else {
        core::RowMatrix line(1, count);
        for (int place = 0; place < count; ++place)
            line(0, place) = m_figure.values[static_cast<std::size_t>(rowAtPlace(place))];
        const int most = std::max(1, static_cast<int>(area.width()));
        const core::RowMatrix shown = pooled(line, 1, most);
        const int wide = std::max(1, most / static_cast<int>(shown.cols()));
        const QImage image = heatMapImage(shown, m_figure.map, m_range, {wide, std::max(1, static_cast<int>(area.height()))});
        painter.drawImage(area, image);
    }
    painter.setPen(mutedText(palette()));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(area);
    drawMarks(painter);
    drawLegend(painter);
}

void RowStripCanvas::drawMarks(QPainter& painter) const
{
    const int count = m_figure.rowCount();
    std::vector<int> placeOf(static_cast<std::size_t>(count), -1);
    for (int place = 0; place < count; ++place)
        if (const int row = rowAtPlace(place); row >= 0 && row < count)
            placeOf[static_cast<std::size_t>(row)] = place;
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = strip();
    for (const int row : m_figure.protectedRows) {
        if (row < 0 || row >= count)
            continue;
        const double x = placeRect(placeOf[static_cast<std::size_t>(row)]).center().x();
        painter.setPen(Qt::NoPen);
        painter.setBrush(palette().color(QPalette::Text));
        painter.drawPolygon(QPolygonF{{x - 3, area.top() - kNotch}, {x + 3, area.top() - kNotch}, {x, area.top() - 1}});
    }
    for (const int row : m_figure.selectedRows) {
        if (row < 0 || row >= count)
            continue;
        QRectF mark = placeRect(placeOf[static_cast<std::size_t>(row)]);
        mark.setTop(area.bottom() + 2);
        mark.setHeight(3);
        mark.setWidth(std::max(1.5, mark.width()));
        painter.fillRect(mark, palette().color(QPalette::Highlight));
    }
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
    painter.setPen(mutedText(palette()));
    painter.drawText(QRectF(area.left(), y, area.width(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     m_figure.order.empty() ? tr("row 0") : tr("first"));
    painter.drawText(QRectF(area.left(), y, area.width(), metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                     m_figure.order.empty() ? tr("row %1").arg(m_figure.rowCount() - 1) : tr("last of %1 rows").arg(m_figure.rowCount()));
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

void RowStripCanvas::sweepTo(int place)
{
    std::vector<int> rows;
    const int from = m_swept < 0 ? place : m_swept;
    const int step = place >= from ? 1 : -1;
    for (int p = m_swept < 0 ? from : from + step; m_swept != place && p != place + step; p += step)
        rows.push_back(rowAtPlace(p));
    m_swept = place;
    m_place = place;
    setAccessibleDescription(rowText(currentRow()));
    update();
    if (!rows.empty())
        emit rowsSwept(rows);
}

void RowStripCanvas::moveTo(int place)
{
    m_place = std::clamp(place, 0, std::max(0, m_figure.rowCount() - 1));
    setAccessibleDescription(rowText(currentRow()));
    update();
    emit rowHovered(currentRow());
}

void RowStripCanvas::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_figure.rowCount() == 0) {
        QWidget::mousePressEvent(event);
        return;
    }
    m_swept = -1;
    emit gestureBegun();
    sweepTo(placeAt(event->position().x()));
}

void RowStripCanvas::mouseMoveEvent(QMouseEvent* event)
{
    if (m_figure.rowCount() == 0)
        return;
    const int place = placeAt(event->position().x());
    QToolTip::showText(event->globalPosition().toPoint(), rowText(rowAtPlace(place)), this);
    emit rowHovered(rowAtPlace(place));
    if (m_swept >= 0 && place != m_swept)
        sweepTo(place);
}

void RowStripCanvas::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_swept < 0)
        return;
    m_swept = -1;
    emit gestureEnded();
}

void RowStripCanvas::mouseDoubleClickEvent(QMouseEvent* event)
{
    if (m_figure.rowCount() > 0)
        emit rowActivated(rowAtPlace(placeAt(event->position().x())));
}

void RowStripCanvas::leaveEvent(QEvent*) { emit rowHovered(-1); }

void RowStripCanvas::keyPressEvent(QKeyEvent* event)
{
    if (m_figure.rowCount() == 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left: moveTo(m_place - 1); break;
    case Qt::Key_Right: moveTo(m_place + 1); break;
    case Qt::Key_Home: moveTo(0); break;
    case Qt::Key_End: moveTo(m_figure.rowCount() - 1); break;
    case Qt::Key_Space:  // one touch of the brush
        if (m_place >= 0) {
            emit gestureBegun();
            emit rowsSwept({currentRow()});
            emit gestureEnded();
        }
        break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_place >= 0)
            emit rowActivated(currentRow());
        break;
    default: QWidget::keyPressEvent(event);
    }
}

}  // namespace app
