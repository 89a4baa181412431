// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What was done so far, action by action: a `polar` command, or an edit of the plan. Replaying it gives the same plan.

#include "app/exploration/change_plan.h"
#include "app/exploration/script_text.h"

#include <QObject>

namespace app {

class ScriptLog : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    const std::vector<ScriptEntry>& entries() const { return m_entries; }
    QString text() const { return scriptText(m_entries); }

    void opened(const std::vector<std::string>& things);
    void command(const QString& text, const QString& words);
    /// A command that turned out to do more, where it is still the last entry; else a command of its own.
    void extendCommand(const QString& before, const QString& text, const QString& words);
    void remark(const QString& words);
    /// One gesture gives one edit, from where it began to where it is now.
    void edit(const core::PrecisionPlan& before, const core::PrecisionPlan& after, const QString& words, Gesture gesture);
    /// A step that a replay could not repeat stays, with the reason.
    void failed(ScriptEntry entry, const QString& problem);
    /// What follows begins anew.
    void clear();

signals:
    void appended();    // a new last entry
    void lastChanged(); // the last entry says something else, or is gone, or all of them are

private:
    void append(ScriptEntry entry);

    std::vector<ScriptEntry> m_entries;
    core::PrecisionPlan m_gestureStart;
    Gesture m_gesture;
};

} // namespace app
