// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The energy bill as a table: a line per layer and one for all, a column per part of the work. Every figure says on
// hover where its prices come from.

#include "core/eval/report.h"

#include <QAbstractTableModel>
#include <QStringList>

#include <array>

namespace app {

class EnergyTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    static constexpr auto kParts = core::kLedgerParts;
    static constexpr int kTotalColumn = 1 + static_cast<int>(kParts.size()); // column 0 is the layer's name
    static constexpr int kColumnCount = kTotalColumn + 1;

    using QAbstractTableModel::QAbstractTableModel;

    void show(core::ReportPtr report); // null: no bill yet

    int rowCount(const QModelIndex& parent = {}) const override; // layers, then their sum
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    core::Picojoules energyAt(int row, int column) const;
    core::EnergyRange rangeAt(int row, int column) const;
    QString provenance(int row, int column) const;

    core::ReportPtr m_report;
};

} // namespace app
