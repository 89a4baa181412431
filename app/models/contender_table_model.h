// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The ways of spending what recovery costs, and what each buys. Every cell tells two figures, one below the other, so that
// the table fits a dock; ContenderTableModel::csv has each in a column of its own.

#include "core/assign/equal_cost.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <optional>

namespace app {

struct ContenderTable {
    std::vector<core::Contender> lines;
    core::PrecisionPlan own;  // the plan now; names do not count
    bool isOld = false;       // the comparison was made for another plan
};

/// "rank as planned" for the contender the engine calls "rank".
QString contenderWords(const std::string& name);
/// What arrives wrong at the network's output, in dB; empty: not measured.
std::optional<double> outputSqnr(const core::Contender& contender);

class ContenderTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Spent, Accuracy, Agreement, Cost, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void show(ContenderTable table);
    const core::Contender& line(int row) const { return m_table.lines.at(static_cast<std::size_t>(row)); }
    bool isOwn(int row) const;

    QStringList csvHeader() const;
    std::vector<QStringList> csvRows() const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    ContenderTable m_table;
};

}  // namespace app
