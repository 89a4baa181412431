// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Corrections that need no path beside the layer: what its weights are rounded to, what its bias makes up for, and which
// range its channels share with the layer in front. For every edited layer.

#include "app/shell/panel.h"

class QLabel;

namespace app {

class ChoiceField;
class KnobRow;

class RecoveryCorrectPage : public Panel {
    Q_OBJECT
public:
    explicit RecoveryCorrectPage(Exploration& exploration, QWidget* parent = nullptr);

private:
    void refresh(Changes changes) override;
    void makeFields();
    void showFields();
    void showProblems();
    QString remarks() const;
    void edit(const QString& words, const std::function<void(core::CorrectionPlan&)>& change, Gesture during = {});

    QLabel* m_where = nullptr;
    QLabel* m_order = nullptr;
    QLabel* m_figures = nullptr;  // what the current layer's error is now
    QLabel* m_remarks = nullptr;  // what could not be corrected, and why
    ChoiceField* m_equalize = nullptr;
    ChoiceField* m_rounding = nullptr;
    ChoiceField* m_bias = nullptr;
    KnobRow* m_samples = nullptr;
};

}  // namespace app
