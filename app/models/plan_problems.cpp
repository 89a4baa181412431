// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/plan_problems.h"

#include <QCoreApplication>
#include <QStringList>

namespace app {
namespace {

bool covers(const std::string& field, const std::string& part)
{
    return part == field || (part.size() > field.size() && part.starts_with(field) && part.at(field.size()) == '.');
}

bool concernsEveryLayer(const core::PlanFlaw& flaw) { return flaw.layer.empty() || flaw.layer == "default"; }

} // namespace

QString PlanProblems::ofLayer(const std::string& layer) const
{
    QStringList lines;
    for (const core::PlanFlaw& flaw : m_flaws)
        if (flaw.layer == layer)
            lines << QString::fromStdString(flaw.text());
    return lines.join(u'\n');
}

QString PlanProblems::ofField(const std::string& layer, const std::string& field) const
{
    QStringList lines;
    for (const core::PlanFlaw& flaw : m_flaws)
        if ((flaw.layer == layer || concernsEveryLayer(flaw)) && covers(field, flaw.field))
            lines << QString::fromStdString(flaw.message);
    return lines.join(u'\n');
}

QString PlanProblems::summary() const
{
    if (m_flaws.empty())
        return {};
    const QString first = QString::fromStdString(m_flaws.front().text());
    if (m_flaws.size() == 1)
        return first;
    return QCoreApplication::translate("PlanProblems", "%1 (and %2 more)").arg(first).arg(m_flaws.size() - 1);
}

} // namespace app
