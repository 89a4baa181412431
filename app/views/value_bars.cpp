// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/value_bars.h"

#include "app/models/number_text.h"
#include "app/views/chart_style.h"
#include "app/views/plot_axes.h"

#include <QFontMetricsF>
#include <QHelpEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QToolTip>

#include <algorithm>
#include <cmath>

namespace app {

namespace {

constexpr double kMargin = 8, kBetween = 12, kGap = 6;

bool hasBar(const ValueRow& row, bool isLogarithmic)
{
    return std::isfinite(row.value) && (isLogarithmic ? row.value > 0 : row.value >= 0);
}

}  // namespace

ValueBars::ValueBars(const QString& objectName, const QString& accessibleName, QWidget* parent) : QWidget(parent)
{
    setObjectName(objectName);
    setAccessibleName(accessibleName);
    QSizePolicy policy(QSizePolicy::Expanding, QSizePolicy::Preferred);
    policy.setHeightForWidth(true);
    setSizePolicy(policy);
}

void ValueBars::showSections(std::vector<ValueSection> sections)
{
    m_sections = std::move(sections);
    std::erase_if(m_sections, [](const ValueSection& section) { return section.rows.empty(); });
    updateGeometry();
    update();
}

void ValueBars::setSelected(const std::vector<core::LayerIndex>& layers)
{
    m_selected = layers;
    update();
}

ValueBars::Scale ValueBars::scaleOf(const ValueSection& section) const
{
    double least = HUGE_VAL, most = 0;
    for (const ValueRow& row : section.rows) {
        if (!hasBar(row, section.isLogarithmic))
            continue;
        least = std::min({least, row.value, row.range && row.range->first > 0 ? row.range->first : row.value});
        most = std::max({most, row.value, row.range ? row.range->second : row.value});
    }
    if (most <= 0)
        return {section.isLogarithmic ? -1.0 : 0.0, 1, section.isLogarithmic};
    if (!section.isLogarithmic)
        return {0, most, false};
    const double high = std::log10(most), low = std::floor(std::log10(least) - 0.15);
    return {low, std::max(high, low + 1), true};
}

double ValueBars::rowHeight() const { return std::ceil(QFontMetricsF(font()).height() * 1.4); }

double ValueBars::titleHeight() const { return std::ceil(QFontMetricsF(font()).height() * 1.5); }

double ValueBars::sectionHeight(const ValueSection& section) const
{
    return titleHeight() + rowHeight() * static_cast<double>(section.rows.size()) + bottomAxisHeight(smallFont(font())) + kBetween;
}

double ValueBars::topOf(std::size_t section) const
{
    double top = 4;
    for (std::size_t before = 0; before < section; ++before)
        top += sectionHeight(m_sections[before]);
    return top;
}

int ValueBars::heightForWidth(int) const { return static_cast<int>(std::ceil(topOf(m_sections.size()))); }

QRectF ValueBars::plotOf(std::size_t section) const
{
    const QFontMetricsF metrics(font()), small(smallFont(font()));
    double names = 0, texts = 0;
    for (const ValueSection& one : m_sections)  // bars of all sections begin at one line
        for (const ValueRow& row : one.rows) {
            names = std::max(names, metrics.horizontalAdvance(row.name));
            texts = std::max(texts, small.horizontalAdvance(row.text));
        }
    names = std::min(names + kGap, 0.36 * width());
    const double left = kMargin + names;
    return {left, topOf(section) + titleHeight(), std::max(20.0, width() - left - texts - 2 * kGap - kMargin),
            rowHeight() * static_cast<double>(m_sections[section].rows.size())};
}

double ValueBars::pixelOf(const Scale& scale, const QRectF& plot, double value) const
{
    const double at = scale.isLogarithmic ? std::log10(std::max(value, 1e-300)) : value;
    return plot.left() + std::clamp((at - scale.low) / (scale.high - scale.low), 0.0, 1.0) * plot.width();
}

QRectF ValueBars::barRect(std::size_t section, std::size_t row) const
{
    const ValueSection& shown = m_sections.at(section);
    if (!hasBar(shown.rows.at(row), shown.isLogarithmic))
        return {};
    const QRectF plot = plotOf(section);
    const double high = rowHeight();
    const double right = pixelOf(scaleOf(shown), plot, shown.rows[row].value);
    return {plot.left(), plot.top() + static_cast<double>(row) * high + 0.2 * high, right - plot.left(), 0.6 * high};
}

void ValueBars::paintAxis(QPainter& painter, const Scale& scale, const QRectF& plot, const QString& title) const
{
    if (!scale.isLogarithmic) {
        drawBottomAxis(painter, plot, {scale.low, scale.high, plot.left(), plot.right()}, title, palette());
        return;
    }
    const QFontMetricsF metrics(smallFont(font()));
    painter.setFont(smallFont(font()));
    double free = plot.left() - 40;
    for (int decade = static_cast<int>(std::ceil(scale.low - 1e-9)); decade <= scale.high + 1e-9; ++decade) {
        const double x = pixelOf(scale, plot, std::pow(10.0, decade));
        painter.setPen(gridColour(palette()));
        painter.drawLine(QPointF(x, plot.top()), QPointF(x, plot.bottom()));
        const QString text = shortNumberText(std::pow(10.0, decade));
        const double wide = metrics.horizontalAdvance(text);
        if (x - 0.5 * wide < free)
            continue;
        free = x + 0.5 * wide + 8;
        painter.setPen(mutedText(palette()));
        painter.drawText(QRectF(x - 0.5 * wide - 2, plot.bottom() + 3, wide + 4, metrics.height()), Qt::AlignCenter, text);
    }
    painter.setPen(mutedText(palette()));
    painter.drawLine(plot.bottomLeft(), plot.bottomRight());
    painter.drawText(QRectF(plot.left(), plot.bottom() + 3 + metrics.height(), plot.width(), metrics.height() + 2), Qt::AlignCenter, title);
}

void ValueBars::paintSection(QPainter& painter, std::size_t section) const
{
    const ValueSection& shown = m_sections[section];
    const QRectF plot = plotOf(section);
    const Scale scale = scaleOf(shown);
    const double high = rowHeight();
    QFont bold = font();
    bold.setBold(true);
    painter.setFont(bold);
    painter.setPen(palette().color(QPalette::WindowText));
    painter.drawText(QRectF(kMargin, topOf(section), width() - 2 * kMargin, titleHeight()), Qt::AlignLeft | Qt::AlignVCenter,
                     QFontMetricsF(bold).elidedText(shown.title, Qt::ElideRight, width() - 2 * kMargin));
    painter.setFont(smallFont(font()));
    paintAxis(painter, scale, plot, shown.axisTitle);
    for (std::size_t row = 0; row < shown.rows.size(); ++row) {
        const ValueRow& one = shown.rows[row];
        const double top = plot.top() + static_cast<double>(row) * high;
        if (one.layer.isValid() && std::find(m_selected.begin(), m_selected.end(), one.layer) != m_selected.end())
            painter.fillRect(QRectF(2, top, width() - 4, high),
                             mixed(palette().color(QPalette::Window), palette().color(QPalette::Highlight), 0.22));
        painter.setFont(font());
        painter.setPen(palette().color(QPalette::WindowText));
        const QRectF place(kMargin, top, plot.left() - kMargin - kGap, high);
        painter.drawText(place, Qt::AlignRight | Qt::AlignVCenter,
                         QFontMetricsF(font()).elidedText(one.name, Qt::ElideMiddle, place.width()));
        double right = plot.left();
        if (hasBar(one, shown.isLogarithmic)) {
            const QRectF bar = barRect(section, row);
            fillSeries(painter, bar, one.series, palette());
            right = bar.right();
            if (one.range) {
                const double low = pixelOf(scale, plot, one.range->first), end = pixelOf(scale, plot, one.range->second),
                             middle = bar.center().y();
                painter.setPen(QPen(palette().color(QPalette::WindowText), 1.2));
                painter.drawLine(QPointF(low, middle), QPointF(end, middle));
                for (const double x : {low, end})
                    painter.drawLine(QPointF(x, middle - 0.18 * high), QPointF(x, middle + 0.18 * high));
                right = std::max(right, end);
            }
        }
        painter.setFont(smallFont(font()));
        painter.setPen(palette().color(QPalette::WindowText));
        painter.drawText(QRectF(right + kGap, top, width() - right - kGap, high), Qt::AlignLeft | Qt::AlignVCenter, one.text);
    }
}

void ValueBars::paintEvent(QPaintEvent*)
{
    QPainter painter(this);
    for (std::size_t section = 0; section < m_sections.size(); ++section)
        paintSection(painter, section);
}

const ValueRow* ValueBars::rowAt(QPointF position) const
{
    for (std::size_t section = 0; section < m_sections.size(); ++section) {
        const QRectF plot = plotOf(section);
        if (position.y() < plot.top() || position.y() >= plot.bottom())
            continue;
        return &m_sections[section].rows[static_cast<std::size_t>((position.y() - plot.top()) / rowHeight())];
    }
    return nullptr;
}

QString ValueBars::textAt(QPointF position) const
{
    const ValueRow* row = rowAt(position);
    return row ? QStringLiteral("%1: %2%3").arg(row->name, row->text, row->tip.isEmpty() ? QString() : u'\n' + row->tip) : QString();
}

bool ValueBars::event(QEvent* event)
{
    if (event->type() != QEvent::ToolTip)
        return QWidget::event(event);
    const auto* help = static_cast<QHelpEvent*>(event);
    QToolTip::showText(help->globalPos(), textAt(help->pos()), this);
    return true;
}

void ValueBars::mousePressEvent(QMouseEvent* event)
{
    const ValueRow* row = rowAt(event->position());
    if (row && row->layer.isValid())
        emit layerSelected(row->layer);
}

}  // namespace app
