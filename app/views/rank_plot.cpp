// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/rank_plot.h"

#include "app/models/number_text.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {

namespace {

constexpr double kMargin = 6;

}  // namespace

namespace {

/// The ranks worth seeing: half as many again as win all but a tenth of a decibel, the present one and the measured ones.
int lastRankWorthSeeing(const RankFigure& figure)
{
    constexpr int kFewest = 16;
    constexpr double kAllButThis = 0.1;
    if (!figure.surrogate)
        return figure.maximumRank;
    const double full = figure.surrogate->predictedSqnr(figure.maximumRank);
    int enough = 0;
    while (enough < figure.maximumRank && figure.surrogate->predictedSqnr(enough) < full - kAllButThis)
        ++enough;
    int last = std::max({kFewest, 3 * enough / 2, figure.rank + figure.rank / 4 + 1});
    for (const MeasuredRank& measured : figure.measured)
        last = std::max(last, measured.rank + 1);
    return std::min(last, figure.maximumRank);
}

}  // namespace

double floorDecibels(const core::SurrogateReport& surrogate)
{
    const double left = surrogate.floorEnergy();
    return left > 0 && surrogate.signalEnergy > 0 ? 10 * std::log10(surrogate.signalEnergy / left)
                                                  : std::numeric_limits<double>::infinity();
}

RankPlot::RankPlot(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("rankPlot"));
    setAccessibleName(tr("Signal over error by rank, and the singular spectrum of the error"));
}

void RankPlot::showFigure(const RankFigure& figure)
{
    m_figure = figure;
    m_lastRank = lastRankWorthSeeing(figure);
    double low = std::numeric_limits<double>::infinity(), high = -low;
    const auto include = [&](double value) {
        if (std::isfinite(value)) {
            low = std::min(low, value);
            high = std::max(high, value);
        }
    };
    if (figure.surrogate) {
        for (int rank = 0; rank <= m_lastRank; ++rank)
            include(figure.surrogate->predictedSqnr(rank));
        include(floorDecibels(*figure.surrogate));
    }
    for (const MeasuredRank& measured : figure.measured)
        include(measured.sqnrDecibels);
    if (!(low <= high)) {
        low = 0;
        high = 1;
    }
    const double pad = std::max(0.5, 0.08 * (high - low));
    m_low = low - pad;
    m_high = high + std::max(pad, 0.2 * (high - low));  // the words above the floor need room, the curve never comes there
    update();
}

RankPlot::Areas RankPlot::areas() const
{
    const QFont small = smallFont(font());
    const double line = QFontMetricsF(small).height();
    const double left = leftAxisWidth(small, {m_low, m_high, 0, 1}, 0.6 * height()) + 2;
    const double top = line + 8;
    const double room = height() - top - bottomAxisHeight(small) - line - 10;
    const double upper = std::max(40.0, 0.66 * room);
    const double wide = std::max(20.0, width() - left - 2 * kMargin);
    return {QRectF(left, top, wide, upper), QRectF(left, top + upper + line + 8, wide, std::max(16.0, room - upper))};
}

PlotScale RankPlot::ranks() const
{
    const QRectF area = areas().upper;
    return {-0.5, std::max(1, m_lastRank) + 0.5, area.left(), area.right()};
}

PlotScale RankPlot::decibels() const
{
    const QRectF area = areas().upper;
    return {m_low, m_high, area.bottom(), area.top()};
}

QPointF RankPlot::pointOf(int rank, double decibelsAtRank) const { return {ranks().at(rank), decibels().at(decibelsAtRank)}; }

void RankPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(smallFont(font()));
    const Areas area = areas();
    painter.fillRect(area.upper, palette().color(QPalette::Base));
    painter.fillRect(area.lower, palette().color(QPalette::Base));
    drawLeftAxis(painter, area.upper, decibels(), tr("signal over error / dB (line: predicted, □ measured)"), palette());
    painter.save();
    painter.setClipRect(area.upper.adjusted(-1, -1, 1, 1));
    drawCurve(painter, area.upper);
    painter.restore();
    drawSpectrum(painter, area.lower);
    drawBottomAxis(painter, area.lower, ranks(), tr("rank, of %1").arg(m_figure.maximumRank), palette());

    const double x = ranks().at(m_figure.rank);
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1.6, Qt::DashLine));
    painter.drawLine(QPointF(x, area.upper.top()), QPointF(x, area.lower.bottom()));
}

void RankPlot::drawCurve(QPainter& painter, const QRectF& area) const
{
    if (m_figure.surrogate) {
        const double floor = floorDecibels(*m_figure.surrogate);
        if (std::isfinite(floor)) {
            const double y = decibels().at(floor);
            painter.fillRect(QRectF(area.left(), area.top(), area.width(), y - area.top()),
                             QBrush(gridColour(palette()), Qt::BDiagPattern));
            painter.setPen(QPen(seriesColour(3, palette()), 1.6, Qt::DashDotLine));
            painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
            const QString text = tr("floor: no rank exceeds %1").arg(decibelText(floor));
            const QFontMetricsF metrics(painter.font());
            const QRectF place(area.left() + 4, y - metrics.height() - 1, area.width() - 8, metrics.height());
            const QString shown = metrics.elidedText(text, Qt::ElideRight, place.width());
            if (place.top() >= area.top()) {  // in a low plot the verdict alone says it
                painter.fillRect(QRectF(place.left() - 2, place.top(), metrics.horizontalAdvance(shown) + 4, place.height()),
                                 palette().color(QPalette::Base));
                painter.setPen(palette().color(QPalette::Text));
                painter.drawText(place, Qt::AlignLeft | Qt::AlignVCenter, shown);
            }
        }
        QPainterPath curve;
        for (int rank = 0; rank <= m_lastRank; ++rank) {
            const double predicted = m_figure.surrogate->predictedSqnr(rank);
            if (!std::isfinite(predicted))
                continue;
            const QPointF point = pointOf(rank, predicted);
            curve.elementCount() == 0 ? curve.moveTo(point) : curve.lineTo(point);
        }
        painter.setBrush(Qt::NoBrush);
        painter.setPen(QPen(seriesColour(0, palette()), 2.2));
        painter.drawPath(curve);
        if (const double now = m_figure.surrogate->predictedSqnr(m_figure.rank); std::isfinite(now)) {
            painter.setBrush(seriesColour(0, palette()));
            painter.setPen(QPen(palette().color(QPalette::Base), 1.5));
            painter.drawEllipse(pointOf(m_figure.rank, now), 5, 5);
        }
    }
    // Measured points are squares, so that they are not taken for the prediction.
    for (const MeasuredRank& measured : m_figure.measured) {
        if (!std::isfinite(measured.sqnrDecibels))
            continue;
        const QPointF point = pointOf(measured.rank, measured.sqnrDecibels);
        painter.setBrush(palette().color(QPalette::Base));
        painter.setPen(QPen(seriesColour(1, palette()), 2));
        painter.drawRect(QRectF(point - QPointF(3.5, 3.5), QSizeF(7, 7)));
    }
}

void RankPlot::drawSpectrum(QPainter& painter, const QRectF& area) const
{
    const QFontMetricsF metrics(painter.font());
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(0, area.top() - metrics.height() - 2, area.right(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(tr("singular values (filled: removed)"), Qt::ElideRight, area.right()));
    if (!m_figure.surrogate || m_figure.surrogate->singularValues.empty())
        return;
    const std::vector<double>& values = m_figure.surrogate->singularValues;
    const double most = std::max(values.front(), std::numeric_limits<double>::min());
    const PlotScale axis = ranks();
    const double wide = (area.width()) / (axis.high - axis.low);
    const int count = std::min(static_cast<int>(values.size()), m_lastRank);
    const QColor blue = seriesColour(0, palette());
    for (int k = 1; k <= count; ++k) {  // bar k is what going from rank k - 1 to k removes
        const double high = (area.height() - 2) * std::max(0.0, values[static_cast<std::size_t>(k - 1)]) / most;
        const QRectF bar(axis.at(k - 0.5) + 0.12 * wide, area.bottom() - high, std::max(1.0, 0.76 * wide), high);
        if (k <= m_figure.rank) {
            painter.fillRect(bar, blue);
        } else if (wide >= 5) {
            painter.setBrush(Qt::NoBrush);
            painter.setPen(QPen(blue, 1));
            painter.drawRect(bar);
        } else {
            painter.fillRect(bar, mixed(blue, palette().color(QPalette::Base), 0.6));
        }
    }
}

int RankPlot::rankAt(double x) const { return std::clamp(static_cast<int>(std::lround(ranks().valueAt(x))), 0, m_figure.maximumRank); }

QString RankPlot::rankText(int rank) const
{
    QStringList text{tr("rank %1").arg(rank)};
    if (m_figure.surrogate) {
        text << tr("predicted %1").arg(decibelText(m_figure.surrogate->predictedSqnr(rank)));
        const std::vector<double>& values = m_figure.surrogate->singularValues;
        if (rank >= 1 && rank <= static_cast<int>(values.size()))
            text << tr("singular value %1").arg(shortNumberText(values[static_cast<std::size_t>(rank - 1)]));
    }
    for (const MeasuredRank& measured : m_figure.measured)
        if (measured.rank == rank)
            text << tr("measured %1").arg(decibelText(measured.sqnrDecibels));
    return text.join(u'\n');
}

bool RankPlot::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    const Areas area = areas();
    if (area.upper.united(area.lower).contains(help->pos()))
        QToolTip::showText(help->globalPos(), rankText(rankAt(help->pos().x())), this);
    else
        QToolTip::hideText();
    return true;
}

void RankPlot::mousePressEvent(QMouseEvent* event)
{
    if (event->button() != Qt::LeftButton) {
        QWidget::mousePressEvent(event);
        return;
    }
    emit gestureBegun();
    emit rankPointed(rankAt(event->position().x()));
}

void RankPlot::mouseMoveEvent(QMouseEvent* event)
{
    if (event->buttons() & Qt::LeftButton)
        emit rankPointed(rankAt(event->position().x()));
}

void RankPlot::mouseReleaseEvent(QMouseEvent* event)
{
    if (event->button() == Qt::LeftButton)
        emit gestureEnded();
}

}  // namespace app
