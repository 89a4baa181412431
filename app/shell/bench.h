// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The middle of the window: one tab per question (how good, where wrong, what does it cost) and, in the corner, the
// actions of the figure on show.

#include "app/exploration/exploration.h"

#include <QTabWidget>

class QToolButton;

namespace app {

class BenchPanel;

class Bench : public QTabWidget {
    Q_OBJECT
public:
    explicit Bench(Exploration& exploration, QWidget* parent = nullptr);

    QAction* tableAction() const; // of the figure on show
    QAction* copyAction() const;
    QAction* saveAction() const;

public slots:
    /// What each effect of the arrays costs, in front; measured at once where it can be.
    void showEffects();

private:
    BenchPanel* panel() const;
    void offerActions();
    void drawIcons();
    void changeEvent(QEvent* event) override;

    QToolButton* m_table = nullptr;
    QToolButton* m_copy = nullptr;
    QToolButton* m_save = nullptr;
};

} // namespace app
