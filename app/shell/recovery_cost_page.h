// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The page of the recovery dock that asks what else the cost of recovery could be spent on, and takes one of the answers.

#include "app/exploration/recovery_study.h"
#include "app/models/contender_table_model.h"
#include "app/shell/panel.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QSortFilterProxyModel;
class QTableView;
class QToolButton;

namespace app {

class RecoveryCostPage : public Panel {
    Q_OBJECT
public:
    RecoveryCostPage(Exploration& exploration, RecoveryStudy& study, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh(Changes changes) override;
    QWidget* makeHeader();
    void makeTable();
    void showNote();
    void takePlan();
    QString hint() const;
    QString verdict() const;

    RecoveryStudy& m_study;
    int currentRow() const;  // of the model; -1: none
    void selectRow(int row);

    ContenderTableModel* m_model = nullptr;
    QToolButton* m_bytes = nullptr;
    QToolButton* m_energy = nullptr;
    QToolButton* m_stop = nullptr;
    QStackedWidget* m_faces = nullptr;
    QLabel* m_hint = nullptr;
    QSortFilterProxyModel* m_order = nullptr;  // as a click on a column sorts them
    QTableView* m_table = nullptr;
    QLabel* m_note = nullptr;
    QPushButton* m_take = nullptr;
};

}  // namespace app
