// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/training_plot.h"

#include "app/models/number_text.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {
namespace {

constexpr double kMargin = 6, kDot = 2.6;
constexpr double kWide = 1.3;   // times as wide as high: the plots stand side by side
constexpr int kMostMarks = 60;  // of more epochs the line alone is drawn

}  // namespace

std::optional<double> valueOf(const core::EpochReport& epoch, TrainingPlot::Quantity quantity, TrainingPlot::Samples samples)
{
    const bool learned = samples == TrainingPlot::Samples::Learned;
    if (quantity == TrainingPlot::Quantity::Loss) {
        const double loss = learned ? epoch.trainLoss : epoch.validationLoss;
        return std::isfinite(loss) ? std::optional(loss) : std::nullopt;
    }
    const std::optional<double> share = learned ? epoch.trainAccuracy : epoch.validationAccuracy;
    return share ? std::optional(100 * *share) : std::nullopt;
}

TrainingPlot::TrainingPlot(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("trainingPlot"));
    setAccessibleName(tr("Loss and accuracy over epochs"));
}

void TrainingPlot::showFigure(const TrainingFigure& figure)
{
    m_figure = figure;
    for (const Quantity quantity : {Quantity::Loss, Quantity::Accuracy}) {
        double low = std::numeric_limits<double>::infinity(), high = -low;
        for (const core::EpochReport& epoch : figure.history)
            for (const Samples samples : {Samples::Learned, Samples::KeptBack})
                if (const auto value = valueOf(epoch, quantity, samples)) {
                    low = std::min(low, *value);
                    high = std::max(high, *value);
                }
        if (!(low <= high)) {
            low = 0;
            high = 1;
        }
        const double pad = std::max(0.08 * (high - low), quantity == Quantity::Loss ? 1e-3 : 0.2);
        Range& range = m_ranges[quantity == Quantity::Loss ? 0 : 1];
        range = {low - pad, high + pad};
        if (low >= 0)
            range.low = std::max(0.0, range.low);
        if (quantity == Quantity::Accuracy)
            range.high = std::min(100.0 + 0.5 * pad, range.high);
    }
    update();
}

QColor TrainingPlot::colourOf(Samples samples) const { return seriesColour(samples == Samples::Learned ? 0 : 1, palette()); }

std::vector<TrainingPlot::Quantity> TrainingPlot::shown() const
{
    const bool hasAccuracy =
        std::ranges::any_of(m_figure.history, [](const core::EpochReport& epoch) { return epoch.validationAccuracy.has_value(); });
    return hasAccuracy ? std::vector{Quantity::Loss, Quantity::Accuracy} : std::vector{Quantity::Loss};
}

QRectF TrainingPlot::area(Quantity quantity) const
{
    const QFont small = smallFont(font());
    const auto all = shown();
    const bool isSecond = quantity == Quantity::Accuracy;
    QRectF place(rect());
    if (all.size() == 2) {
        if (width() > kWide * height()) {
            place.setWidth(0.5 * width());
            place.translate(isSecond ? 0.5 * width() : 0.0, 0);
        } else {
            place.setHeight(0.5 * height());
            place.translate(0, isSecond ? 0.5 * height() : 0.0);
        }
    }
    const double top = QFontMetricsF(small).height() + 8;
    const Range& own = range(quantity);
    const double left = leftAxisWidth(small, {own.low, own.high, 0, 1}, std::max(20.0, place.height() - top)) + 4;
    return {place.left() + left, place.top() + top, std::max(20.0, place.width() - left - 2 * kMargin),
            std::max(16.0, place.height() - top - bottomAxisHeight(small) - 2)};
}

PlotScale TrainingPlot::epochs(Quantity quantity) const
{
    const QRectF plot = area(quantity);
    const int last = m_figure.history.empty() ? 0 : m_figure.history.back().epoch;
    const double most = std::max({1, last, m_figure.epochs});
    return {-0.02 * most, 1.02 * most, plot.left(), plot.right()};
}

PlotScale TrainingPlot::values(Quantity quantity) const
{
    const QRectF plot = area(quantity);
    return {range(quantity).low, range(quantity).high, plot.bottom(), plot.top()};
}

QPointF TrainingPlot::pointOf(Quantity quantity, double epoch, double value) const
{
    return {epochs(quantity).at(epoch), values(quantity).at(value)};
}

void TrainingPlot::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setFont(smallFont(font()));
    for (const Quantity quantity : shown())
        drawQuantity(painter, quantity);
}

void TrainingPlot::drawQuantity(QPainter& painter, Quantity quantity) const
{
    // The axes write their titles and numbers from the painter's left edge: each plot has an origin of its own.
    const QRectF plot = area(quantity);
    const double left = leftOf(quantity);
    painter.fillRect(plot, palette().color(QPalette::Base));
    painter.save();
    painter.translate(left, 0);
    const QRectF own = plot.translated(-left, 0);
    const PlotScale across = epochs(quantity);
    drawLeftAxis(painter, own, values(quantity), title(quantity), palette());
    drawBottomAxis(painter, own, {across.low, across.high, own.left(), own.right()}, tr("epoch"), palette());
    painter.restore();
    drawLegend(painter, quantity);
    drawKept(painter, quantity);
    for (const Samples samples : {Samples::Learned, Samples::KeptBack})
        drawCurve(painter, quantity, samples);
}

QString TrainingPlot::title(Quantity quantity) const { return quantity == Quantity::Loss ? tr("loss / nats") : tr("accuracy / %"); }

/// What the marks mean, at the right of the title line; the nearer the room, the shorter.
void TrainingPlot::drawLegend(QPainter& painter, Quantity quantity) const
{
    const QRectF plot = area(quantity);
    const QFontMetricsF metrics(painter.font());
    const double left = leftOf(quantity) + metrics.horizontalAdvance(title(quantity)) + 10;
    for (const QString& words : {tr("● learned from  □ kept back"), tr("● learned  □ kept"), tr("● □")}) {
        const double wide = metrics.horizontalAdvance(words);
        if (plot.right() - wide < left)
            continue;
        painter.setPen(mutedText(palette()));
        painter.drawText(QRectF(plot.right() - wide, plot.top() - metrics.height() - 4, wide + 1, metrics.height()),
                         Qt::AlignRight | Qt::AlignVCenter, words);
        return;
    }
}

double TrainingPlot::leftOf(Quantity quantity) const
{
    return width() > kWide * height() && quantity == Quantity::Accuracy ? 0.5 * width() : 0.0;
}

void TrainingPlot::drawKept(QPainter& painter, Quantity quantity) const
{
    const auto kept = keptEpoch(m_figure.history);
    if (!kept)
        return;
    const QRectF plot = area(quantity);
    const double x = epochs(quantity).at(*kept);
    painter.setPen(QPen(palette().color(QPalette::Highlight), 1.6, Qt::DashLine));
    painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
    const QString words = m_figure.isRunning ? tr("best so far: %1").arg(*kept) : tr("kept: epoch %1").arg(*kept);
    const QFontMetricsF metrics(painter.font());
    const double wide = metrics.horizontalAdvance(words) + 4;
    const double from = x + wide + 4 <= plot.right() ? x + 4 : x - wide - 4;
    // Where the curves are not: loss falls, accuracy rises.
    const double y = quantity == Quantity::Loss ? plot.top() + 2 : plot.bottom() - metrics.height() - 2;
    const QRectF place(std::max(plot.left() + 2, from), y, wide, metrics.height());
    painter.fillRect(place, palette().color(QPalette::Base));
    painter.setPen(palette().color(QPalette::Text));
    painter.drawText(place, Qt::AlignCenter, words);
}

void TrainingPlot::drawCurve(QPainter& painter, Quantity quantity, Samples samples) const
{
    const bool learned = samples == Samples::Learned;
    QPolygonF line;
    for (const core::EpochReport& epoch : m_figure.history)
        if (const auto value = valueOf(epoch, quantity, samples))
            line << pointOf(quantity, epoch.epoch, *value);
    const QColor colour = colourOf(samples);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(colour, 1.8, learned ? Qt::SolidLine : Qt::DashLine));
    painter.drawPolyline(line);
    if (line.size() > kMostMarks)
        return;
    painter.setPen(QPen(colour, 1.4));
    painter.setBrush(learned ? colour : palette().color(QPalette::Base));
    for (const QPointF& point : line) {
        if (learned)
            painter.drawEllipse(point, kDot, kDot);
        else
            painter.drawRect(QRectF(point - QPointF(kDot, kDot), QSizeF(2 * kDot, 2 * kDot)));
    }
}

bool TrainingPlot::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (const Quantity quantity : shown()) {
        if (!area(quantity).contains(help->pos()) || m_figure.history.empty())
            continue;
        const double at = epochs(quantity).valueAt(help->pos().x());
        const auto nearest =
            std::ranges::min_element(m_figure.history, {}, [at](const core::EpochReport& epoch) { return std::abs(epoch.epoch - at); });
        const auto text = [&](Samples samples) {
            const auto value = valueOf(*nearest, quantity, samples);
            return value ? quantity == Quantity::Loss ? numberText(*value, 4) : percentText(*value / 100, 2) : tr("not measured");
        };
        QToolTip::showText(help->globalPos(),
                           tr("epoch %1\nlearned from: %2\nkept back: %3")
                               .arg(QString::number(nearest->epoch), text(Samples::Learned), text(Samples::KeptBack)),
                           this);
        return true;
    }
    QToolTip::hideText();
    return true;
}

}  // namespace app
