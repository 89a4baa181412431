// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/waterfall_view.h"

#include "app/models/number_text.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QPainter>
#include <QScrollArea>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 8, kMark = 4;

QString pointsText(const core::PairedDifference& difference)
{
    return WaterfallPlot::tr("%1 points (95 %: %2 to %3), %4")
        .arg(signedPointsText(difference.difference, 2), signedPointsText(difference.low, 2), signedPointsText(difference.high, 2),
             difference.isSignificant() ? WaterfallPlot::tr("significant") : WaterfallPlot::tr("not significant"));
}

/// A triangle that points down (a cost) or up (a gain): filled where the difference is significant.
void drawMark(QPainter& painter, QPointF at, bool isUp, bool isFilled, const QColor& ink, const QColor& ground)
{
    const double sign = isUp ? -1 : 1;
    const QPolygonF shape{{at + QPointF(-kMark, -sign * kMark), at + QPointF(kMark, -sign * kMark), at + QPointF(0, sign * kMark)}};
    painter.setPen(QPen(ink, 1.4));
    painter.setBrush(isFilled ? ink : ground);
    painter.drawPolygon(shape);
}

}  // namespace

WaterfallPlot::WaterfallPlot(QWidget* parent) : QWidget(parent)
{
    setObjectName(QStringLiteral("waterfallPlot"));
    setAccessibleName(tr("What each imperfection of the array costs"));
    setMouseTracking(true);
}

void WaterfallPlot::showFigures(std::shared_ptr<const core::NoiseWaterfall> figures)
{
    m_figures = std::move(figures);
    m_present.clear();
    for (std::size_t i = 0; m_figures && i < m_figures->effects.size(); ++i)
        if (m_figures->effects[i].isPresent)
            m_present.push_back(i);
    updateGeometry();
    update();
}

int WaterfallPlot::rowCount() const { return m_figures ? static_cast<int>(m_present.size()) + 2 : 0; }

const core::EffectCost* WaterfallPlot::effectOf(int row) const
{
    return row >= 1 && row <= static_cast<int>(m_present.size()) ? &m_figures->effects[m_present[static_cast<std::size_t>(row - 1)]]
                                                                 : nullptr;
}

QString WaterfallPlot::labelOf(int row) const
{
    if (row == 0)
        return tr("every effect off");
    if (const core::EffectCost* effect = effectOf(row))
        return QString::fromStdString(effect->title);
    return tr("all together");
}

QString WaterfallPlot::rowText(int row) const
{
    if (row < 0 || row >= rowCount())
        return {};
    const core::EffectCost* effect = effectOf(row);
    if (!effect) {
        const core::EffectFigure& figure = row == 0 ? m_figures->ideal : m_figures->full;
        QString text = tr("%1: %2, output %3").arg(labelOf(row), percentText(figure.top1, 2), decibelText(figure.outputSqnrDecibels));
        if (row > 0)
            text += u'\n' + tr("against every effect off: %1").arg(pointsText(m_figures->total));
        return text;
    }
    return tr("%1; off means: %2\nalone: %3, costs %4; output %5\nwithout it: %6, gains %7; output %8\nadded to those above: %9")
        .arg(labelOf(row), QString::fromStdString(effect->off), percentText(effect->alone.top1, 2), pointsText(effect->cost),
             decibelText(effect->alone.outputSqnrDecibels), percentText(effect->without.top1, 2), pointsText(effect->gain),
             decibelText(effect->without.outputSqnrDecibels), pointsText(effect->step));
}

double WaterfallPlot::labelWidth() const
{
    const QFontMetricsF metrics(font());
    double widest = 0;
    for (int row = 0; row < rowCount(); ++row)
        widest = std::max(widest, metrics.horizontalAdvance(labelOf(row)));
    return std::min(widest + 10, 0.34 * width());
}

QRectF WaterfallPlot::plot() const
{
    const double left = kMargin + labelWidth();
    const double bottom = height() - bottomAxisHeight(smallFont(font())) - legend().back().at.bottom() - 8;
    return {left, kMargin, std::max(20.0, width() - left - 2.5 * kMargin), std::max(20.0, bottom - kMargin)};
}

double WaterfallPlot::rowHeight() const { return plot().height() / std::max(1, rowCount()); }

QRectF WaterfallPlot::rowArea(int row) const
{
    const QRectF area = plot();
    return {area.left(), area.top() + row * rowHeight(), area.width(), rowHeight()};
}

PlotScale WaterfallPlot::scale() const
{
    double low = std::min(m_figures->ideal.top1, m_figures->full.top1), high = std::max(m_figures->ideal.top1, m_figures->full.top1);
    const auto include = [&](double value) {
        low = std::min(low, value);
        high = std::max(high, value);
    };
    for (const std::size_t at : m_present) {
        const core::EffectCost& effect = m_figures->effects[at];
        include(effect.upTo.top1);
        include(m_figures->ideal.top1 + effect.cost.low);
        include(m_figures->ideal.top1 + effect.cost.high);
        include(m_figures->full.top1 + effect.gain.low);
        include(m_figures->full.top1 + effect.gain.high);
    }
    include(m_figures->ideal.top1 + m_figures->total.low);
    include(m_figures->ideal.top1 + m_figures->total.high);
    const double pad = std::max(0.002, 0.04 * (high - low));
    const QRectF area = plot();
    return {100 * std::max(0.0, low - pad), 100 * std::min(1.0, high + pad), area.left(), area.right()};
}

double WaterfallPlot::placeOf(double top1) const { return m_figures ? scale().at(100 * top1) : 0.0; }

QSize WaterfallPlot::minimumSizeHint() const
{
    const QFontMetricsF metrics(font());
    const double rows = std::max(3, rowCount()) * (metrics.height() + 6);
    return {220, static_cast<int>(std::ceil(rows + bottomAxisHeight(smallFont(font())) + 2 * metrics.height() + 3 * kMargin))};
}

QSize WaterfallPlot::sizeHint() const { return minimumSizeHint().expandedTo({420, 300}); }

void WaterfallPlot::paintEvent(QPaintEvent*)
{
    if (!m_figures)
        return;
    QPainter painter(this);
    painter.setRenderHint(QPainter::Antialiasing);
    const QRectF area = plot();
    const PlotScale axis = scale();
    painter.fillRect(area, palette().color(QPalette::Base));
    painter.setFont(smallFont(font()));
    drawBottomAxis(painter, area, axis, tr("accuracy, mean of %1 chips / %").arg(countText(m_figures->chips)), palette());
    painter.setFont(font());

    const QFontMetricsF metrics(font());
    for (int row = 0; row < rowCount(); ++row) {
        const QRectF line = rowArea(row);
        const QRectF words(kMargin, line.top(), area.left() - kMargin - 6, line.height());
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(words, Qt::AlignRight | Qt::AlignVCenter, metrics.elidedText(labelOf(row), Qt::ElideRight, words.width()));
        if (row > 0) {
            painter.setPen(QPen(gridColour(palette()), 1));
            painter.drawLine(QPointF(kMargin, line.top()), QPointF(area.right(), line.top()));
        }
    }
    const QColor muted = mutedText(palette());
    painter.setPen(QPen(muted, 1.2, Qt::DashLine));
    const double ideal = axis.at(100 * m_figures->ideal.top1), full = axis.at(100 * m_figures->full.top1);
    painter.drawLine(QPointF(ideal, area.top()), QPointF(ideal, area.bottom()));
    painter.setPen(QPen(muted, 1.2, Qt::DotLine));
    painter.drawLine(QPointF(full, area.top()), QPointF(full, area.bottom()));

    const auto point = [&](int row, double top1) {
        const QRectF line = rowArea(row);
        painter.setPen(QPen(palette().color(QPalette::Base), 1));
        painter.setBrush(palette().color(QPalette::WindowText));
        painter.drawEllipse(QPointF(axis.at(100 * top1), line.center().y()), 5, 5);
        const QString text = percentText(top1, 2);
        const double wide = metrics.horizontalAdvance(text) + 10;
        const double at = axis.at(100 * top1);
        const bool isRoomLeft = at - wide > area.left();
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(isRoomLeft ? at - wide : at + 10, line.top(), wide, line.height()), Qt::AlignVCenter | Qt::AlignLeft, text);
    };
    point(0, m_figures->ideal.top1);
    double before = m_figures->ideal.top1;
    for (int row = 1; row + 1 < rowCount(); ++row) {
        const core::EffectCost& effect = *effectOf(row);
        drawEffect(painter, row, effect, before);
        before = effect.upTo.top1;
    }
    point(rowCount() - 1, m_figures->full.top1);
    drawTotal(painter);
    drawLegend(painter, area.bottom() + bottomAxisHeight(smallFont(font())) + 2);
}

/// What all effects together cost, against every effect off: at the last row, as the effects' own are at theirs.
void WaterfallPlot::drawTotal(QPainter& painter) const
{
    const QRectF line = rowArea(rowCount() - 1);
    drawWhisker(painter, m_figures->ideal.top1, m_figures->total, line.center().y() - std::max(9.0, 0.3 * line.height()), false,
                palette().color(QPalette::WindowText));
}

void WaterfallPlot::drawWhisker(QPainter& painter, double from, const core::PairedDifference& difference, double y, bool isUp,
                                const QColor& ink) const
{
    const PlotScale axis = scale();
    painter.setPen(QPen(ink, 1.4));
    painter.drawLine(QPointF(axis.at(100 * (from + difference.low)), y), QPointF(axis.at(100 * (from + difference.high)), y));
    drawMark(painter, {axis.at(100 * (from + difference.difference)), y}, isUp, difference.isSignificant(), ink,
             palette().color(QPalette::Base));
}

void WaterfallPlot::drawEffect(QPainter& painter, int row, const core::EffectCost& effect, double before) const
{
    const PlotScale axis = scale();
    const QRectF line = rowArea(row);
    const double from = axis.at(100 * before), to = axis.at(100 * effect.upTo.top1);
    const double thick = std::clamp(0.34 * line.height(), 5.0, 16.0);
    const QRectF bar(std::min(from, to), line.center().y() - thick / 2, std::max(1.5, std::abs(to - from)), thick);
    fillSeries(painter, bar, to <= from ? 1 : 2, palette());
    painter.setPen(QPen(mutedText(palette()), 1));
    painter.drawLine(QPointF(to, bar.top()), QPointF(to, line.bottom() + line.height() / 2 - thick / 2));  // on to the next row

    const double lane = std::max(thick / 2 + kMark, 0.34 * line.height()), middle = line.center().y();
    drawWhisker(painter, m_figures->ideal.top1, effect.cost, middle - lane, false, seriesColour(3, palette()));
    drawWhisker(painter, m_figures->full.top1, effect.gain, middle + lane, true, seriesColour(0, palette()));
}

std::vector<WaterfallPlot::LegendEntry> WaterfallPlot::legend() const
{
    const QFontMetricsF metrics(smallFont(font()));
    std::vector<LegendEntry> entries{{Sign::Loss, tr("added to those above: a loss"), {}},
                                     {Sign::Gain, tr("a gain"), {}},
                                     {Sign::Alone, tr("this one alone"), {}},
                                     {Sign::Without, tr("all but this one"), {}},
                                     {Sign::Total, tr("all together"), {}},
                                     {Sign::NotSignificant, tr("line: 95 % interval; hollow: not significant"), {}}};
    double x = kMargin, y = 0;
    for (LegendEntry& entry : entries) {
        const double wide = metrics.horizontalAdvance(entry.words) + 26;
        if (x > kMargin && x + wide > width() - kMargin) {
            x = kMargin;
            y += metrics.height() + 2;
        }
        entry.at = QRectF(x, y, wide, metrics.height());
        x += wide + 10;
    }
    return entries;
}

void WaterfallPlot::drawLegend(QPainter& painter, double top) const
{
    painter.setFont(smallFont(font()));
    const QColor base = palette().color(QPalette::Window);
    for (const LegendEntry& entry : legend()) {
        const QRectF line = entry.at.translated(0, top), sign(line.left(), line.top(), 16, line.height());
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(line.adjusted(20, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, entry.words);
        switch (entry.sign) {
        case Sign::Loss: fillSeries(painter, sign.adjusted(0, 3, 0, -3), 1, palette()); break;
        case Sign::Gain: fillSeries(painter, sign.adjusted(0, 3, 0, -3), 2, palette()); break;
        case Sign::Alone: drawMark(painter, sign.center(), false, true, seriesColour(3, palette()), base); break;
        case Sign::Without: drawMark(painter, sign.center(), true, true, seriesColour(0, palette()), base); break;
        case Sign::Total: drawMark(painter, sign.center(), false, true, palette().color(QPalette::WindowText), base); break;
        case Sign::NotSignificant: drawMark(painter, sign.center(), true, false, mutedText(palette()), base); break;
        }
    }
}

bool WaterfallPlot::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    for (int row = 0; row < rowCount(); ++row) {
        const QRectF line = rowArea(row);
        if (help->pos().y() >= line.top() && help->pos().y() < line.bottom()) {
            QToolTip::showText(help->globalPos(), rowText(row), this);
            return true;
        }
    }
    QToolTip::hideText();
    return true;
}

WaterfallView::WaterfallView(QWidget* parent) : FigureView(QStringLiteral("waterfallView"), tr("Noise waterfall"), parent)
{
    m_plot = new WaterfallPlot(this);
    auto* scroll = new QScrollArea(this);
    scroll->setFrameShape(QFrame::NoFrame);
    scroll->setWidgetResizable(true);
    scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    scroll->setWidget(m_plot);
    scroll->viewport()->setAutoFillBackground(false);
    m_plot->setAutoFillBackground(false);
    setPicture(scroll);
    setEmptyHint(tr("Open a network with a plan that computes layers in an array: what each imperfection costs appears here."));
}

void WaterfallView::showFigures(std::shared_ptr<const core::NoiseWaterfall> figures)
{
    m_figures = std::move(figures);
    m_plot->showFigures(m_figures);
    QStringList words;
    for (int row = 0; row < m_plot->rowCount(); ++row)
        words << m_plot->rowText(row);
    m_plot->setAccessibleDescription(words.join(QStringLiteral("; ")));
    numbersChanged(!m_figures, m_plot->accessibleDescription());
}

void WaterfallView::clear() { showFigures({}); }

NumberTable WaterfallView::numbers() const
{
    NumberTable table;
    table.header = {tr("effect"),      tr("alone / %"),   tr("costs / points"), tr("95 % low"),       tr("95 % high"),
                    tr("significant"), tr("output / dB"), tr("without / %"),    tr("gains / points"), tr("95 % low"),
                    tr("95 % high"),   tr("significant"), tr("output / dB"),    tr("step / points")};
    if (!m_figures)
        return table;
    const auto percent = [](double share) { return QString::number(100 * share, 'f', 3); };
    const auto decibels = [](const core::EffectFigure& figure) {
        return figure.outputSqnrDecibels ? QString::number(*figure.outputSqnrDecibels, 'f', 2) : QString();
    };
    const auto yes = [](const core::PairedDifference& difference) { return difference.isSignificant() ? tr("yes") : tr("no"); };
    const QString none;
    table.rows.push_back({tr("every effect off"), percent(m_figures->ideal.top1), none, none, none, none, decibels(m_figures->ideal), none,
                          none, none, none, none, none, none});
    for (const core::EffectCost& effect : m_figures->effects) {
        const QString name = QString::fromStdString(effect.title);
        if (!effect.isPresent) {
            table.rows.push_back(
                {tr("%1 (not in this plan)").arg(name), none, none, none, none, none, none, none, none, none, none, none, none, none});
            continue;
        }
        table.rows.push_back({name, percent(effect.alone.top1), percent(effect.cost.difference), percent(effect.cost.low),
                              percent(effect.cost.high), yes(effect.cost), decibels(effect.alone), percent(effect.without.top1),
                              percent(effect.gain.difference), percent(effect.gain.low), percent(effect.gain.high), yes(effect.gain),
                              decibels(effect.without), percent(effect.step.difference)});
    }
    table.rows.push_back({tr("all together"), percent(m_figures->full.top1), percent(m_figures->total.difference),
                          percent(m_figures->total.low), percent(m_figures->total.high), yes(m_figures->total), decibels(m_figures->full),
                          none, none, none, none, none, none, none});
    return table;
}

}  // namespace app
