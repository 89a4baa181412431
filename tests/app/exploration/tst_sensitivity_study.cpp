// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/sensitivity_study.h"

#include "app/exploration/fake_sensitivity.h"

#include <QSignalSpy>
#include <QTest>

using namespace app;
using enum SensitivityMetric;

class TestSensitivityStudy : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void nobodyWatchingNothingIsMeasured();
    void aWatchedPlanIsMeasuredOnce();
    void anotherPlanIsMeasuredAnewAndTheOldFiguresAreMarked();
    void curvatureIsMeasuredForWhoLooksAtIt();
    void aStopKeepsWhatIsOnShow();
    void stoppingEverythingStopsTheMeasurement();
    void measuringWaitsForTheEvaluation();
    void aSourceWithoutTheFunctionSaysSo();

private:
    void changeFormat(const char* format)
    {
        m_exploration->editLayers(QStringLiteral("weights"), [format](const core::WeightedLayer&, core::LayerTreatment& treatment) {
            treatment.weights.palette.front().format = core::NumberFormat::named(format).value();
        });
    }
    bool isDone() const { return m_study->found().state == StudyState::Done; }
    double taylorOf(std::size_t layer) const { return sensitivityOf(m_study->found().answer->layers.at(layer), Taylor); }
    test::PacePtr m_pace;
    test::SensitivityPacePtr m_sensitivity;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<SensitivityStudy> m_study;
};

void TestSensitivityStudy::init()
{
    m_pace = std::make_shared<test::Pace>();
    m_sensitivity = std::make_shared<test::SensitivityPace>();
    m_exploration = std::make_unique<Exploration>(test::fakeSensitivityOpener(m_pace, m_sensitivity));
    m_study = std::make_unique<SensitivityStudy>(*m_exploration);
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
}

void TestSensitivityStudy::cleanup()
{
    m_sensitivity->hold = false;
    m_pace->endless = false;
    m_study.reset();
    m_exploration.reset();
}

void TestSensitivityStudy::nobodyWatchingNothingIsMeasured()
{
    changeFormat("int4");
    QTest::qWait(2 * static_cast<int>(SensitivityStudy::kRest.count()));
    QCOMPARE(m_sensitivity->begun, 0);
    QVERIFY(!m_study->isBusy());
}

void TestSensitivityStudy::aWatchedPlanIsMeasuredOnce()
{
    m_study->watch(Taylor);
    QVERIFY(m_study->isBusy());
    QTRY_VERIFY(isDone());
    QCOMPARE(taylorOf(2), 1.5);
    QCOMPARE(sensitivityOf(m_study->found().answer->layers.at(1), Fisher), 0.01);
    QCOMPARE(sensitivityOf(m_study->found().answer->layers.at(1), Probe), -0.1);
    m_study->watch(Probe);  // came with the first
    m_study->unwatch();
    m_study->watch(Taylor);
    QVERIFY(!m_study->isBusy());
    QCOMPARE(m_sensitivity->begun, 1);
    QCOMPARE(m_sensitivity->curvatures, 0);
}

void TestSensitivityStudy::anotherPlanIsMeasuredAnewAndTheOldFiguresAreMarked()
{
    m_study->watch(Taylor);
    QTRY_VERIFY(isDone());
    m_sensitivity->hold = true;
    changeFormat("int4");
    QVERIFY(m_study->found().isOld);
    QCOMPARE(taylorOf(0), 0.5);
    QTRY_COMPARE(m_sensitivity->begun, 2);
    changeFormat("int2");  // nobody wants the answer under way any more
    QVERIFY(m_study->found().isOld);
    m_sensitivity->hold = false;
    QTRY_VERIFY(isDone());
    QVERIFY(!m_study->found().isOld);
    QCOMPARE(m_sensitivity->begun, 3);
}

void TestSensitivityStudy::curvatureIsMeasuredForWhoLooksAtIt()
{
    m_study->watch(Taylor);
    QTRY_VERIFY(isDone());
    m_study->watch(Curvature);
    QVERIFY(!m_study->found().isOld);  // what is on show is of this plan
    QTRY_VERIFY(isDone());
    QVERIFY(m_study->found().answer->withCurvature);
    QCOMPARE(sensitivityOf(m_study->found().answer->layers.at(2), Curvature), 15.0);
    m_study->watch(Taylor);  // all four are there
    QVERIFY(!m_study->isBusy());
    QCOMPARE(m_sensitivity->begun, 2);
    QCOMPARE(m_sensitivity->curvatures, 1);
}

void TestSensitivityStudy::aStopKeepsWhatIsOnShow()
{
    m_study->watch(Taylor);
    QTRY_VERIFY(isDone());
    m_sensitivity->hold = true;
    changeFormat("int4");
    QTRY_COMPARE(m_sensitivity->begun, 2);
    m_study->stop();
    QCOMPARE(m_study->found().state, StudyState::Stopped);
    QVERIFY(m_study->found().isOld);
    QTRY_VERIFY(!m_exploration->jobState().beside);
    QTest::qWait(2 * static_cast<int>(SensitivityStudy::kRest.count()));
    QCOMPARE(m_sensitivity->begun, 2);  // stopped is stopped
    QCOMPARE(m_study->found().state, StudyState::Stopped);
    m_sensitivity->hold = false;
    m_study->askAgain();
    QTRY_VERIFY(isDone());
    QVERIFY(!m_study->found().isOld);
}

void TestSensitivityStudy::stoppingEverythingStopsTheMeasurement()
{
    m_sensitivity->hold = true;
    m_study->watch(Taylor);
    QTRY_COMPARE(m_sensitivity->begun, 1);
    QVERIFY(m_exploration->jobState().beside);
    QVERIFY(m_exploration->jobState().isIdle());  // of scoring
    m_exploration->stop();
    QCOMPARE(m_study->found().state, StudyState::Stopped);
    QTRY_VERIFY(!m_exploration->jobState().beside);
    QVERIFY(!m_study->found().answer);  // an unfinished measurement is none
}

void TestSensitivityStudy::measuringWaitsForTheEvaluation()
{
    m_pace->endless = true;
    changeFormat("int4");
    m_study->watch(Taylor);
    QTRY_VERIFY(m_exploration->jobState().evaluating);
    QTest::qWait(2 * static_cast<int>(SensitivityStudy::kRest.count()));
    QCOMPARE(m_study->found().state, StudyState::Waiting);
    QCOMPARE(m_sensitivity->begun, 0);
    m_pace->endless = false;
    QTRY_VERIFY(isDone());
}

void TestSensitivityStudy::aSourceWithoutTheFunctionSaysSo()
{
    m_study.reset();
    m_exploration = std::make_unique<Exploration>(test::fakeOpener(m_pace));
    m_study = std::make_unique<SensitivityStudy>(*m_exploration);
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    m_study->watch(Taylor);
    QTRY_COMPARE(m_study->found().state, StudyState::Failed);
    QVERIFY(m_study->found().problem.contains(QStringLiteral("cannot answer")));
}

QTEST_MAIN(TestSensitivityStudy)
#include "tst_sensitivity_study.moc"
