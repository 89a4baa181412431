// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The network dock: the layers as cards or as a table. What is selected here is what every other dock edits.

#include "app/exploration/sensitivity_study.h"
#include "app/models/layer_table_model.h"
#include "app/shell/panel.h"
#include "app/views/layer_graph_view.h"

class QComboBox;
class QLabel;
class QSortFilterProxyModel;
class QStackedWidget;
class QTableView;
class QToolButton;

namespace app {

class NetworkPanel : public Panel {
    Q_OBJECT
public:
    enum class Face { Graph, Table };

    explicit NetworkPanel(Exploration& exploration, QWidget* parent = nullptr);

    Face face() const;
    void setFace(Face face);
    void setColourBy(ColourBy what);
    /// "table", or cards coloured by "sensitivity", "energy" ...; false where there is no such thing.
    bool showPage(const QString& name);
    SensitivityStudy& sensitivity() { return *m_study; }

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void refresh(Changes changes) override;
    void showSelection();
    void takeCards(const std::vector<int>& cards);
    void takeTableSelection();
    QWidget* makeHeader();
    QWidget* makeTable();
    QWidget* makeMetrics();
    SensitivityMetric metric() const;
    bool wantsSensitivity() const;
    void watchSensitivity();
    void showFigures(Changes changes);
    void showMetric();
    QString sensitivityState() const;

    LayerGraphView* m_graph = nullptr;
    QTableView* m_table = nullptr;
    LayerTableModel* m_model = nullptr;
    QSortFilterProxyModel* m_order = nullptr;
    QStackedWidget* m_pages = nullptr;
    QToolButton* m_graphButton = nullptr;
    QToolButton* m_tableButton = nullptr;
    QComboBox* m_colourBy = nullptr;
    QLabel* m_note = nullptr;
    SensitivityStudy* m_study = nullptr;
    QWidget* m_metrics = nullptr;  // shown while sensitivity is: which metric, and its button
    QComboBox* m_metric = nullptr;
    QToolButton* m_measure = nullptr;
    QLabel* m_metricState = nullptr;
    bool m_showingSelection = false;
    core::ReportPtr m_measured;  // the newest report that has layer errors; of the open network
};

} // namespace app
