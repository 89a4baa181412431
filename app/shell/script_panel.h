// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The script dock: every action as the command or plan edit that repeats it, to copy and to save.

#include "app/exploration/exploration.h"

#include <QWidget>

class QPlainTextEdit;

namespace app {

class ScriptPanel : public QWidget {
    Q_OBJECT
public:
    explicit ScriptPanel(Exploration& exploration, QWidget* parent = nullptr);

private:
    void showEvent(QShowEvent* event) override;
    void freshen();
    void save();

    Exploration& m_exploration;
    QPlainTextEdit* m_text = nullptr;
    bool m_stale = true;
};

/// A shell script that repeats the present evaluation: the plan as a here-document, then the `polar` command.
QString repeatingScript(const Exploration& exploration);

} // namespace app
