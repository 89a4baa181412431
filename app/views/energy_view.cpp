// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/energy_view.h"

#include "app/views/energy_bars.h"
#include "app/views/figure_parts.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLabel>
#include <QScrollArea>
#include <QVBoxLayout>

namespace app {

EnergyView::EnergyView(QWidget* parent)
    : FigureView(QStringLiteral("energyView"), tr("Energy"), parent),
      m_total(new QLabel),
      m_efficiency(new QLabel),
      m_convention(new QLabel),
      m_grouping(new QComboBox),
      m_bars(new EnergyBars)
{
    auto* body = new QWidget(this);
    m_total->setObjectName(QStringLiteral("energyTotal"));
    m_efficiency->setObjectName(QStringLiteral("energyEfficiency"));
    m_convention->setObjectName(QStringLiteral("energyConvention"));
    m_total->setFont(figureFont(font(), 1.7));
    m_convention->setFont(smallFont(font()));
    makeFigureWords({m_total, m_efficiency, m_convention});
    QScrollArea* scroll = scrolledUpright(m_bars, body);
    scroll->setFocusProxy(m_bars);

    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 6, 0, 0);
    layout->setSpacing(2);
    auto* head = new QHBoxLayout;
    head->setContentsMargins(0, 0, 6, 0);
    head->addWidget(m_total, 1);
    head->addWidget(m_grouping, 0, Qt::AlignTop);
    layout->addLayout(head);
    layout->addWidget(m_efficiency);
    layout->addWidget(m_convention);
    layout->addSpacing(6);
    layout->addWidget(scroll, 1);
    body->setFocusProxy(m_bars);
    setPicture(body);
    setEmptyHint(tr("No bill yet. It appears with the first estimate of a network's accuracy."));
    m_grouping->setObjectName(QStringLiteral("energyGrouping"));
    m_grouping->setAccessibleName(tr("Bars of the bill"));
    m_grouping->setToolTip(tr("A bar per layer, stacked by kind of work; or a bar per kind of work, stacked by layer"));
    m_grouping->addItems({tr("by layer"), tr("by kind")});
    connect(m_grouping, &QComboBox::currentIndexChanged, this,
            [this](int index) { m_bars->setGrouping(index == 0 ? EnergyBars::Grouping::ByLayer : EnergyBars::Grouping::ByPart); });
    connect(m_bars, &EnergyBars::layerSelected, this, &EnergyView::layerSelected);
}

void EnergyView::showBill(EnergyFigure figure)
{
    m_figure = std::move(figure);
    const core::Picojoules total = m_figure.bill.total();
    m_total->setText(tr("%1 per inference").arg(energyText(total)));
    const core::EnergyRange range = m_figure.bill.range();
    QString efficiency = tr("%1 TOPS/W").arg(shortNumberText(m_figure.bill.topsPerWatt()));
    if (range.low < range.high)
        efficiency = tr("%1 to %2 by the ranges of the prices · %3 (%4 to %5)")
                         .arg(energyText(range.low), energyText(range.high), efficiency, shortNumberText(m_figure.bill.topsPerWatt(range.high)),
                              shortNumberText(m_figure.bill.topsPerWatt(range.low)));
    if (m_figure.reference && m_figure.reference->total().value() > 0)
        efficiency += tr(" · %1 × the energy of FP32 (%2)")
                          .arg(shortNumberText(total / m_figure.reference->total()), energyText(m_figure.reference->total()));
    m_efficiency->setText(efficiency);
    m_convention->setText(
        tr("%1; prices of %2").arg(QString::fromStdString(m_figure.bill.convention()), QString::fromStdString(m_figure.bill.technology)));
    m_bars->showBill(m_figure);
    numbersChanged(m_figure.bill.lines.empty(),
                   m_total->text() + QStringLiteral(", ") + efficiency + QStringLiteral(", ") + m_convention->text());
}

void EnergyView::clear()
{
    m_figure = {};
    m_bars->showBill(m_figure);
    numbersChanged(true, {});
}

void EnergyView::setSelectedLayers(const std::vector<core::LayerIndex>& layers) { m_bars->setSelected(layers); }

NumberTable EnergyView::numbers() const
{
    NumberTable table;
    table.header = {tr("layer"), tr("part"),        tr("operation"),          tr("kind"), tr("first bits"), tr("second bits"),
                    tr("count"), tr("energy / pJ"), tr("low / pJ"), tr("high / pJ"), tr("confidence"), tr("source of the price")};
    for (const core::BillLine& line : m_figure.bill.lines) {
        const core::LedgerEntry& entry = line.entry;
        const QString layer = entry.layer.isValid()
                                  ? m_figure.layerNames.value(static_cast<qsizetype>(entry.layer.value()), tr("elsewhere"))
                                  : tr("elsewhere");
        table.rows.push_back({layer, QString::fromStdString(core::ledgerPartName(entry.part)), operationText(entry.operation),
                              kindText(entry.kind), QString::number(entry.firstBits),
                              entry.secondBits > 0 ? QString::number(entry.secondBits) : QString(), QString::number(entry.count, 'g', 12),
                              QString::number(line.energy.value(), 'g', 6), QString::number(line.range().low.value(), 'g', 6),
                              QString::number(line.range().high.value(), 'g', 6),
                              QString::fromUtf8(core::confidenceName(line.confidence).data()), QString::fromStdString(line.provenance)});
    }
    return table;
}

}  // namespace app
