// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/actions.h"

#include "app/shell/icons.h"

#include <algorithm>

namespace app {
namespace {

constexpr auto kIconProperty = "lineIcon";

} // namespace

QAction* Actions::make(const ActionSpec& spec)
{
    auto* action = new QAction(spec.text, this);
    action->setObjectName(spec.objectName);
    action->setShortcut(spec.shortcut);
    const QString keys = spec.shortcut.toString(QKeySequence::NativeText);
    action->setToolTip(keys.isEmpty() ? spec.tip : QStringLiteral("%1 (%2)").arg(spec.tip, keys));
    action->setStatusTip(spec.tip);
    action->setProperty(kIconProperty, spec.icon);
    m_all.push_back(action);
    return action;
}

QAction* Actions::add(const ActionSpec& spec, std::function<void()> act)
{
    QAction* action = make(spec);
    connect(action, &QAction::triggered, this, [act = std::move(act)] { act(); });
    return action;
}

QAction* Actions::addSwitch(const ActionSpec& spec, bool on, std::function<void(bool)> act)
{
    QAction* action = make(spec);
    action->setCheckable(true);
    action->setChecked(on);
    connect(action, &QAction::toggled, this, [act = std::move(act)](bool checked) { act(checked); });
    return action;
}

QAction* Actions::named(const QString& objectName) const
{
    const auto found = std::find_if(m_all.begin(), m_all.end(), [&](const QAction* action) { return action->objectName() == objectName; });
    return found == m_all.end() ? nullptr : *found;
}

void Actions::drawIcons(const QPalette& palette)
{
    for (QAction* action : m_all)
        if (const QString name = action->property(kIconProperty).toString(); !name.isEmpty())
            action->setIcon(lineIcon(name, palette));
}

} // namespace app
