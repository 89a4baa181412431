// SPDX-License-Identifier: Apache-2.0
#include "app/shell/recovery_panel.h"

#include "app/exploration/fake_recovery.h"
#include "app/exploration/recovery_study.h"
#include "app/models/method_table_model.h"
#include "app/shell/network_cards.h"
#include "app/views/polarized_strips.h"
#include "app/views/rank_dial.h"

#include <QClipboard>
#include <QComboBox>
#include <QGuiApplication>
#include <QLabel>
#include <QPushButton>
#include <QTableView>
#include <QTest>
#include <QToolButton>

using namespace app;

class TestRecoveryPanel : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void pagesAreReachedByButtonAndArrowKey();
    void aHiddenPageAsksNothing();
    void methodsAreComparedAndOneIsTakenWithEnter();
    void theRankDialMovesTheComparison();
    void aLayerWithoutErrorSaysWhatToDo();
    void aSampleIsFollowedThroughTheLayer();
    void theGainIsTurnedFromTheKeyboard();
    void contendersFillTheTableAndOneIsTakenInOneStep();
    void aStoppedComparisonLooksPartial();
    void everyPageSaysWhatToDoWhenNothingIsOpen();
    void everyKnobHasANameATipAndAKeyboardWay();
    void cardsTellTheErrorBeforeAndAfterRecovery();

private:
    template <class Child>
    Child* child(const char* name) const
    {
        return m_panel->findChild<Child*>(QLatin1String(name));
    }
    core::PrecisionPlan int4() const
    {
        core::PrecisionPlan plan;
        plan.name = "mine";
        core::WeightPlan weights;
        weights.palette.front().format = core::NumberFormat::named("int4").value();
        plan.defaults.weights = weights;
        core::SurrogatePlan surrogate;
        surrogate.rank = 1;
        plan.defaults.surrogate = core::Switchable<core::SurrogatePlan>{surrogate};
        return plan;
    }
    void select(std::size_t layer)
    {
        Selection selection;
        selection.layers = {core::LayerIndex(layer)};
        selection.current = core::LayerIndex(layer);
        m_exploration->setSelection(selection);
    }

    test::RecoveryPacePtr m_recovery;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<RecoveryPanel> m_panel;
};

void TestRecoveryPanel::init()
{
    m_recovery = std::make_shared<test::RecoveryPace>();
    m_exploration = std::make_unique<Exploration>(test::fakeRecoveryOpener(std::make_shared<test::Pace>(), m_recovery));
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    m_exploration->changePlan(int4(), QStringLiteral("int4"));
    QTRY_VERIFY(m_exploration->isReportCurrent() && m_exploration->jobState().isIdle());
    m_exploration->undoStack().clear();
    m_panel = std::make_unique<RecoveryPanel>(*m_exploration);
    m_panel->resize(320, 560);
    m_panel->show();
    QVERIFY(QTest::qWaitForWindowActive(m_panel.get()));
}

void TestRecoveryPanel::cleanup()
{
    m_recovery->holdCost = false;
    m_panel.reset();
    m_exploration.reset();
}

void TestRecoveryPanel::pagesAreReachedByButtonAndArrowKey()
{
    QCOMPARE(m_panel->page(), RecoveryPanel::Page::Rank);
    QVERIFY(child<RankDial>("rankDial")->isVisible());
    auto* button = child<QToolButton>("methodsPageButton");
    button->click();
    QCOMPARE(m_panel->page(), RecoveryPanel::Page::Methods);
    button->setFocus();
    QTest::keyClick(button, Qt::Key_Right);
    QCOMPARE(m_panel->page(), RecoveryPanel::Page::Sample);
    QVERIFY(child<QToolButton>("samplePageButton")->isChecked());
    QVERIFY(!button->isChecked());
    m_panel->hide();
    m_panel->show();
    QCOMPARE(m_panel->page(), RecoveryPanel::Page::Sample);  // remembered
}

void TestRecoveryPanel::aHiddenPageAsksNothing()
{
    QTest::qWait(2 * static_cast<int>(RecoveryStudy::kRest.count()));
    QCOMPARE(m_recovery->methodsBegun + m_recovery->sampleBegun + m_recovery->costBegun, 0);
    m_panel->setPage(RecoveryPanel::Page::Methods);
    QTRY_COMPARE(m_recovery->methodsBegun, 1);
    m_panel->hide();
    select(1);
    QTest::qWait(2 * static_cast<int>(RecoveryStudy::kRest.count()));
    QCOMPARE(m_recovery->methodsBegun, 1);
}

void TestRecoveryPanel::methodsAreComparedAndOneIsTakenWithEnter()
{
    select(0);
    m_panel->setPage(RecoveryPanel::Page::Methods);
    auto* table = child<QTableView>("methodsTable");
    QVERIFY(child<QLabel>("methodsHint")->isVisible());
    QTRY_COMPARE(table->model()->rowCount(), 2);
    QVERIFY(table->isVisible());
    QCOMPARE(table->currentIndex().row(), 0);  // the plan's own: activation
    QVERIFY(!child<QPushButton>("takeMethod")->isEnabled());
    QVERIFY(child<QLabel>("methodsVerdict")->text().contains(QStringLiteral("own method")));
    table->setFocus();
    QTest::keyClick(table, Qt::Key_Down);
    QVERIFY(child<QPushButton>("takeMethod")->isEnabled());
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(m_exploration->undoStack().count(), 1);
    QVERIFY(m_exploration->treatment(core::LayerIndex(0)).surrogate->method == core::SurrogateMethod::Svd);
    QVERIFY(m_exploration->treatment(core::LayerIndex(1)).surrogate->method == core::SurrogateMethod::Activation);
    QTRY_VERIFY(child<QLabel>("methodsVerdict")->text().contains(QStringLiteral("activations")));
    QCOMPARE(m_recovery->methodsBegun, 1);  // the figures do not follow from the choice
    QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
    QVERIFY(QGuiApplication::clipboard()->text().startsWith(QStringLiteral("method,rank,")));
}

void TestRecoveryPanel::theRankDialMovesTheComparison()
{
    select(0);
    m_panel->setPage(RecoveryPanel::Page::Methods);
    auto* table = child<QTableView>("methodsTable");
    QTRY_COMPARE(table->model()->rowCount(), 2);
    const auto svd = [&] { return table->model()->index(1, MethodTableModel::AtRank).data().toString(); };
    QCOMPARE(svd(), QStringLiteral("13.0"));  // 1000 over 50
    m_exploration->editLayers(QStringLiteral("rank 2"),
                              [](const auto&, core::LayerTreatment& treatment) { treatment.surrogate->rank = 2; });
    QTRY_COMPARE(svd(), QStringLiteral("16.0"));  // over 25
    QCOMPARE(m_recovery->methodsBegun, 1);
}

void TestRecoveryPanel::aLayerWithoutErrorSaysWhatToDo()
{
    select(2);
    m_panel->setPage(RecoveryPanel::Page::Methods);
    QTRY_VERIFY(child<QLabel>("methodsHint")->text().contains(QStringLiteral("no error to recover")));
    QVERIFY(child<QLabel>("methodsHint")->isVisible());
    QVERIFY(!child<QPushButton>("takeMethod")->isVisible());
}

void TestRecoveryPanel::aSampleIsFollowedThroughTheLayer()
{
    m_panel->setPage(RecoveryPanel::Page::Sample);
    auto* strips = child<PolarizedStrips>("polarizedStrips");
    QTRY_VERIFY(strips->figure().values);
    QCOMPARE(strips->figure().sample, 0);
    QCOMPARE(strips->figure().values->positions, 1);
    QCOMPARE(*strips->figure().mainEnergyShare, 1.0);  // the fake's bill has no line for recovery
    Selection selection = m_exploration->selection();
    selection.current = core::LayerIndex(1);
    selection.sample = core::SampleIndex(3);
    m_exploration->setSelection(selection);
    QTRY_VERIFY(strips->figure().values && strips->figure().sample == 3 && strips->figure().values->positions == 6);
    QTRY_COMPARE(child<QLabel>("sampleWhere")->text(), QStringLiteral("second · sample 3"));
    QVERIFY(child<QLabel>("sampleAnswers")->text().contains(QStringLiteral("flipped to wrong")));
}

void TestRecoveryPanel::theGainIsTurnedFromTheKeyboard()
{
    m_panel->setPage(RecoveryPanel::Page::Sample);
    auto* strips = child<PolarizedStrips>("polarizedStrips");
    QTRY_VERIFY(strips->figure().values);
    auto* gain = child<QComboBox>("sampleGainBox");
    QCOMPARE(strips->figure().gain, 4.0);
    gain->setFocus();
    QTest::keyClick(gain, Qt::Key_Down);
    QCOMPARE(strips->figure().gain, 16.0);
    QTest::keyClick(gain, Qt::Key_Backspace, Qt::ControlModifier);
    QCOMPARE(strips->figure().gain, 4.0);
}

void TestRecoveryPanel::contendersFillTheTableAndOneIsTakenInOneStep()
{
    m_recovery->holdCost = true;
    m_recovery->contenders = 2;
    m_panel->setPage(RecoveryPanel::Page::Cost);
    auto* bytes = child<QToolButton>("compareBytes");
    auto* stop = child<QToolButton>("stopComparison");
    QVERIFY(!stop->isEnabled());
    bytes->setFocus();
    QTest::keyClick(bytes, Qt::Key_Space);
    auto* table = child<QTableView>("costTable");
    QTRY_COMPARE(table->model()->rowCount(), 2);
    QVERIFY(stop->isEnabled() && !bytes->isEnabled());
    QVERIFY(child<QLabel>("costNote")->text().contains(QStringLiteral("2 known so far")));
    m_recovery->holdCost = false;
    QTRY_COMPARE(table->model()->rowCount(), 4);
    QTRY_VERIFY(child<QLabel>("costNote")->text().contains(QStringLiteral("more bits, +4.00 points")));
    QVERIFY(bytes->isEnabled() && !stop->isEnabled());

    table->setFocus();
    table->selectRow(0);  // the best
    QTest::keyClick(table, Qt::Key_Return);
    QCOMPARE(m_exploration->undoStack().count(), 1);
    QCOMPARE(m_exploration->plan().name, std::string("mine, more bits"));
    QCOMPARE(m_exploration->treatment(core::LayerIndex(0)).weights.palette.front().format.name(), std::string("int5"));
    QVERIFY(m_exploration->undoStack().text(0).contains(QStringLiteral("9 of 28 rows take one bit more")));
    QTRY_VERIFY(child<QLabel>("costNote")->text().contains(QStringLiteral("moved on")));
    QTRY_VERIFY(table->model()->index(0, 0).data().toString().startsWith(QStringLiteral("●")));
    QVERIFY(!child<QPushButton>("takeContender")->isEnabled());
    m_exploration->undoStack().undo();
    QCOMPARE(m_exploration->plan(), int4());
}

void TestRecoveryPanel::aStoppedComparisonLooksPartial()
{
    m_recovery->holdCost = true;
    m_recovery->contenders = 3;
    m_panel->setPage(RecoveryPanel::Page::Cost);
    child<QToolButton>("compareEnergy")->click();
    auto* table = child<QTableView>("costTable");
    QTRY_COMPARE(table->model()->rowCount(), 3);
    QTest::keyClick(table, Qt::Key_Escape);
    QTRY_VERIFY(child<QLabel>("costNote")->text().contains(QStringLiteral("at equal energy: stopped after 3")));
    QCOMPARE(table->model()->rowCount(), 3);
    QVERIFY(child<QToolButton>("compareEnergy")->isEnabled());
}

void TestRecoveryPanel::everyPageSaysWhatToDoWhenNothingIsOpen()
{
    Exploration nothing(test::fakeOpener(std::make_shared<test::Pace>()));
    RecoveryPanel panel(nothing);
    panel.resize(320, 560);
    panel.show();
    for (const RecoveryPanel::PageWord& word : RecoveryPanel::pages()) {
        panel.setPage(word.page);
        QCoreApplication::processEvents();
        bool saysOpen = false;
        for (const QLabel* label : panel.findChildren<QLabel*>())
            saysOpen |= label->isVisible() && label->text().contains(QStringLiteral("Open a network"));
        QVERIFY2(saysOpen, qPrintable(word.name));
    }
}

void TestRecoveryPanel::everyKnobHasANameATipAndAKeyboardWay()
{
    for (const char* name : {"rankPageButton", "compareBytes", "compareEnergy", "stopComparison", "takeMethod", "takeContender"}) {
        const auto* widget = child<QWidget>(name);
        QVERIFY2(widget, name);
        QVERIFY2(!widget->toolTip().isEmpty(), name);
        QVERIFY2(widget->focusPolicy() & Qt::TabFocus, name);
    }
    for (const char* name : {"methodsPageButton", "samplePageButton", "costPageButton"})  // arrow keys lead there
        QVERIFY2(!child<QWidget>(name)->toolTip().isEmpty(), name);
    QVERIFY(!child<QWidget>("sampleGain")->toolTip().isEmpty());
}

void TestRecoveryPanel::cardsTellTheErrorBeforeAndAfterRecovery()
{
    const LayerCard card = networkCards(*m_exploration).at(0);
    QCOMPARE(*card.localSqnr, 20.0);
    QCOMPARE(*card.localSqnrWithoutRecovery, 10.0);
    core::PrecisionPlan bare = int4();
    bare.defaults.surrogate.reset();
    m_exploration->changePlan(bare, QStringLiteral("no recovery"));
    QTRY_VERIFY(m_exploration->isReportCurrent());
    QVERIFY(!networkCards(*m_exploration).at(0).localSqnrWithoutRecovery);
}

QTEST_MAIN(TestRecoveryPanel)
#include "tst_recovery_panel.moc"
