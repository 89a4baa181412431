// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The script dock: every action as the command or plan edit that repeats it, to copy, to save and to replay. A line that
// a replay could not repeat is marked where it is.

#include "app/exploration/script_player.h"

#include <QWidget>

class QPlainTextEdit;
class QPushButton;

namespace app {

class ScriptPanel : public QWidget {
    Q_OBJECT
public:
    ScriptPanel(Exploration& exploration, ScriptPlayer& player, QWidget* parent = nullptr);

    /// Asks for a saved script and replays it.
    void askForScript();

private:
    void showEvent(QShowEvent* event) override;
    void changeEvent(QEvent* event) override;
    void mark();
    void freshen();
    void paintMarks(int logLines);
    void save();

    Exploration& m_exploration;
    ScriptPlayer& m_player;
    QPlainTextEdit* m_text = nullptr;
    QPushButton* m_replay = nullptr;
    bool m_stale = true;
};

/// A shell script that repeats the present evaluation: how it came about in comments, the plan as a here-document, then the
/// `polar` command. The window replays it line by line.
QString repeatingScript(Exploration& exploration);

} // namespace app
