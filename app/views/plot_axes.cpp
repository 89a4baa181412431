// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/plot_axes.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"

#include <QFontMetricsF>
#include <QPainter>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kTick = 4;  // logical pixels
constexpr double kGap = 2;

int ticksThatFitBelow(const QRectF& plot, const QFontMetricsF& metrics)
{
    return std::clamp(static_cast<int>(plot.width() / (metrics.horizontalAdvance(QStringLiteral("−0000")) * 1.6)), 2, 10);
}

int ticksThatFitBeside(double height, const QFontMetricsF& metrics)
{
    return std::clamp(static_cast<int>(height / (metrics.height() * 2.0)), 2, 8);
}

}  // namespace

double roundStep(double span, int most)
{
    const double rough = span / std::max(1, most);
    const double power = std::pow(10.0, std::floor(std::log10(rough)));
    for (const double factor : {1.0, 2.0, 5.0})
        if (factor * power >= rough)
            return factor * power;
    return 10.0 * power;
}

int decimalsOfStep(double step) { return std::clamp(static_cast<int>(std::ceil(-std::log10(step) - 1e-9)), 0, 6); }

std::vector<double> roundTicks(double low, double high, int most)
{
    if (!(high > low) || !std::isfinite(high - low))
        return {low};
    const double step = roundStep(high - low, most);
    std::vector<double> ticks;
    const double first = std::ceil(low / step - 1e-9);
    const double last = std::floor(high / step + 1e-9);
    for (double k = first; k <= last; k += 1.0)
        ticks.push_back(k * step);
    return ticks;
}

QString tickText(double tick, const std::vector<double>& ticks)
{
    if (ticks.size() < 2)
        return shortNumberText(tick);
    return numberText(tick, decimalsOfStep(ticks[1] - ticks[0]));
}

double PlotScale::at(double value) const { return high > low ? from + (value - low) / (high - low) * (to - from) : 0.5 * (from + to); }

double PlotScale::valueAt(double pixel) const { return to != from ? low + (pixel - from) / (to - from) * (high - low) : low; }

void drawBottomAxis(QPainter& painter, const QRectF& plot, const PlotScale& scale, const QString& title, const QPalette& palette)
{
    const QFontMetricsF metrics(painter.font());
    const std::vector<double> ticks = roundTicks(scale.low, scale.high, ticksThatFitBelow(plot, metrics));
    for (const double tick : ticks) {
        const double x = scale.at(tick);
        painter.setPen(gridColour(palette));
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        painter.setPen(mutedText(palette));
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + kTick));
        const QString text = tickText(tick, ticks);
        const double width = metrics.horizontalAdvance(text) + 2;
        const double left = std::clamp(x - 0.5 * width, 0.0, std::max(0.0, static_cast<double>(painter.window().width()) - width));
        painter.drawText(QRectF(left, plot.bottom() + kTick, width, metrics.height()), Qt::AlignCenter, text);
    }
    painter.setPen(mutedText(palette));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    painter.setPen(palette.color(QPalette::WindowText));
    painter.drawText(QRectF(plot.left(), plot.bottom() + kTick + metrics.height() + kGap, plot.width(), metrics.height()), Qt::AlignCenter,
                     metrics.elidedText(title, Qt::ElideRight, plot.width()));
}

void drawLeftAxis(QPainter& painter, const QRectF& plot, const PlotScale& scale, const QString& title, const QPalette& palette)
{
    const QFontMetricsF metrics(painter.font());
    const std::vector<double> ticks = roundTicks(scale.low, scale.high, ticksThatFitBeside(plot.height(), metrics));
    for (const double tick : ticks) {
        const double y = scale.at(tick);
        painter.setPen(gridColour(palette));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(mutedText(palette));
        painter.drawLine(QPointF(plot.left() - kTick, y), QPointF(plot.left(), y));
        painter.drawText(QRectF(0, y - 0.5 * metrics.height(), plot.left() - kTick - kGap, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, tickText(tick, ticks));
    }
    painter.setPen(mutedText(palette));
    painter.drawLine(plot.topLeft(), plot.bottomLeft());
    painter.setPen(palette.color(QPalette::WindowText));
    painter.drawText(QRectF(0, plot.top() - metrics.height() - 2 * kGap, plot.right(), metrics.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     metrics.elidedText(title, Qt::ElideRight, plot.right()));
}

double bottomAxisHeight(const QFont& font) { return kTick + kGap + 2 * QFontMetricsF(font).height() + 2; }

double leftAxisWidth(const QFont& font, const PlotScale& scale, double height)
{
    const QFontMetricsF metrics(font);
    const std::vector<double> ticks = roundTicks(scale.low, scale.high, ticksThatFitBeside(height, metrics));
    double widest = 0;
    for (const double tick : ticks)
        widest = std::max(widest, metrics.horizontalAdvance(tickText(tick, ticks)));
    return widest + kTick + 2 * kGap;
}

}  // namespace app
