// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/job_runner.h"

#include <QSignalSpy>
#include <QTest>
#include <QThread>

#include <atomic>

using app::JobRunner;
using namespace std::chrono_literals;

class TestJobRunner : public QObject {
    Q_OBJECT
private slots:
    void anAnswerIsCalledOnTheThreadThatAsked();
    void theNewestQuestionWins();
    void aStoppedJobStillAnswers();
    void interimAnswersComeOncePerFrameAndTheFirstAtOnce();
    void aThrownErrorBecomesAProblem();
    void theDestructorWaitsForTheJob();
};

void TestJobRunner::anAnswerIsCalledOnTheThreadThatAsked()
{
    JobRunner runner;
    QThread* worker = nullptr;
    QThread* answering = nullptr;
    runner.start([&](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer {
        worker = QThread::currentThread();
        return [&] { answering = QThread::currentThread(); };
    });
    QVERIFY(runner.isRunning());
    QTRY_VERIFY(!runner.isRunning());
    QCOMPARE(answering, thread());
    QVERIFY(worker != thread());
}

void TestJobRunner::theNewestQuestionWins()
{
    JobRunner runner;
    std::atomic<bool> firstSawStop{false};
    QStringList answers;
    runner.start([&](const core::RunControl& control, const JobRunner::Tell& tell) -> JobRunner::Answer {
        tell([&] { answers << QStringLiteral("first interim"); });
        while (!control.stopped())
            QThread::usleep(100);
        firstSawStop = true;
        tell([&] { answers << QStringLiteral("first late"); });
        return [&] { answers << QStringLiteral("first"); };
    });
    for (int question = 2; question <= 20; ++question)
        runner.start([&, question](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer {
            return [&, question] { answers << QString::number(question); };
        });
    QTRY_VERIFY(!runner.isRunning());
    QTest::qWait(30); // whatever the overtaken jobs left behind would arrive now
    QVERIFY(firstSawStop || answers.size() == 1);
    QCOMPARE(answers, QStringList{QStringLiteral("20")});
}

void TestJobRunner::aStoppedJobStillAnswers()
{
    JobRunner runner;
    int done = 0, told = 0;
    std::atomic<bool> begun{false};
    runner.start([&](const core::RunControl& control, const JobRunner::Tell&) -> JobRunner::Answer {
        int finished = 0;
        while (!control.stopped()) {
            ++finished;
            begun = true;
            QThread::usleep(100);
        }
        return [&, finished] {
            done = finished;
            ++told;
        };
    });
    QTRY_VERIFY(begun);
    runner.stop();
    QVERIFY(runner.isStopping());
    QTRY_VERIFY(!runner.isRunning());
    QCOMPARE(told, 1);
    QVERIFY(done > 0);
}

void TestJobRunner::interimAnswersComeOncePerFrameAndTheFirstAtOnce()
{
    JobRunner runner;
    QElapsedTimer clock;
    std::vector<std::pair<qint64, int>> arrivals; // when, which
    constexpr int kTold = 400;
    clock.start();
    runner.start([&](const core::RunControl&, const JobRunner::Tell& tell) -> JobRunner::Answer {
        for (int step = 0; step < kTold; ++step) {
            tell([&, step] { arrivals.emplace_back(clock.elapsed(), step); });
            QThread::usleep(500);
        }
        return [] {};
    });
    QTRY_VERIFY(!runner.isRunning());
    QVERIFY(arrivals.size() >= 2);
    const qint64 duration = clock.elapsed();
    // One at once, then one per frame: never more than the duration has room for (1 ms of clock rounding per frame).
    QVERIFY2(static_cast<qint64>(arrivals.size()) <= 2 + duration / (JobRunner::kFrame.count() - 1),
             qPrintable(QString::number(arrivals.size())));
    for (std::size_t next = 1; next < arrivals.size(); ++next)
        QVERIFY(arrivals[next].second > arrivals[next - 1].second);
    QVERIFY(arrivals.front().second < kTold / 4);
}

void TestJobRunner::aThrownErrorBecomesAProblem()
{
    JobRunner runner;
    QSignalSpy failed(&runner, &JobRunner::failed);
    runner.start([](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer { throw std::runtime_error("out of chips"); });
    QTRY_COMPARE(failed.count(), 1);
    QVERIFY(!runner.isRunning());
    QCOMPARE(failed.first().first().value<core::Problem>().message, std::string("the computation broke off: out of chips"));
}

void TestJobRunner::theDestructorWaitsForTheJob()
{
    std::atomic<bool> ended{false};
    std::atomic<bool> begun{false};
    bool answered = false;
    {
        JobRunner runner;
        runner.start([&](const core::RunControl& control, const JobRunner::Tell& tell) -> JobRunner::Answer {
            begun = true;
            while (!control.stopped())
                tell([] {});
            QThread::msleep(20);
            ended = true;
            return [&] { answered = true; };
        });
        QTRY_VERIFY(begun);
    }
    QVERIFY(ended);
    QCoreApplication::processEvents();
    QVERIFY(!answered);
}

QTEST_MAIN(TestJobRunner)
#include "tst_job_runner.moc"
