// SPDX-License-Identifier: Apache-2.0
#include "app/shell/recovery_panel.h"

#include "app/exploration/fake_recovery.h"
#include "app/exploration/recovery_study.h"
#include "app/exploration/script_player.h"
#include "app/models/contender_table_model.h"
#include "app/models/method_table_model.h"
#include "app/shell/network_cards.h"
#include "app/views/polarized_strips.h"
#include "app/views/rank_dial.h"
#include "core/io/json_documents.h"

#include <QClipboard>
#include <QComboBox>
#include <QFile>
#include <QGuiApplication>
#include <QHeaderView>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTableView>
#include <QTemporaryDir>
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
    void correctionsAreEditsOfEverySelectedLayer();
    void aClickOnAColumnSortsTheMethodsAndTheContenders();
    void pathsAreTrainedInTheBackgroundAndUndoneInOneStep();
    void aStoppedTrainingOfPathsKeepsTheBestEpoch();
    void anEditMeanwhileGivesTheTrainingUp();
    void trainedPathsAreFoundAgainByAReplay();

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

    void choose(const char* field, const QString& value)
    {
        auto* box = child<QComboBox>((std::string(field) + "Box").c_str());
        QVERIFY(box);
        const int index = box->findData(value);
        QVERIFY2(index >= 0, qPrintable(value));
        box->setCurrentIndex(index);
        emit box->activated(index);
    }
    core::LayerTreatment treatment(std::size_t layer) const { return m_exploration->treatment(core::LayerIndex(layer)); }

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
    m_recovery->epochs = 1 << 20;
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
    QCOMPARE(m_panel->page(), RecoveryPanel::Page::Correct);
    QTest::keyClick(child<QToolButton>("correctPageButton"), Qt::Key_Right);
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

void TestRecoveryPanel::correctionsAreEditsOfEverySelectedLayer()
{
    m_panel->setPage(RecoveryPanel::Page::Correct);
    QVERIFY(!child<QWidget>("correctSamples")->isEnabled()); // nothing is corrected from samples yet
    Selection both;
    both.layers = {core::LayerIndex(0), core::LayerIndex(2)};
    m_exploration->setSelection(both);
    choose("correctRounding", QStringLiteral("adaptive"));
    QCOMPARE(treatment(0).correction->rounding, core::WeightRounding::Adaptive);
    QVERIFY(!treatment(1).correction);
    QCOMPARE(treatment(2).correction->rounding, core::WeightRounding::Adaptive);
    QVERIFY(m_exploration->undoStack().text(0).contains(QStringLiteral("2 layers: rounding adaptive")));
    QVERIFY2(m_exploration->script().text().contains(QStringLiteral("\"first\":{\"correction\":{\"rounding\":\"adaptive\"}}")),
             qPrintable(m_exploration->script().text()));
    choose("correctBias", QStringLiteral("on"));
    choose("correctEqualize", QStringLiteral("on"));
    QCOMPARE(treatment(2).correction, (core::CorrectionPlan{true, core::WeightRounding::Adaptive, true, 256}));
    QTRY_VERIFY(child<QWidget>("correctSamples")->isEnabled());
    m_exploration->setSelection({});
    QTRY_VERIFY(child<QComboBox>("correctBiasBox")->currentText().isEmpty());
    QCOMPARE(child<QComboBox>("correctBiasBox")->placeholderText(), QStringLiteral("mixed"));
    for (int step = 0; step < 3; ++step)
        m_exploration->undoStack().undo();
    QVERIFY(!treatment(0).correction && !treatment(2).correction);
    choose("correctBias", QStringLiteral("on"));
    choose("correctBias", QStringLiteral("off"));
    QCOMPARE(m_exploration->plan(), int4()); // a correction that is off is none
    for (const char* name : {"correctEqualize", "correctRounding", "correctBias", "correctSamples"})
        QVERIFY2(!child<QWidget>(name)->toolTip().isEmpty(), name);
}

void TestRecoveryPanel::aClickOnAColumnSortsTheMethodsAndTheContenders()
{
    m_panel->setPage(RecoveryPanel::Page::Methods);
    auto* methods = child<QTableView>("methodsTable");
    QTRY_COMPARE(methods->model()->rowCount(), 2);
    const auto first = [&](QTableView* table) { return table->model()->index(0, 0).data().toString().section(u'\n', 0, 0); };
    const auto click = [&](QTableView* table, int column) {
        QHeaderView* header = table->horizontalHeader();
        QTest::mouseClick(header->viewport(), Qt::LeftButton, {}, QPoint(header->sectionViewportPosition(column) + 8, header->height() / 2));
    };
    QCOMPARE(first(methods), QStringLiteral("● activations"));
    click(methods, MethodTableModel::AtRank); // 3 dB before 20 dB
    QCOMPARE(first(methods), QStringLiteral("weights only"));
    click(methods, MethodTableModel::AtRank);
    QCOMPARE(first(methods), QStringLiteral("● activations"));
    click(methods, MethodTableModel::AtRank); // back to their own order
    QCOMPARE(methods->horizontalHeader()->sortIndicatorSection(), -1);
    click(methods, MethodTableModel::AtRank);
    methods->selectRow(0); // what is sorted to the top is what is taken
    child<QPushButton>("takeMethod")->click();
    QCOMPARE(treatment(0).surrogate->method, core::SurrogateMethod::Svd);

    m_panel->setPage(RecoveryPanel::Page::Cost);
    child<QToolButton>("compareBytes")->click();
    auto* cost = child<QTableView>("costTable");
    QTRY_COMPARE(cost->model()->rowCount(), 4);
    QTRY_COMPARE(first(cost), QStringLiteral("more bits"));
    click(cost, ContenderTableModel::Accuracy);
    QCOMPARE(first(cost), QStringLiteral("nothing"));
    cost->selectRow(3);
    child<QPushButton>("takeContender")->click();
    QCOMPARE(treatment(0).weights.palette.front().format.name(), std::string("int5"));
}

void TestRecoveryPanel::pathsAreTrainedInTheBackgroundAndUndoneInOneStep()
{
    select(0);
    m_recovery->epochs = 1; // then it waits
    choose("surrogateMethod", QStringLiteral("trained"));
    QCOMPARE(m_exploration->plan(), int4()); // while it goes on nothing changes
    auto* state = child<QLabel>("pathTrainingState");
    QTRY_VERIFY2(state->text().contains(QStringLiteral("epoch 1 of 20")), qPrintable(state->text()));
    QVERIFY(child<QToolButton>("stopPathTraining")->isVisible());
    QVERIFY(m_exploration->jobState().beside);
    QCOMPARE(child<QComboBox>("surrogateMethodBox")->currentData().toString(), QStringLiteral("trained"));
    m_recovery->epochs = 100;
    QTRY_COMPARE(treatment(0).surrogate->method, core::SurrogateMethod::Trained);
    QCOMPARE(m_exploration->undoStack().count(), 1);
    QVERIFY(m_exploration->undoStack().text(0).contains(QStringLiteral("first: recovery trained, epoch 20 of 20")));
    QCOMPARE(treatment(1).surrogate->method, core::SurrogateMethod::Activation);
    const core::StoredPaths paths = treatment(0).surrogate->paths;
    QVERIFY(paths.find("first") && !paths.find("second"));
    QVERIFY(QFile::exists(m_exploration->pathsFolder() + u'/' + QString::fromStdString(paths.file())));
    QTRY_VERIFY2(state->text().startsWith(QStringLiteral("Trained: loss")), qPrintable(state->text()));
    m_exploration->undoStack().undo();
    QCOMPARE(m_exploration->plan(), int4());
    QTRY_VERIFY(!state->isVisible());

    QTemporaryDir folder; // beside the plan, as `polar recover` writes it
    m_exploration->undoStack().redo();
    QSignalSpy saved(m_exploration.get(), &Exploration::planSaved);
    m_exploration->savePlan(folder.filePath(QStringLiteral("mine.plan.json")));
    QVERIFY(saved.wait());
    QVERIFY(QFile::exists(folder.filePath(QString::fromStdString(paths.file()))));
    const auto again = core::readPlan(folder.filePath(QStringLiteral("mine.plan.json")).toStdString());
    QVERIFY(again);
    QCOMPARE(again.value(), m_exploration->plan());
}

void TestRecoveryPanel::aStoppedTrainingOfPathsKeepsTheBestEpoch()
{
    m_recovery->epochs = 3;
    choose("surrogateMethod", QStringLiteral("trained"));
    QTRY_VERIFY(child<QLabel>("pathTrainingState")->text().contains(QStringLiteral("epoch 3 of 20")));
    m_exploration->stop(); // Ctrl+.
    QTRY_COMPARE(treatment(1).surrogate->method, core::SurrogateMethod::Trained); // no layer is selected: all of them
    QVERIFY(m_exploration->undoStack().text(0).contains(QStringLiteral("every layer: recovery trained, epoch 3 of 20")));
}

void TestRecoveryPanel::anEditMeanwhileGivesTheTrainingUp()
{
    m_recovery->epochs = 2;
    choose("surrogateMethod", QStringLiteral("trained"));
    QTRY_VERIFY(child<QLabel>("pathTrainingState")->text().contains(QStringLiteral("epoch 2 of 20")));
    choose("surrogateFormat", QStringLiteral("fp16"));
    QTRY_VERIFY(child<QLabel>("pathTrainingState")->text().contains(QStringLiteral("given up")));
    m_recovery->epochs = 100;
    QTRY_VERIFY(!m_exploration->jobState().beside);
    QCOMPARE(treatment(0).surrogate->method, core::SurrogateMethod::Activation);
    QCOMPARE(m_exploration->undoStack().count(), 1);
}

void TestRecoveryPanel::trainedPathsAreFoundAgainByAReplay()
{
    choose("surrogateMethod", QStringLiteral("trained"));
    QTRY_COMPARE(treatment(2).surrogate->method, core::SurrogateMethod::Trained);
    const core::PrecisionPlan plan = m_exploration->plan();
    ScriptPlayer player(*m_exploration);
    player.setBeat(std::chrono::milliseconds(0));
    QSignalSpy finished(&player, &ScriptPlayer::finished);
    player.playAgain();
    QVERIFY(finished.wait());
    QVERIFY2(finished.first().first().toInt() == 0, qPrintable(m_exploration->script().text()));
    QCOMPARE(m_exploration->plan(), plan);
}

QTEST_MAIN(TestRecoveryPanel)
#include "tst_recovery_panel.moc"
