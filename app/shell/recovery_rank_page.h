// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The first page of the recovery dock: the rank of the low-rank path beside each edited layer, how it is fitted and in which
// format it is computed, and whether more of it would help.

#include "app/exploration/measured_ranks.h"
#include "app/exploration/path_training.h"
#include "app/shell/panel.h"
#include "app/shell/recovery_edit.h"
#include "app/views/rank_dial.h"

class QLabel;
class QToolButton;

namespace app {

class ChoiceField;
class KnobRow;

class RecoveryRankPage : public Panel {
    Q_OBJECT
public:
    explicit RecoveryRankPage(Exploration& exploration, QWidget* parent = nullptr);

private:
    void refresh(Changes changes) override;
    void makeFields();
    void showDial();
    void showFields();
    void chooseMethod(const QString& value);
    QWidget* makeTraining();
    void showTraining();
    QString trainingText() const;
    bool isTrained() const;  // the current layer's path is
    void setRank(int rank);
    void edit(const QString& words, const SurrogateChange& change, Gesture during = {});

    QLabel* m_where = nullptr;
    QLabel* m_problem = nullptr;
    RankDial* m_dial = nullptr;
    ChoiceField* m_method = nullptr;
    ChoiceField* m_device = nullptr;
    ChoiceField* m_format = nullptr;
    ChoiceField* m_input = nullptr;
    KnobRow* m_samples = nullptr;
    QWidget* m_trainingRow = nullptr;  // while paths are trained, and what became of it
    QLabel* m_trainingState = nullptr;
    QToolButton* m_stopTraining = nullptr;
    PathTraining* m_training = nullptr;
    MeasuredRanks m_measured;
};

}  // namespace app
