// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/estimates_view.h"

#include "app/models/number_text.h"
#include "app/views/figure_parts.h"
#include "app/views/value_bars.h"

#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

#include <algorithm>
#include <array>
#include <cmath>
#include <tuple>

namespace app {

namespace {

QString plain(std::string_view text) { return QString::fromUtf8(text.data(), static_cast<qsizetype>(text.size())); }

QString squareText(double squareMillimetres) { return shortNumberText(squareMillimetres) + QStringLiteral("\u00a0mm²"); }

struct TimeUnit {
    double seconds;
    QString name;
};

TimeUnit timeUnitFor(core::Seconds longest)
{
    static const std::array<TimeUnit, 4> units{TimeUnit{1e-9, QStringLiteral("ns")}, TimeUnit{1e-6, QStringLiteral("µs")},
                                               TimeUnit{1e-3, QStringLiteral("ms")}, TimeUnit{1, QStringLiteral("s")}};
    for (std::size_t unit = units.size(); unit-- > 0;)
        if (longest.count() >= 0.9995 * units[unit].seconds)
            return units[unit];
    return units[0];
}

}  // namespace

QString timeText(core::Seconds time)
{
    const TimeUnit unit = timeUnitFor(time);
    return shortNumberText(time.count() / unit.seconds) + QChar(QChar::Nbsp) + unit.name;
}

EstimatesView::EstimatesView(QWidget* parent)
    : FigureView(QStringLiteral("estimatesView"), tr("Time and area"), parent),
      m_time(new QLabel),
      m_device(new QLabel),
      m_bars(new ValueBars(QStringLiteral("estimateBars"), tr("Time, area and packed words by layer")))
{
    auto* body = new QWidget(this);
    m_time->setObjectName(QStringLiteral("estimatedTime"));
    m_device->setObjectName(QStringLiteral("estimatedDevice"));
    m_time->setFont(figureFont(font(), 1.5));
    m_device->setFont(smallFont(font()));
    makeFigureWords({m_time, m_device});
    QScrollArea* scroll = scrolledUpright(m_bars, body);
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(3);
    layout->addWidget(m_time);
    layout->addWidget(m_device);
    layout->addWidget(scroll, 1);
    setPicture(body);
    setEmptyHint(tr("No estimate yet. It appears with the first estimate of a network's accuracy, where the price table names a device."));
    connect(m_bars, &ValueBars::layerSelected, this, &EstimatesView::layerSelected);
}

QString EstimatesView::nameOf(core::LayerIndex layer) const
{
    return layer.isValid() ? m_figure.layerNames.value(static_cast<qsizetype>(layer.value()), tr("elsewhere")) : tr("elsewhere");
}

void EstimatesView::showEstimates(EstimatesFigure figure)
{
    m_figure = std::move(figure);
    const core::Estimates& estimates = m_figure.estimates;
    std::vector<ValueSection> sections;
    QString time = tr("No device"), device = tr("This price table names no device, so time and area are not estimated.");
    if (estimates.latency) {
        const core::LatencyEstimate& latency = *estimates.latency;
        time = tr("%1 an inference").arg(timeText(latency.time()));
        device = tr("estimated for %1 (%2: %3)")
                     .arg(plain(latency.device), plain(core::confidenceName(latency.confidence)), plain(latency.source));
        core::Seconds longest{0};
        for (const core::LayerLatency& layer : latency.layers)
            longest = std::max(longest, layer.time());
        const TimeUnit unit = timeUnitFor(longest);
        ValueSection layers{tr("Time by layer, and what it waits for"), tr("time / %1").arg(unit.name), false, {}};
        for (const core::LayerLatency& layer : latency.layers) {
            QStringList tip;
            for (const core::Bottleneck resource : core::kBottlenecks)
                if (layer.busy[static_cast<std::size_t>(resource)].count() > 0)
                    tip << tr("%1: %2").arg(plain(core::bottleneckName(resource)),
                                            timeText(layer.busy[static_cast<std::size_t>(resource)]));
            layers.rows.push_back(
                {nameOf(layer.layer),
                 layer.time().count() / unit.seconds,
                 tr("%1 %2, %3").arg(shortNumberText(layer.time().count() / unit.seconds), unit.name, plain(core::bottleneckName(layer.bottleneck()))),
                 tip.join(u'\n'),
                 {},
                 static_cast<int>(layer.bottleneck()),
                 layer.layer});
        }
        sections.push_back(std::move(layers));
    }
    if (const auto& area = estimates.area) {
        ValueSection parts{tr("Area: %1").arg(squareText(area->total())), tr("area / mm²"), false, {}};
        for (const auto& [name, square, tip] :
             {std::tuple(tr("array cells"), area->arrayCells, tr("whole tiles: remainders count as a tile")),
              std::tuple(tr("converters"), area->converters, tr("all of the device's, at the plan's largest resolution")),
              std::tuple(tr("multipliers"), area->multipliers, tr("all of the device's, 8 × 8 bits with an adder")),
              std::tuple(tr("weight memory"), area->weightMemory,
                         tr("static memory for all digital weights, scales, biases and recovery paths"))})
            if (square > 0)
                parts.rows.push_back({name, square, squareText(square), tip, {}, 1, {}});
        sections.push_back(std::move(parts));
    }
    if (!estimates.shiftMachines.empty()) {
        ValueSection machines{tr("Shift-and-multiplier machine (RMSMP), against 4-bit products alone"), tr("times as fast"), false, {}};
        for (const core::ShiftMachineEstimate& machine : estimates.shiftMachines)
            machines.rows.push_back(
                {plain(machine.machine),
                 machine.speedUp(),
                 tr("× %1, %2").arg(shortNumberText(machine.speedUp()), timeText(machine.time)),
                 tr("Powers of two run as shifts on the fabric, integers on the slices, both at once, at 100 MHz. Its rates are\n"
                    "those at which the published ratio of rows balances both (RMSMP, arXiv 2111.00153): a model."),
                 {},
                 2,
                 {}});
        sections.push_back(std::move(machines));
    }
    if (!estimates.words.empty()) {
        ValueSection words{tr("128-bit vector words (SySMOL), against 8 bits throughout"), tr("times fewer instructions"), false, {}};
        for (const core::WordCount& count : estimates.words)
            words.rows.push_back(
                {nameOf(count.layer),
                 count.speedUp(),
                 tr("× %1").arg(shortNumberText(count.speedUp())),
                 tr("%1 words an inference; %2 at 8 bits. Channels of one width are packed together (arXiv 2311.14114): a model.")
                     .arg(countText(std::llround(count.words)), countText(std::llround(count.wordsInt8))),
                 {},
                 3,
                 count.layer});
        sections.push_back(std::move(words));
    }
    m_time->setText(time);
    m_device->setText(device);
    const bool isEmpty = sections.empty();
    m_bars->showSections(std::move(sections));
    numbersChanged(isEmpty, time + QStringLiteral(", ") + device);
}

void EstimatesView::clear()
{
    m_figure = {};
    m_bars->showSections({});
    numbersChanged(true, {});
}

void EstimatesView::setSelectedLayers(const std::vector<core::LayerIndex>& layers) { m_bars->setSelected(layers); }

NumberTable EstimatesView::numbers() const
{
    NumberTable table;
    table.header = {tr("estimate"), tr("of"), tr("value"), tr("unit"), tr("remark")};
    const auto number = [](double value) { return QString::number(value, 'g', 6); };
    const core::Estimates& estimates = m_figure.estimates;
    if (estimates.latency)
        for (const core::LayerLatency& layer : estimates.latency->layers)
            table.rows.push_back({tr("time"), nameOf(layer.layer), number(layer.time().count()), QStringLiteral("s"),
                                  plain(core::bottleneckName(layer.bottleneck()))});
    if (const auto& area = estimates.area)
        for (const auto& [name, square] :
             {std::pair(tr("array cells"), area->arrayCells), std::pair(tr("converters"), area->converters),
              std::pair(tr("multipliers"), area->multipliers), std::pair(tr("weight memory"), area->weightMemory)})
            table.rows.push_back({tr("area"), name, number(square), QStringLiteral("mm²"), {}});
    for (const core::ShiftMachineEstimate& machine : estimates.shiftMachines)
        table.rows.push_back({tr("shift machine"), plain(machine.machine), number(machine.speedUp()), tr("times multipliers alone"),
                              timeText(machine.time)});
    for (const core::WordCount& count : estimates.words)
        table.rows.push_back({tr("vector words"), nameOf(count.layer), number(count.words), tr("128-bit words"),
                              tr("%1 at 8 bits").arg(number(count.wordsInt8))});
    return table;
}

}  // namespace app
