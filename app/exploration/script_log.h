// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Every action as text that repeats it: a `polar` command, or the edit of the plan as a JSON Patch (RFC 6902).

#include "app/exploration/change_plan.h"

#include <QObject>
#include <QString>

#include <vector>

namespace app {

struct ScriptEntry {
    enum class Kind { Command, Edit, Remark };
    Kind kind = Kind::Remark;
    QString text;  // "polar evaluate lenet5-mnist mnist --plan ..."; "[{"op":"replace", ...}]"
    QString words; // the same for people: "conv1: weights nf4"
};

class ScriptLog : public QObject {
    Q_OBJECT
public:
    using QObject::QObject;

    const std::vector<ScriptEntry>& entries() const { return m_entries; }
    /// Commands as they are, edits and remarks behind "# ": a file that a shell takes.
    QString text() const;

    void command(const QString& text, const QString& words);
    void remark(const QString& words);
    /// One gesture gives one edit, from where it began to where it is now.
    void edit(const core::PrecisionPlan& before, const core::PrecisionPlan& after, const QString& words, Gesture gesture);

signals:
    void appended();    // a new last entry
    void lastChanged(); // the last entry says something else, or is gone

private:
    void append(ScriptEntry entry);

    std::vector<ScriptEntry> m_entries;
    core::PrecisionPlan m_gestureStart;
    Gesture m_gesture;
};

/// The JSON Patch that turns one plan into the other; "[]" for equal plans.
QString planPatch(const core::PrecisionPlan& before, const core::PrecisionPlan& after);

/// A word as a POSIX shell takes it: quoted where it must be.
QString shellQuoted(const QString& word);

} // namespace app
