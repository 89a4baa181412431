// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/change_plan.h"

#include <QTest>
#include <QUndoStack>

using app::ChangePlan;
using app::Gesture;

class TestChangePlan : public QObject {
    Q_OBJECT
private slots:
    void undoBringsThePlanBackAndRedoTakesItAgain();
    void aDragIsOneStep();
    void twoDragsAreTwoSteps();
    void withoutAGestureNothingMerges();
    void aKnobTurnedBackLeavesNoStep();

private:
    void turn(QUndoStack& stack, int rank, Gesture gesture);
    static core::PrecisionPlan ranked(int rank);
    core::PrecisionPlan m_plan;
};

core::PrecisionPlan TestChangePlan::ranked(int rank)
{
    core::PrecisionPlan plan;
    core::SurrogatePlan surrogate;
    surrogate.rank = rank;
    plan.defaults.surrogate = core::Switchable<core::SurrogatePlan>{surrogate};
    return plan;
}

void TestChangePlan::turn(QUndoStack& stack, int rank, Gesture gesture)
{
    stack.push(new ChangePlan(m_plan, ranked(rank), QStringLiteral("rank %1").arg(rank), gesture,
                              [this](const core::PrecisionPlan& plan, const QString&) { m_plan = plan; }));
}

void TestChangePlan::undoBringsThePlanBackAndRedoTakesItAgain()
{
    QUndoStack stack;
    m_plan = {};
    turn(stack, 4, {});
    QCOMPARE(m_plan, ranked(4));
    stack.undo();
    QCOMPARE(m_plan, core::PrecisionPlan{});
    stack.redo();
    QCOMPARE(m_plan, ranked(4));
}

void TestChangePlan::aDragIsOneStep()
{
    QUndoStack stack;
    m_plan = ranked(1);
    const Gesture drag = Gesture::begin();
    for (const int rank : {2, 3, 5, 8})
        turn(stack, rank, drag);
    QCOMPARE(stack.count(), 1);
    QCOMPARE(stack.undoText(), QStringLiteral("rank 8"));
    stack.undo();
    QCOMPARE(m_plan, ranked(1));
    stack.redo();
    QCOMPARE(m_plan, ranked(8));
}

void TestChangePlan::twoDragsAreTwoSteps()
{
    QUndoStack stack;
    m_plan = ranked(1);
    turn(stack, 2, Gesture::begin());
    turn(stack, 3, Gesture::begin());
    QCOMPARE(stack.count(), 2);
    stack.undo();
    QCOMPARE(m_plan, ranked(2));
}

void TestChangePlan::withoutAGestureNothingMerges()
{
    QUndoStack stack;
    m_plan = ranked(1);
    turn(stack, 2, {});
    turn(stack, 3, {});
    QCOMPARE(stack.count(), 2);
}

void TestChangePlan::aKnobTurnedBackLeavesNoStep()
{
    QUndoStack stack;
    m_plan = ranked(1);
    const Gesture drag = Gesture::begin();
    for (const int rank : {2, 3, 1})
        turn(stack, rank, drag);
    QCOMPARE(stack.count(), 0);
    QCOMPARE(m_plan, ranked(1));
}

QTEST_MAIN(TestChangePlan)
#include "tst_change_plan.moc"
