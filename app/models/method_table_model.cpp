// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/method_table_model.h"

#include "app/models/number_text.h"
#include "app/models/roles.h"

#include <QFont>

#include <algorithm>
#include <cmath>

namespace app {
namespace {

/// Decibels without their unit, which the header carries.
QString decibels(double value)
{
    if (std::isinf(value))
        return value > 0 ? QStringLiteral("exact") : QStringLiteral("no signal");
    return numberText(value, 1);
}

}  // namespace

double removedShare(const core::SurrogateReport& report, int rank)
{
    if (!(report.residualEnergy > 0))
        return 0;
    double removed = 0;
    for (std::size_t step = 0; step < report.removedEnergy.size() && static_cast<int>(step) < rank; ++step)
        removed += report.removedEnergy[step];
    return removed / report.residualEnergy;
}

void MethodTableModel::show(MethodTable table)
{
    const bool sameRows = std::ranges::equal(table.lines, m_table.lines, {}, &MethodLine::value, &MethodLine::value);
    if (!sameRows)
        beginResetModel();
    m_table = std::move(table);
    if (!sameRows) {
        endResetModel();
    } else {
        if (rowCount() > 0)
            emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
        emit headerDataChanged(Qt::Horizontal, 0, ColumnCount - 1);
    }
}

int MethodTableModel::rowOf(const QString& value) const
{
    const auto found = std::ranges::find(m_table.lines, value, &MethodLine::value);
    return found == m_table.lines.end() ? -1 : static_cast<int>(found - m_table.lines.begin());
}

int MethodTableModel::bestRow() const
{
    const auto sqnr = [this](const MethodLine& line) { return line.report.predictedSqnr(m_table.rank); };
    const auto best = std::ranges::max_element(m_table.lines, {}, sqnr);
    return best == m_table.lines.end() ? -1 : static_cast<int>(best - m_table.lines.begin());
}

int MethodTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_table.lines.size()); }

int MethodTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant MethodTableModel::figure(const MethodLine& line, Column column, bool sort) const
{
    const auto told = [sort](double value) { return sort ? QVariant(value) : QVariant(decibels(value)); };
    switch (column) {
    case Method: return line.value == m_table.own && !sort ? QStringLiteral("● ") + line.words : line.words;
    case AtRank: return told(line.report.predictedSqnr(m_table.rank));
    case AtFullRank: return told(line.report.predictedSqnr(m_table.fullRank));
    case Removed: {
        const double share = removedShare(line.report, m_table.rank);
        return sort ? QVariant(share) : QVariant(percentText(share));
    }
    case ColumnCount: break;
    }
    return {};
}

QVariant MethodTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const MethodLine& method = line(index.row());
    const auto column = static_cast<Column>(index.column());
    switch (role) {
    case Qt::DisplayRole: return figure(method, column, false);
    case SortRole: return figure(method, column, true);
    case ShareRole: return column == Removed ? QVariant(std::clamp(removedShare(method.report, m_table.rank), 0.0, 1.0)) : QVariant();
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column == Method ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    case Qt::FontRole: {
        QFont font;
        font.setBold(isOwn(index.row()));
        font.setItalic(m_table.isOld);
        return isOwn(index.row()) || m_table.isOld ? QVariant(font) : QVariant();
    }
    case Qt::ToolTipRole: {
        QStringList lines{tr("Fitted to %1").arg(method.words), method.tip};
        if (isOwn(index.row()))
            lines << tr("● The plan's own method.");
        if (m_table.isOld)
            lines << tr("Of the plan before; the present one's figures are on their way.");
        return lines.join(u'\n');
    }
    case Qt::AccessibleTextRole:
        return column == Method && isOwn(index.row()) ? QVariant(tr("%1, the plan's own").arg(method.words)) : QVariant();
    default: return {};
    }
}

QVariant MethodTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    const auto column = static_cast<Column>(section);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment((column == Method ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (column) {
    case Method: return tip ? tr("What the path is fitted to; ● marks the plan's own method") : tr("Fitted to");
    case AtRank:
        return tip ? tr("Signal over what is left wrong at this layer's output, predicted from the calibration samples, at rank %1")
                         .arg(m_table.rank)
                   : tr("rank %1\ndB").arg(m_table.rank);
    case AtFullRank:
        return tip ? tr("The same at full rank %1: the floor that no rank of this method gets beyond").arg(m_table.fullRank)
                   : tr("floor\ndB");
    case Removed: return tip ? tr("Part of the layer's squared output error that rank %1 removes").arg(m_table.rank) : tr("removes");
    case ColumnCount: break;
    }
    return {};
}

}  // namespace app
