// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/exploration.h"
#include "app/exploration/fake_source.h"

#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

class TestExploration : public QObject {
    Q_OBJECT
private slots:
    void openingGivesAReportOfEverySample();
    void openingThatFailsLeavesEverythingAsItWas();
    void openingAPlanIsAnUndoStep();
    void anotherNetworkKeepsTheOrdersForEveryLayer();
    void theNewestPlanIsTheOneReported();
    void stoppingKeepsWhatIsFinished();
    void whatIsNotLiveWaitsToBeAsked();
    void editsGoToTheSelectedLayers();
    void aDragIsOneUndoStepAndOneScriptEntry();
    void aFlawedPlanIsNotEvaluated();
    void everySettledEvaluationIsACommand();
    void aSavedPlanIsNotModified();
    void aPlanThatCannotBeSavedIsAProblem();
    void restoringKeptWorkBringsPlanAndNamesTogether();
    void closingInTheMiddleWaitsForTheWorker();

private:
    static bool settled(const Exploration& exploration)
    {
        return exploration.jobState().isIdle() && exploration.isReportCurrent() && exploration.report() && !exploration.report()->partial;
    }
    static void rank(Exploration& exploration, int rank, Gesture gesture = {})
    {
        exploration.editLayers(
            QStringLiteral("rank %1").arg(rank),
            [rank](const core::WeightedLayer& layer, core::LayerTreatment& treatment) {
                core::SurrogatePlan surrogate = treatment.surrogate.value_or(core::SurrogatePlan{});
                surrogate.rank = std::min(rank, largestRank(layer));
                treatment.surrogate = surrogate;
            },
            gesture);
    }
};

void TestExploration::openingGivesAReportOfEverySample()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    QSignalSpy subjects(&exploration, &Exploration::subjectChanged);
    QVERIFY(!exploration.isOpen());
    exploration.open({"small", "digits"});
    QVERIFY(!exploration.isOpen()); // nothing blocks: the files are read elsewhere
    QTRY_VERIFY(settled(exploration));
    QCOMPARE(subjects.count(), 1);
    QCOMPARE(exploration.report()->samples, std::int64_t{400});
    QCOMPARE(exploration.layers().size(), std::size_t{3});
}

void TestExploration::openingThatFailsLeavesEverythingAsItWas()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(settled(exploration));
    rank(exploration, 2);
    QTRY_VERIFY(settled(exploration));
    const core::PrecisionPlan plan = exploration.plan();
    const core::ReportPtr report = exploration.report();
    QSignalSpy problems(&exploration, &Exploration::problemFound);
    QSignalSpy subjects(&exploration, &Exploration::subjectChanged);
    exploration.open({"other", "broken.onnx"});
    QTRY_COMPARE(problems.count(), 1);
    QCOMPARE(problems.first().first().value<core::Problem>().place, std::string("broken.onnx"));
    QCOMPARE(subjects.count(), 0);
    QCOMPARE(exploration.source().network, std::string("small"));
    QCOMPARE(exploration.plan(), plan);
    QCOMPARE(exploration.report(), report);
    QCOMPARE(exploration.undoStack().count(), 1);
}

void TestExploration::openingAPlanIsAnUndoStep()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(settled(exploration));
    QSignalSpy opened(&exploration, &Exploration::opened);
    exploration.open({"x.plan.json"});
    QTRY_COMPARE(opened.count(), 1);
    QCOMPARE(exploration.plan().name, std::string("int4 everywhere"));
    QVERIFY(!exploration.isModified());
    exploration.undoStack().undo();
    QCOMPARE(exploration.plan(), core::PrecisionPlan{});
}

void TestExploration::anotherNetworkKeepsTheOrdersForEveryLayer()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small", "x.plan.json"});
    QTRY_VERIFY(settled(exploration));
    Selection selection;
    selection.layers = {core::LayerIndex(1)};
    exploration.setSelection(selection);
    rank(exploration, 3);
    exploration.open({"other"});
    QTRY_COMPARE(exploration.source().network, std::string("other"));
    QVERIFY(exploration.plan().layers.empty());
    QVERIFY(exploration.plan().defaults.weights);
    QVERIFY(exploration.selection().layers.empty());
    QCOMPARE(exploration.undoStack().count(), 0);
}

void TestExploration::theNewestPlanIsTheOneReported()
{
    const auto pace = std::make_shared<test::Pace>();
    pace->microsecondsPerChunk = 500;
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(exploration.isOpen());
    QStringList reported;
    connect(&exploration, &Exploration::reportChanged, this, [&] {
        QVERIFY(exploration.isReportCurrent());
        reported << QString::fromStdString(exploration.report()->plan);
    });
    for (int version = 1; version <= 10; ++version) {
        core::PrecisionPlan plan = exploration.plan();
        plan.name = "version " + std::to_string(version);
        exploration.changePlan(plan, QStringLiteral("rename"));
    }
    reported.clear();
    QTRY_VERIFY(settled(exploration));
    QVERIFY(!reported.isEmpty());
    for (const QString& name : reported)
        QCOMPARE(name, QStringLiteral("version 10"));
}

void TestExploration::stoppingKeepsWhatIsFinished()
{
    const auto pace = std::make_shared<test::Pace>();
    pace->endless = true;
    pace->microsecondsPerChunk = 200;
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(exploration.report());
    exploration.stop();
    QTRY_VERIFY(exploration.jobState().isIdle());
    QVERIFY(exploration.report()->partial);
    QVERIFY(exploration.report()->samples > 0);
    QVERIFY(exploration.isReportCurrent());
}

void TestExploration::whatIsNotLiveWaitsToBeAsked()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.setLive(false);
    exploration.open({"small"});
    QTRY_VERIFY(exploration.isOpen());
    rank(exploration, 2);
    QVERIFY(exploration.jobState().isIdle());
    QVERIFY(!exploration.report());
    QCOMPARE(pace->begun.load(), 0);
    exploration.evaluate();
    QTRY_VERIFY(settled(exploration));
    rank(exploration, 3);
    QVERIFY(!exploration.isReportCurrent()); // the old figure stays, and is known to be old
    exploration.setLive(true);
    QTRY_VERIFY(settled(exploration));
}

void TestExploration::editsGoToTheSelectedLayers()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(exploration.isOpen());
    Selection selection;
    selection.layers = {core::LayerIndex(2), core::LayerIndex(0), core::LayerIndex(0)};
    exploration.setSelection(selection);
    QCOMPARE(exploration.selection().layers.size(), std::size_t{2}); // sorted, each once
    rank(exploration, 12);
    QCOMPARE(exploration.treatment(core::LayerIndex(0)).surrogate->rank, 12);
    QVERIFY(!exploration.treatment(core::LayerIndex(1)).surrogate);
    QCOMPARE(exploration.treatment(core::LayerIndex(2)).surrogate->rank, 4); // 4 rows: no larger rank
}

void TestExploration::aDragIsOneUndoStepAndOneScriptEntry()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.setLive(false);
    exploration.open({"small"});
    QTRY_VERIFY(exploration.isOpen());
    const std::size_t before = exploration.script().entries().size();
    const Gesture drag = Gesture::begin();
    for (const int step : {1, 2, 3, 4})
        rank(exploration, step, drag);
    QCOMPARE(exploration.undoStack().count(), 1);
    QCOMPARE(exploration.script().entries().size(), before + 1);
    exploration.undoStack().undo();
    QCOMPARE(exploration.plan(), core::PrecisionPlan{});
}

void TestExploration::aFlawedPlanIsNotEvaluated()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(settled(exploration));
    const int before = pace->begun;
    core::PrecisionPlan plan;
    core::SurrogatePlan surrogate;
    surrogate.rank = -1;
    plan.layers["first"].surrogate = core::Switchable<core::SurrogatePlan>{surrogate};
    exploration.changePlan(plan, QStringLiteral("rank -1"));
    QVERIFY(!exploration.flaws().empty());
    QVERIFY(exploration.jobState().isIdle());
    QCOMPARE(pace->begun.load(), before);
    exploration.undoStack().undo();
    QVERIFY(exploration.flaws().empty());
    QTRY_VERIFY(settled(exploration));
}

void TestExploration::everySettledEvaluationIsACommand()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(settled(exploration));
    EvaluationSettings settings = exploration.settings();
    settings.chips = 4;
    settings.technology = "7nm";
    exploration.changeSettings(settings);
    QTRY_VERIFY(settled(exploration));
    QCOMPARE(exploration.script().entries().back().text, QStringLiteral("polar evaluate small digits --chips 4 --technology 7nm"));
}

void TestExploration::aSavedPlanIsNotModified()
{
    QTemporaryDir folder;
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(exploration.isOpen());
    rank(exploration, 2);
    QVERIFY(exploration.isModified());
    QSignalSpy saved(&exploration, &Exploration::planSaved);
    exploration.savePlan(folder.path() + QStringLiteral("/mine.plan.json"));
    QTRY_COMPARE(saved.count(), 1);
    QVERIFY(!exploration.isModified());
    QVERIFY(QFile::exists(folder.path() + QStringLiteral("/mine.plan.json")));
}

void TestExploration::aPlanThatCannotBeSavedIsAProblem()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    exploration.open({"small"});
    QTRY_VERIFY(exploration.isOpen());
    rank(exploration, 2);
    QSignalSpy problems(&exploration, &Exploration::problemFound);
    exploration.savePlan(QStringLiteral("/nowhere/at/all/mine.plan.json"));
    QTRY_COMPARE(problems.count(), 1);
    QVERIFY(exploration.isModified());
}

void TestExploration::restoringKeptWorkBringsPlanAndNamesTogether()
{
    const auto pace = std::make_shared<test::Pace>();
    Exploration exploration(test::fakeOpener(pace));
    core::PrecisionPlan plan;
    plan.name = "half done";
    exploration.restore("small", "digits", plan);
    QTRY_VERIFY(settled(exploration));
    QCOMPARE(exploration.plan(), plan);
}

void TestExploration::closingInTheMiddleWaitsForTheWorker()
{
    const auto pace = std::make_shared<test::Pace>();
    pace->endless = true;
    pace->microsecondsPerChunk = 100;
    {
        Exploration exploration(test::fakeOpener(pace));
        exploration.open({"small"});
        QTRY_VERIFY(pace->begun == 1);
        exploration.open({"other"}); // and a file is being read as well
    }
    QCOMPARE(pace->ended.load(), pace->begun.load());
}

QTEST_MAIN(TestExploration)
#include "tst_exploration.moc"
