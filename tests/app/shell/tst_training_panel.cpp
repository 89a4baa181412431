// SPDX-License-Identifier: Apache-2.0
#include "app/shell/training_panel.h"

#include "app/exploration/fake_training.h"
#include "app/exploration/script_player.h"
#include "app/views/knob_row.h"
#include "app/views/training_chart.h"
#include "app/views/training_plot.h"

#include <QDoubleSpinBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>
#include <QToolButton>

using namespace app;

class TestTrainingPanel : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void withoutALowPrecisionThereIsNothingToTrain();
    void itIsTrainedWithTheKeyboardAndTellsTopOneBeforeAndAfter();
    void aStopKeepsTheBestAndSaysSo();
    void anEditOfThePlanDoesNotDisturbIt();
    void whatCannotBeSavedIsToldWhereItIs();
    void theKnobsAreTheOrders();
    void stoppingEverythingStopsTheTraining();
    void bothCurvesHaveRoomInTheSmallestWindow();
    void aReplayTrainsAgain();
    void aReplayDoesNotWriteOverWhatItFinds();

private:
    template <class Widget>
    Widget* named(const char* name) const
    {
        return m_panel->findChild<Widget*>(QString::fromLatin1(name));
    }
    QString state() const { return named<QLabel>("trainingState")->text(); }
    void setEpochs(int epochs)
    {
        auto* number = named<QDoubleSpinBox>("trainEpochsKnobNumber");
        number->setFocus();
        number->selectAll();
        QTest::keyClicks(number, QString::number(epochs));
        QTest::keyClick(number, Qt::Key_Return);
    }
    void polarize() { m_exploration->open({"int4.plan.json"}); }

    test::TrainingPacePtr m_pace;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<TrainingPanel> m_panel;
};

void TestTrainingPanel::init()
{
    m_pace = std::make_shared<test::TrainingPace>();
    const Opener plain = test::fakeOpener(std::make_shared<test::Pace>());
    m_exploration = std::make_unique<Exploration>([plain, pace = m_pace](const OpenRequest& request, const core::RunControl& control) {
        auto opened = plain(request, control);
        if (opened && opened.value().source)
            opened.value().source = test::withFakeTraining(*opened.value().source, pace);
        return opened;
    });
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    m_panel = std::make_unique<TrainingPanel>(*m_exploration);
    m_panel->resize(1000, 200);
    m_panel->show();
}

void TestTrainingPanel::cleanup()
{
    m_panel.reset();
    m_exploration.reset();
}

void TestTrainingPanel::withoutALowPrecisionThereIsNothingToTrain()
{
    QVERIFY(!named<QPushButton>("trainButton")->isEnabled());
    QVERIFY2(state().contains(QStringLiteral("FP32 throughout")), qPrintable(state()));
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    QCOMPARE(named<QLabel>("trainingWhat")->text(), QStringLiteral("Would train in int4 everywhere"));
}

void TestTrainingPanel::itIsTrainedWithTheKeyboardAndTellsTopOneBeforeAndAfter()
{
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    setEpochs(6);
    named<QPushButton>("trainButton")->setFocus();
    QTest::keyClick(named<QPushButton>("trainButton"), Qt::Key_Space);
    QTRY_VERIFY(m_panel->run().outcome());
    QCOMPARE(named<TrainingChart>("trainingChart")->figure().history.size(), std::size_t(7));
    QVERIFY2(state().contains(QStringLiteral("epoch 4 is kept")), qPrintable(state()));
    QVERIFY2(state().contains(QStringLiteral("before: 90.00")) && state().contains(QStringLiteral("after: 95.00")), qPrintable(state()));
    QVERIFY(named<QPushButton>("saveTrained")->isEnabled());
    QVERIFY(!named<QPushButton>("openTrained")->isEnabled());
    const QString script = m_exploration->script().text();
    QVERIFY2(script.contains(QStringLiteral("polar train small digits --plan int4.plan.json --epochs 6 ")), qPrintable(script));
}

void TestTrainingPanel::aStopKeepsTheBestAndSaysSo()
{
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    m_pace->allowed = 2;
    QPushButton* button = named<QPushButton>("trainButton");
    QTest::keyClick(button, Qt::Key_Space);
    QTRY_COMPARE(m_panel->run().history().size(), std::size_t(3));
    QVERIFY(button->text().contains(QStringLiteral("Stop")));
    QTest::keyClick(button, Qt::Key_Space);
    QTRY_VERIFY(m_panel->run().outcome());
    QVERIFY2(state().contains(QStringLiteral("Stopped after epoch 2 of 10; epoch 2 is kept.")), qPrintable(state()));
    QVERIFY(m_exploration->script().text().contains(QStringLiteral("stopped after epoch 2 of 10")));
    QTRY_VERIFY(button->isEnabled());
}

void TestTrainingPanel::anEditOfThePlanDoesNotDisturbIt()
{
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    m_pace->allowed = 1;
    m_panel->train();
    QTRY_COMPARE(m_panel->run().history().size(), std::size_t(2));
    m_exploration->changePlan({}, QStringLiteral("FP32 throughout"));
    QTRY_VERIFY(named<QLabel>("trainingWhat")->text().contains(QStringLiteral("int4 everywhere (as it was when the training began)")));
    QVERIFY(m_panel->run().isRunning());
    m_pace->allowed = 100;
    QTRY_VERIFY(m_panel->run().outcome());
    QCOMPARE(m_panel->run().outcome()->trained.plan.name, std::string("int4 everywhere"));
}

void TestTrainingPanel::whatCannotBeSavedIsToldWhereItIs()
{
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    m_panel->train();
    QTRY_VERIFY(m_panel->run().outcome());
    QTemporaryDir folder;
    const QString file = folder.filePath(QStringLiteral("taken"));
    QVERIFY(QFile(file).open(QIODevice::WriteOnly));
    QSignalSpy problems(m_exploration.get(), &Exploration::problemFound);
    m_panel->saveTo(file);
    QTRY_COMPARE(problems.count(), 1);
    QVERIFY2(state().contains(QStringLiteral("taken")), qPrintable(state()));
    QVERIFY(!named<QPushButton>("openTrained")->isEnabled());
}

void TestTrainingPanel::theKnobsAreTheOrders()
{
    const core::TrainingOrders usual = m_panel->orders();
    QCOMPARE(usual.epochs, 10);
    QCOMPARE(usual.batch, std::int64_t(32));
    QCOMPARE(usual.validationShare, 0.1);
    QCOMPARE(std::get<core::AdamRule>(usual.rule).rate, 1e-3);
    setEpochs(25);
    QCOMPARE(m_panel->orders().epochs, 25);
    QVERIFY(!named<QWidget>("trainRateKnob")->toolTip().isEmpty());
}

void TestTrainingPanel::stoppingEverythingStopsTheTraining()
{
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    m_pace->allowed = 3;
    m_panel->train();
    QTRY_COMPARE(m_panel->run().history().size(), std::size_t(4));
    QVERIFY(m_exploration->jobState().beside); // so the window's Stop can be pressed
    QVERIFY(named<QLabel>("trainingState")->isVisible());
    m_exploration->stop(); // Ctrl+.
    QTRY_VERIFY(m_panel->run().outcome());
    QVERIFY2(state().contains(QStringLiteral("Stopped after epoch 3")), qPrintable(state()));
    QTRY_VERIFY(!m_exploration->jobState().beside);
}

void TestTrainingPanel::bothCurvesHaveRoomInTheSmallestWindow()
{
    m_panel->resize(700, 160); // what is left of 1280 x 720 for the docks below the bench
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    auto* settings = named<QToolButton>("settingsPageButton");
    QVERIFY(settings->isChecked() && named<QWidget>("trainEpochsKnob")->isVisible());
    m_panel->train();
    QTRY_VERIFY(m_panel->run().outcome());
    QVERIFY(named<QToolButton>("progressPageButton")->isChecked() && named<QLabel>("trainingState")->isVisible());
    QVERIFY(!named<QWidget>("trainEpochsKnob")->isVisible());
    QVERIFY(named<QPushButton>("trainButton")->isVisible()); // with either page
    const auto* plot = m_panel->findChild<TrainingPlot*>();
    using Quantity = TrainingPlot::Quantity;
    for (const Quantity quantity : {Quantity::Loss, Quantity::Accuracy})
        QCOMPARE_GT(plot->pointOf(quantity, 10, 1).x() - plot->pointOf(quantity, 0, 1).x(), 150.0);
    settings->click();
    QVERIFY(named<QWidget>("trainEpochsKnob")->isVisible());
}

void TestTrainingPanel::aReplayTrainsAgain()
{
    polarize();
    QTRY_VERIFY(named<QPushButton>("trainButton")->isEnabled());
    setEpochs(6);
    m_panel->train();
    QTRY_VERIFY(m_panel->run().outcome());
    QCOMPARE(m_pace->begun, 1);
    QTRY_VERIFY(m_exploration->isReportCurrent() && m_exploration->jobState().isIdle());
    ScriptPlayer player(*m_exploration);
    player.setBeat(std::chrono::milliseconds(0));
    QSignalSpy finished(&player, &ScriptPlayer::finished);
    player.playAgain();
    QVERIFY(finished.wait());
    QVERIFY2(finished.first().first().toInt() == 0, qPrintable(m_exploration->script().text()));
    QCOMPARE(m_pace->begun, 2);
    QCOMPARE(m_panel->run().question().orders.epochs, 6);
    QCOMPARE(m_panel->run().question().plan.name, std::string("int4 everywhere"));
    QCOMPARE(m_exploration->script().text().count(QStringLiteral("polar train")), 1);
    QVERIFY2(state().contains(QStringLiteral("epoch 4 is kept")), qPrintable(state()));

    m_pace->allowed = 2; // a replay that is stopped stops its training
    player.playAgain();
    QTRY_COMPARE(m_pace->begun, 3);
    player.stop();
    QTRY_VERIFY(!m_panel->run().isRunning());
}

void TestTrainingPanel::aReplayDoesNotWriteOverWhatItFinds()
{
    QTemporaryDir folder;
    QFile kept(folder.filePath(QStringLiteral("network.onnx")));
    QVERIFY(kept.open(QIODevice::WriteOnly) && kept.write("mine") == 4);
    kept.close();
    ScriptPlayer player(*m_exploration);
    player.setBeat(std::chrono::milliseconds(0));
    QSignalSpy finished(&player, &ScriptPlayer::finished);
    player.play(QStringLiteral("polar train small digits --plan int4.plan.json --epochs 2 -o %1\n").arg(folder.path()), QStringLiteral("train.sh"));
    QVERIFY(finished.wait());
    QCOMPARE(finished.first().first().toInt(), 0);
    QCOMPARE(m_pace->begun, 1);
    QVERIFY(m_exploration->script().text().contains(QStringLiteral("is there already and was not written again")));
    QVERIFY(kept.open(QIODevice::ReadOnly));
    QCOMPARE(kept.readAll(), QByteArray("mine"));
}

QTEST_MAIN(TestTrainingPanel)
#include "tst_training_panel.moc"
