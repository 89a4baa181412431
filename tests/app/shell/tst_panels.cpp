// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_sensitivity.h"
#include "app/shell/array_panel.h"
#include "app/shell/choice_field.h"
#include "app/shell/network_cards.h"
#include "app/shell/network_panel.h"
#include "app/shell/precision_panel.h"
#include "app/shell/recovery_panel.h"
#include "app/shell/samples_panel.h"
#include "app/shell/script_panel.h"
#include "app/views/knob_row.h"
#include "app/views/rank_dial.h"
#include "app/views/sample_grid.h"

#include <QCheckBox>
#include <QComboBox>
#include <QLabel>
#include <QPlainTextEdit>
#include <QPushButton>
#include <QRegularExpression>
#include <QSignalSpy>
#include <QTableView>
#include <QTest>
#include <QTextBlock>
#include <QToolButton>

using namespace app;

class TestPanels : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void aFormatIsChosenForEveryLayerAndUndone();
    void layersThatDisagreeShowAsMixed();
    void theNumberLineShowsTheEntryThatIsChosen();
    void aTurnOfTheDialIsOneUndoStep();
    void aRankBeyondALayersSizeStopsThere();
    void theArraySwitchGivesEveryEditedLayerAnArray();
    void aDeviceSetsWhatBelongsToCells();
    void everyEffectOfAnArrayHasItsKnob();
    void aFlawStandsAtItsField();
    void aHiddenPanelStaysStaleUntilItIsShown();
    void selectionIsSharedByGraphAndTable();
    void cardsAreColouredByWhatTheLossMinds();
    void sensitivitySaysWhatToDoWhileThereIsNone();
    void edgesFollowTheData();
    void flippedSamplesCanBeFiltered();
    void theScriptSaysWhatWasDone();
    void theScriptIsReplayedInSight();

private:
    template <class PanelType>
    PanelType* shown()
    {
        auto* panel = new PanelType(*m_exploration);
        m_panel.reset(panel);
        panel->resize(320, 600);
        panel->show();
        return panel;
    }
    void select(std::vector<core::LayerIndex> layers)
    {
        Selection selection;
        selection.layers = std::move(layers);
        m_exploration->setSelection(selection);
    }
    void choose(QWidget* panel, const char* field, const QString& value)
    {
        auto* box = panel->findChild<QComboBox*>(QLatin1String(field) + QStringLiteral("Box"));
        QVERIFY(box);
        const int index = box->findData(value);
        QVERIFY2(index >= 0, qPrintable(value));
        box->setCurrentIndex(index);
        emit box->activated(index);
    }
    std::string formatOf(std::size_t layer) const
    {
        return m_exploration->treatment(core::LayerIndex(layer)).weights.palette.front().format.name();
    }

    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<QWidget> m_panel;
};

void TestPanels::init()
{
    m_exploration = std::make_unique<Exploration>(test::fakeOpener(std::make_shared<test::Pace>()));
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
}

void TestPanels::cleanup()
{
    m_panel.reset();
    m_exploration.reset();
}

void TestPanels::aFormatIsChosenForEveryLayerAndUndone()
{
    auto* panel = shown<PrecisionPanel>();
    choose(panel, "weightFormat", QStringLiteral("int4"));
    QCOMPARE(formatOf(0), std::string("int4"));
    QCOMPARE(formatOf(2), std::string("int4"));
    QVERIFY(m_exploration->plan().layers.empty());
    m_exploration->undoStack().undo();
    QCOMPARE(formatOf(0), std::string("fp32"));
    QTRY_COMPARE(panel->findChild<QComboBox*>(QStringLiteral("weightFormatBox"))->currentData().toString(), QStringLiteral("fp32"));
}

void TestPanels::layersThatDisagreeShowAsMixed()
{
    auto* panel = shown<PrecisionPanel>();
    select({core::LayerIndex(1)});
    choose(panel, "weightFormat", QStringLiteral("int8"));
    QCOMPARE(formatOf(0), std::string("fp32"));
    QCOMPARE(formatOf(1), std::string("int8"));
    select({});
    const auto* box = panel->findChild<QComboBox*>(QStringLiteral("weightFormatBox"));
    QTRY_COMPARE(box->currentIndex(), -1);
    QCOMPARE(box->placeholderText(), QStringLiteral("mixed"));
}

void TestPanels::theNumberLineShowsTheEntryThatIsChosen()
{
    auto* panel = shown<PrecisionPanel>();
    auto* entries = panel->findChild<QComboBox*>(QStringLiteral("lineEntry"));
    QVERIFY(!entries->isVisible()); // every layer is FP32: there is nothing to choose
    select({core::LayerIndex(1)});
    m_exploration->editLayers(QStringLiteral("mixed"), [](const auto&, core::LayerTreatment& treatment) {
        core::Treatment coarse, fine;
        coarse.format = core::NumberFormat::named("int2").value();
        fine.format = core::NumberFormat::named("int4").value();
        treatment.weights = core::WeightPlan{{coarse, fine}, {0, 1, 1, 1, 1, 1, 1, 1}, {}, {}};
    });
    QTRY_VERIFY(entries->isVisible());
    QCOMPARE(entries->itemText(1), QStringLiteral("2 of 2: int4 row, 7 rows"));
    auto* line = panel->findChild<FormatNumberLine*>();
    const auto weights = [&] {
        int sum = 0;
        for (const QStringList& row : line->numbers().rows)
            sum += row.at(3).toInt();
        return sum;
    };
    QTRY_COMPARE(weights(), 16); // the first entry's only row
    entries->setFocus();
    QTest::keyClick(entries, Qt::Key_Down);
    QTRY_COMPARE(weights(), 7 * 16);
    QCOMPARE(static_cast<int>(line->numbers().rows.size()), 15); // int4: -7 ... 7
}

void TestPanels::aTurnOfTheDialIsOneUndoStep()
{
    auto* panel = shown<RecoveryPanel>();
    auto* dial = panel->findChild<RankDial*>();
    QVERIFY(dial);
    emit dial->gestureBegun();
    for (const int rank : {1, 2, 3})
        emit dial->rankChanged(rank);
    emit dial->gestureEnded();
    QCOMPARE(m_exploration->undoStack().count(), 1);
    QCOMPARE(m_exploration->treatment(core::LayerIndex(0)).surrogate->rank, 3);
    m_exploration->undoStack().undo();
    QVERIFY(!m_exploration->treatment(core::LayerIndex(0)).surrogate);
}

void TestPanels::aRankBeyondALayersSizeStopsThere()
{
    auto* panel = shown<RecoveryPanel>();
    select({core::LayerIndex(0), core::LayerIndex(2)});
    emit panel->findChild<RankDial*>()->rankChanged(16);
    QCOMPARE(m_exploration->treatment(core::LayerIndex(0)).surrogate->rank, 16);
    QCOMPARE(m_exploration->treatment(core::LayerIndex(2)).surrogate->rank, 4); // 4 rows x 16 columns
    QVERIFY(m_exploration->flaws().empty());
    select({});
    emit panel->findChild<RankDial*>()->rankChanged(12); // a default: cut down where it must be
    QVERIFY(m_exploration->plan().layers.empty());
    QVERIFY(m_exploration->flaws().empty());
    QCOMPARE(networkCards(*m_exploration).at(2).rank, 4);
}

void TestPanels::theArraySwitchGivesEveryEditedLayerAnArray()
{
    auto* panel = shown<ArrayPanel>();
    auto* onOff = panel->findChild<QCheckBox*>(QStringLiteral("arraySwitch"));
    select({core::LayerIndex(0), core::LayerIndex(2)});
    onOff->click();
    QVERIFY(m_exploration->treatment(core::LayerIndex(0)).cim);
    QVERIFY(!m_exploration->treatment(core::LayerIndex(1)).cim);
    auto* sigma = panel->findChild<KnobRow*>(QStringLiteral("sigmaKnob"));
    emit sigma->valueChanged(25);
    QCOMPARE(m_exploration->treatment(core::LayerIndex(2)).cim->variation.sigma, 0.25);
    QVERIFY(!m_exploration->treatment(core::LayerIndex(1)).cim);
    select({});
    QTRY_COMPARE(onOff->checkState(), Qt::PartiallyChecked);
}

void TestPanels::aDeviceSetsWhatBelongsToCells()
{
    auto* panel = shown<ArrayPanel>();
    panel->findChild<QCheckBox*>(QStringLiteral("arraySwitch"))->click();
    emit panel->findChild<KnobRow*>(QStringLiteral("driftKnob"))->valueChanged(3600);
    const int edits = m_exploration->undoStack().count();
    auto* device = panel->findChild<ChoiceField*>(QStringLiteral("arrayDevice"));
    emit device->chosen(QStringLiteral("pcm"));
    QCOMPARE(m_exploration->undoStack().count(), edits + 1);
    const core::ArrayTreatment array = *m_exploration->treatment(core::LayerIndex(0)).cim;
    QVERIFY(array.variation.model == core::Variation::Model::Polynomial);
    QVERIFY(array.readNoise.model == core::Variation::Model::Flicker);
    QCOMPARE(array.drift.seconds, 3600.0);   // time is not the device's
    QTRY_COMPARE(device->value(), QStringLiteral("pcm"));
    QVERIFY(!panel->findChild<QLabel*>(QStringLiteral("deviceSource"))->text().isEmpty());
    QCOMPARE(panel->findChild<QLabel*>(QStringLiteral("driftAge"))->text(), QStringLiteral("1 h after programming"));
    QVERIFY(!panel->findChild<KnobRow*>(QStringLiteral("sigmaKnob"))->isEnabled());   // its law knows no sigma
    emit panel->findChild<KnobRow*>(QStringLiteral("stuckOnKnob"))->valueChanged(1);
    QTRY_VERIFY(device->value().isEmpty());   // no device any more, but what is set
    m_exploration->undoStack().undo();
    QTRY_COMPARE(device->value(), QStringLiteral("pcm"));
}

void TestPanels::everyEffectOfAnArrayHasItsKnob()
{
    auto* panel = shown<ArrayPanel>();
    panel->findChild<QCheckBox*>(QStringLiteral("arraySwitch"))->click();
    const std::vector<std::pair<const char*, double>> knobs{{"stuckOnKnob", 1},   {"stuckOffKnob", 2}, {"onOffKnob", 50},    {"wireKnob", 3},       {"driftKnob", 60},
                                                            {"adcOffsetKnob", 1}, {"adcGainKnob", 2},  {"adcInlKnob", 0.5}, {"thermalKnob", 0.1}, {"nonlinearKnob", 0.2},
                                                            {"hybridKnob", 2}};
    for (const auto& [name, value] : knobs) {
        const core::ArrayTreatment before = *m_exploration->treatment(core::LayerIndex(0)).cim;
        auto* knob = panel->findChild<KnobRow*>(QString::fromLatin1(name));
        QVERIFY2(knob, name);
        emit knob->valueChanged(value);
        QVERIFY2(!(*m_exploration->treatment(core::LayerIndex(0)).cim == before), name);
        QTRY_COMPARE(knob->value(), value);
    }
    const std::vector<std::pair<const char*, const char*>> choices{{"variationModel", "log-normal"}, {"readNoiseModel", "flicker"},   {"driftModel", "phase-change"},
                                                                   {"driftCompensation", "column"},  {"columnReader", "comparator"}, {"cellMapping", "one-sided"}};
    for (const auto& [name, value] : choices) {
        auto* choice = panel->findChild<ChoiceField*>(QString::fromLatin1(name));
        QVERIFY2(choice, name);
        emit choice->chosen(QString::fromLatin1(value));
        QTRY_COMPARE(choice->value(), QString::fromLatin1(value));
    }
    QVERIFY(m_exploration->flaws().empty());
    emit panel->findChild<ChoiceField*>(QStringLiteral("planeScheme"))->chosen(QStringLiteral("input"));   // which one-sided weights cannot have
    QVERIFY(!m_exploration->flaws().empty());
}

void TestPanels::aFlawStandsAtItsField()
{
    auto* panel = shown<RecoveryPanel>();
    core::PrecisionPlan plan;
    core::SurrogatePlan surrogate;
    surrogate.rank = -3;
    plan.layers["first"].surrogate = core::Switchable<core::SurrogatePlan>{surrogate};
    m_exploration->changePlan(plan, QStringLiteral("rank -3"));
    const auto* problem = panel->findChild<QLabel*>(QStringLiteral("recoveryProblem"));
    QTRY_VERIFY(problem->isVisible());
    QVERIFY(problem->text().contains(QStringLiteral("-3")));
    m_exploration->undoStack().undo();
    QTRY_VERIFY(problem->isHidden());
}

void TestPanels::aHiddenPanelStaysStaleUntilItIsShown()
{
    auto* panel = shown<PrecisionPanel>();
    QTRY_VERIFY(!panel->isStale());
    panel->hide();
    m_exploration->editLayers(QStringLiteral("weights int4"), [](const auto&, core::LayerTreatment& treatment) {
        treatment.weights.palette.front().format = core::NumberFormat::named("int4").value();
    });
    QCoreApplication::processEvents();
    const auto* box = panel->findChild<QComboBox*>(QStringLiteral("weightFormatBox"));
    QVERIFY(panel->isStale());
    QCOMPARE(box->currentData().toString(), QStringLiteral("fp32"));
    panel->show();
    QVERIFY(!panel->isStale());
    QCOMPARE(box->currentData().toString(), QStringLiteral("int4"));
}

void TestPanels::selectionIsSharedByGraphAndTable()
{
    auto* panel = shown<NetworkPanel>();
    auto* graph = panel->findChild<LayerGraphView*>();
    QTRY_COMPARE(graph->cardCount(), 3);
    emit graph->selectionChanged({1, 2});
    QCOMPARE(m_exploration->selection().layers, (std::vector{core::LayerIndex(1), core::LayerIndex(2)}));
    auto* table = panel->findChild<QAbstractItemView*>(QStringLiteral("layerTable"));
    QTRY_COMPARE(table->selectionModel()->selectedRows().size(), 2);
    table->selectionModel()->select(table->model()->index(0, 0), QItemSelectionModel::ClearAndSelect | QItemSelectionModel::Rows);
    QCOMPARE(m_exploration->selection().layers, std::vector{core::LayerIndex(0)});
    QTRY_COMPARE(graph->selectedCards(), std::vector{0});
}

void TestPanels::cardsAreColouredByWhatTheLossMinds()
{
    const auto pace = std::make_shared<test::SensitivityPace>();
    m_exploration = std::make_unique<Exploration>(test::fakeSensitivityOpener(std::make_shared<test::Pace>(), pace));
    m_exploration->open({"small", "int4.plan.json"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    auto* panel = shown<NetworkPanel>();
    auto* graph = panel->findChild<LayerGraphView*>();
    auto* colours = panel->findChild<QComboBox*>(QStringLiteral("colourBy"));
    auto* metric = panel->findChild<QComboBox*>(QStringLiteral("sensitivityMetric"));
    QVERIFY(!metric->isVisible()); // only where it says something
    const int sensitivity = colours->findText(QStringLiteral("sensitivity"));
    QVERIFY(sensitivity >= 0);
    colours->setCurrentIndex(sensitivity);
    emit colours->activated(sensitivity);
    QVERIFY(metric->isVisible());
    const auto told = [&](int row) { return graph->numbers().rows.at(static_cast<std::size_t>(row)).at(10); };
    QTRY_COMPARE(told(2), QStringLiteral("1.5"));
    QCOMPARE(told(0), QStringLiteral("0.5"));
    auto* legend = panel->findChild<QWidget*>(QStringLiteral("graphLegend"));
    QVERIFY2(legend->toolTip().contains(QStringLiteral("1 first order, from 0.500\u00a0nats to 1.50\u00a0nats")), qPrintable(legend->toolTip()));
    auto* state = panel->findChild<QLabel*>(QStringLiteral("sensitivityState"));
    QCOMPARE(state->text(), QStringLiteral("nats of the loss (labels) on 128 samples"));
    metric->setCurrentIndex(2); // the probe: below zero here
    emit metric->activated(2);
    QCOMPARE(told(2), QStringLiteral("-0.15"));
    metric->setCurrentIndex(3);
    emit metric->activated(3);
    QTRY_COMPARE(told(2), QStringLiteral("15"));
    QCOMPARE(pace->curvatures, 1);
    panel->setFace(NetworkPanel::Face::Table); // the column came with the colours
    auto* table = panel->findChild<QTableView*>(QStringLiteral("layerTable"));
    QVERIFY(!table->isColumnHidden(LayerTableModel::Sensitivity));
    QTRY_COMPARE(table->model()->index(2, LayerTableModel::Sensitivity).data().toString(), QStringLiteral("15.0"));

    pace->hold = true; // a button stops it, and what was on show stays, marked
    m_exploration->changePlan({}, QStringLiteral("FP32"));
    m_exploration->undoStack().undo();
    m_exploration->editLayers(QStringLiteral("int2"), [](const auto&, core::LayerTreatment& treatment) {
        treatment.weights.palette.front().format = core::NumberFormat::named("int2").value();
    });
    auto* measure = panel->findChild<QToolButton*>(QStringLiteral("measureSensitivity"));
    QTRY_COMPARE(pace->begun, 3);
    QTRY_COMPARE(measure->text(), QStringLiteral("Stop"));
    measure->click();
    QTRY_COMPARE(measure->text(), QStringLiteral("Measure"));
    QVERIFY(state->text().contains(QStringLiteral("Stopped")));
    QVERIFY(table->model()->index(2, LayerTableModel::Sensitivity).data(Qt::FontRole).value<QFont>().italic());
    pace->hold = false;
    measure->click();
    QTRY_VERIFY(!table->model()->index(2, LayerTableModel::Sensitivity).data(Qt::FontRole).isValid());
}

void TestPanels::sensitivitySaysWhatToDoWhileThereIsNone()
{
    Exploration nothing(test::fakeOpener(std::make_shared<test::Pace>()));
    NetworkPanel panel(nothing);
    panel.resize(280, 600);
    panel.show();
    QVERIFY(panel.showPage(QStringLiteral("sensitivity")));
    QVERIFY(!panel.showPage(QStringLiteral("weather")));
    auto* state = panel.findChild<QLabel*>(QStringLiteral("sensitivityState"));
    QTRY_COMPARE(state->text(), QStringLiteral("Open a network to measure it."));
    nothing.open({"small"});
    QTRY_VERIFY2(state->text().contains(QStringLiteral("FP32 throughout")), qPrintable(state->text()));
    QVERIFY(panel.findChild<QWidget*>(QStringLiteral("graphLegend"))->toolTip().contains(QStringLiteral("Choose a precision")));
}

void TestPanels::edgesFollowTheData()
{
    const std::vector<CardEdge> edges = networkEdges(*m_exploration->subject()->network);
    QCOMPARE(edges.size(), std::size_t{2});
    QCOMPARE(edges[0].from, 0);
    QCOMPARE(edges[0].to, 1);
    QCOMPARE(edges[1].to, 2);
    QCOMPARE(networkCards(*m_exploration).at(1).name, QStringLiteral("second"));
}

void TestPanels::flippedSamplesCanBeFiltered()
{
    auto* panel = shown<SamplesPanel>();
    auto* grid = panel->findChild<SampleGrid*>();
    QTRY_COMPARE(grid->sampleCount(), 6);
    QTest::mouseClick(panel->findChild<QWidget*>(QStringLiteral("showFlipped")), Qt::LeftButton);
    QCOMPARE(grid->sampleCount(), 1);
    QCOMPARE(grid->card(0).sample, 3);
    QVERIFY(grid->card(0).flipped && grid->card(0).wrong);
}

void TestPanels::theScriptSaysWhatWasDone()
{
    ScriptPlayer player(*m_exploration);
    ScriptPanel panel(*m_exploration, player);
    panel.show();
    m_exploration->editLayers(QStringLiteral("weights int4"), [](const auto&, core::LayerTreatment& treatment) {
        treatment.weights.palette.front().format = core::NumberFormat::named("int4").value();
    });
    const QString text = panel.findChild<QPlainTextEdit*>()->toPlainText();
    QVERIFY(text.contains(QStringLiteral("every layer: weights int4")));
    const QString script = repeatingScript(*m_exploration);
    QVERIFY(script.startsWith(QStringLiteral("#!/bin/sh\n")));
    QVERIFY(script.contains(QStringLiteral("polar evaluate small digits --plan edited.plan.json")));
    const auto bare = script.split(u'\n').filter(QRegularExpression(QStringLiteral("^polar ")));
    QCOMPARE(bare.size(), 1); // a shell scores the plan that is written there, and nothing by it that was not
}

void TestPanels::theScriptIsReplayedInSight()
{
    ScriptPlayer player(*m_exploration);
    player.setBeat(std::chrono::milliseconds(0));
    QSignalSpy finished(&player, &ScriptPlayer::finished);
    ScriptPanel panel(*m_exploration, player);
    panel.resize(800, 190);
    panel.show();
    auto* replay = panel.findChild<QPushButton*>(QStringLiteral("replayScript"));
    auto* text = panel.findChild<QPlainTextEdit*>();
    m_exploration->editLayers(QStringLiteral("weights int4"), [](const auto&, core::LayerTreatment& treatment) {
        treatment.weights.palette.front().format = core::NumberFormat::named("int4").value();
    });
    const core::PrecisionPlan plan = m_exploration->plan();
    QTest::keyClick(replay, Qt::Key_Space);
    QVERIFY(player.isPlaying());
    QVERIFY2(replay->text().startsWith(QStringLiteral("Stop Replay (0 of ")), qPrintable(replay->text()));
    QVERIFY(text->toPlainText().contains(QStringLiteral("every layer: weights int4"))); // what is to come can be read already
    QVERIFY(finished.wait(5000));
    QCOMPARE(m_exploration->plan(), plan);
    QCOMPARE(replay->text(), QStringLiteral("Replay"));
    finished.clear();
    player.play(repeatingScript(*m_exploration), QStringLiteral("saved.sh")); // what is saved is what is replayed
    QVERIFY(finished.wait(5000));
    QVERIFY2(finished.takeFirst().first().toInt() == 0, qPrintable(text->toPlainText()));
    QCOMPARE(m_exploration->plan(), plan);
    player.play(QStringLiteral("# open small digits\nmake tea\n"), QStringLiteral("tea.sh"));
    QVERIFY(finished.wait(5000));
    QVERIFY(text->toPlainText().contains(QStringLiteral("make tea\n#   not replayed: this line is for a shell")));
    bool marked = false;
    for (const QTextEdit::ExtraSelection& mark : text->extraSelections())
        marked |= mark.cursor.block().text().contains(QStringLiteral("make tea")) && mark.format.background().color().alpha() > 0;
    QVERIFY(marked);
}

QTEST_MAIN(TestPanels)
#include "tst_panels.moc"
