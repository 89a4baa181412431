// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/number_line_canvas.h"

#include "app/models/number_text.h"
#include "app/views/format_style.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 8, kLevelTick = 14, kBin = 3;  // logical pixels
constexpr double kRoomPerLevel = 4;                       // closer than this, levels are drawn as a density

}  // namespace

std::vector<std::size_t> countsPerLevel(const std::vector<float>& weights, const std::vector<float>& thresholds, std::size_t levels)
{
    std::vector<std::size_t> counts(levels, 0);
    if (levels == 0)
        return counts;
    for (const float weight : weights)
        if (!std::isnan(weight)) {
            const auto above = std::upper_bound(thresholds.begin(), thresholds.end(), weight) - thresholds.begin();
            ++counts[std::min(static_cast<std::size_t>(above), levels - 1)];
        }
    return counts;
}

NumberLineCanvas::NumberLineCanvas(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("numberLineCanvas"));
    setMouseTracking(true);
    setFocusPolicy(Qt::StrongFocus);
}

void NumberLineCanvas::showFigure(NumberLineFigure figure)
{
    m_figure = std::move(figure);
    m_levels = m_figure.format.levels();
    m_thresholds = m_figure.format.thresholds();
    m_counts = countsPerLevel(m_figure.normalised, m_thresholds, m_levels.size());
    m_current = -1;

    double low = 0, high = 0;
    for (const float weight : m_figure.normalised)
        if (std::isfinite(weight)) {
            low = std::min(low, static_cast<double>(weight));
            high = std::max(high, static_cast<double>(weight));
        }
    std::size_t outside = 0;
    if (!m_levels.empty()) {
        const double last = m_levels.back(), first = m_levels.front();
        // Clipped means: farther out than half a step beyond the outermost level, so that clipping costs more than rounding would.
        const double topHalf = m_levels.size() > 1 ? 0.5 * (last - m_levels[m_levels.size() - 2]) : 0;
        const double bottomHalf = m_levels.size() > 1 ? 0.5 * (m_levels[1] - first) : 0;
        outside = static_cast<std::size_t>(std::count_if(m_figure.normalised.begin(), m_figure.normalised.end(),
                                                         [&](float w) { return w > last + topHalf || w < first - bottomHalf; }));
        low = std::min(low, first);
        high = std::max(high, last);
    }
    m_clipped = m_figure.normalised.empty() ? 0 : static_cast<double>(outside) / static_cast<double>(m_figure.normalised.size());
    if (!(high > low)) {
        low -= 1;
        high += 1;
    }
    const double pad = 0.03 * (high - low);
    m_low = low - pad;
    m_high = high + pad;
    update();
}

QRectF NumberLineCanvas::plot() const
{
    const QFontMetricsF small(smallFont(font()));
    const double top = QFontMetricsF(font()).height() + small.height() + 8;
    const double bottom = height() - bottomAxisHeight(smallFont(font())) - kLevelTick - 2;
    return {kMargin, top, std::max(10.0, width() - 2 * kMargin), std::max(20.0, bottom - top)};
}

PlotScale NumberLineCanvas::scale() const
{
    const QRectF area = plot();
    return {m_low, m_high, area.left(), area.right()};
}

double NumberLineCanvas::pixelOf(double value) const { return scale().at(value); }

void NumberLineCanvas::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    const QRectF area = plot();
    const PlotScale axis = scale();
    painter.fillRect(area, palette().color(QPalette::Base));
    drawHistogram(painter, area, axis);
    drawLevels(painter, area, axis);
    drawMarker(painter, area, axis);
    painter.setFont(smallFont(font()));
    drawBottomAxis(painter, area.adjusted(0, area.height() + kLevelTick, 0, kLevelTick), axis, tr("weight / scale"), palette());
    drawHeading(painter);
    if (hasFocus()) {
        painter.setPen(QPen(palette().color(QPalette::Highlight), 1));
        painter.setBrush(Qt::NoBrush);
        painter.drawRect(area);
    }
}

void NumberLineCanvas::drawHeading(QPainter& painter) const
{
    const QFontMetricsF metrics(font());
    const double room = width() - 2 * kMargin;
    painter.setFont(font());
    painter.setPen(palette().color(QPalette::WindowText));
    QString title = QString::fromStdString(m_figure.format.name());
    if (!m_levels.empty())
        title += tr(": %1 levels").arg(countText(static_cast<std::int64_t>(m_levels.size())));
    if (!m_figure.layer.isEmpty())
        title = m_figure.layer + QStringLiteral(" · ") + title;
    painter.drawText(QRectF(kMargin, 2, room, metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(title, Qt::ElideRight, room));

    QStringList words;
    if (m_figure.format.isFloat32())
        words << tr("weights stay as they are");
    else if (m_levels.empty())
        words << tr("too many levels to draw");
    else if (!m_figure.format.holdsZero())
        words << tr("no exact zero");
    if (m_logCounts)
        words << tr("log counts");
    if (m_clipped > 0)
        words << tr("⚠ %1 clipped").arg(percentText(m_clipped, 2));
    if (!m_figure.scaleText.isEmpty())
        words << m_figure.scaleText;
    const QFontMetricsF small(smallFont(font()));
    painter.setFont(smallFont(font()));
    painter.setPen(m_clipped > 0 ? cautionColour(palette()) : mutedText(palette()));
    painter.drawText(QRectF(kMargin, 2 + metrics.height(), room, small.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     small.elidedText(words.join(QStringLiteral(" · ")), Qt::ElideRight, room));
}

void NumberLineCanvas::drawHistogram(QPainter& painter, const QRectF& area, const PlotScale& axis) const
{
    const std::size_t bins = static_cast<std::size_t>(std::max(1.0, std::ceil(area.width() / kBin)));
    std::vector<std::size_t> counts(bins, 0);
    for (const float weight : m_figure.normalised)
        if (std::isfinite(weight)) {
            const double place = (axis.at(weight) - area.left()) / kBin;
            ++counts[static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(bins - 1)))];
        }
    const auto heightOf = [this](std::size_t count) {
        return m_logCounts ? std::log1p(static_cast<double>(count)) : static_cast<double>(count);
    };
    const double most = heightOf(std::max<std::size_t>(1, *std::max_element(counts.begin(), counts.end())));
    const QColor fill = mixed(seriesColour(7, palette()), palette().color(QPalette::Base), 0.45);
    for (std::size_t bin = 0; bin < bins; ++bin) {
        if (counts[bin] == 0)
            continue;
        const double high = std::max(1.0, (area.height() - 4) * heightOf(counts[bin]) / most);
        painter.fillRect(QRectF(area.left() + static_cast<double>(bin) * kBin, area.bottom() - high, kBin - 1, high), fill);
    }
    if (m_levels.empty())
        return;
    // Beyond the outermost levels the format has nothing to say.
    const QBrush beyond(mixed(cautionColour(palette()), palette().color(QPalette::Base), 0.4), Qt::BDiagPattern);
    const double first = axis.at(m_levels.front()), last = axis.at(m_levels.back());
    if (first - area.left() > 0.05 * area.width())
        painter.fillRect(QRectF(area.left(), area.top(), first - area.left(), area.height()), beyond);
    if (area.right() - last > 0.05 * area.width())
        painter.fillRect(QRectF(last, area.top(), area.right() - last, area.height()), beyond);
}

void NumberLineCanvas::drawLevels(QPainter& painter, const QRectF& area, const PlotScale& axis) const
{
    if (m_levels.empty())
        return;
    const FormatStyle style = formatStyle(QString::fromStdString(m_figure.format.name()), palette());
    const QColor ink = mixed(style.colour, palette().color(QPalette::Text), 0.25);

    // Where levels stand closer than a few pixels, a strip as high as they are dense takes the place of single ticks.
    double closest = kRoomPerLevel;
    for (std::size_t i = 1; i < m_levels.size(); ++i)
        closest = std::min(closest, axis.at(m_levels[i]) - axis.at(m_levels[i - 1]));
    const auto dense = [&](double spacing) { return std::log1p(1 / spacing) / std::log1p(1 / closest); };
    for (std::size_t i = 0; i < m_levels.size(); ++i) {
        const double x = axis.at(m_levels[i]);
        const double before = i > 0 ? x - axis.at(m_levels[i - 1]) : area.width();
        const double after = i + 1 < m_levels.size() ? axis.at(m_levels[i + 1]) - x : area.width();
        if (after < kRoomPerLevel)
            painter.fillRect(QRectF(x, area.bottom() + 1, after, kLevelTick * (0.35 + 0.65 * dense(after))), ink);
        if (std::min(before, after) >= kRoomPerLevel) {
            painter.setPen(QPen(ink, 2));
            painter.drawLine(QPointF(x, area.bottom() - 4), QPointF(x, area.bottom() + kLevelTick));
        }
        if (i + 1 < m_levels.size() && after >= kRoomPerLevel) {
            const double threshold = axis.at(m_thresholds[i]);
            painter.setPen(QPen(mixed(mutedText(palette()), palette().color(QPalette::Base), 0.35), 1, Qt::DotLine));
            painter.drawLine(QPointF(threshold, area.top()), QPointF(threshold, area.bottom()));
        }
    }
    if (m_current >= 0) {
        const std::size_t level = static_cast<std::size_t>(m_current);
        const double from = level > 0 ? axis.at(m_thresholds[level - 1]) : area.left();
        const double to = level + 1 < m_levels.size() ? axis.at(m_thresholds[level]) : area.right();
        QColor veil = palette().color(QPalette::Highlight);
        veil.setAlphaF(0.2f);
        painter.fillRect(QRectF(from, area.top(), std::max(1.0, to - from), area.height()), veil);
        painter.setPen(QPen(palette().color(QPalette::Highlight), 3));
        const double x = axis.at(m_levels[level]);
        painter.drawLine(QPointF(x, area.bottom() - 8), QPointF(x, area.bottom() + kLevelTick));
    }
}

/// A pin over the line: the one weight that is pointed at elsewhere.
void NumberLineCanvas::drawMarker(QPainter& painter, const QRectF& area, const PlotScale& axis) const
{
    if (!m_marker || !std::isfinite(m_marker->normalised))
        return;
    const double x = std::clamp(axis.at(m_marker->normalised), area.left(), area.right());
    const QColor ink = palette().color(QPalette::Text);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setPen(QPen(ink, 1.4));
    painter.drawLine(QPointF(x, area.top() + 4), QPointF(x, area.bottom() + kLevelTick));
    painter.setBrush(ink);
    painter.drawEllipse(QPointF(x, area.top() + 4), 3.5, 3.5);
    painter.setFont(smallFont(font()));
    const QFontMetricsF metrics(painter.font());
    const double wide = metrics.horizontalAdvance(m_marker->words) + 6;
    const double left = x + 6 + wide < area.right() ? x + 6 : std::max(area.left(), x - 6 - wide);
    const QRectF plate(left, area.top(), wide, metrics.height());
    painter.fillRect(plate, palette().color(QPalette::Base));
    painter.drawText(plate, Qt::AlignCenter, m_marker->words);
    painter.setRenderHint(QPainter::Antialiasing, false);
}

void NumberLineCanvas::setMarker(std::optional<NumberLineMarker> marker)
{
    m_marker = std::move(marker);
    update();
}

void NumberLineCanvas::setLogCounts(bool logarithmic)
{
    m_logCounts = logarithmic;
    update();
}

int NumberLineCanvas::levelNear(double pixel) const
{
    if (m_levels.empty())
        return -1;
    const double value = scale().valueAt(pixel);
    const auto above = std::upper_bound(m_thresholds.begin(), m_thresholds.end(), static_cast<float>(value)) - m_thresholds.begin();
    return static_cast<int>(std::min<std::ptrdiff_t>(above, static_cast<std::ptrdiff_t>(m_levels.size()) - 1));
}

QString NumberLineCanvas::levelText(std::size_t level) const
{
    if (level >= m_levels.size())
        return {};
    const double share =
        m_figure.normalised.empty() ? 0.0 : static_cast<double>(m_counts[level]) / static_cast<double>(m_figure.normalised.size());
    QString text = tr("level %1 of %2: %3, code %4")
                       .arg(QString::number(level), countText(static_cast<std::int64_t>(m_levels.size())), shortNumberText(m_levels[level]),
                            codeText(m_figure.format, level, m_levels));
    const QString from = level > 0 ? shortNumberText(m_thresholds[level - 1]) : QStringLiteral("−∞");
    const QString to = level + 1 < m_levels.size() ? shortNumberText(m_thresholds[level]) : QStringLiteral("∞");
    text += tr("; takes %1 to %2; %3 of the weights").arg(from, to, percentText(share, 2));
    return text;
}

void NumberLineCanvas::point(int level)
{
    if (level == m_current)
        return;
    m_current = level;
    setAccessibleDescription(level >= 0 ? levelText(static_cast<std::size_t>(level)) : QString());
    update();
    emit levelHovered(level);
}

void NumberLineCanvas::mouseMoveEvent(QMouseEvent* event)
{
    point(levelNear(event->position().x()));
    if (m_current >= 0)
        QToolTip::showText(event->globalPosition().toPoint(),
                           levelText(static_cast<std::size_t>(m_current)).replace(QStringLiteral("; "), QStringLiteral("\n")), this);
}

void NumberLineCanvas::leaveEvent(QEvent*) { point(-1); }

void NumberLineCanvas::keyPressEvent(QKeyEvent* event)
{
    const int last = static_cast<int>(m_levels.size()) - 1;
    if (last < 0) {
        QWidget::keyPressEvent(event);
        return;
    }
    switch (event->key()) {
    case Qt::Key_Left: point(std::clamp(m_current - 1, 0, last)); break;
    case Qt::Key_Right: point(std::clamp(m_current + 1, 0, last)); break;
    case Qt::Key_Home: point(0); break;
    case Qt::Key_End: point(last); break;
    case Qt::Key_Escape: point(-1); break;
    default: QWidget::keyPressEvent(event); return;
    }
}

}  // namespace app
