// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/exploration/script_player.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

class TestScriptPlayer : public QObject {
    Q_OBJECT
private slots:
    void whatWasDoneIsDoneAgain();
    void everyEditIsOneUndoStepAndUndoLeadsBack();
    void goingBackIsAStepToo();
    void anotherSessionGetsTheSamePlan();
    void aSavedScriptIsReplayedFromItsFile();
    void aCommandOpensAndScoresWhatItNames();
    void aLineThatCannotBeReplayedIsMarkedAndTheRestGoesOn();
    void whatCannotBeOpenedEndsTheReplay();
    void aPlanThatIsNotTakenEndsTheReplay();
    void stoppingKeepsTheRestOfTheScript();
    void anEditMeanwhileEndsTheReplay();
    void aFileWithNothingToReplayChangesNothing();

private:
    struct Session {
        test::PacePtr pace = std::make_shared<test::Pace>();
        Exploration exploration{test::fakeOpener(pace)};
        ScriptPlayer player{exploration};
        QSignalSpy finished{&player, &ScriptPlayer::finished};
        QSignalSpy problems{&exploration, &Exploration::problemFound};
        Session() { player.setBeat(std::chrono::milliseconds(0)); }
        bool settled() const
        {
            return exploration.jobState().isIdle() && exploration.isReportCurrent() && exploration.report() && !exploration.report()->partial;
        }
        void rank(std::size_t layer, int rank, Gesture gesture = {})
        {
            exploration.editLayer(
                core::LayerIndex(layer), QStringLiteral("rank %1").arg(rank),
                [rank](const auto&, core::LayerTreatment& treatment) {
                    core::SurrogatePlan surrogate;
                    surrogate.rank = rank;
                    treatment.surrogate = surrogate;
                },
                gesture);
        }
        void weights(const std::string& format)
        {
            exploration.editLayers(QStringLiteral("weights"), [&](const auto&, core::LayerTreatment& treatment) {
                treatment.weights.palette.front().format = core::NumberFormat::named(format).value();
            });
        }
        int replayed() // the number of failures
        {
            if (!finished.wait(5000))
                return -1;
            return finished.takeFirst().first().toInt();
        }
    };
    void begin(Session& session)
    {
        session.exploration.open({"small", "digits"});
        QTRY_VERIFY(session.settled());
    }
};

void TestScriptPlayer::whatWasDoneIsDoneAgain()
{
    Session session;
    begin(session);
    session.weights("int4");
    const Gesture drag = Gesture::begin();
    for (const int rank : {1, 2, 3})
        session.rank(1, rank, drag);
    session.rank(0, 5);
    const core::PrecisionPlan plan = session.exploration.plan();
    QTRY_VERIFY(session.settled());
    const QString text = session.exploration.script().text();
    session.player.playAgain();
    QVERIFY(session.player.isPlaying());
    QCOMPARE(session.exploration.plan(), core::PrecisionPlan{}); // from the beginning
    QCOMPARE(session.replayed(), 0);
    QCOMPARE(session.exploration.plan(), plan);
    QVERIFY(!session.player.isPlaying());
    for (const QString& line : text.split(u'\n'))
        QVERIFY2(session.exploration.script().text().contains(line), qPrintable(line));
    QVERIFY(session.problems.isEmpty());
}

void TestScriptPlayer::everyEditIsOneUndoStepAndUndoLeadsBack()
{
    Session session;
    begin(session);
    session.weights("int4");
    session.rank(0, 3);
    const core::PrecisionPlan plan = session.exploration.plan();
    const int before = session.exploration.undoStack().count();
    session.player.playAgain();
    QCOMPARE(session.replayed(), 0);
    QCOMPARE(session.exploration.undoStack().count(), before + 1 + 2); // to the beginning, and the two edits
    for (int step = 0; step < 3; ++step)
        session.exploration.undoStack().undo();
    QCOMPARE(session.exploration.plan(), plan);
}

void TestScriptPlayer::goingBackIsAStepToo()
{
    Session session;
    begin(session);
    session.weights("int4");
    session.weights("int8");
    session.exploration.undoStack().undo();
    session.rank(2, 2);
    session.exploration.undoStack().undo();
    session.exploration.undoStack().redo();
    const core::PrecisionPlan plan = session.exploration.plan();
    QVERIFY(session.exploration.script().text().contains(QStringLiteral("# undo ")));
    session.player.playAgain();
    QCOMPARE(session.replayed(), 0);
    QCOMPARE(session.exploration.plan(), plan);
}

void TestScriptPlayer::anotherSessionGetsTheSamePlan()
{
    Session first;
    begin(first);
    first.exploration.open({"x.plan.json"}); // its content is in the script: the file may change
    QTRY_COMPARE(first.exploration.plan().name, std::string("int4 everywhere"));
    first.rank(1, 4);
    first.exploration.open({"other"}); // takes the orders for every layer along
    QTRY_COMPARE(first.exploration.source().network, std::string("other"));
    first.rank(2, 1);
    QTRY_VERIFY(first.settled());
    Session second;
    second.exploration.restore("third", "digits", first.exploration.plan()); // something else is open there
    QTRY_VERIFY(second.settled());
    second.player.play(first.exploration.script().text(), QStringLiteral("first.sh"));
    QCOMPARE(second.replayed(), 0);
    QCOMPARE(second.exploration.source().network, std::string("other"));
    QCOMPARE(second.exploration.plan(), first.exploration.plan());
    QTRY_VERIFY(second.settled());
}

void TestScriptPlayer::aSavedScriptIsReplayedFromItsFile()
{
    QTemporaryDir folder;
    QFile file(folder.filePath(QStringLiteral("mine.sh")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("#!/bin/sh\nset -e\n# open small digits\ncat > edited.plan.json <<'PLAN'\n{\n \"schema\": \"polarizer.plan/1\",\n \"name\": \"mine\"\n}\nPLAN\n"
               "polar evaluate small digits --plan edited.plan.json --chips 3\n");
    file.close();
    Session session;
    session.player.playFile(file.fileName());
    QCOMPARE(session.replayed(), 0);
    QCOMPARE(session.exploration.plan().name, std::string("mine"));
    QCOMPARE(session.exploration.settings().chips, 3);
    QVERIFY(session.settled());
}

void TestScriptPlayer::aCommandOpensAndScoresWhatItNames()
{
    Session session;
    session.exploration.setLive(false);
    session.player.play(QStringLiteral("polar evaluate small small --plan x.plan.json --samples 200\n"), QStringLiteral("typed"));
    QCOMPARE(session.replayed(), 0);
    QCOMPARE(session.exploration.plan().name, std::string("int4 everywhere"));
    QCOMPARE(session.exploration.settings().samples, std::int64_t{200});
    QVERIFY(session.settled()); // a command evaluates, live or not
}

void TestScriptPlayer::aLineThatCannotBeReplayedIsMarkedAndTheRestGoesOn()
{
    Session session;
    session.player.play(QStringLiteral("# open small digits\n"
                                       "# conv9: rank 4\n"
                                       "#   plan edit: [{\"op\":\"add\",\"path\":\"/layers\",\"value\":{\"conv9\":{\"surrogate\":{\"rank\":4}}}}]\n"
                                       "rm -r work\n"
                                       "# every layer: named\n"
                                       "#   plan edit: [{\"op\":\"add\",\"path\":\"/name\",\"value\":\"kept\"}]\n"),
                        QStringLiteral("old.sh"));
    QCOMPARE(session.replayed(), 2);
    QCOMPARE(session.exploration.plan().name, std::string("kept"));
    const QString text = session.exploration.script().text();
    QVERIFY2(text.contains(QStringLiteral("#   not replayed: the network has no layer \"conv9\"\n")), qPrintable(text));
    QVERIFY(text.indexOf(QStringLiteral("# conv9: rank 4")) < text.indexOf(QStringLiteral("#   not replayed")));
    for (const QString& line : text.split(u'\n', Qt::SkipEmptyParts)) // a shell runs none of what was marked
        QVERIFY2(line.startsWith(u'#') || line.startsWith(QStringLiteral("polar ")), qPrintable(line));
    QCOMPARE(session.problems.count(), 1);
    const auto problem = session.problems.first().first().value<core::Problem>();
    QCOMPARE(problem.place, std::string("old.sh, line 2"));
    QVERIFY(problem.message.find("1 more") != std::string::npos);
}

void TestScriptPlayer::whatCannotBeOpenedEndsTheReplay()
{
    Session session;
    begin(session);
    session.player.play(QStringLiteral("# open broken.onnx\n# x: y\n#   plan edit: []\n"), QStringLiteral("old.sh"));
    QCOMPARE(session.replayed(), 1);
    const auto& entries = session.exploration.script().entries();
    QCOMPARE(entries[entries.size() - 2].problem, QStringLiteral("broken.onnx: the file ends after 12 bytes"));
    QVERIFY(!entries.back().problem.isEmpty()); // and the edit behind it is still there
}

void TestScriptPlayer::aPlanThatIsNotTakenEndsTheReplay()
{
    // Network and dataset open all the same; what follows in the script was meant for another plan.
    Session session;
    session.player.play(
        QStringLiteral("polar evaluate small digits --plan odd.plan.json\npolar evaluate small digits --plan x.plan.json\n"),
        QStringLiteral("odd.sh"));
    QCOMPARE(session.replayed(), 1);
    QVERIFY(session.exploration.isOpen());
    QCOMPARE(session.exploration.plan(), core::PrecisionPlan{});
    QVERIFY(!session.exploration.script().text().contains(QStringLiteral("open small digits odd.plan.json")));
}

void TestScriptPlayer::stoppingKeepsTheRestOfTheScript()
{
    Session session;
    begin(session);
    session.weights("int4");
    session.rank(0, 3);
    const core::PrecisionPlan plan = session.exploration.plan();
    session.player.setBeat(std::chrono::seconds(60));
    session.player.playAgain();
    QTRY_VERIFY(session.player.stepsDone() >= 1);
    session.player.stop();
    QVERIFY(!session.player.isPlaying());
    QVERIFY(session.exploration.plan() != plan);
    session.player.setBeat(std::chrono::milliseconds(0));
    session.finished.clear();
    session.player.playAgain(); // the marks of the stop are passed over
    QCOMPARE(session.replayed(), 0);
    QCOMPARE(session.exploration.plan(), plan);
}

void TestScriptPlayer::anEditMeanwhileEndsTheReplay()
{
    Session session;
    begin(session);
    session.weights("int4");
    session.weights("int8");
    session.player.setBeat(std::chrono::milliseconds(200));
    session.player.playAgain();
    QTRY_COMPARE(session.player.stepsDone(), 1);
    session.rank(0, 2);
    const core::PrecisionPlan plan = session.exploration.plan();
    QVERIFY(session.replayed() >= 0);
    QCOMPARE(session.exploration.plan(), plan);
    QVERIFY(session.exploration.script().text().contains(QStringLiteral("was edited while")));
}

void TestScriptPlayer::aFileWithNothingToReplayChangesNothing()
{
    Session session;
    begin(session);
    session.weights("int4");
    const core::PrecisionPlan plan = session.exploration.plan();
    session.player.play(QStringLiteral("ls\n# hello\n"), QStringLiteral("ls.sh"));
    QCOMPARE(session.problems.count(), 1);
    session.player.playFile(QStringLiteral("/nowhere/at/all.sh"));
    QCOMPARE(session.problems.count(), 2);
    QVERIFY(!session.player.isPlaying());
    QCOMPARE(session.exploration.plan(), plan);
}

QTEST_MAIN(TestScriptPlayer)
#include "tst_script_player.moc"
