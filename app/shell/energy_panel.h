// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The Energy tab: the bill, its efficiency beside the published headline, and estimates of time and area, all at the prices
// of one technology - a bundled one, one scaled to another node, or a table of one's own.

#include "app/models/energy_table_model.h"
#include "app/shell/bench_panels.h"

class QComboBox;
class QLabel;
class QStackedWidget;
class QTabBar;
class QTableView;
class QToolButton;

namespace app {

class EnergyView;
class EfficiencyView;
class EstimatesView;

class EnergyPanel : public BenchPanel {
    Q_OBJECT
public:
    enum class Page { Bill, Efficiency, Estimates };

    explicit EnergyPanel(Exploration& exploration, QWidget* parent = nullptr);
    FigureView* figure() const override;
    std::vector<FigureView*> figures() const override;
    void setPage(Page page);

public slots:
    /// Reads a table file, or a bundled table scaled ("45nm@22nm,0.8V"), off the GUI thread and pays by it.
    void useTable(const QString& nameOrPath);

private:
    void refresh(Changes changes) override;
    QWidget* makeHead();
    QWidget* makeBill();
    void fillTechnologies();
    void showFigures(const core::ReportPtr& report);
    void selectLayer(core::LayerIndex layer);
    void askForFile();
    void askForNode();

    QComboBox* m_technology = nullptr;
    QToolButton* m_more = nullptr;
    QTableView* m_table = nullptr;
    QTabBar* m_pages = nullptr;
    QStackedWidget* m_stack = nullptr;
    EnergyView* m_view = nullptr;
    EfficiencyView* m_efficiency = nullptr;
    EstimatesView* m_estimates = nullptr;
    EnergyTableModel* m_model = nullptr;
    JobRunner m_reading;
    QString m_asked;  // the table that is being read, or could not be
};

}  // namespace app
