// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/energy_table_model.h"

#include "app/models/number_text.h"
#include "app/models/roles.h"

namespace app {
namespace {

core::LedgerPart partOf(int column) { return EnergyTableModel::kParts.at(static_cast<std::size_t>(column - 1)); }

} // namespace

void EnergyTableModel::show(core::ReportPtr report)
{
    const bool sameRows = m_report && report && m_report->layers.size() == report->layers.size();
    if (!sameRows)
        beginResetModel();
    m_report = std::move(report);
    if (!sameRows)
        endResetModel();
    else
        emit dataChanged(index(0, 0), index(rowCount() - 1, kColumnCount - 1));
}

int EnergyTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_report || m_report->energy.lines.empty() ? 0 : static_cast<int>(m_report->layers.size()) + 1;
}

int EnergyTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : kColumnCount; }

core::Picojoules EnergyTableModel::energyAt(int row, int column) const
{
    const core::EnergyBill& bill = m_report->energy;
    const bool sum = row == static_cast<int>(m_report->layers.size());
    const core::LayerIndex layer = sum ? core::LayerIndex{} : m_report->layers.at(static_cast<std::size_t>(row)).index;
    if (column == kTotalColumn)
        return sum ? bill.total() : bill.ofLayer(layer);
    return sum ? bill.ofPart(partOf(column)) : bill.ofLayer(layer, partOf(column));
}

core::EnergyRange EnergyTableModel::rangeAt(int row, int column) const
{
    const bool sum = row == static_cast<int>(m_report->layers.size());
    core::EnergyRange range;
    for (const core::BillLine& line : m_report->energy.lines)
        if ((sum || line.entry.layer == m_report->layers.at(static_cast<std::size_t>(row)).index) &&
            (column == kTotalColumn || line.entry.part == partOf(column)))
            range += line.range();
    return range;
}

QString EnergyTableModel::provenance(int row, int column) const
{
    const bool sum = row == static_cast<int>(m_report->layers.size());
    QStringList sources;
    for (const core::BillLine& line : m_report->energy.lines) {
        const bool here = sum || line.entry.layer == m_report->layers.at(static_cast<std::size_t>(row)).index;
        if (!here || (column != kTotalColumn && line.entry.part != partOf(column)))
            continue;
        const QString source = QString::fromStdString(line.provenance);
        if (!sources.contains(source))
            sources << source;
    }
    const core::EnergyRange range = rangeAt(row, column);
    if (!sources.isEmpty() && range.low < range.high)
        sources.prepend(tr("%1 to %2 by the ranges of the prices").arg(energyText(range.low), energyText(range.high)));
    return sources.join(u'\n');
}

QVariant EnergyTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int row = index.row(), column = index.column();
    if (column == 0) {
        if (role == SortRole)
            return row;
        if (role != Qt::DisplayRole)
            return {};
        return row < static_cast<int>(m_report->layers.size())
                   ? QString::fromStdString(m_report->layers.at(static_cast<std::size_t>(row)).name)
                   : tr("all layers");
    }
    switch (role) {
    case Qt::DisplayRole: return energyText(energyAt(row, column));
    case SortRole: return energyAt(row, column).value();
    case ShareRole: {
        const double total = m_report->energy.total().value();
        return total > 0 ? QVariant(energyAt(row, column).value() / total) : QVariant();
    }
    case Qt::ToolTipRole: return provenance(row, column);
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    default: return {};
    }
}

QVariant EnergyTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (role != Qt::DisplayRole)
        return {};
    if (orientation == Qt::Vertical)
        return section + 1;
    if (section == 0)
        return tr("Layer");
    return section == kTotalColumn ? tr("Total") : QString::fromStdString(core::ledgerPartName(partOf(section)));
}

} // namespace app
