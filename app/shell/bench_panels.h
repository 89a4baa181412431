// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The panels of the bench in the middle of the window: each stands around one figure, whose actions (table twin, copy, save)
// the bench offers. The first of them: how good the answers are.

#include "app/shell/panel.h"

namespace app {

class AccuracyView;
class FigureView;

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

} // namespace app
