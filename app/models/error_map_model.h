// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Layers x measures of error, all in decibels so that one colour scale serves them: the source of the heat map and its
// table twin.

#include "core/base/matrix.h"
#include "core/eval/report.h"

#include <QAbstractTableModel>
#include <QStringList>

namespace app {

class ErrorMapModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Measure { Local, Propagated, MedianRow, WorstRow, Floor, MeasureCount };

    using QAbstractTableModel::QAbstractTableModel;

    void show(core::ReportPtr report); // null: nothing measured yet

    /// layers x measures in dB; NaN: not measured; infinity: no error at all.
    const core::RowMatrix& values() const { return m_values; }
    QStringList layerNames() const { return m_names; }
    static QString measureName(Measure measure);
    static QString measureMeaning(Measure measure);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    core::RowMatrix m_values;
    QStringList m_names;
};

/// A relative root-mean-square error |y - ref| / |ref| as signal over error: 0.1 is 20 dB, 0 is infinite.
double decibelsOfRelativeError(double relative);

} // namespace app
