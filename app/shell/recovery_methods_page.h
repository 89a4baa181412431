// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The page of the recovery dock that compares the fitting methods for the current layer and takes one of them.

#include "app/exploration/recovery_study.h"
#include "app/models/method_table_model.h"
#include "app/shell/panel.h"

class QLabel;
class QPushButton;
class QStackedWidget;
class QSortFilterProxyModel;
class QTableView;

namespace app {

class RecoveryMethodsPage : public Panel {
    Q_OBJECT
public:
    RecoveryMethodsPage(Exploration& exploration, RecoveryStudy& study, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void refresh(Changes changes) override;
    void makeTable();
    void showTable();
    void showVerdict();
    void takeMethod();
    QString hint() const;

    RecoveryStudy& m_study;
    int currentRow() const;  // of the model; -1: none
    void selectRow(int row);

    MethodTableModel* m_model = nullptr;
    QLabel* m_where = nullptr;
    QStackedWidget* m_faces = nullptr;
    QLabel* m_hint = nullptr;
    QSortFilterProxyModel* m_order = nullptr;  // as a click on a column sorts them
    QTableView* m_table = nullptr;
    QLabel* m_verdict = nullptr;
    QPushButton* m_take = nullptr;
};

}  // namespace app
