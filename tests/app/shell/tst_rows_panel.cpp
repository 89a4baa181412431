// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/shell/palette_list.h"
#include "app/shell/rows_panel.h"
#include "app/views/row_strip.h"
#include "app/views/row_strip_canvas.h"

#include <QComboBox>
#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QSignalSpy>
#include <QTest>
#include <QToolButton>

using namespace app;

namespace {

core::Treatment treatment(const char* format) { return {core::NumberFormat::named(format).value(), {}, {}, 1}; }

core::PrecisionPlan int4Plan()
{
    core::PrecisionPlan plan;
    plan.defaults.weights = core::WeightPlan{{treatment("int4")}, {}, {}, {}};
    return plan;
}

using Choices = std::vector<std::uint8_t>;

}  // namespace

/// The fake's layers have 16, 8 and 4 rows of 16 columns; all are INT4 to begin with, and the brush has INT8.
class TestRowsPanel : public QObject {
    Q_OBJECT
private slots:
    void init();
    void cleanup();
    void aDragPaintsExactlyTheRowsItPassed();
    void aDragIsOneUndoStepAndUndoRestoresThePlan();
    void aRangeIsPaintedByShiftAndAClick();
    void theKeyboardPaintsToo();
    void theBrushPassesOverProtectedRows();
    void theWorstRowsAreSelectedByRuleAndPainted();
    void everyKthAndAllOfAnEntryAreSelected();
    void severalLayersAreOneStripAndKeepTheirPalettesApart();
    void channelsArePaintedLikeRows();
    void whatAPlanSaysIsWhatTheStripShows();
    void anEntryIsChangedWhereverItIsTaken();
    void aRemovedEntryGivesWayToTheOneBefore();
    void aDragNeitherMeasuresNorRebuildsAnything();

private:
    void select(std::vector<core::LayerIndex> layers)
    {
        Selection selection;
        selection.layers = std::move(layers);
        m_exploration->setSelection(selection);
        QTRY_VERIFY(!m_panel->isStale());
    }
    core::WeightPlan weights(std::size_t layer) const { return m_exploration->treatment(core::LayerIndex(layer)).weights; }
    RowStripCanvas* canvas() const { return m_panel->findChild<RowStripCanvas*>(); }
    QPoint place(int stripe) const { return canvas()->placeRect(stripe).center().toPoint(); }
    void drag(int from, int to)
    {
        QTest::mousePress(canvas(), Qt::LeftButton, {}, place(from));
        QTest::mouseMove(canvas(), place(to));
        QTest::mouseRelease(canvas(), Qt::LeftButton, {}, place(to));
    }
    void click(const char* button) { m_panel->findChild<QToolButton*>(QLatin1String(button))->click(); }
    void rule(const QString& words, double amount)
    {
        auto* box = m_panel->findChild<QComboBox*>(QStringLiteral("rowsRule"));
        const int index = box->findText(words);
        QVERIFY2(index >= 0, qPrintable(words));
        box->setCurrentIndex(index);
        emit box->activated(index);
        m_panel->findChild<QDoubleSpinBox*>(QStringLiteral("rowsAmount"))->setValue(amount);
        click("rowsSelectByRule");
    }
    PaletteList* palette() const { return m_panel->findChild<PaletteList*>(); }

    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<RowsPanel> m_panel;
};

void TestRowsPanel::init()
{
    m_exploration = std::make_unique<Exploration>(test::fakeOpener(std::make_shared<test::Pace>()));
    m_exploration->open({"small"});
    QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    m_exploration->changePlan(int4Plan(), QStringLiteral("int4"));
    m_exploration->undoStack().clear();
    m_panel = std::make_unique<RowsPanel>(*m_exploration);
    m_panel->resize(320, 560);
    m_panel->show();
    select({core::LayerIndex(0)});
    click("paletteAdd");  // the first usual format that is not there: INT8
    QCOMPARE(m_panel->board().palette(), (std::vector{treatment("int4"), treatment("int8")}));
    QCOMPARE(palette()->picked(), 1);
}

void TestRowsPanel::cleanup()
{
    m_panel.reset();
    m_exploration.reset();
}

void TestRowsPanel::aDragPaintsExactlyTheRowsItPassed()
{
    drag(3, 6);
    const core::WeightPlan painted = weights(0);
    QCOMPARE(painted.palette, (std::vector{treatment("int4"), treatment("int8")}));
    QCOMPARE(painted.rows, (Choices{0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    QCOMPARE(weights(1), (core::WeightPlan{{treatment("int4")}, {}, {}, {}}));  // not selected: as it was
    QVERIFY(m_exploration->flaws().empty());
    drag(0, 15);
    QCOMPARE(weights(0), (core::WeightPlan{{treatment("int8")}, {}, {}, {}}));
}

void TestRowsPanel::aDragIsOneUndoStepAndUndoRestoresThePlan()
{
    const core::PrecisionPlan before = m_exploration->plan();
    QTest::mousePress(canvas(), Qt::LeftButton, {}, place(2));
    for (const int stripe : {3, 4, 7, 5}) {
        QTest::mouseMove(canvas(), place(stripe));
        QCoreApplication::processEvents();  // the strip is refreshed while the hand is on it
    }
    QTest::mouseRelease(canvas(), Qt::LeftButton, {}, place(5));
    QCOMPARE(m_exploration->undoStack().count(), 1);
    QCOMPARE(m_exploration->undoStack().undoText(), QStringLiteral("first: 6 rows int8 row"));
    QVERIFY(m_exploration->plan() != before);
    m_exploration->undoStack().undo();
    QCOMPARE(m_exploration->plan(), before);
    drag(1, 1);
    drag(2, 2);
    QCOMPARE(m_exploration->undoStack().count(), 2);  // two touches, two steps
}

void TestRowsPanel::aRangeIsPaintedByShiftAndAClick()
{
    drag(2, 2);
    QTest::mouseClick(canvas(), Qt::LeftButton, Qt::ShiftModifier, place(9));
    QCOMPARE(weights(0).rows, (Choices{0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0, 0, 0, 0, 0}));
    QCOMPARE(m_exploration->undoStack().count(), 2);
}

void TestRowsPanel::theKeyboardPaintsToo()
{
    QTest::keyClick(canvas(), Qt::Key_Home);
    QTest::keyClick(canvas(), Qt::Key_Right);
    QTest::keyClick(canvas(), Qt::Key_Space);
    QTest::keyClick(canvas(), Qt::Key_Right);
    QTest::keyClick(canvas(), Qt::Key_Right);
    QTest::keyClick(canvas(), Qt::Key_Space, Qt::ShiftModifier);
    QCOMPARE(weights(0).rows, (Choices{0, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    QTest::keyClick(canvas(), Qt::Key_1);  // the first entry of the palette: INT4
    QTest::keyClick(canvas(), Qt::Key_Space);
    QCOMPARE(weights(0).rows, (Choices{0, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

void TestRowsPanel::theBrushPassesOverProtectedRows()
{
    m_panel->setTool(RowsPanel::Tool::Protect);
    drag(4, 5);
    QCOMPARE(m_panel->board().protectedStripes(), (std::vector<int>{4, 5}));
    QCOMPARE(m_exploration->undoStack().count(), 0);
    m_panel->setTool(RowsPanel::Tool::Brush);
    drag(3, 6);
    QCOMPARE(weights(0).rows, (Choices{0, 0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    m_panel->setTool(RowsPanel::Tool::Protect);
    drag(5, 5);  // again lets it go
    QCOMPARE(m_panel->board().protectedStripes(), std::vector<int>{4});
}

void TestRowsPanel::theWorstRowsAreSelectedByRuleAndPainted()
{
    // Row 0 holds -1 among halves, the other rows only halves: its variance and magnitude are the largest.
    const auto worst = [&](const QString& words) {
        rule(words, 5);
        return m_panel->board().selected();
    };
    QTRY_COMPARE(worst(QStringLiteral("largest variance")), std::vector<int>{0});
    QCOMPARE(worst(QStringLiteral("largest magnitude")), std::vector<int>{0});
    // Under one scale a row, halves are a row's largest weights and exact; in row 0 they are 3.5 steps of 1/7 and are not.
    QCOMPARE(worst(QStringLiteral("worst weight error")), std::vector<int>{0});
    click("rowsPaintSelected");
    QCOMPARE(weights(0).rows, (Choices{1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    QCOMPARE(m_exploration->undoStack().count(), 1);
}

void TestRowsPanel::everyKthAndAllOfAnEntryAreSelected()
{
    rule(QStringLiteral("every k-th"), 5);
    QCOMPARE(m_panel->board().selected(), (std::vector<int>{0, 5, 10, 15}));
    click("rowsPaintSelected");
    rule(QStringLiteral("all of the entry"), 0);
    QCOMPARE(m_panel->board().selected(), (std::vector<int>{0, 5, 10, 15}));
    QVERIFY(m_panel->findChild<QLabel*>(QStringLiteral("rowsNote"))->text().startsWith(QStringLiteral("4 of 16 selected")));
}

void TestRowsPanel::severalLayersAreOneStripAndKeepTheirPalettesApart()
{
    select({core::LayerIndex(1), core::LayerIndex(2)});
    QCOMPARE(m_panel->board().size(), 12);
    QCOMPARE(palette()->count(), 2);  // the spare paint comes along
    drag(6, 9);                       // the last two rows of the second layer, the first two of the third
    QCOMPARE(weights(1).rows, (Choices{0, 0, 0, 0, 0, 0, 1, 1}));
    QCOMPARE(weights(2).rows, (Choices{1, 1, 0, 0}));
    QCOMPARE(m_exploration->undoStack().count(), 1);
    QTRY_VERIFY(canvas()->rowText(8).startsWith(QStringLiteral("third, row 0: int8 row")));
    select({core::LayerIndex(0)});
    drag(0, 0);
    QCOMPARE(weights(0).rows.front(), std::uint8_t{1});
}

void TestRowsPanel::channelsArePaintedLikeRows()
{
    m_panel->setAxis(PaletteAxis::Channels);
    QCOMPARE(m_panel->board().size(), 16);  // a dense layer: one column, one channel
    drag(0, 1);
    QCOMPARE(weights(0).channels, (Choices{1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
    QVERIFY(weights(0).rows.empty());
    QTRY_VERIFY(canvas()->rowText(0).startsWith(QStringLiteral("channel 0: int8 row")));
    m_panel->setAxis(PaletteAxis::Rows);
    QVERIFY(m_panel->board().isMixedAcross());
    QVERIFY(canvas()->rowText(3).contains(QStringLiteral("mixed over channels")));
    drag(3, 3);
    QVERIFY(weights(0).channels.empty());
    QCOMPARE(weights(0).rows, (Choices{0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

void TestRowsPanel::whatAPlanSaysIsWhatTheStripShows()
{
    core::PrecisionPlan plan;
    plan.layers["first"].weights =
        core::WeightPlan{{treatment("pot4"), treatment("nf4")}, {0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1}, {}, {}};
    m_exploration->changePlan(plan, QStringLiteral("mixture"));
    QTRY_VERIFY(!m_panel->isStale());
    for (int row = 0; row < 16; ++row) {
        const QString expected = row % 2 == 0 ? QStringLiteral("pot4 row") : QStringLiteral("nf4 row");
        QVERIFY2(canvas()->rowText(row).contains(expected), qPrintable(canvas()->rowText(row)));
    }
    const NumberTable table = m_panel->findChild<RowStrip*>()->numbers();
    QCOMPARE(table.rows.size(), std::size_t{16});
    QCOMPARE(table.rows[1][1], QStringLiteral("nf4 row"));
}

void TestRowsPanel::anEntryIsChangedWhereverItIsTaken()
{
    drag(0, 3);
    QTRY_VERIFY(!m_panel->isStale());
    auto* text = m_panel->findChild<QLineEdit*>(QStringLiteral("paletteFormatText"));
    QVERIFY(text);
    text->setText(QStringLiteral("e3m4"));  // not in the catalogue, but a name of the grammar
    QTest::keyClick(text, Qt::Key_Return);
    QCOMPARE(weights(0).palette, (std::vector{treatment("int4"), treatment("e3m4")}));
    QCOMPARE(weights(0).rows.front(), std::uint8_t{1});
    QCOMPARE(m_panel->board().palette(), (std::vector{treatment("int4"), treatment("e3m4")}));
    const core::PrecisionPlan before = m_exploration->plan();
    text->setText(QStringLiteral("e99m4"));
    QTest::keyClick(text, Qt::Key_Return);
    QCOMPARE(m_exploration->plan(), before);
    const auto* problem = m_panel->findChild<QLabel*>(QStringLiteral("paletteFormatProblem"));
    QVERIFY(problem->isVisible() && problem->text().contains(QStringLiteral("e99m4")));
}

void TestRowsPanel::aRemovedEntryGivesWayToTheOneBefore()
{
    drag(0, 3);
    QTRY_VERIFY(!m_panel->isStale());
    click("paletteRemove");
    QCOMPARE(weights(0), (core::WeightPlan{{treatment("int4")}, {}, {}, {}}));
    QCOMPARE(palette()->count(), 1);
    m_exploration->undoStack().undo();
    QTRY_COMPARE(palette()->count(), 2);
    QCOMPARE(weights(0).rows, (Choices{1, 1, 1, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0}));
}

void TestRowsPanel::aDragNeitherMeasuresNorRebuildsAnything()
{
    auto* list = m_panel->findChild<QListWidget*>(QStringLiteral("paletteEntries"));
    QTRY_VERIFY(!canvas()->figure().values.empty());
    const std::vector<float> measured = canvas()->figure().values;
    const QListWidgetItem* item = list->item(0);
    QTest::mousePress(canvas(), Qt::LeftButton, {}, place(0));
    for (int stripe = 0; stripe < 16; ++stripe) {
        QTest::mouseMove(canvas(), place(stripe));
        QCoreApplication::processEvents();
        QCOMPARE(canvas()->figure().values, measured);  // the bars wait for the end of the drag
        QVERIFY(list->item(0) == item);                 // no widget is made anew
    }
    QTest::mouseRelease(canvas(), Qt::LeftButton, {}, place(15));
    QTRY_VERIFY(canvas()->figure().values.front() < measured.front());  // 8 bits round row 0 less than 4 did
}

QTEST_MAIN(TestRowsPanel)
#include "tst_rows_panel.moc"
