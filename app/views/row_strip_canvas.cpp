// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/row_strip_canvas.h"

#include "app/models/number_text.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 6, kNotch = 6;
constexpr double kTouchable = 6;                    // pixels a stripe wants before a line more is begun
constexpr double kThinnestLine = 20, kBetween = 9;  // a line with the marks around it; the marks alone

}  // namespace

RowStripCanvas::RowStripCanvas(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("rowStripCanvas"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

void RowStripCanvas::showRows(RowStripFigure figure)
{
    m_figure = std::move(figure);
    m_range = m_figure.range.value_or(finiteRange(m_figure.values.data(), m_figure.values.size()));
    if (!m_figure.range && m_figure.map == ColourMap::Difference)
        m_range = symmetricRange(m_range);
    if (m_place >= m_figure.rowCount())
        m_place = -1;
    if (m_touched >= m_figure.rowCount())
        m_touched = -1;
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
        parts << m_figure.formatWords(row);
    if (r < m_figure.values.size()) {
        const float value = m_figure.values[r];
        const QString text = std::isnan(value) ? tr("not measured") : std::isinf(value) ? tr("exact") : shortNumberText(value);
        const QString unit = std::isfinite(value) && !m_figure.unit.isEmpty() ? QChar(QChar::Nbsp) + m_figure.unit : QString();
        parts << (m_figure.valueName.isEmpty() ? text : m_figure.valueName + u' ' + text) + unit;
    }
    if (std::find(m_figure.protectedRows.begin(), m_figure.protectedRows.end(), row) != m_figure.protectedRows.end())
        parts << tr("protected");
    const QString words = parts.join(QStringLiteral(", "));
    const QString name = m_figure.stripeName.isEmpty() ? tr("row") : m_figure.stripeName;
    if (m_figure.sections.size() < 2)
        return tr("%1 %2: %3").arg(name).arg(row).arg(words);
    const auto next = std::ranges::upper_bound(m_figure.sections, row, {}, &RowStripFigure::Section::first);
    const RowStripFigure::Section& section = *(next == m_figure.sections.begin() ? next : next - 1);
    return tr("%1, %2 %3: %4").arg(section.layer, name).arg(row - section.first).arg(words);
}

QRectF RowStripCanvas::strip() const
{
    const double line = QFontMetricsF(smallFont(font())).height();
    const double lines = m_figure.wraps ? 1 : 2;  // of words below
    return {kMargin, kMargin + kNotch, std::max(1.0, width() - 2 * kMargin),
            std::max(12.0, height() - lines * line - 2 * kNotch - 3 * kMargin)};
}

int RowStripCanvas::lineCount() const
{
    if (!m_figure.wraps)
        return 1;
    const QRectF area = strip();
    const int wanted = static_cast<int>(std::ceil(m_figure.rowCount() * kTouchable / area.width()));
    return std::clamp(wanted, 1, std::max(1, static_cast<int>(area.height() / kThinnestLine)));
}

int RowStripCanvas::placesPerLine() const
{
    const int lines = lineCount();
    return std::max(1, (m_figure.rowCount() + lines - 1) / lines);
}

QRectF RowStripCanvas::lineRect(int line) const
{
    const QRectF area = strip();
    const int lines = lineCount();
    const double pitch = (area.height() + kBetween) / lines;
    return lines == 1 ? area : QRectF(area.left(), area.top() + line * pitch, area.width(), pitch - kBetween);
}

QRectF RowStripCanvas::placeRect(int place) const
{
    const int perLine = placesPerLine();
    const QRectF line = lineRect(place / perLine);
    const double wide = line.width() / perLine;
    return {line.left() + (place % perLine) * wide, line.top(), wide, line.height()};
}

int RowStripCanvas::placeAt(QPointF point) const
{
    const QRectF area = strip();
    const int perLine = placesPerLine(), lines = lineCount();
    const double pitch = (area.height() + kBetween) / lines;
    const int line = std::clamp(static_cast<int>(std::floor((point.y() - area.top() + 0.5 * kBetween) / pitch)), 0, lines - 1);
    const int along = std::clamp(static_cast<int>(std::floor((point.x() - area.left()) * perLine / area.width())), 0, perLine - 1);
    return std::clamp(line * perLine + along, 0, std::max(0, m_figure.rowCount() - 1));
}

void RowStripCanvas::sweepTo(int place)
{
    std::vector<int> rows;
    const int from = m_swept < 0 ? place : m_swept;
    const int step = place >= from ? 1 : -1;
    for (int p = m_swept < 0 ? from : from + step; m_swept != place && p != place + step; p += step)
        rows.push_back(rowAtPlace(p));
    m_swept = m_place = m_touched = place;
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

/// One touch of the brush where the frame is, or all from the last touch to there.
void RowStripCanvas::touch(bool range)
{
    if (m_place < 0)
        return;
    const int place = m_place;
    emit gestureBegun();
    m_swept = -1;
    if (range && m_touched >= 0)
        sweepTo(m_touched);
    sweepTo(place);
    m_swept = -1;
    emit gestureEnded();
}

void RowStripCanvas::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton || m_figure.rowCount() == 0) {
        QWidget::mousePressEvent(event);
        return;
    }
    m_swept = -1;
    const int place = placeAt(event->position());
    emit gestureBegun();
    if ((event->modifiers() & Qt::ShiftModifier) && m_touched >= 0)
        sweepTo(m_touched);
    sweepTo(place);
}

void RowStripCanvas::mouseMoveEvent(QMouseEvent* event)
{
    if (m_figure.rowCount() == 0)
        return;
    const int place = placeAt(event->position());
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
        emit rowActivated(rowAtPlace(placeAt(event->position())));
}

void RowStripCanvas::leaveEvent(QEvent*) { emit rowHovered(-1); }

void RowStripCanvas::keyPressEvent(QKeyEvent* event)
{
    if (m_figure.rowCount() == 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    const int line = lineCount() > 1 ? placesPerLine() : 0;
    switch (event->key()) {
    case Qt::Key_Left: moveTo(m_place - 1); return;
    case Qt::Key_Right: moveTo(m_place + 1); return;
    case Qt::Key_Up: moveTo(m_place - line); return;
    case Qt::Key_Down: moveTo(m_place + line); return;
    case Qt::Key_Home: moveTo(0); return;
    case Qt::Key_End: moveTo(m_figure.rowCount() - 1); return;
    case Qt::Key_Space: touch(event->modifiers() & Qt::ShiftModifier); return;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_place >= 0)
            emit rowActivated(currentRow());
        return;
    default: break;
    }
    if (event->key() >= Qt::Key_1 && event->key() <= Qt::Key_9 && !(event->modifiers() & (Qt::ControlModifier | Qt::AltModifier)))
        emit digitTyped(event->key() - Qt::Key_0);
    else
        QWidget::keyPressEvent(event);
}

}  // namespace app
