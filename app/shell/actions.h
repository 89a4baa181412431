// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Every action of the window: made once, with a name, a shortcut, a tip and an icon, and found again by its object name.

#include <QAction>
#include <QObject>

#include <functional>
#include <vector>

namespace app {

struct ActionSpec {
    QString objectName;    // "undo"
    QString text;          // "&Undo"
    QString tip;           // one sentence
    QKeySequence shortcut; // empty: none
    QString icon;          // a name of resources/icons; empty: none
};

class Actions : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    QAction* add(const ActionSpec& spec, std::function<void()> act);
    QAction* addSwitch(const ActionSpec& spec, bool on, std::function<void(bool)> act);
    /// An action that something else made, to be found with the others.
    void adopt(QAction* action) { m_all.push_back(action); }
    const std::vector<QAction*>& all() const { return m_all; }
    QAction* named(const QString& objectName) const; // nullptr where there is none

    /// Redraws the icons for a palette.
    void drawIcons(const QPalette& palette);

private:
    QAction* make(const ActionSpec& spec);

    std::vector<QAction*> m_all;
};

} // namespace app
