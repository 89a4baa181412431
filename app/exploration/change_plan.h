// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The one undo command: a plan before, a plan after. All steps of one gesture (a slider drag, a turn of the dial) merge
// into a single step.

#include "core/plan/precision_plan.h"

#include <QUndoCommand>

#include <cstdint>
#include <functional>

namespace app {

/// What lies between pressing and releasing a knob. The default gesture merges with nothing.
class Gesture {
public:
    Gesture() = default;
    static Gesture begin();
    bool isOpen() const { return m_number != 0; }
    bool operator==(const Gesture&) const = default;

private:
    std::uint64_t m_number = 0;
};

class ChangePlan : public QUndoCommand {
public:
    /// `did` says it in words: "conv1: weights nf4", "undo conv1: weights nf4".
    using Apply = std::function<void(const core::PrecisionPlan&, const QString& did)>;

    ChangePlan(core::PrecisionPlan before, core::PrecisionPlan after, const QString& words, Gesture gesture, Apply apply);

    void redo() override;
    void undo() override;
    int id() const override { return 1; }
    bool mergeWith(const QUndoCommand* next) override;

private:
    core::PrecisionPlan m_before, m_after;
    Gesture m_gesture;
    Apply m_apply;
};

} // namespace app
