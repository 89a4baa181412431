// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/specimen_canvas.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 6, kWidestCell = 40, kGap = 2, kLevelTick = 10;
constexpr double kLeastPlot = 56;  // pixels

}  // namespace

SpecimenCanvas::SpecimenCanvas(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("specimenCanvas"));
    setFocusPolicy(Qt::StrongFocus);
}

void SpecimenCanvas::showSpecimen(WeightSpecimen specimen, int point)
{
    const bool hadFields = specimen.treatment.format == m_specimen.treatment.format && !m_fields.empty();
    m_specimen = std::move(specimen);
    m_point = std::clamp(point, 0, std::max(0, static_cast<int>(m_specimen.codes.size()) - 1));
    if (!hadFields)
        m_fields = bitFields(m_specimen.treatment.format);
    if (m_bit >= m_specimen.bitsPerCode)
        m_bit = -1;
    updateGeometry();
    update();
}

const SpecimenCode* SpecimenCanvas::code() const
{
    return m_specimen.codes.empty() ? nullptr : &m_specimen.codes[static_cast<std::size_t>(m_point)];
}

int SpecimenCanvas::bitsPerLine() const
{
    return m_specimen.bitsPerCode <= 8 ? std::max(1, m_specimen.bitsPerCode) : m_specimen.bitsPerCode <= 16 ? 8 : 16;
}

int SpecimenCanvas::bitLines() const { return (m_specimen.bitsPerCode + bitsPerLine() - 1) / bitsPerLine(); }

/// The field's letter, the bit and what it is worth, under one another.
double SpecimenCanvas::cellHeight() const { return QFontMetricsF(font()).height() + 2 * QFontMetricsF(smallFont(font())).height() - 2; }

double SpecimenCanvas::bitsBottom() const { return kMargin + bitLines() * (cellHeight() + 2 * kGap); }

QSize SpecimenCanvas::minimumSizeHint() const
{
    const double words = static_cast<double>(std::max<std::size_t>(1, m_fields.size())) * QFontMetricsF(smallFont(font())).height();
    return {200, static_cast<int>(bitsBottom() + words + 2 * QFontMetricsF(smallFont(font())).height() + kLeastPlot +
                                  bottomAxisHeight(smallFont(font())) + kLevelTick)};
}

QRectF SpecimenCanvas::bitRect(int bit) const
{
    const int perLine = bitsPerLine(), place = m_specimen.bitsPerCode - 1 - bit;
    const double wide = std::min(kWidestCell, (width() - 2 * kMargin) / perLine);
    return {kMargin + (place % perLine) * wide, kMargin + (place / perLine) * (cellHeight() + 2 * kGap), wide - kGap, cellHeight()};
}

int SpecimenCanvas::bitAt(QPointF point) const
{
    for (int bit = 0; bit < m_specimen.bitsPerCode; ++bit)
        if (bitRect(bit).contains(point))
            return bit;
    return -1;
}

const BitField& SpecimenCanvas::fieldOf(int bit) const
{
    const auto found =
        std::ranges::find_if(m_fields, [bit](const BitField& field) { return bit <= field.highest && bit > field.highest - field.count; });
    return found == m_fields.end() ? m_fields.front() : *found;
}

QColor SpecimenCanvas::fieldColour(const BitField& field) const
{
    const int index = static_cast<int>(&field - m_fields.data());
    static constexpr int kSeries[] = {5, 1, 0};
    const int series = m_fields.size() == 1 ? 0 : kSeries[std::min<std::size_t>(static_cast<std::size_t>(index), 2)];
    return mixed(seriesColour(series, palette()), palette().color(QPalette::Base), 0.72);
}

QString SpecimenCanvas::bitText(int bit) const
{
    if (!code() || bit < 0 || bit >= m_specimen.bitsPerCode)
        return {};
    const BitField& field = fieldOf(bit);
    const bool is = code()->asStored >> bit & 1u, was = code()->asQuantized >> bit & 1u;
    const QString text = tr("bit %1, %2, worth %3: %4")
                             .arg(bit)
                             .arg(field.name, field.places.at(static_cast<std::size_t>(field.highest - bit)))
                             .arg(is ? 1 : 0);
    return is == was ? text : tr("%1; turned over from %2").arg(text).arg(was ? 1 : 0);
}

void SpecimenCanvas::paintEvent(QPaintEvent*)
{
    if (!code())
        return;
    QPainter painter(this);
    drawBits(painter);
    drawFieldWords(painter);
    drawLine(painter);
}

void SpecimenCanvas::drawBits(QPainter& painter) const
{
    const QFont small = smallFont(font());
    QFont bold = font();
    bold.setBold(true);
    const QFontMetricsF smallMetrics(small);
    for (int bit = m_specimen.bitsPerCode - 1; bit >= 0; --bit) {
        const QRectF cell = bitRect(bit);
        const BitField& field = fieldOf(bit);
        const bool is = code()->asStored >> bit & 1u, was = code()->asQuantized >> bit & 1u;
        painter.fillRect(cell, fieldColour(field));
        painter.setPen(is == was ? QPen(mutedText(palette()), 1) : QPen(badColour(palette()), 2));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(cell.adjusted(0.5, 0.5, -0.5, -0.5));
        const QRectF top(cell.left(), cell.top(), cell.width(), smallMetrics.height());
        painter.setFont(small);
        painter.setPen(mutedText(palette()));
        painter.drawText(top, Qt::AlignCenter, is == was ? field.name.left(1) : QStringLiteral("↻"));
        painter.setFont(bold);
        painter.setPen(is == was ? palette().color(QPalette::Text) : badColour(palette()));
        painter.drawText(QRectF(cell.left(), top.bottom() - 1, cell.width(), QFontMetricsF(bold).height()), Qt::AlignCenter,
                         is ? QStringLiteral("1") : QStringLiteral("0"));
        const QString place = field.places.at(static_cast<std::size_t>(field.highest - bit));
        if (smallMetrics.horizontalAdvance(place) <= cell.width()) {
            painter.setFont(small);
            painter.setPen(mutedText(palette()));
            painter.drawText(QRectF(cell.left(), cell.bottom() - smallMetrics.height(), cell.width(), smallMetrics.height()),
                             Qt::AlignCenter, place);
        }
        if (bit == m_bit) {
            painter.setPen(QPen(hasFocus() ? palette().color(QPalette::Highlight) : palette().color(QPalette::Text), 2));
            painter.drawRect(cell.adjusted(-1, -1, 1, 1));
        }
    }
}

void SpecimenCanvas::drawFieldWords(QPainter& painter) const
{
    painter.setFont(smallFont(font()));
    const QFontMetricsF metrics(painter.font());
    double y = bitsBottom();
    for (const BitField& field : m_fields) {
        painter.fillRect(QRectF(kMargin, y + 2, 10, metrics.height() - 4), fieldColour(field));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(kMargin + 14, y, width() - 2 * kMargin - 14, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                         metrics.elidedText(fieldText(m_specimen.treatment.format, field, code()->asStored), Qt::ElideRight,
                                            width() - 2 * kMargin - 14));
        y += metrics.height();
    }
}

void SpecimenCanvas::drawLine(QPainter& painter) const
{
    const SpecimenCode& shown = *code();
    const QFont small = smallFont(font());
    const QFontMetricsF metrics(small);
    const double top = bitsBottom() + static_cast<double>(m_fields.size()) * metrics.height() + 2 * metrics.height() + 4;
    const double bottom = height() - bottomAxisHeight(small) - kLevelTick - 2;
    const QRectF plot(kMargin + 4, top, std::max(20.0, width() - 2 * kMargin - 8), std::max(20.0, bottom - top));

    double low = shown.quantized, high = shown.quantized;
    for (const float value : {shown.below, shown.above, shown.target})
        if (std::isfinite(value)) {
            low = std::min(low, static_cast<double>(value));
            high = std::max(high, static_cast<double>(value));
        }
    if (!(high > low)) {  // nothing beside it: a step of its own size
        const double step = std::max(1e-6, 0.5 * std::abs(static_cast<double>(shown.quantized)));
        low -= step;
        high += step;
    }
    const double pad = 0.12 * (high - low);
    const PlotScale axis{low - pad, high + pad, plot.left(), plot.right()};

    painter.fillRect(plot, palette().color(QPalette::Base));
    QColor veil = palette().color(QPalette::Highlight);
    veil.setAlphaF(0.18f);
    const auto within = [&](double value) { return std::clamp(axis.at(value), plot.left(), plot.right()); };
    const double from = std::isfinite(shown.thresholdBelow) ? within(shown.thresholdBelow) : plot.left();
    const double to = std::isfinite(shown.thresholdAbove) ? within(shown.thresholdAbove) : plot.right();
    painter.fillRect(QRectF(from, plot.top(), to - from, plot.height()), veil);  // all of this is rounded to the level
    painter.setPen(QPen(mutedText(palette()), 1, Qt::DotLine));
    for (const float threshold : {shown.thresholdBelow, shown.thresholdAbove})
        if (std::isfinite(threshold) && shown.rank >= 0)
            painter.drawLine(QPointF(axis.at(threshold), plot.top()), QPointF(axis.at(threshold), plot.bottom()));
    painter.setPen(QPen(seriesColour(0, palette()), 2.4));
    for (const float level : {shown.below, shown.quantized, shown.above})
        if (std::isfinite(level))
            painter.drawLine(QPointF(axis.at(level), plot.bottom() - 10), QPointF(axis.at(level), plot.bottom() + kLevelTick));
    painter.setFont(small);
    drawBottomAxis(painter, plot.adjusted(0, plot.height() + kLevelTick, 0, kLevelTick), axis,
                   tr("weight; ticks: levels, dotted: thresholds"), palette());
    drawPins(painter, plot, axis);
}

/// Trained: a round pin. Rounded to: a square one, with the error between. Stored, where bits were turned over: a diamond,
/// or an arrow to where it is.
void SpecimenCanvas::drawPins(QPainter& painter, const QRectF& plot, const PlotScale& axis) const
{
    const SpecimenCode& shown = *code();
    const QFontMetricsF metrics(painter.font());
    painter.setRenderHint(QPainter::Antialiasing);
    const double y = plot.top() + 0.35 * plot.height(), x = axis.at(shown.target), rounded = axis.at(shown.quantized);
    const QColor ink = palette().color(QPalette::Text);
    painter.setPen(QPen(cautionColour(palette()), 2));
    painter.drawLine(QPointF(x, y), QPointF(rounded, y));
    painter.setPen(QPen(ink, 1.4));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    painter.setBrush(ink);
    painter.drawEllipse(QPointF(x, y), 4, 4);
    painter.setBrush(palette().color(QPalette::Base));
    painter.drawRect(QRectF(rounded - 4, y - 4, 8, 8));

    const auto label = [&](double at, double line, const QString& words, const QColor& colour) {
        const double wide = metrics.horizontalAdvance(words);
        const double left = std::clamp(at - 0.5 * wide, plot.left(), std::max(plot.left(), plot.right() - wide));
        painter.setPen(colour);
        painter.drawText(QRectF(left, line, wide + 2, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter, words);
    };
    label(x, plot.top() - 2 * metrics.height() - 2,
          tr("● %1 %2").arg(m_point == 0 ? tr("trained") : tr("left over"), shortNumberText(shown.target)), ink);
    label(rounded, plot.top() - metrics.height() - 2, tr("□ rounded %1").arg(shortNumberText(shown.quantized)), ink);
    if (shown.asStored == shown.asQuantized)
        return;
    const QColor flipped = badColour(palette());
    const double line = plot.top() + 0.72 * plot.height(), stored = axis.at(shown.stored);
    if (std::isfinite(shown.stored) && stored >= plot.left() && stored <= plot.right()) {
        painter.setBrush(flipped);
        painter.setPen(Qt::NoPen);
        painter.drawPolygon(QPolygonF{{stored, line - 5}, {stored + 5, line}, {stored, line + 5}, {stored - 5, line}});
        label(stored, line + 4, tr("◆ stored %1").arg(shortNumberText(shown.stored)), flipped);
    } else {
        const bool isRight = !(shown.stored < shown.quantized);
        label(isRight ? plot.right() : plot.left(), line - 0.5 * metrics.height(),
              isRight ? tr("stored %1 →").arg(shortNumberText(shown.stored)) : tr("← stored %1").arg(shortNumberText(shown.stored)),
              flipped);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
}

bool SpecimenCanvas::event(QEvent* event)
{
    if (event->type() == QEvent::ToolTip) {
        const auto* help = static_cast<QHelpEvent*>(event);
        const int bit = bitAt(help->pos());
        if (bit >= 0)
            QToolTip::showText(help->globalPos(), tr("%1.\nClick to turn it over.").arg(bitText(bit)), this);
        else
            QToolTip::hideText();
        return true;
    }
    return QWidget::event(event);
}

void SpecimenCanvas::mousePressEvent(QMouseEvent* event)
{
    const int bit = bitAt(event->position());
    if (event->button() != Qt::LeftButton || bit < 0) {
        QWidget::mousePressEvent(event);
        return;
    }
    m_bit = bit;
    update();
    emit bitToggled(bit);
}

void SpecimenCanvas::keyPressEvent(QKeyEvent* event)
{
    const int highest = m_specimen.bitsPerCode - 1;
    if (highest < 0 || !code()) {
        QWidget::keyPressEvent(event);
        return;
    }
    const int line = bitsPerLine();
    switch (event->key()) {  // the highest bit stands leftmost
    case Qt::Key_Left: m_bit = std::clamp(m_bit + 1, 0, highest); break;
    case Qt::Key_Right: m_bit = m_bit < 0 ? highest : std::clamp(m_bit - 1, 0, highest); break;
    case Qt::Key_Up: m_bit = std::clamp(m_bit + line, 0, highest); break;
    case Qt::Key_Down: m_bit = std::clamp(m_bit - line, 0, highest); break;
    case Qt::Key_Home: m_bit = highest; break;
    case Qt::Key_End: m_bit = 0; break;
    case Qt::Key_Space:
    case Qt::Key_Return:
    case Qt::Key_Enter:
        if (m_bit >= 0)
            emit bitToggled(m_bit);
        return;
    default: QWidget::keyPressEvent(event); return;
    }
    setAccessibleDescription(bitText(m_bit));
    update();
}

}  // namespace app
