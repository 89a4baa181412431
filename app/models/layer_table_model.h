// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The weighted layers as a table: what each is, how the plan treats it, how much it errs and what it costs.

#include "app/exploration/evaluation_source.h"
#include "app/models/plan_problems.h"

#include <QAbstractTableModel>

namespace app {

/// One moment of the exploration.
struct LayerSnapshot {
    LayersPtr layers;
    core::PrecisionPlan plan;
    core::ReportPtr report; // may be null
    PlanProblems problems;
    std::vector<double> sensitivities = {};  // by layer; empty: not measured
    bool sensitivitiesAreOld = false;        // of the plan before
    QString sensitivityTip = {};             // what was measured, and its unit
};

class LayerTableModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column {
        Name,
        Operation,
        Size,
        Macs,
        Weights,
        Activations,
        Rank,
        Substrate,
        LocalSqnr,
        PropagatedSqnr,
        Energy,
        Sensitivity,
        ColumnCount
    };

    using QAbstractTableModel::QAbstractTableModel;

    /// The same layers again change figures in place, so selection and scroll position stay.
    void show(LayerSnapshot snapshot);

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    const core::LayerReport* reported(int row) const;
    double energyShare(int row) const; // NaN: not known
    std::optional<double> sensitivity(int row) const;

    LayerSnapshot m_snapshot;
    std::vector<core::LayerTreatment> m_treatments;
};

/// The formats of a layer's rows in words: "nf4 group:64", "pot4 + int4 + int8" where rows differ.
QString weightsText(const core::WeightPlan& plan);

} // namespace app
