// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/recovery_study.h"

#include "app/exploration/fake_recovery.h"

#include <QSignalSpy>
#include <QTest>

using namespace app;
using Question = RecoveryStudy::Question;

class TestRecoveryStudy : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void nobodyWatchingNothingIsAsked();
    void methodsAreAskedOnceForALayer();
    void turningTheRankOrTheMethodAsksNothingAnew();
    void aCoarserFormatMakesTheAnswerOldAndAsksAgain();
    void aRankThatIsTooLargeForTheLayerIsCutDown();
    void anAnswerForALayerThatWasLeftIsForgotten();
    void aLaterLayersTreatmentDoesNotMatter();
    void theSelectedSampleIsFollowedElseTheFirstScored();
    void theNewestSampleWins();
    void aProblemIsToldInPlace();
    void aSourceWithoutTheFunctionSaysSo();
    void questionsWaitForTheEvaluation();
    void contendersComeOneByOneAndTheBestIsFirstInTheEnd();
    void aStoppedComparisonKeepsWhatItHas();
    void turningAKnobStopsTheComparison();
    void anotherNetworkForgetsTheComparison();

private:
    core::SurrogatePlan rankOf(int rank) const
    {
        core::SurrogatePlan plan;
        plan.rank = rank;
        return plan;
    }
    void changeDefaults(const std::function<void(core::PrecisionPlan&)>& change)
    {
        core::PrecisionPlan plan = m_exploration->plan();
        change(plan);
        m_exploration->changePlan(plan, QStringLiteral("changed"));
    }
    void select(std::size_t layer)
    {
        Selection selection = m_exploration->selection();
        selection.current = core::LayerIndex(layer);
        m_exploration->setSelection(selection);
    }
    void pickSample(std::size_t sample)
    {
        Selection selection = m_exploration->selection();
        selection.sample = core::SampleIndex(sample);
        m_exploration->setSelection(selection);
    }

    test::PacePtr m_pace;
    test::RecoveryPacePtr m_recovery;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<RecoveryStudy> m_study;
};

void TestRecoveryStudy::init()
{
    m_pace = std::make_shared<test::Pace>();
    m_recovery = std::make_shared<test::RecoveryPace>();
    m_exploration = std::make_unique<Exploration>(test::fakeRecoveryOpener(m_pace, m_recovery));
    m_study = std::make_unique<RecoveryStudy>(*m_exploration);
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
}

void TestRecoveryStudy::cleanup()
{
    for (std::atomic<bool>* held : {&m_recovery->holdMethods, &m_recovery->holdSample, &m_recovery->holdCost})
        *held = false;
    m_study.reset();
    m_exploration.reset();
}

void TestRecoveryStudy::nobodyWatchingNothingIsAsked()
{
    select(1);
    QTest::qWait(2 * static_cast<int>(RecoveryStudy::kRest.count()));
    QCOMPARE(m_recovery->methodsBegun + m_recovery->sampleBegun + m_recovery->costBegun, 0);
    QVERIFY(!m_study->isBusy());
}

void TestRecoveryStudy::methodsAreAskedOnceForALayer()
{
    QSignalSpy changed(m_study.get(), &RecoveryStudy::methodsChanged);
    m_study->watch(Question::Methods);
    QVERIFY(m_study->isBusy());
    QTRY_COMPARE(m_study->methods().state, StudyState::Done);
    QCOMPARE(m_study->methods().layer, core::LayerIndex(0));
    QCOMPARE(m_study->methods().figures.size(), std::size_t{2});
    QCOMPARE(m_study->methods().figures.front().report.predictedSqnr(1), 20.0);  // 1000 over 10
    QCOMPARE(changed.count(), 3);                                                // waiting, running, done
    m_study->unwatch(Question::Methods);
    m_study->watch(Question::Methods);
    QCOMPARE(m_recovery->methodsBegun, 1);
    QVERIFY(!m_study->isBusy());
}

void TestRecoveryStudy::turningTheRankOrTheMethodAsksNothingAnew()
{
    m_study->watch(Question::Methods);
    QTRY_COMPARE(m_study->methods().state, StudyState::Done);
    changeDefaults(
        [this](core::PrecisionPlan& plan) { plan.layers["first"].surrogate = core::Switchable<core::SurrogatePlan>{rankOf(5)}; });
    changeDefaults([this](core::PrecisionPlan& plan) {
        core::SurrogatePlan svd = rankOf(6);
        svd.method = core::SurrogateMethod::Svd;
        plan.layers["first"].surrogate = core::Switchable<core::SurrogatePlan>{svd};
    });
    QTest::qWait(2 * static_cast<int>(RecoveryStudy::kRest.count()));
    QCOMPARE(m_recovery->methodsBegun, 1);
    QVERIFY(!m_study->methods().isOld);
}

void TestRecoveryStudy::aCoarserFormatMakesTheAnswerOldAndAsksAgain()
{
    m_study->watch(Question::Methods);
    QTRY_COMPARE(m_study->methods().state, StudyState::Done);
    changeDefaults([](core::PrecisionPlan& plan) {
        core::WeightPlan weights;
        weights.palette.front().format = core::NumberFormat::named("int4").value();
        plan.defaults.weights = weights;
    });
    QVERIFY(m_study->methods().isOld);
    QCOMPARE(m_study->methods().figures.size(), std::size_t{2});  // the last known figures stay to look at
    QTRY_COMPARE(m_study->methods().state, StudyState::Done);
    QVERIFY(!m_study->methods().isOld);
    QCOMPARE(m_recovery->methodsBegun, 2);
}

void TestRecoveryStudy::aRankThatIsTooLargeForTheLayerIsCutDown()
{
    changeDefaults([this](core::PrecisionPlan& plan) { plan.defaults.surrogate = core::Switchable<core::SurrogatePlan>{rankOf(12)}; });
    select(1);  // 8 rows
    m_study->watch(Question::Methods);
    QTRY_VERIFY(m_study->methods().state == StudyState::Done || m_study->methods().state == StudyState::Failed);
    QCOMPARE(m_study->methods().problem, QString());
}

void TestRecoveryStudy::anAnswerForALayerThatWasLeftIsForgotten()
{
    m_recovery->holdMethods = true;
    m_study->watch(Question::Methods);
    QTRY_COMPARE(m_recovery->methodsBegun, 1);
    QSignalSpy changed(m_study.get(), &RecoveryStudy::methodsChanged);
    select(1);  // the held question is asked to stop; its answer comes and is not wanted
    QTRY_COMPARE(m_recovery->methodsBegun, 2);
    for (const QList<QVariant>& told : changed)
        QVERIFY(told.front().value<MethodStudy>().figures.empty());
    m_recovery->holdMethods = false;
    QTRY_COMPARE(m_study->methods().state, StudyState::Done);
    QCOMPARE(m_study->methods().layer, core::LayerIndex(1));
}

void TestRecoveryStudy::aLaterLayersTreatmentDoesNotMatter()
{
    m_study->watch(Question::Methods);
    m_study->watch(Question::Sample);
    QTRY_VERIFY(m_study->methods().state == StudyState::Done && m_study->sample().state == StudyState::Done);
    changeDefaults(
        [this](core::PrecisionPlan& plan) { plan.layers["second"].surrogate = core::Switchable<core::SurrogatePlan>{rankOf(5)}; });
    QTest::qWait(2 * static_cast<int>(RecoveryStudy::kRest.count()));
    QCOMPARE(m_recovery->methodsBegun, 1);
    QCOMPARE(m_recovery->sampleBegun, 1);
}

void TestRecoveryStudy::theSelectedSampleIsFollowedElseTheFirstScored()
{
    m_study->watch(Question::Sample);
    QTRY_COMPARE(m_study->sample().state, StudyState::Done);
    QCOMPARE(m_study->sample().sample, 0);
    QCOMPARE(m_study->sample().values->rows, 16);
    QCOMPARE(m_study->sample().values->target.front(), 0.0F);
    pickSample(3);
    QTRY_COMPARE(m_study->sample().sample, 3);
    QTRY_COMPARE(m_study->sample().state, StudyState::Done);
    QCOMPARE(m_study->sample().values->target.front(), 3.0F);
}

void TestRecoveryStudy::theNewestSampleWins()
{
    m_recovery->holdSample = true;
    m_study->watch(Question::Sample);
    QTRY_COMPARE(m_recovery->sampleBegun, 1);
    for (const std::size_t sample : {1U, 2U, 5U})
        pickSample(sample);
    m_recovery->holdSample = false;
    QTRY_COMPARE(m_study->sample().state, StudyState::Done);
    QCOMPARE(m_study->sample().sample, 5);
    QCOMPARE(m_recovery->sampleBegun, 2);  // those between were never asked
}

void TestRecoveryStudy::aProblemIsToldInPlace()
{
    QSignalSpy problems(m_exploration.get(), &Exploration::problemFound);
    select(2);
    m_study->watch(Question::Methods);
    QTRY_COMPARE(m_study->methods().state, StudyState::Failed);
    QVERIFY(m_study->methods().problem.contains(QStringLiteral("third: computes in FP32")));
    QCOMPARE(problems.count(), 0);
    QVERIFY(!m_study->isBusy());
}

void TestRecoveryStudy::aSourceWithoutTheFunctionSaysSo()
{
    Exploration plain(test::fakeOpener(m_pace));
    RecoveryStudy study(plain);
    plain.open({"small"});
    QTRY_VERIFY(plain.report() && plain.jobState().isIdle());
    study.watch(Question::Methods);
    study.watch(Question::Sample);
    QTRY_COMPARE(study.methods().state, StudyState::Failed);
    QTRY_COMPARE(study.sample().state, StudyState::Failed);
    study.compareCost(core::CostKind::Bytes);
    QTRY_COMPARE(study.cost().state, StudyState::Failed);
    QVERIFY(study.cost().problem.contains(QStringLiteral("cannot answer")));
}

void TestRecoveryStudy::questionsWaitForTheEvaluation()
{
    m_pace->endless = true;
    m_exploration->evaluate();
    m_study->watch(Question::Methods);
    m_study->compareCost(core::CostKind::Energy);
    QTest::qWait(2 * static_cast<int>(RecoveryStudy::kRest.count()));
    QCOMPARE(m_recovery->methodsBegun + m_recovery->costBegun, 0);
    QCOMPARE(m_study->cost().state, StudyState::Waiting);
    m_pace->endless = false;
    QTRY_COMPARE(m_study->cost().state, StudyState::Done);
    QTRY_COMPARE(m_study->methods().state, StudyState::Done);
}

void TestRecoveryStudy::contendersComeOneByOneAndTheBestIsFirstInTheEnd()
{
    m_recovery->holdCost = true;
    m_recovery->contenders = 2;
    m_study->compareCost(core::CostKind::Bytes);
    QTRY_COMPARE(m_study->cost().contenders.size(), std::size_t{2});
    QCOMPARE(m_study->cost().state, StudyState::Running);
    QVERIFY(m_study->cost().isPartial());
    QCOMPARE(m_study->cost().contenders.front().name, std::string("nothing"));
    m_recovery->holdCost = false;
    QTRY_COMPARE(m_study->cost().state, StudyState::Done);
    QCOMPARE(m_study->cost().contenders.size(), std::size_t{4});
    QCOMPARE(m_study->cost().contenders.front().name, std::string("more bits"));
    QVERIFY(!m_study->cost().isPartial());
}

void TestRecoveryStudy::aStoppedComparisonKeepsWhatItHas()
{
    m_recovery->holdCost = true;
    m_recovery->contenders = 3;
    m_study->compareCost(core::CostKind::Bytes);
    QTRY_COMPARE(m_study->cost().contenders.size(), std::size_t{3});
    m_study->stopCost();
    QCOMPARE(m_study->cost().state, StudyState::Stopped);
    QTRY_COMPARE(m_recovery->costEnded, 1);
    QTest::qWait(50);  // what it still said finds nobody waiting
    QCOMPARE(m_study->cost().contenders.size(), std::size_t{3});
    QVERIFY(m_study->cost().isPartial());
}

void TestRecoveryStudy::turningAKnobStopsTheComparison()
{
    m_recovery->holdCost = true;
    m_recovery->contenders = 1;
    m_study->compareCost(core::CostKind::Bytes);
    QTRY_COMPARE(m_study->cost().contenders.size(), std::size_t{1});
    changeDefaults([this](core::PrecisionPlan& plan) { plan.defaults.surrogate = core::Switchable<core::SurrogatePlan>{rankOf(3)}; });
    QCOMPARE(m_study->cost().state, StudyState::Stopped);
    QVERIFY(m_study->cost().isOld);
    QTRY_VERIFY(m_exploration->isReportCurrent());  // the evaluation goes first
    m_exploration->undoStack().undo();
    QVERIFY(!m_study->cost().isOld);
}

void TestRecoveryStudy::anotherNetworkForgetsTheComparison()
{
    m_study->compareCost(core::CostKind::Bytes);
    QTRY_COMPARE(m_study->cost().state, StudyState::Done);
    m_exploration->open({"another"});
    QTRY_COMPARE(m_study->cost().state, StudyState::Nothing);
    QVERIFY(m_study->cost().contenders.empty());
}

QTEST_MAIN(TestRecoveryStudy)
#include "tst_recovery_study.moc"
