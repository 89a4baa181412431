// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/heat_map_canvas.h"

#include "app/models/number_text.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {

namespace {

constexpr double kMargin = 6, kBarHeight = 12, kSwatch = 14;
constexpr int kRowsThatScroll = 128;  // up to here every named row gets a readable line; beyond it rows shrink

/// Every how many lines a label stands, so that those that do have at least `least` lines each: 1, 2, 5, 10, 20 ... for numbers.
int roundStep(double least, bool isNumber)
{
    const int wanted = std::max(1, static_cast<int>(std::ceil(least)));
    if (!isNumber)
        return wanted;
    for (int decade = 1;; decade *= 10)
        for (const int step : {1, 2, 5})
            if (step * decade >= wanted)
                return step * decade;
}

QString elided(const QFontMetricsF& metrics, const QString& text, double width) { return metrics.elidedText(text, Qt::ElideMiddle, width); }

}  // namespace

HeatMapCanvas::HeatMapCanvas(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("heatMapCanvas"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

void HeatMapCanvas::showMap(HeatMap map)
{
    m_map = std::move(map);
    const std::size_t count = static_cast<std::size_t>(m_map.values.size());
    const float* first = m_map.values.data();
    m_range = m_map.range.value_or(finiteRange(first, count));
    if (!m_map.range && m_map.map == ColourMap::Difference)
        m_range = symmetricRange(m_range);
    m_hasMissing = std::any_of(first, first + count, [](float v) { return std::isnan(v); });
    m_hasExact = std::any_of(first, first + count, [](float v) { return std::isinf(v) && v > 0; });
    if (m_row >= rows() || m_column >= columns())
        m_row = m_column = -1;
    setAccessibleName(m_map.title);
    updateGeometry();
    arrange();
    update();
}

void HeatMapCanvas::select(int row, int column)
{
    const bool inside = row >= 0 && row < rows() && column >= 0 && column < columns();
    m_row = inside ? row : -1;
    m_column = inside ? column : -1;
    setAccessibleDescription(inside ? cellText(row, column) : QString());
    update();
}

QString HeatMapCanvas::rowLabel(int row) const
{
    return row < m_map.rowLabels.size() ? m_map.rowLabels[row]
                                        : (m_map.rowTitle.isEmpty() ? tr("row") : m_map.rowTitle) + u' ' + QString::number(row);
}

QString HeatMapCanvas::columnLabel(int column) const
{
    return column < m_map.columnLabels.size()
               ? m_map.columnLabels[column]
               : (m_map.columnTitle.isEmpty() ? tr("column") : m_map.columnTitle) + u' ' + QString::number(column);
}

QString HeatMapCanvas::valueText(float value) const
{
    if (std::isnan(value))
        return tr("not measured");
    if (std::isinf(value) && value > 0)
        return tr("exact");
    const auto step = std::ranges::find(m_map.steps, value, &HeatMap::Step::value);
    if (step != m_map.steps.end())
        return step->word;
    const QString number = numberText(value, m_map.decimals);
    return m_map.unit.isEmpty() ? number : number + QChar(QChar::Nbsp) + m_map.unit;
}

QString HeatMapCanvas::cellText(int row, int column) const
{
    if (row < 0 || row >= rows() || column < 0 || column >= columns())
        return {};
    return tr("%1, %2: %3").arg(rowLabel(row), columnLabel(column), valueText(m_map.values(row, column)));
}

QSize HeatMapCanvas::sizeHint() const { return QSize(360, 240).expandedTo(minimumSizeHint()); }

QSize HeatMapCanvas::minimumSizeHint() const
{
    const QFontMetricsF metrics(smallFont(font()));
    const int lines = !m_map.rowLabels.isEmpty() && rows() <= kRowsThatScroll ? rows() : 0;
    return {140,
            static_cast<int>(std::ceil(std::max(60.0, lines * (metrics.height() + 1)) + 6 * metrics.height() + kBarHeight + 4 * kMargin))};
}

void HeatMapCanvas::arrange()
{
    const QFontMetricsF metrics(smallFont(font()));
    double labelWidth = metrics.horizontalAdvance(m_map.rowTitle);
    for (int row = 0; row < std::min(rows(), 512); ++row)
        labelWidth = std::max(labelWidth, metrics.horizontalAdvance(m_map.rowLabels.isEmpty() ? QString::number(rows()) : rowLabel(row)));
    labelWidth = std::min(labelWidth + kMargin, 0.38 * width());

    double widestColumn = 0;
    for (int column = 0; column < m_map.columnLabels.size(); ++column)
        widestColumn = std::max(widestColumn, metrics.horizontalAdvance(columnLabel(column)));
    const double roomWide = std::max(1.0, width() - labelWidth - 3 * kMargin);
    m_uprightLabels = m_map.columnLabels.isEmpty() || widestColumn + 4 <= roomWide / std::max(1, columns());
    const double top = m_uprightLabels ? metrics.height() + kMargin : std::min(widestColumn, 96.0) + 2 * kMargin;
    const double below = 2 * metrics.height() + kBarHeight + 4 * kMargin;  // column title, scale and its ends
    const double titleHeight = m_map.title.isEmpty() ? 0 : QFontMetricsF(font()).height() + 2;
    const double roomHigh = std::max(1.0, height() - top - below - titleHeight - kMargin);

    // Whole pixels per cell where there is room; blocks of cells per pixel where there is not.
    const int cellWide = std::max(1, static_cast<int>(roomWide) / std::max(1, columns()));
    const int cellHigh = std::clamp(static_cast<int>(roomHigh) / std::max(1, rows()), 1, 64);
    const core::RowMatrix shown =
        pooled(m_map.values, static_cast<int>(roomHigh) / cellHigh, static_cast<int>(roomWide) / cellWide, m_map.pooling);
    m_image = heatMapImage(shown, m_map.map, m_range, {cellWide, cellHigh});
    m_cells = QRectF(QPointF(labelWidth + kMargin, titleHeight + top + kMargin), QSizeF(m_image.size()));
}

QPoint HeatMapCanvas::cellAt(QPointF position) const
{
    if (m_image.isNull() || !m_cells.contains(position))
        return {-1, -1};
    const int column = static_cast<int>((position.x() - m_cells.left()) * columns() / m_cells.width());
    const int row = static_cast<int>((position.y() - m_cells.top()) * rows() / m_cells.height());
    return {std::clamp(column, 0, columns() - 1), std::clamp(row, 0, rows() - 1)};
}

QRectF HeatMapCanvas::cellRect(int row, int column) const
{
    const double wide = m_cells.width() / columns(), high = m_cells.height() / rows();
    return {m_cells.left() + column * wide, m_cells.top() + row * high, wide, high};
}

void HeatMapCanvas::paintEvent(QPaintEvent*)
{
    if (m_image.isNull())
        return;
    QPainter painter(this);
    if (!m_map.title.isEmpty()) {
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(kMargin, 2, width() - 2 * kMargin, QFontMetricsF(font()).height()), Qt::AlignLeft | Qt::AlignVCenter,
                         elided(QFontMetricsF(font()), m_map.title, width() - 2 * kMargin));
    }
    painter.setFont(smallFont(font()));
    painter.drawImage(m_cells.topLeft(), m_image);
    drawLabels(painter);
    drawNumbers(painter);
    drawScale(painter);

    if (m_row >= 0) {
        // Two frames, dark within light, so that the choice shows on every colour.
        const QRectF cell = cellRect(m_row, m_column).adjusted(-1, -1, 1, 1);
        painter.setPen(QPen(palette().color(QPalette::Base), 4));
        painter.drawRect(cell);
        painter.setPen(QPen(hasFocus() ? palette().color(QPalette::Highlight) : palette().color(QPalette::Text), 2));
        painter.drawRect(cell);
    }
}

void HeatMapCanvas::drawLabels(QPainter& painter) const
{
    const QFontMetricsF metrics(painter.font());
    painter.setPen(palette().color(QPalette::WindowText));
    const double rowHigh = m_cells.height() / rows();
    const int everyRow = roundStep(metrics.height() / rowHigh, m_map.rowLabels.isEmpty());
    for (int row = 0; row < rows(); row += everyRow) {
        const double middle = m_cells.top() + (row + (everyRow > 1 ? 0.0 : 0.5)) * rowHigh;
        const QString text = m_map.rowLabels.isEmpty() ? QString::number(row) : rowLabel(row);
        const double room = m_cells.left() - kMargin;
        painter.drawText(QRectF(2, middle - 0.5 * metrics.height(), room - 2, metrics.height()), Qt::AlignRight | Qt::AlignVCenter,
                         elided(metrics, text, room - 2));
    }
    const double columnWide = m_cells.width() / columns();
    const double labelTop = m_cells.top() - kMargin;
    if (m_map.columnLabels.isEmpty()) {
        const double widest = metrics.horizontalAdvance(QStringLiteral(" %1 ").arg(columns()));
        const int every = roundStep(widest / columnWide, true), last = columns() - 1;
        const QRectF line(m_cells.left(), labelTop - metrics.height(), m_cells.width(), metrics.height());
        for (int column = 0; column < columns() && (every == 1 || (last - column) * columnWide >= 2 * widest); column += every)
            painter.drawText(QRectF(line.left() + column * columnWide, line.top(), every * columnWide, line.height()),
                             every > 1 ? Qt::AlignLeft : Qt::AlignHCenter, QString::number(column));
        if (every > 1)
            painter.drawText(line, Qt::AlignRight, QString::number(last));
    } else if (m_uprightLabels) {
        for (int column = 0; column < columns(); ++column)
            painter.drawText(QRectF(m_cells.left() + column * columnWide, labelTop - metrics.height(), columnWide, metrics.height()),
                             Qt::AlignCenter, columnLabel(column));
    } else {
        const int every = std::max(1, static_cast<int>(std::ceil(metrics.height() / columnWide)));
        for (int column = 0; column < columns(); column += every) {
            painter.save();
            painter.translate(m_cells.left() + (column + 0.5) * columnWide, labelTop);
            painter.rotate(-90);
            painter.drawText(QRectF(0, -0.5 * metrics.height(), 96, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                             elided(metrics, columnLabel(column), 96));
            painter.restore();
        }
    }
    painter.setPen(mutedText(palette()));
    painter.drawText(QRectF(m_cells.left(), m_cells.bottom() + 2, m_cells.width(), metrics.height()), Qt::AlignHCenter | Qt::AlignTop,
                     m_map.columnTitle);
    painter.drawText(QRectF(2, labelTop - metrics.height(), m_cells.left() - kMargin - 2, metrics.height()),
                     Qt::AlignRight | Qt::AlignVCenter, elided(metrics, m_map.rowTitle, m_cells.left() - kMargin - 2));
}

void HeatMapCanvas::drawNumbers(QPainter& painter) const
{
    const QFontMetricsF metrics(painter.font());
    const double wide = m_cells.width() / columns(), high = m_cells.height() / rows();
    if (high < metrics.height() || rows() * columns() > 4096)
        return;
    double widest = 0;
    for (int row = 0; row < rows(); ++row)
        for (int column = 0; column < columns(); ++column)
            widest = std::max(widest, metrics.horizontalAdvance(numberText(m_map.values(row, column), m_map.decimals)));
    if (widest + 6 > wide)
        return;
    for (int row = 0; row < rows(); ++row)
        for (int column = 0; column < columns(); ++column) {
            const float value = m_map.values(row, column);
            if (!std::isfinite(value))
                continue;
            painter.setPen(inkOn(QColor::fromRgb(colourOf(value, m_map.map, m_range))));
            painter.drawText(cellRect(row, column), Qt::AlignCenter, numberText(value, m_map.decimals));
        }
}

void HeatMapCanvas::drawScale(QPainter& painter) const
{
    const QFontMetricsF metrics(painter.font());
    double right = width() - kMargin;
    const double top = m_cells.bottom() + metrics.height() + 2 * kMargin;
    const auto swatch = [&](float value, const QString& word) {
        const double wordWidth = metrics.horizontalAdvance(word);
        core::RowMatrix one(1, 1);
        one(0, 0) = value;
        const QRectF place(right - wordWidth - kSwatch - 4, top, kSwatch, kBarHeight);
        painter.drawImage(place.topLeft(),
                          heatMapImage(one, m_map.map, m_range, {static_cast<int>(kSwatch), static_cast<int>(kBarHeight)}));
        painter.setPen(mutedText(palette()));
        painter.drawRect(place);
        painter.drawText(QRectF(place.right() + 4, top - 2, wordWidth + 2, kBarHeight + 4), Qt::AlignLeft | Qt::AlignVCenter, word);
        right = place.left() - 2 * kMargin;
    };
    if (m_hasMissing)
        swatch(std::numeric_limits<float>::quiet_NaN(), tr("not measured"));
    if (m_hasExact)
        swatch(std::numeric_limits<float>::infinity(), tr("exact"));

    for (auto step = m_map.steps.rbegin(); step != m_map.steps.rend(); ++step)
        swatch(step->value, step->word);
    const double left = kMargin;
    if (!m_map.steps.empty())
        return drawPoolingNote(painter, QRectF(left, top + kBarHeight + 1, width() - 2 * kMargin, metrics.height()));
    const QRectF bar(left, top, std::clamp(right - left, 40.0, 320.0), kBarHeight);
    painter.drawImage(bar, colourBarImage(m_map.map, bar.size().toSize(), Qt::Horizontal));
    painter.setPen(mutedText(palette()));
    painter.drawRect(bar);
    const QRectF ends(bar.left(), bar.bottom() + 1, bar.width(), metrics.height());
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(ends, Qt::AlignLeft, valueText(static_cast<float>(m_range.low)));
    painter.drawText(ends, Qt::AlignRight, valueText(static_cast<float>(m_range.high)));
    drawPoolingNote(painter,
                    QRectF(bar.right() + kMargin, ends.top(), std::max(0.0, width() - bar.right() - 2 * kMargin), metrics.height()));
}

void HeatMapCanvas::drawPoolingNote(QPainter& painter, const QRectF& room) const
{
    if (m_image.width() >= columns() && m_image.height() >= rows())
        return;
    painter.setPen(mutedText(palette()));
    painter.drawText(room, Qt::AlignRight,
                     m_map.pooling == Pooling::Largest ? tr("a pixel is the largest of several cells")
                                                       : tr("a pixel is the mean of several cells"));
}

bool HeatMapCanvas::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const QPoint cell = cellAt(help->pos());
        if (cell.x() >= 0)
            QToolTip::showText(help->globalPos(), cellText(cell.y(), cell.x()), this);
        else
            QToolTip::hideText();
        return true;
    }
    if (event->type() == QEvent::FontChange)
        arrange();
    return QWidget::event(event);
}

void HeatMapCanvas::resizeEvent(QResizeEvent*) { arrange(); }

void HeatMapCanvas::mouseMoveEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->position());
    if (cell == m_hovered)
        return;
    m_hovered = cell;
    if (cell.x() >= 0)
        QToolTip::showText(event->globalPosition().toPoint(), cellText(cell.y(), cell.x()), this);
    emit cellHovered(cell.y(), cell.x());
}

void HeatMapCanvas::leaveEvent(QEvent*)
{
    m_hovered = {-1, -1};
    emit cellHovered(-1, -1);
}

void HeatMapCanvas::mousePressEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->position());
    if (event->button() == Qt::LeftButton && cell.x() >= 0)
        choose(cell.y(), cell.x());
    else
        QWidget::mousePressEvent(event);
}

void HeatMapCanvas::mouseDoubleClickEvent(QMouseEvent* event)
{
    const QPoint cell = cellAt(event->position());
    if (cell.x() >= 0)
        emit cellActivated(cell.y(), cell.x());
}

void HeatMapCanvas::choose(int row, int column)
{
    select(row, column);
    emit cellSelected(row, column);
}

void HeatMapCanvas::keyPressEvent(QKeyEvent* event)
{
    if (rows() == 0 || columns() == 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    int row = std::max(m_row, 0), column = std::max(m_column, 0);
    const bool hadNone = m_row < 0;
    switch (event->key()) {
    case Qt::Key_Left: column -= hadNone ? 0 : 1; break;
    case Qt::Key_Right: column += hadNone ? 0 : 1; break;
    case Qt::Key_Up: row -= hadNone ? 0 : 1; break;
    case Qt::Key_Down: row += hadNone ? 0 : 1; break;
    case Qt::Key_PageUp: row -= 10; break;
    case Qt::Key_PageDown: row += 10; break;
    case Qt::Key_Home: column = 0; break;
    case Qt::Key_End: column = columns() - 1; break;
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (!hadNone)
            emit cellActivated(m_row, m_column);
        return;
    default: QWidget::keyPressEvent(event); return;
    }
    choose(std::clamp(row, 0, rows() - 1), std::clamp(column, 0, columns() - 1));
}

}  // namespace app
