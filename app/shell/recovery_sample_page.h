// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The page of the recovery dock that shows what both paths of the current layer compute for one sample.

#include "app/exploration/recovery_study.h"
#include "app/shell/panel.h"

class QLabel;

namespace app {

class ChoiceField;
class PolarizedStrips;

class RecoverySamplePage : public Panel {
    Q_OBJECT
public:
    RecoverySamplePage(Exploration& exploration, RecoveryStudy& study, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void refresh(Changes changes) override;
    QString hint() const;
    QString sampleText() const;

    RecoveryStudy& m_study;
    QLabel* m_where = nullptr;
    QLabel* m_answers = nullptr;
    ChoiceField* m_gain = nullptr;
    PolarizedStrips* m_strips = nullptr;
};

}  // namespace app
