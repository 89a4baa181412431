// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/training_run.h"

#include "app/exploration/fake_training.h"

#include <QSignalSpy>
#include <QTest>

using namespace app;

namespace {

TrainingQuestion questionOf(const test::TrainingPacePtr& pace, int epochs, const char* plan = "int2-rank8")
{
    TrainingQuestion question;
    question.source = test::withFakeTraining(test::fakeSource(std::make_shared<test::Pace>()), pace);
    question.plan.name = plan;
    question.planOrigin = QString::fromLatin1(plan);
    question.orders.rule = core::AdamRule{.rate = 0.001};
    question.orders.epochs = epochs;
    question.orders.validationShare = 0.1;
    return question;
}

}  // namespace

class TestTrainingRun : public QObject {
    Q_OBJECT
private slots:
    void epochsArriveInOrderAndOnce();
    void aStopKeepsWhatWasReached();
    void theNewestQuestionWins();
    void endingInTheMiddleNeitherHangsNorCrashes();
    void aProblemIsTold();
    void theSameIsOneCommand();
};

void TestTrainingRun::epochsArriveInOrderAndOnce()
{
    const auto pace = std::make_shared<test::TrainingPace>();
    TrainingRun run;
    std::vector<int> epochs;
    connect(&run, &TrainingRun::epochFinished, &run, [&](const core::EpochReport& epoch) { epochs.push_back(epoch.epoch); });
    QSignalSpy finished(&run, &TrainingRun::finished);
    run.start(questionOf(pace, 20));
    QVERIFY(run.isRunning());
    QTRY_COMPARE(finished.count(), 1);
    QCOMPARE(epochs.size(), std::size_t(21));
    for (int at = 0; at <= 20; ++at)
        QCOMPARE(epochs.at(static_cast<std::size_t>(at)), at);
    QCOMPARE(run.history().size(), std::size_t(21));
    QVERIFY(!run.isRunning());
    QCOMPARE(run.outcome()->trained.state.progress.bestEpoch, 4);
}

void TestTrainingRun::aStopKeepsWhatWasReached()
{
    const auto pace = std::make_shared<test::TrainingPace>();
    pace->allowed = 3;
    TrainingRun run;
    QSignalSpy finished(&run, &TrainingRun::finished);
    run.start(questionOf(pace, 1000));
    QTRY_COMPARE(run.history().size(), std::size_t(4));
    run.stop();
    QVERIFY(run.isStopping());
    QTRY_COMPARE(finished.count(), 1);
    QCOMPARE(run.outcome()->trained.state.progress.epoch, 3);
    QCOMPARE(run.outcome()->trained.state.progress.bestEpoch, 3);
    QVERIFY(run.outcome()->trained.state.isStopped);
    QCOMPARE(run.history().size(), std::size_t(4));
}

void TestTrainingRun::theNewestQuestionWins()
{
    const auto slow = std::make_shared<test::TrainingPace>(), quick = std::make_shared<test::TrainingPace>();
    slow->allowed = 2;
    TrainingRun run;
    QSignalSpy finished(&run, &TrainingRun::finished);
    run.start(questionOf(slow, 1000, "first"));
    QTRY_COMPARE(run.history().size(), std::size_t(3));
    run.start(questionOf(quick, 5, "second"));
    QVERIFY(run.history().empty());
    QTRY_COMPARE(finished.count(), 1);
    QCOMPARE(run.question().plan.name, std::string("second"));
    QCOMPARE(run.outcome()->trained.plan.name, std::string("second"));
    QCOMPARE(run.history().size(), std::size_t(6));
    QCOMPARE(slow->ended.load(), 1);
    QTest::qWait(50);
    QCOMPARE(finished.count(), 1);  // nothing of the first one arrives late
}

void TestTrainingRun::endingInTheMiddleNeitherHangsNorCrashes()
{
    const auto pace = std::make_shared<test::TrainingPace>();
    pace->allowed = 1;
    {
        TrainingRun run;
        run.start(questionOf(pace, 1000));
        QTRY_COMPARE(run.history().size(), std::size_t(2));
    }
    QCOMPARE(pace->ended.load(), pace->begun.load());
}

void TestTrainingRun::aProblemIsTold()
{
    TrainingQuestion question = questionOf(std::make_shared<test::TrainingPace>(), 5);
    question.source.train = [](const auto&, const auto&, const auto&, const auto&) -> core::Result<TrainingOutcomePtr> {
        return core::Problem{"conv1", "its weights are on arrays"};
    };
    TrainingRun run;
    std::string told;
    connect(&run, &TrainingRun::failed, &run, [&](const core::Problem& problem) { told = problem.text(); });
    run.start(question);
    QTRY_VERIFY(!told.empty());
    QVERIFY2(told.find("conv1") != std::string::npos, told.c_str());
    QVERIFY(!run.outcome());
}

void TestTrainingRun::theSameIsOneCommand()
{
    TrainingQuestion question = questionOf(std::make_shared<test::TrainingPace>(), 5);
    QCOMPARE(commandText(question),
             QStringLiteral("polar train small digits --plan int2-rank8 --epochs 5 --rate 0.001 --batch 32 --validation 0.1"));
    question.orders.patience = 3;
    question.orders.target = core::LossTarget::OwnDistribution;
    QCOMPARE(
        commandText(question, QStringLiteral("my folder")),
        QStringLiteral(
            "polar train small digits --plan int2-rank8 --epochs 5 --rate 0.001 --batch 32 --validation 0.1 --patience 3 --loss answers "
            "-o 'my folder'"));
}

QTEST_GUILESS_MAIN(TestTrainingRun)
#include "tst_training_run.moc"
