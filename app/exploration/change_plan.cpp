// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/change_plan.h"

namespace app {

Gesture Gesture::begin()
{
    static std::uint64_t last = 0; // GUI thread only
    Gesture gesture;
    gesture.m_number = ++last;
    return gesture;
}

ChangePlan::ChangePlan(core::PrecisionPlan before, core::PrecisionPlan after, const QString& words, Gesture gesture, Apply apply)
    : QUndoCommand(words), m_before(std::move(before)), m_after(std::move(after)), m_gesture(gesture), m_apply(std::move(apply))
{
}

void ChangePlan::redo() { m_apply(m_after, text()); }
void ChangePlan::undo() { m_apply(m_before, QObject::tr("undo %1").arg(text())); }

bool ChangePlan::mergeWith(const QUndoCommand* next)
{
    const auto& later = static_cast<const ChangePlan&>(*next); // same id(): QUndoStack asks nobody else
    if (!m_gesture.isOpen() || later.m_gesture != m_gesture)
        return false;
    m_after = later.m_after;
    setText(later.text());
    setObsolete(m_after == m_before); // turned back to where it began: nothing to undo
    return true;
}

} // namespace app
