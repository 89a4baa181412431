// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The bench tab of errors: layers by measures, and one layer in detail - its rows, its weights, its running sums on samples.

#include "app/exploration/sum_study.h"
#include "app/models/error_map_model.h"
#include "app/shell/bench_panels.h"

class QComboBox;
class QLabel;

namespace app {

class HeatMapView;
class RowStrip;
enum class SumMeasure;
struct HeatMap;

class ErrorsPanel : public BenchPanel {
    Q_OBJECT
public:
    explicit ErrorsPanel(Exploration& exploration, QWidget* parent = nullptr);
    FigureView* figure() const override;
    /// "rows", "weight-error", "weights", "condition", "recomputed", "overflow" or "sum-error"; false: no such detail.
    bool showDetailNamed(const QString& name);

signals:
    void weightPicked();  // of the current layer: Selection::weight

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    enum class Detail { RowErrors, WeightError, Weights, Condition, Recomputed, Overflow, SumError };

    static bool isOfSums(Detail detail) { return detail >= Detail::Condition; }
    Detail detail() const;

    void refresh(Changes changes) override;
    QWidget* makeDetail();
    void showMap();
    void showDetail();
    void showMatrix(Detail detail, core::LayerIndex layer);
    void showSums(Detail detail, core::LayerIndex layer);
    static SumMeasure measureOf(Detail detail, HeatMap& map);
    QString sumsHint() const;
    QString sumsRemark(Detail detail, const core::RowMatrix& shown, core::LayerIndex layer) const;
    void watchSums();
    void selectLayer(int row);
    std::optional<WeightPlace> weightAt(int row, int column) const;
    void pickWeight(int row, int column);

    core::LayerIndex m_detailed;  // whose detail is shown
    ErrorMapModel* m_model = nullptr;
    HeatMapView* m_map = nullptr;
    QComboBox* m_picker = nullptr;
    QLabel* m_detailTitle = nullptr;
    QLabel* m_detailHint = nullptr;  // why there is nothing to see
    RowStrip* m_rows = nullptr;
    HeatMapView* m_matrix = nullptr;
    SumStudy* m_sums = nullptr;
    JobRunner m_computing;
};

}  // namespace app
