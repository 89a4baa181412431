// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The ways of fitting one layer's recovery path: what each is predicted to win at the plan's rank and at full rank.

#include "core/engine/surrogate_report.h"

#include <QAbstractTableModel>

#include <vector>

namespace app {

struct MethodLine {
    QString value, words, tip;  // "activation", "activations", what it minimises
    core::SurrogateReport report;
};

struct MethodTable {
    std::vector<MethodLine> lines;
    int rank = 0, fullRank = 0;
    QString own;         // value of the plan's method; empty: the layer has no path
    bool isOld = false;  // of the plan before; shown slanted and pale
};

/// The part of the squared error that rank 1 ... `rank` remove. Below 0 where a fit that saw only weights adds error.
double removedShare(const core::SurrogateReport& report, int rank);

class MethodTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Method, AtRank, AtFullRank, Removed, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void show(MethodTable table);
    const MethodTable& table() const { return m_table; }
    const MethodLine& line(int row) const { return m_table.lines.at(static_cast<std::size_t>(row)); }
    bool isOwn(int row) const { return line(row).value == m_table.own; }
    int rowOf(const QString& value) const;  // -1: not among them
    int bestRow() const;                    // at the plan's rank; -1: no lines

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    QVariant figure(const MethodLine& line, Column column, bool sort) const;

    MethodTable m_table;
};

}  // namespace app
