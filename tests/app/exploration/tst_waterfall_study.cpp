// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/waterfall_study.h"

#include "app/exploration/fake_waterfall.h"

#include <QSignalSpy>
#include <QTest>

using namespace app;
using State = NoiseStudy::State;

class TestWaterfallStudy : public QObject {
    Q_OBJECT

    test::PacePtr m_pace;
    test::WaterfallPacePtr m_waterfall;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<WaterfallStudy> m_study;

    State state() const { return m_study->study().state; }

private slots:
    void init()
    {
        m_pace = std::make_shared<test::Pace>();
        m_waterfall = std::make_shared<test::WaterfallPace>();
        m_exploration = std::make_unique<Exploration>(test::fakeWaterfallOpener(m_pace, m_waterfall));
        m_study = std::make_unique<WaterfallStudy>(*m_exploration);
        m_exploration->open({"small"});
        QTRY_VERIFY(m_exploration->isOpen() && m_exploration->jobState().isIdle());
        m_exploration->changePlan(test::fakeArrayPlan(), QStringLiteral("array"));
        QTRY_VERIFY(m_exploration->jobState().isIdle());
    }
    void cleanup()
    {
        m_waterfall->hold = false;
        m_pace->endless = false;
        m_study.reset();
        m_exploration.reset();
    }

    void nothingIsMeasuredUnasked()
    {
        QCOMPARE(m_waterfall->begun, 0);
        QCOMPARE(state(), State::Nothing);
        QVERIFY(m_study->hasArrays());
        m_exploration->changePlan({}, QStringLiteral("digital"));
        QVERIFY(!m_study->hasArrays());
    }

    void figuresComeEffectByEffect()
    {
        m_waterfall->hold = true;
        m_study->measure();
        QTRY_VERIFY(m_study->study().figures);
        QCOMPARE(state(), State::Running);
        QCOMPARE(m_study->study().figures->effects.size(), std::size_t{1});
        m_waterfall->hold = false;
        QTRY_COMPARE(state(), State::Done);
        QCOMPARE(m_study->study().figures->effects.size(), std::size_t{3});
        QCOMPARE(m_waterfall->chips, WaterfallStudy::kFewestChips);
        QCOMPARE(m_waterfall->samples, WaterfallStudy::kSamples);
        QVERIFY(!m_study->study().isOld);
    }

    void aStopKeepsWhatIsKnown()
    {
        m_waterfall->hold = true;
        m_study->measure();
        QTRY_VERIFY(m_study->study().figures);
        m_study->stop();
        QCOMPARE(state(), State::Stopped);
        QTRY_COMPARE(m_waterfall->ended, 1);
        QTest::qWait(40);
        QCOMPARE(state(), State::Stopped);
        QCOMPARE(m_study->study().figures->effects.size(), std::size_t{1});
    }

    void aTurnedKnobStopsItAndMarksItOld()
    {
        m_waterfall->hold = true;
        m_study->measure();
        QTRY_VERIFY(m_study->study().figures);
        m_exploration->changePlan(test::fakeArrayPlan(0.3), QStringLiteral("sigma"));
        QCOMPARE(state(), State::Stopped);
        QTRY_VERIFY(m_study->study().isOld);
        m_exploration->undoStack().undo();
        QTRY_VERIFY(!m_study->study().isOld);
    }

    void itWaitsForTheEvaluation()
    {
        m_pace->endless = true;
        m_exploration->evaluate();
        QTRY_VERIFY(m_exploration->jobState().evaluating);
        m_study->measure();
        QTest::qWait(40);
        QCOMPARE(state(), State::Waiting);
        QCOMPARE(m_waterfall->begun, 0);
        m_exploration->stop();
        QTRY_COMPARE(state(), State::Done);
    }

    void aProblemIsToldInPlace()
    {
        m_waterfall->fails = true;
        m_study->measure();
        QTRY_COMPARE(state(), State::Failed);
        QCOMPARE(m_study->study().problem, QStringLiteral("converter: it broke"));
    }

    void anotherNetworkForgetsTheFigures()
    {
        m_study->measure();
        QTRY_COMPARE(state(), State::Done);
        m_exploration->open({"other"});
        QTRY_COMPARE(state(), State::Nothing);
        QVERIFY(!m_study->study().figures);
    }
};

QTEST_MAIN(TestWaterfallStudy)
#include "tst_waterfall_study.moc"
