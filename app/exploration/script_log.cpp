// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/script_log.h"

namespace app {

void ScriptLog::opened(const std::vector<std::string>& things)
{
    QStringList names;
    for (const std::string& thing : things)
        names << shellQuoted(QString::fromStdString(thing));
    append({ScriptEntry::Kind::Open, names.join(u' '), tr("open %1").arg(names.join(u' '))});
}

void ScriptLog::command(const QString& text, const QString& words) { append({ScriptEntry::Kind::Command, text, words}); }

void ScriptLog::extendCommand(const QString& before, const QString& text, const QString& words)
{
    if (m_entries.empty() || m_entries.back().kind != ScriptEntry::Kind::Command || m_entries.back().text != before)
        return command(text, words);
    m_entries.back() = {ScriptEntry::Kind::Command, text, words};
    emit lastChanged();
}

void ScriptLog::remark(const QString& words) { append({ScriptEntry::Kind::Remark, words.simplified(), words.simplified()}); }

void ScriptLog::edit(const core::PrecisionPlan& before, const core::PrecisionPlan& after, const QString& words, Gesture gesture)
{
    const bool continues = gesture.isOpen() && gesture == m_gesture && !m_entries.empty();
    if (!continues) {
        append({ScriptEntry::Kind::Edit, planPatch(before, after), words.simplified()});
        m_gesture = gesture;
        m_gestureStart = before;
        return;
    }
    if (after == m_gestureStart) { // turned back: nothing happened
        m_entries.pop_back();
        m_gesture = {};
    } else {
        m_entries.back() = {ScriptEntry::Kind::Edit, planPatch(m_gestureStart, after), words.simplified()};
    }
    emit lastChanged();
}

void ScriptLog::failed(ScriptEntry entry, const QString& problem)
{
    entry.problem = problem;
    append(std::move(entry));
}

void ScriptLog::clear()
{
    m_entries.clear();
    m_gesture = {};
    emit lastChanged();
}

void ScriptLog::append(ScriptEntry entry)
{
    m_entries.push_back(std::move(entry));
    m_gesture = {};
    emit appended();
}

} // namespace app
