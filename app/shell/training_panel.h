// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The training dock: the network's weights learn to live with the plan's low precision. Curves as epochs end, a stop that
// keeps the best, and the trained network in a folder that opens like any other.

#include "app/exploration/training_run.h"
#include "app/shell/panel.h"

class QLabel;
class QPushButton;

namespace app {

class ChoiceField;
class KnobRow;
class PageSwitch;
class TrainingChart;

class TrainingPanel : public Panel {
    Q_OBJECT
public:
    explicit TrainingPanel(Exploration& exploration, QWidget* parent = nullptr);

    TrainingRun& run() { return exploration().training(); }
    const TrainingRun& run() const { return exploration().training(); }
    /// As the knobs stand; what is learned as the open dataset allows.
    core::TrainingOrders orders() const;

public slots:
    void train();
    void saveTo(const QString& folder);
    void openSaved();

private:
    void refresh(Changes changes) override;
    QWidget* makeColumn();
    QWidget* makeKnobs();
    QWidget* makeProgress();
    void askWhereToSave();
    void showRun();
    void showCurves();
    void takeOutcome();
    void tellFailure(const core::Problem& problem);
    QString whatHinders() const;  // why Train is not to be had; empty: it is
    QString stateText() const;
    QString outcomeText() const;

    KnobRow* m_epochs = nullptr;
    KnobRow* m_rate = nullptr;
    KnobRow* m_batch = nullptr;
    KnobRow* m_validation = nullptr;
    KnobRow* m_patience = nullptr;
    ChoiceField* m_lesson = nullptr;
    TrainingChart* m_chart = nullptr;
    PageSwitch* m_pages = nullptr;  // one at a time beside the curves, which need the width
    QLabel* m_what = nullptr;   // which plan is trained on what
    QLabel* m_state = nullptr;  // how far it is, or what it gave
    bool m_wasRunning = false;
    QPushButton* m_train = nullptr;
    QPushButton* m_save = nullptr;
    QPushButton* m_open = nullptr;
    QString m_problem;  // of the newest training or saving
};

}  // namespace app
