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

std::vector<double> ticksOf(const PlotScale& scale, int most)
{
    return scale.isLogarithmic ? decadeTicks(scale.low, scale.high, most) : roundTicks(scale.low, scale.high, most);
}

QString textOf(double tick, const std::vector<double>& ticks, const PlotScale& scale)
{
    return scale.isLogarithmic ? decadeText(tick) : tickText(tick, ticks);
}

QString raised(int exponent)
{
    static const QString digits = QStringLiteral("⁰¹²³⁴⁵⁶⁷⁸⁹");
    QString text = exponent < 0 ? QStringLiteral("⁻") : QString();
    for (const QChar digit : QString::number(std::abs(exponent)))
        text += digits[digit.digitValue()];
    return text;
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

std::vector<double> decadeTicks(double low, double high, int most)
{
    const int first = static_cast<int>(std::floor(std::log10(low) + 1e-9)), last = static_cast<int>(std::floor(std::log10(high) + 1e-9));
    const auto ticksBy = [&](const std::vector<double>& factors, int every) {
        std::vector<double> ticks;
        for (int decade = first; decade <= last; ++decade)
            for (const double factor : factors)
                if (const double tick = factor * std::pow(10.0, decade);
                    decade % every == 0 && tick >= low * (1 - 1e-9) && tick <= high * (1 + 1e-9))
                    ticks.push_back(tick);
        return ticks;
    };
    for (const auto& factors : {std::vector{1.0, 2.0, 5.0}, std::vector{1.0, 3.0}})
        if (std::vector<double> ticks = ticksBy(factors, 1); std::ssize(ticks) <= most)
            return ticks;
    return ticksBy({1.0}, (last - first + std::max(1, most)) / std::max(1, most));
}

QString decadeText(double tick)
{
    constexpr double kLeast = 0.99e-3, kMost = 1.01e4;
    if (tick > kLeast && tick < kMost)
        return QString::number(tick, 'g', 5);
    const int exponent = static_cast<int>(std::floor(std::log10(tick) + 1e-9));
    const QString factor = numberText(tick / std::pow(10.0, exponent), 0);
    return (factor == QStringLiteral("1") ? QString() : factor + QStringLiteral("·")) + QStringLiteral("10") + raised(exponent);
}

double PlotScale::at(double value) const
{
    if (!(high > low))
        return 0.5 * (from + to);
    const double share = isLogarithmic ? std::log(value / low) / std::log(high / low) : (value - low) / (high - low);
    return from + share * (to - from);
}

double PlotScale::valueAt(double pixel) const
{
    if (to == from)
        return low;
    const double share = (pixel - from) / (to - from);
    return isLogarithmic ? low * std::pow(high / low, share) : low + share * (high - low);
}

void drawBottomAxis(QPainter& painter, const QRectF& plot, const PlotScale& scale, const QString& title, const QPalette& palette)
{
    const QFontMetricsF metrics(painter.font());
    const std::vector<double> ticks = ticksOf(scale, ticksThatFitBelow(plot, metrics));
    for (const double tick : ticks) {
        const double x = scale.at(tick);
        painter.setPen(gridColour(palette));
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        painter.setPen(mutedText(palette));
        painter.drawLine(QPointF(x, plot.bottom()), QPointF(x, plot.bottom() + kTick));
        const QString text = textOf(tick, ticks, scale);
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
    const std::vector<double> ticks = ticksOf(scale, ticksThatFitBeside(plot.height(), metrics));
    for (const double tick : ticks) {
        const double y = scale.at(tick);
        painter.setPen(gridColour(palette));
        painter.drawLine(QPointF(plot.left(), y), QPointF(plot.right(), y));
        painter.setPen(mutedText(palette));
        painter.drawLine(QPointF(plot.left() - kTick, y), QPointF(plot.left(), y));
        painter.drawText(QRectF(0, y - 0.5 * metrics.height(), plot.left() - kTick - kGap, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, textOf(tick, ticks, scale));
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
    const std::vector<double> ticks = ticksOf(scale, ticksThatFitBeside(height, metrics));
    double widest = 0;
    for (const double tick : ticks)
        widest = std::max(widest, metrics.horizontalAdvance(textOf(tick, ticks, scale)));
    return widest + kTick + 2 * kGap;
}

}  // namespace app
