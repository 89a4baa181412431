// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/contender_table_model.h"

#include "app/models/number_text.h"
#include "app/models/roles.h"

#include <QFont>

#include <array>
#include <utility>

namespace app {
namespace {

/// Bytes as people compare them: "812 B", "12.4 kB".
QString bytesText(double bytes)
{
    return bytes < 999.5     ? QString::number(bytes, 'f', 0) + QStringLiteral(" B")
           : bytes < 999.5e3 ? QString::number(bytes / 1e3, 'f', bytes < 99.95e3 ? 2 : 1) + QStringLiteral(" kB")
                             : QString::number(bytes / 1e6, 'f', 2) + QStringLiteral(" MB");
}

/// Accuracies differ by tenths of a per cent: two decimals, the same for every row.
QString percent(double share) { return QString::number(100 * share, 'f', 2); }

QString stacked(const QString& upper, const QString& lower) { return upper + u'\n' + lower; }

}  // namespace

QString contenderWords(const std::string& name)
{
    static const std::array<std::pair<const char*, const char*>, 6> kWords{{
        {"nothing", QT_TRANSLATE_NOOP("ContenderTableModel", "nothing")},
        {"rank", QT_TRANSLATE_NOOP("ContenderTableModel", "rank, as planned")},
        {"shared rank", QT_TRANSLATE_NOOP("ContenderTableModel", "rank, shared out")},
        {"finer groups", QT_TRANSLATE_NOOP("ContenderTableModel", "finer groups")},
        {"more bits", QT_TRANSLATE_NOOP("ContenderTableModel", "more bits")},
        {"protected rows", QT_TRANSLATE_NOOP("ContenderTableModel", "protected rows")},
    }};
    for (const auto& [known, words] : kWords)
        if (name == known)
            return ContenderTableModel::tr(words);
    return QString::fromStdString(name);
}

std::optional<double> outputSqnr(const core::Contender& contender)
{
    if (!contender.report || contender.report->layers.empty())
        return {};
    return contender.report->layers.back().propagatedSqnrDecibels;
}

void ContenderTableModel::show(ContenderTable table)
{
    const bool sameRows = table.lines.size() == m_table.lines.size();
    if (!sameRows)
        beginResetModel();
    m_table = std::move(table);
    if (!sameRows)
        endResetModel();
    else if (rowCount() > 0)
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

bool ContenderTableModel::isOwn(int row) const
{
    core::PrecisionPlan plan = line(row).plan;
    plan.name = m_table.own.name;
    return plan == m_table.own;
}

int ContenderTableModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_table.lines.size()); }

int ContenderTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant ContenderTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const core::Contender& contender = line(index.row());
    const core::Report& report = *contender.report;
    const auto column = static_cast<Column>(index.column());
    const QString name = contenderWords(contender.name), words = QString::fromStdString(contender.words);
    switch (role) {
    case Qt::DisplayRole:
        switch (column) {
        case Spent: return stacked(isOwn(index.row()) ? QStringLiteral("● ") + name : name, words);
        case Accuracy:
            return stacked(percent(report.top1.value()) + QStringLiteral(" %"),
                           percent(report.top1.low()) + QStringLiteral(" … ") + percent(report.top1.high()));
        case Agreement:
            return stacked(percent(report.agreement.value()) + QStringLiteral(" %"),
                           decibelText(outputSqnr(contender), QStringLiteral("–")));
        case Cost: return stacked(bytesText(contender.cost.bytes), energyText(contender.cost.energy));
        case ColumnCount: break;
        }
        return {};
    case SortRole:
        switch (column) {
        case Spent: return name;
        case Accuracy: return report.top1.value();
        case Agreement: return report.agreement.value();
        case Cost: return contender.cost.bytes;
        case ColumnCount: break;
        }
        return {};
    case Qt::TextAlignmentRole:
        return QVariant::fromValue(Qt::Alignment((column == Spent ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    case Qt::FontRole: {
        QFont font;
        font.setBold(isOwn(index.row()));
        font.setItalic(m_table.isOld || report.partial);
        return font == QFont() ? QVariant() : QVariant(font);
    }
    case Qt::ToolTipRole: {
        QStringList lines{
            name + QStringLiteral(": ") + words,
            tr("top 1 %1 % (95 %: %2 … %3), %4 samples")
                .arg(percent(report.top1.value()), percent(report.top1.low()), percent(report.top1.high()), countText(report.samples)),
            tr("answers as the reference does %1 %").arg(percent(report.agreement.value())),
            tr("output error %1").arg(decibelText(outputSqnr(contender), QStringLiteral("–"))),
            tr("%1 to ship, %2 per inference").arg(bytesText(contender.cost.bytes), energyText(contender.cost.energy))};
        if (isOwn(index.row()))
            lines << tr("● The plan as it is now.");
        else
            lines << tr("Double click or Enter takes this plan.");
        return lines.join(u'\n');
    }
    case Qt::AccessibleTextRole: {
        if (column == Spent)
            return isOwn(index.row()) ? tr("%1, the plan now: %2").arg(name, words) : tr("%1: %2").arg(name, words);
        return data(index, Qt::DisplayRole).toString().replace(u'\n', QStringLiteral(", "));
    }
    default: return {};
    }
}

QVariant ContenderTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    const auto column = static_cast<Column>(section);
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment((column == Spent ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter));
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (column) {
    case Spent: return tip ? tr("What the cost of recovery is spent on; ● marks the plan as it is now") : tr("Spent on");
    case Accuracy:
        return tip ? tr("Share of right first answers, and its 95 % interval (Wilson)") : stacked(tr("top 1"), tr("95 % interval"));
    case Agreement:
        return tip ? tr("Share of samples answered as the reference answers them, and signal over error at the network's output")
                   : stacked(tr("agrees"), tr("output"));
    case Cost: return tip ? tr("Bytes to ship and energy of one inference, whole network") : stacked(tr("bytes"), tr("energy"));
    case ColumnCount: break;
    }
    return {};
}

QStringList ContenderTableModel::csvHeader() const
{
    return {tr("spent on"),       tr("top1"),  tr("top1_low"),          tr("top1_high"), tr("samples"), tr("agreement"),
            tr("output_sqnr_db"), tr("bytes"), tr("energy_picojoules"), tr("in words"),  tr("plan now")};
}

std::vector<QStringList> ContenderTableModel::csvRows() const
{
    const auto plain = [](double value) { return QString::number(value, 'g', 8); };
    std::vector<QStringList> rows;
    for (int row = 0; row < rowCount(); ++row) {
        const core::Contender& each = line(row);
        const std::optional<double> output = outputSqnr(each);
        rows.push_back({contenderWords(each.name), plain(each.report->top1.value()), plain(each.report->top1.low()),
                        plain(each.report->top1.high()), QString::number(each.report->samples), plain(each.report->agreement.value()),
                        output ? plain(*output) : QString(), plain(each.cost.bytes), plain(each.cost.energy.value()),
                        QString::fromStdString(each.words), isOwn(row) ? tr("yes") : QString()});
    }
    return rows;
}

}  // namespace app
