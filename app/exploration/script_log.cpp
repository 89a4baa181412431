// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/script_log.h"

#include "core/io/json_documents.h"

#include <nlohmann/json.hpp>

#include <QRegularExpression>
#include <QStringList>

namespace app {

QString ScriptLog::text() const
{
    QStringList lines;
    for (const ScriptEntry& entry : m_entries) {
        if (entry.kind == ScriptEntry::Kind::Command) {
            lines << entry.text;
            continue;
        }
        lines << QStringLiteral("# ") + entry.words;
        if (entry.kind == ScriptEntry::Kind::Edit)
            lines << QStringLiteral("#   plan edit: ") + entry.text;
    }
    return lines.isEmpty() ? QString() : lines.join(u'\n') + u'\n';
}

void ScriptLog::command(const QString& text, const QString& words) { append({ScriptEntry::Kind::Command, text, words}); }

void ScriptLog::remark(const QString& words) { append({ScriptEntry::Kind::Remark, words, words}); }

void ScriptLog::edit(const core::PrecisionPlan& before, const core::PrecisionPlan& after, const QString& words, Gesture gesture)
{
    const bool continues = gesture.isOpen() && gesture == m_gesture && !m_entries.empty();
    if (!continues) {
        append({ScriptEntry::Kind::Edit, planPatch(before, after), words});
        m_gesture = gesture;
        m_gestureStart = before;
        return;
    }
    if (after == m_gestureStart) { // turned back: nothing happened
        m_entries.pop_back();
        m_gesture = {};
    } else {
        m_entries.back() = {ScriptEntry::Kind::Edit, planPatch(m_gestureStart, after), words};
    }
    emit lastChanged();
}

void ScriptLog::append(ScriptEntry entry)
{
    m_entries.push_back(std::move(entry));
    m_gesture = {};
    emit appended();
}

QString planPatch(const core::PrecisionPlan& before, const core::PrecisionPlan& after)
{
    const nlohmann::ordered_json patch = nlohmann::ordered_json::diff(core::planToJson(before), core::planToJson(after));
    return QString::fromStdString(patch.dump());
}

QString shellQuoted(const QString& word)
{
    static const QRegularExpression plain(QStringLiteral("^[A-Za-z0-9_@%+=:,./#-]+$"));
    if (plain.match(word).hasMatch() && !word.startsWith(u'#'))
        return word;
    QString quoted = word;
    quoted.replace(u'\'', QStringLiteral("'\\''"));
    return u'\'' + quoted + u'\'';
}

} // namespace app
