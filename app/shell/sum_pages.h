// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The pages of the sum dock that look at sums: how their error grows along one sample, and what mixing formats is worth.

#include "app/exploration/sum_cost_study.h"
#include "app/exploration/sum_study.h"
#include "app/shell/panel.h"

class QLabel;
class QSpinBox;
class QToolButton;

namespace app {

class SumCostView;
class SumErrorView;

class SumErrorPage : public Panel {
    Q_OBJECT
public:
    explicit SumErrorPage(Exploration& exploration, QWidget* parent = nullptr);

protected:
    void showEvent(QShowEvent* event) override;
    void hideEvent(QHideEvent* event) override;

private:
    void refresh(Changes changes) override;
    QString hint() const;
    QString words(const core::SumSample& sums) const;

    SumStudy* m_study = nullptr;
    QLabel *m_where = nullptr, *m_words = nullptr;
    SumErrorView* m_view = nullptr;
};

class SumCostPage : public Panel {
    Q_OBJECT
public:
    explicit SumCostPage(Exploration& exploration, QWidget* parent = nullptr);

    SumCostStudy& study() { return *m_study; }
    /// It is seen, can be measured, and was not: measures.
    void measureIfSeen();

protected:
    void showEvent(QShowEvent* event) override;

private:
    void refresh(Changes changes) override;
    QWidget* makeHeader();
    QString hint() const;
    QString note() const;
    QString verdict(const SumCosts& known) const;
    void take(const SumCost& way);

    SumCostStudy* m_study = nullptr;
    SumCostView* m_view = nullptr;
    QLabel* m_note = nullptr;
    QSpinBox* m_samples = nullptr;
    QToolButton *m_measure = nullptr, *m_stop = nullptr;
};

/// What to say where the current layer's own sums are asked for and there are none; empty: there are.
QString ownSumsHint(const Exploration& exploration);

}  // namespace app
