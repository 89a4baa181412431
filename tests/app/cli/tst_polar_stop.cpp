// SPDX-License-Identifier: Apache-2.0
// Ctrl-C asks for a stop: what is finished is kept, marked partial, and the exit code says so.

#include "app/cli/polar_process.h"

#include <csignal>

class TestPolarStop : public QObject {
    Q_OBJECT

    /// Starts a long evaluation and sends the signal once it says that it is scoring.
    static PolarRun interrupted(const QStringList& extra, int signal)
    {
        QProcess process;
        process.start(polarProgram(), QStringList{"evaluate", "lenet5-mnist", "mnist", "--plan", "cim-w4a8-rank8", "--chips", "10000",
                                                  "--threads", "1", "--progress"} +
                                          extra);
        QByteArray said;
        process.setReadChannel(QProcess::StandardError);
        while (!said.contains("evaluating") && process.waitForReadyRead(120'000))
            said += process.readAll();
        if (process.state() == QProcess::Running)
            ::kill(static_cast<pid_t>(process.processId()), signal);
        PolarRun run = finished(process, 120'000);
        run.errors.prepend(said);
        return run;
    }

private slots:
    void aStoppedRunIsAShorterTrueRun()
    {
        const PolarRun run = interrupted({"--json"}, SIGINT);
        QVERIFY2(run.exitCode == 3 && !run.crashed, run.words());
        const QJsonObject report = run.json();
        QCOMPARE(report.value("partial").toBool(), true);
        const double value = report.value("top1").toObject().value("value").toDouble();
        QVERIFY(report.value("top1").toObject().value("low").toDouble() <= value);
        QVERIFY(report.value("top1").toObject().value("high").toDouble() >= value);
    }

    void theTableSaysThatItIsPartial()
    {
        const PolarRun run = interrupted({}, SIGINT);
        QVERIFY2(run.exitCode == 3 && !run.crashed, run.words());
        QVERIFY2(run.output.contains("PARTIAL"), run.words());
    }

    void aTerminationIsAStopToo()
    {
        const PolarRun run = interrupted({"--json"}, SIGTERM);
        QVERIFY2(run.exitCode == 3 && !run.crashed, run.words());
    }
};

QTEST_GUILESS_MAIN(TestPolarStop)
#include "tst_polar_stop.moc"
