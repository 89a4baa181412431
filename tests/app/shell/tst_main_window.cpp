// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/shell/action_finder.h"
#include "app/shell/actions.h"
#include "app/shell/main_window.h"
#include "app/shell/message_strip.h"
#include "app/shell/picture_taker.h"
#include "app/shell/status_line.h"

#include <QDockWidget>
#include <QImage>
#include <QLineEdit>
#include <QMenu>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

#include <set>

using namespace app;

class TestMainWindow : public QObject {
    Q_OBJECT
private slots:
    void everyActionHasANameATipAndAUniqueObjectName();
    void everyShortcutIsUnique();
    void theFinderTriggersWhatIsTyped();
    void problemsAppearInTheStripAndGoWithTheNextSuccess();
    void theStripLeadsToAFlaw();
    void theStatusLineSaysHowFarTheFigureHasGot();
    void closingInTheMiddleOfAnEvaluationNeitherHangsNorCrashes();
    void unsavedWorkIsOfferedAgain();
    void workThatDoesNotComeBackIsOfferedAgain();
    void aPictureOfTheSettledWindowHasItsSize();
    void aPictureOfAFlawedPlanFailsOnce();
    void aPictureThatCannotBeWrittenIsAProblem();
    void docksKeepTheirPlacesInTheSettings();
    void bundledThingsFillTheMenu();
};

namespace {

struct Workbench {
    test::PacePtr pace = std::make_shared<test::Pace>();
    Exploration exploration{test::fakeOpener(pace)};
    MainWindow window{exploration, {}, [] { return BundledThings{{{QStringLiteral("small"), QStringLiteral("A small network")}}, {}}; }};
    Workbench()
    {
        window.resize(1280, 720);
        window.show();
    }
    bool settled() const { return exploration.report() && exploration.isReportCurrent() && exploration.jobState().isIdle(); }
};

}  // namespace

void TestMainWindow::everyActionHasANameATipAndAUniqueObjectName()
{
    Workbench bench;
    std::set<QString> names;
    for (const QAction* action : bench.window.actions().all()) {
        if (action->menu())
            continue;
        QVERIFY2(!action->text().isEmpty() && !action->toolTip().isEmpty(), qPrintable(action->objectName() + u' ' + action->text()));
        QVERIFY2(!action->objectName().isEmpty() && names.insert(action->objectName()).second, qPrintable(action->text()));
    }
    QVERIFY(names.size() > 20);
}

void TestMainWindow::everyShortcutIsUnique()
{
    Workbench bench;
    std::set<QString> keys;
    for (const QAction* action : bench.window.actions().all())
        if (!action->shortcut().isEmpty())
            QVERIFY2(keys.insert(action->shortcut().toString()).second, qPrintable(action->objectName()));
}

void TestMainWindow::theFinderTriggersWhatIsTyped()
{
    Workbench bench;
    bench.exploration.open({"small", "x.plan.json"});
    QTRY_VERIFY(bench.settled());
    bench.window.actions().named(QStringLiteral("findAction"))->trigger();
    auto* finder = bench.window.findChild<ActionFinder*>();
    QVERIFY(finder->isVisible());
    auto* letters = finder->findChild<QLineEdit*>();
    QTest::keyClicks(letters, QStringLiteral("fp32 through"));
    QCOMPARE(finder->offerCount(), 1);
    QTest::keyClick(letters, Qt::Key_Return);
    QVERIFY(!finder->isVisible());
    QCOMPARE(bench.exploration.plan(), core::PrecisionPlan{});
}

void TestMainWindow::problemsAppearInTheStripAndGoWithTheNextSuccess()
{
    Workbench bench;
    bench.exploration.open({"broken.onnx"});
    QTRY_VERIFY(bench.window.strip().isVisible());
    QVERIFY(bench.window.strip().text().contains(QStringLiteral("broken.onnx: the file ends after 12 bytes")));
    bench.exploration.open({"small"});
    QTRY_VERIFY(!bench.window.strip().isVisible());
}

void TestMainWindow::theStripLeadsToAFlaw()
{
    Workbench bench;
    bench.exploration.open({"small"});
    QTRY_VERIFY(bench.settled());
    const core::WeightedLayer& second = bench.exploration.layers().at(1);
    core::PrecisionPlan plan;
    core::SurrogatePlan path;
    path.rank = second.rows + second.columns;
    plan.layers[second.name].surrogate = core::Switchable<core::SurrogatePlan>{path};
    bench.exploration.changePlan(plan, QStringLiteral("too high a rank"));
    QTRY_VERIFY(bench.window.strip().isVisible());
    QVERIFY(bench.window.strip().text().contains(QStringLiteral("The plan has a flaw: ") + QString::fromStdString(second.name)));
    bench.window.dock(QStringLiteral("arrayDock"))->raise();
    Selection elsewhere;  // another layer's details are shown
    elsewhere.current = bench.exploration.layers().at(0).index;
    bench.exploration.setSelection(elsewhere);
    QTest::keyClick(bench.window.strip().findChild<QToolButton*>(QStringLiteral("messageAct")), Qt::Key_Space);
    QCOMPARE(bench.exploration.selection().layers, std::vector{second.index});
    QCOMPARE(bench.exploration.currentLayer(), second.index);
    QVERIFY(!bench.window.dock(QStringLiteral("recoveryDock"))->widget()->visibleRegion().isEmpty());
    QVERIFY(bench.window.strip().isVisible());  // until it is mended
    bench.exploration.undoStack().undo();
    QTRY_VERIFY(!bench.window.strip().isVisible());
}

void TestMainWindow::theStatusLineSaysHowFarTheFigureHasGot()
{
    Workbench bench;
    QCOMPARE(progressText(bench.exploration), QStringLiteral("nothing is open"));
    bench.exploration.open({"small"});
    QTRY_VERIFY(bench.settled());
    QVERIFY2(progressText(bench.exploration).startsWith(QStringLiteral("settled: 400 of 400 in ")),
             qPrintable(progressText(bench.exploration)));
    bench.exploration.setLive(false);
    bench.exploration.changePlan(
        [] {
            core::PrecisionPlan plan;
            plan.name = "renamed";
            return plan;
        }(),
        QStringLiteral("rename"));
    QVERIFY(progressText(bench.exploration).contains(QStringLiteral("F5")));
    bench.pace->endless = true;
    bench.pace->microsecondsPerChunk = 100;
    bench.exploration.evaluate();
    QTRY_VERIFY(bench.exploration.isReportCurrent());
    bench.exploration.stop();
    QTRY_VERIFY(bench.exploration.jobState().isIdle());
    QVERIFY2(progressText(bench.exploration).startsWith(QStringLiteral("stopped at ")), qPrintable(progressText(bench.exploration)));
}

void TestMainWindow::closingInTheMiddleOfAnEvaluationNeitherHangsNorCrashes()
{
    test::PacePtr pace;
    {
        Workbench bench;
        pace = bench.pace;
        pace->endless = true;
        pace->microsecondsPerChunk = 100;
        bench.exploration.open({"small"});
        QTRY_VERIFY(bench.exploration.report());
        for (int rank = 1; rank < 5; ++rank)  // newer questions are waiting as well
            bench.exploration.editLayers(QStringLiteral("rank"), [rank](const auto&, core::LayerTreatment& treatment) {
                treatment.surrogate = core::SurrogatePlan{};
                treatment.surrogate->rank = std::min(rank, 4);
            });
        QVERIFY(bench.window.close());
    }
    QCOMPARE(pace->ended.load(), pace->begun.load());
}

void TestMainWindow::unsavedWorkIsOfferedAgain()
{
    QTemporaryDir folder;
    core::PrecisionPlan plan;
    plan.name = "half done";
    {
        Workbench bench;
        WorkKeeper keeper(folder.path());
        bench.window.keepWork(keeper);
        bench.exploration.open({"small"});
        QTRY_VERIFY(bench.settled());
        bench.exploration.changePlan(plan, QStringLiteral("edit"));
        bench.window.close();
    }
    Workbench next;
    WorkKeeper keeper(folder.path());
    next.window.keepWork(keeper);
    next.exploration.open({"other"});  // what is opened at the start does not take the offer away
    QTRY_VERIFY(next.settled());
    QVERIFY(next.window.strip().isVisible());
    QVERIFY(next.window.strip().text().contains(QStringLiteral("half done")));
    QTest::mouseClick(next.window.strip().findChild<QWidget*>(QStringLiteral("messageAct")), Qt::LeftButton);
    QTRY_COMPARE(next.exploration.plan(), plan);
    QCOMPARE(next.exploration.source().network, std::string("small"));
}

void TestMainWindow::workThatDoesNotComeBackIsOfferedAgain()
{
    QTemporaryDir folder;
    {
        WorkKeeper keeper(folder.path());
        core::PrecisionPlan plan;
        plan.name = "odd";  // which the fake does not take
        keeper.keep({"small", "digits", plan});
        keeper.flush();
        keeper.leaveBehind();
    }
    for (int start = 0; start < 2; ++start) {
        Workbench bench;
        WorkKeeper keeper(folder.path());
        bench.window.keepWork(keeper);
        QVERIFY(bench.window.strip().text().contains(QStringLiteral("odd")));
        QTest::mouseClick(bench.window.strip().findChild<QWidget*>(QStringLiteral("messageAct")), Qt::LeftButton);
        QTRY_VERIFY(bench.settled());
        QVERIFY(bench.window.strip().text().contains(QStringLiteral("no layer is called that")));
    }
}

void TestMainWindow::aPictureOfAFlawedPlanFailsOnce()
{
    Workbench bench;
    PictureTaker taker(bench.window, bench.exploration, QStringLiteral("never.png"), PictureTaker::When::Settled);
    QSignalSpy failed(&taker, &PictureTaker::failed);
    bench.exploration.open({"small"});
    QTRY_VERIFY(bench.exploration.isOpen());
    core::SurrogatePlan path;
    path.rank = 1000;
    core::PrecisionPlan plan;
    plan.defaults.surrogate = core::Switchable<core::SurrogatePlan>{path};
    plan.layers["first"] = plan.defaults;
    bench.exploration.changePlan(plan, QStringLiteral("too high a rank"));
    QVERIFY(!bench.exploration.flaws().empty());
    bench.exploration.setLive(false);
    QTRY_VERIFY(bench.exploration.jobState().isIdle());
    bench.exploration.open({"other"});  // more to look at
    QTRY_VERIFY(failed.count() > 0);
    QTest::qWait(50);
    QCOMPARE(failed.count(), 1);
}

void TestMainWindow::aPictureOfTheSettledWindowHasItsSize()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("window.png"));
    Workbench bench;
    PictureTaker taker(bench.window, bench.exploration, path, PictureTaker::When::Settled);
    QSignalSpy finished(&taker, &PictureTaker::finished);
    bench.exploration.open({"small"});
    QTRY_COMPARE(finished.count(), 1);
    QVERIFY(bench.settled());
    const QImage picture(path);
    QCOMPARE(picture.size(), QSize(1280, 720));
    std::set<QRgb> colours;
    for (int y = 0; y < picture.height(); y += 7)
        for (int x = 0; x < picture.width(); x += 7)
            colours.insert(picture.pixel(x, y));
    QVERIFY2(colours.size() > 10, qPrintable(QString::number(colours.size())));
}

void TestMainWindow::aPictureThatCannotBeWrittenIsAProblem()
{
    Workbench bench;
    PictureTaker taker(bench.window, bench.exploration, QStringLiteral("/nowhere/at/all.png"), PictureTaker::When::Opened);
    QSignalSpy failed(&taker, &PictureTaker::failed);
    bench.exploration.open({"small"});
    QTRY_COMPARE(failed.count(), 1);
}

void TestMainWindow::docksKeepTheirPlacesInTheSettings()
{
    WindowSettings kept;
    {
        Workbench bench;
        bench.window.dock(QStringLiteral("scriptDock"))->close();
        kept = bench.window.settings();
    }
    Exploration exploration(test::fakeOpener(std::make_shared<test::Pace>()));
    MainWindow window(exploration, kept, {});
    window.show();
    QVERIFY(window.dock(QStringLiteral("scriptDock"))->isHidden());
    QVERIFY(!window.dock(QStringLiteral("networkDock"))->isHidden());
    window.actions().named(QStringLiteral("resetLayout"))->trigger();
    QVERIFY(!window.dock(QStringLiteral("scriptDock"))->isHidden());
}

void TestMainWindow::bundledThingsFillTheMenu()
{
    Workbench bench;
    QTRY_VERIFY(bench.window.actions().named(QStringLiteral("open-small")));
    bench.window.actions().named(QStringLiteral("open-small"))->trigger();
    QTRY_VERIFY(bench.exploration.isOpen());
}

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
