// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/chip_strip.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"
#include "app/views/plot_axes.h"

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 8, kBand = 34, kDot = 3.2;

}  // namespace

ChipStrip::ChipStrip(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("accuracyChips"));
    setAccessibleName(tr("Accuracy of each chip, with the yield above a threshold"));
    setToolTip(tr("<p>A dot is a chip: one draw of everything that is fixed when it is made; hollow: below the threshold. The line goes "
                  "from the least to the greatest chip, the box holds the middle 90 %, the upright bar is their mean.</p>"
                  "<p>Drag the dashed line, or press the arrow keys, to ask how many chips reach an accuracy. An arrow at the edge: the "
                  "threshold lies beyond this axis.</p>"));
    setFocusPolicy(Qt::StrongFocus);
    setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void ChipStrip::showChips(const core::ChipStatistics& chips)
{
    m_chips = chips;
    m_sorted = chips.top1;
    std::sort(m_sorted.begin(), m_sorted.end());
    setAccessibleDescription(yieldText());
    update();
}

void ChipStrip::setThreshold(double share)
{
    m_threshold = std::clamp(share, 0.0, 1.0);
    setAccessibleDescription(yieldText());
    update();
}

int ChipStrip::yieldCount() const { return static_cast<int>(core::yieldAt(m_chips, m_threshold).successes); }

QString ChipStrip::yieldText() const
{
    const core::Proportion yield = core::yieldAt(m_chips, m_threshold);
    return tr("yield %1 (95 % interval %2 – %3): %4 of %5 chips reach %6 accuracy")
        .arg(percentText(yield.value(), 0), numberText(100 * yield.low(), 0), percentText(yield.high(), 0), countText(yield.successes),
             countText(yield.trials), percentText(m_threshold));
}

QSize ChipStrip::minimumSizeHint() const
{
    return {160, static_cast<int>(std::ceil(kBand + bottomAxisHeight(smallFont(font())) + fontMetrics().height() + kMargin))};
}

QSize ChipStrip::sizeHint() const { return {420, minimumSizeHint().height()}; }

QRectF ChipStrip::plot() const
{
    const double top = fontMetrics().height() + 4;
    return {2 * kMargin, top, std::max(1.0, width() - 4 * kMargin), kBand};
}

PlotScale ChipStrip::scale() const
{
    const double low = m_sorted.empty() ? m_threshold : m_sorted.front(), high = m_sorted.empty() ? m_threshold : m_sorted.back();
    const double pad = std::max(0.005, 0.2 * (high - low));  // room for a threshold just outside
    const QRectF area = plot();
    return {100 * std::max(0.0, low - pad), 100 * std::min(1.0, high + pad), area.left(), area.right()};
}

void ChipStrip::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = plot();
    const PlotScale axis = scale();
    const double middle = area.center().y();

    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(kMargin, 0, width() - 2 * kMargin, fontMetrics().height()), Qt::AlignLeft | Qt::AlignVCenter,
                     fontMetrics().elidedText(yieldText(), Qt::ElideRight, static_cast<int>(width() - 2 * kMargin)));
    painter.setFont(smallFont(font()));
    drawBottomAxis(painter, area, axis, {}, palette());
    const double words = QFontMetricsF(painter.font()).height();
    drawLegend(painter, QRectF(kMargin, area.bottom() + bottomAxisHeight(painter.font()) - words, width() - 2 * kMargin, words));
    if (m_sorted.empty())
        return;

    const QColor blue = seriesColour(0, palette());
    QColor veil = blue;
    veil.setAlphaF(0.25f);
    painter.setPen(QPen(blue, 1.2));
    painter.drawLine(QPointF(axis.at(100 * m_sorted.front()), middle), QPointF(axis.at(100 * m_sorted.back()), middle));
    painter.fillRect(QRectF(QPointF(axis.at(100 * core::percentileOf(m_sorted, 0.05)), middle - 7),
                            QPointF(axis.at(100 * core::percentileOf(m_sorted, 0.95)), middle + 7)),
                     veil);

    // Chips of nearly the same accuracy step aside in three lanes, so that none hides another.
    for (std::size_t i = 0; i < m_sorted.size(); ++i) {
        const double lane = (static_cast<double>(i % 3) - 1.0) * 2.2 * kDot;
        const QPointF centre(axis.at(100 * m_sorted[i]), middle + lane);
        const bool reaches = m_sorted[i] >= m_threshold;
        painter.setPen(QPen(blue, 1.2));
        painter.setBrush(reaches ? QBrush(blue) : QBrush(palette().color(QPalette::Base)));  // hollow: below the threshold
        painter.drawEllipse(centre, kDot, kDot);
    }
    painter.setPen(QPen(palette().color(QPalette::WindowText), 2));
    const double mean = axis.at(100 * m_chips.mean);
    painter.drawLine(QPointF(mean, middle - 13), QPointF(mean, middle + 13));
    drawThreshold(painter, area);
}

bool ChipStrip::isThresholdBeyond() const
{
    const PlotScale axis = scale();
    return 100 * m_threshold < axis.low || 100 * m_threshold > axis.high;
}

double ChipStrip::thresholdPlace() const
{
    const PlotScale axis = scale();
    return axis.at(std::clamp(100 * m_threshold, axis.low, axis.high));
}

/// A dashed line with a grip; beyond the axis an arrow at its edge that says how far out it is.
void ChipStrip::drawThreshold(QPainter& painter, const QRectF& area) const
{
    const double at = thresholdPlace();
    const QColor ink = hasFocus() ? palette().color(QPalette::Highlight) : seriesColour(3, palette());
    QPolygonF grip{{at - 6, area.top() - 1}, {at + 6, area.top() - 1}, {at, area.top() + 8}};
    if (isThresholdBeyond()) {
        const bool isLeft = at < area.center().x();
        const double outwards = isLeft ? -1 : 1, y = area.top() + 6;
        grip = QPolygonF{{at, y - 6}, {at, y + 6}, {at + outwards * 9, y}};
        const QString text = percentText(m_threshold);
        const double wide = QFontMetricsF(painter.font()).horizontalAdvance(text) + 2;
        painter.setPen(ink);
        painter.drawText(QRectF(isLeft ? at + 4 : at - 4 - wide, y - 8, wide, 16), Qt::AlignCenter, text);
    }
    painter.setPen(QPen(ink, 1.6, Qt::DashLine));
    painter.drawLine(QPointF(at, area.top()), QPointF(at, area.bottom()));
    painter.setPen(Qt::NoPen);
    painter.setBrush(ink);
    painter.drawPolygon(grip);
}

/// The axis' title, and beside it what is drawn, as far as there is room.
void ChipStrip::drawLegend(QPainter& painter, const QRectF& line) const
{
    const QFontMetricsF metrics(painter.font());
    const QColor blue = seriesColour(0, palette());
    QColor veil = blue;
    veil.setAlphaF(0.25f);
    double x = line.left();
    const auto entry = [&](const QString& words, double sign, const auto& draw) {
        const double wide = sign + metrics.horizontalAdvance(words) + 2;
        if (x + wide > line.right() && x > line.left())
            return;
        draw(QPointF(x + sign / 2 - 2, line.center().y()));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(x + sign, line.top(), wide, line.height()), Qt::AlignLeft | Qt::AlignVCenter, words);
        x += wide + 14;
    };
    const auto dot = [&](const QBrush& brush) {
        return [&, brush](QPointF at) {
            painter.setPen(QPen(blue, 1.2));
            painter.setBrush(brush);
            painter.drawEllipse(at, kDot, kDot);
        };
    };
    entry(tr("accuracy of a chip / %"), 0, [](QPointF) {});
    entry(tr("reaches the threshold"), 12, dot(blue));
    entry(tr("does not"), 12, dot(palette().color(QPalette::Base)));
    entry(tr("mean"), 10, [&](QPointF at) {
        painter.setPen(QPen(palette().color(QPalette::WindowText), 2));
        painter.drawLine(at - QPointF(0, 5), at + QPointF(0, 5));
    });
    entry(tr("middle 90 %"), 20, [&](QPointF at) { painter.fillRect(QRectF(at - QPointF(7, 4), QSizeF(14, 8)), veil); });
    entry(tr("all"), 20, [&](QPointF at) {
        painter.setPen(QPen(blue, 1.2));
        painter.drawLine(at - QPointF(7, 0), at + QPointF(7, 0));
    });
}

void ChipStrip::moveThreshold(double share)
{
    // Steps of a tenth of a point: what the label can say.
    const double stepped = std::round(std::clamp(share, 0.0, 1.0) * 1000) / 1000;
    if (stepped == m_threshold)
        return;
    setThreshold(stepped);
    emit thresholdChanged(m_threshold);
}

void ChipStrip::mousePressEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        moveThreshold(scale().valueAt(event->position().x()) / 100);
}

void ChipStrip::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        moveThreshold(scale().valueAt(event->position().x()) / 100);
}

void ChipStrip::keyPressEvent(QKeyEvent* event)
{
    switch (event->key()) {
    case Qt::Key_Left: moveThreshold(m_threshold - 0.001); break;
    case Qt::Key_Right: moveThreshold(m_threshold + 0.001); break;
    case Qt::Key_PageDown: moveThreshold(m_threshold - 0.01); break;
    case Qt::Key_PageUp: moveThreshold(m_threshold + 0.01); break;
    default: QWidget::keyPressEvent(event);
    }
}

}  // namespace app
