// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The bench in the middle of the window: how good the answers are, where the error arises, what an inference costs.
// Each is a panel around one figure, whose actions (table twin, copy, save) the bench offers.

#include "app/models/energy_table_model.h"
#include "app/models/error_map_model.h"
#include "app/shell/panel.h"

class QComboBox;
class QLabel;

namespace app {

class AccuracyView;
class EnergyView;
class FigureView;
class HeatMapView;
class RowStrip;

class BenchPanel : public Panel {
    Q_OBJECT
public:
    using Panel::Panel;
    virtual FigureView* figure() const = 0;  // in front
    virtual std::vector<FigureView*> figures() const { return {figure()}; }

signals:
    void figureChanged();
};

class AccuracyPanel : public BenchPanel {
    Q_OBJECT
public:
    explicit AccuracyPanel(Exploration& exploration, QWidget* parent = nullptr);
    FigureView* figure() const override;

private:
    void refresh(Changes changes) override;

    AccuracyView* m_view = nullptr;
    core::ReportPtr m_before, m_settled;  // of the plan before; the newest that is not partial
    core::PrecisionPlan m_settledPlan;
};

class ErrorsPanel : public BenchPanel {
    Q_OBJECT
public:
    explicit ErrorsPanel(Exploration& exploration, QWidget* parent = nullptr);
    FigureView* figure() const override;

signals:
    void weightPicked();  // of the current layer: Selection::weight

private:
    enum class Detail { RowErrors, WeightError, Weights };

    void refresh(Changes changes) override;
    QWidget* makeDetail();
    void showMap();
    void showDetail();
    void showMatrix(Detail detail, core::LayerIndex layer);
    void selectLayer(int row);
    std::optional<WeightPlace> weightAt(int row, int column) const;
    void pickWeight(int row, int column);

    core::LayerIndex m_detailed;  // whose detail is shown
    ErrorMapModel* m_model = nullptr;
    HeatMapView* m_map = nullptr;
    QComboBox* m_picker = nullptr;
    QLabel* m_detailTitle = nullptr;
    RowStrip* m_rows = nullptr;
    HeatMapView* m_matrix = nullptr;
    JobRunner m_computing;
};

} // namespace app
