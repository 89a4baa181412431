// SPDX-License-Identifier: Apache-2.0
// The waterfall as it is drawn, as a table, and in its tab: what it says before, while and after it is measured.
#include "app/shell/effects_panel.h"

#include "app/exploration/fake_waterfall.h"
#include "app/shell/array_panel.h"
#include "app/shell/bench.h"
#include "app/views/chart_style.h"
#include "app/views/waterfall_view.h"

#include <QLabel>
#include <QSpinBox>
#include <QTest>
#include <QToolButton>

using namespace app;

class TestEffectsPanel : public QObject {
    Q_OBJECT

    test::PacePtr m_pace = std::make_shared<test::Pace>();
    test::WaterfallPacePtr m_waterfall = std::make_shared<test::WaterfallPace>();

    static std::shared_ptr<const core::NoiseWaterfall> figures(std::size_t known = 3)
    {
        return std::make_shared<const core::NoiseWaterfall>(test::fakeWaterfall(known));
    }
    static bool isNear(const QColor& found, const QColor& wanted)
    {
        return std::abs(found.red() - wanted.red()) + std::abs(found.green() - wanted.green()) + std::abs(found.blue() - wanted.blue()) <
               60;
    }

private slots:
    void everyEffectOfThePlanHasARowAndABar()
    {
        WaterfallPlot plot;
        plot.resize(640, 320);
        plot.showFigures(figures());
        QCOMPARE(plot.rowCount(), 4);  // off, variation, converter, all; the plan has no read noise
        QVERIFY(plot.placeOf(0.98) > plot.placeOf(0.92));
        const QImage picture = plot.grab().toImage().convertToFormat(QImage::Format_RGB32);
        const auto at = [&](double top1, int row) {
            return picture.pixelColor(QPointF(plot.placeOf(top1), plot.rowArea(row).center().y()).toPoint());
        };
        // The bar of variation runs from 98 to 92 %, that of the converter on from there to 90 %; patterns leave gaps, so look around.
        const auto isBar = [&](double low, double high, int row) {
            int inked = 0, seen = 0;
            for (double top1 = low; top1 < high; top1 += 0.001, ++seen)
                inked += isNear(at(top1, row), seriesColour(1, plot.palette()));
            return inked * 2 > seen;
        };
        QVERIFY(isBar(0.925, 0.975, 1));
        QVERIFY(!isBar(0.905, 0.917, 1));
        QVERIFY(isBar(0.904, 0.918, 2));
        QVERIFY(!isBar(0.925, 0.975, 2));
    }

    void allTogetherHasAnInterval()
    {
        WaterfallPlot plot;
        plot.resize(640, 320);
        plot.showFigures(figures());
        const QImage picture = plot.grab().toImage().convertToFormat(QImage::Format_RGB32);
        const QRectF row = plot.rowArea(plot.rowCount() - 1);
        // From 98 - 9 to 98 - 7 %, somewhere above the middle of the row.
        const auto inkAt = [&](double top1) {
            for (int y = static_cast<int>(row.top()) + 2; y < row.center().y() - 8; ++y)
                if (picture.pixelColor(static_cast<int>(plot.placeOf(top1)), y).lightness() < 150)  // a thin line, between pixels
                    return true;
            return false;
        };
        QVERIFY(inkAt(0.893) && inkAt(0.907));
        QVERIFY(!inkAt(0.883) && !inkAt(0.916));
    }

    void aRowSaysAllOfItInWords()
    {
        WaterfallPlot plot;
        plot.showFigures(figures());
        const QString text = plot.rowText(1);
        for (const char* words : {"cell variation", "every cell exact", "−6.00 points", "+6.00 points", "15.0", "significant"})
            QVERIFY2(text.contains(QString::fromUtf8(words)), qPrintable(text));
        QVERIFY(plot.rowText(2).contains(QStringLiteral("not significant")));
        QVERIFY(plot.rowText(9).isEmpty());
    }

    void theTableTwinHoldsEveryEffect()
    {
        WaterfallView view;
        QVERIFY(view.isEmpty());
        view.showFigures(figures());
        QVERIFY(!view.isEmpty());
        const NumberTable table = view.numbers();
        QCOMPARE(table.rows.size(), std::size_t{5});
        for (const QStringList& row : table.rows)
            QCOMPARE(row.size(), table.header.size());
        QCOMPARE(table.rows[1][0], QStringLiteral("cell variation"));
        QCOMPARE(table.rows[1][1], QStringLiteral("92.000"));
        QCOMPARE(table.rows[1][5], QStringLiteral("yes"));
        QVERIFY(table.rows[2][0].contains(QStringLiteral("not in this plan")));
        QCOMPARE(table.rows[3][11], QStringLiteral("no"));
        view.clear();
        QVERIFY(view.isEmpty());
    }

    void thePanelMeasuresWhenAskedAndStops()
    {
        Exploration exploration(test::fakeWaterfallOpener(m_pace, m_waterfall));
        EffectsPanel panel(exploration);
        panel.resize(640, 400);
        panel.show();
        auto* measure = panel.findChild<QToolButton*>(QStringLiteral("measureWaterfall"));
        auto* stop = panel.findChild<QToolButton*>(QStringLiteral("stopWaterfall"));
        auto* note = panel.findChild<QLabel*>(QStringLiteral("waterfallNote"));
        QTRY_VERIFY(!measure->isEnabled());
        exploration.open({"small"});
        QTRY_VERIFY(exploration.isOpen() && exploration.jobState().isIdle());
        QTRY_VERIFY(panel.figure()->accessibleDescription().contains(QStringLiteral("Choose a CIM preset")));
        QVERIFY(!measure->isEnabled());  // nothing is noisy
        exploration.changePlan(test::fakeArrayPlan(), QStringLiteral("array"));
        QTRY_VERIFY(measure->isEnabled());
        QTRY_VERIFY(exploration.jobState().isIdle());
        QVERIFY(
            note->text().contains(QStringLiteral("the same 4 chips, the first 1,000 samples; the Accuracy tab: the first of them, 400")));
        auto* samples = panel.findChild<QSpinBox*>(QStringLiteral("waterfallSamples"));
        auto* chips = panel.findChild<QSpinBox*>(QStringLiteral("waterfallChips"));
        QCOMPARE(samples->value(), 1000);
        QCOMPARE(chips->value(), 4);
        samples->setValue(300);
        chips->setValue(2);
        QVERIFY(note->text().contains(QStringLiteral("the same 2 chips, the first 300 samples")));

        m_waterfall->hold = true;
        QTest::keyClick(measure, Qt::Key_Space);
        QTRY_VERIFY(note->text().contains(QStringLiteral("Partial")));
        QVERIFY(!measure->isEnabled() && stop->isEnabled());
        QCOMPARE(m_waterfall->chips, 2);
        QCOMPARE(m_waterfall->samples, 300);
        QTest::keyClick(stop, Qt::Key_Space);
        QTRY_VERIFY(measure->isEnabled() && !stop->isEnabled());
        QVERIFY(note->text().contains(QStringLiteral("stopped")));
        m_waterfall->hold = false;
        QTest::keyClick(measure, Qt::Key_Space);
        QTRY_VERIFY2(
            note->text().startsWith(QStringLiteral("All together −8.00 points (95 %: −9.00 to −7.00), significant; cell variation alone "
                                                   "costs most, −6.0 points.")),
            qPrintable(note->text()));
        QCOMPARE(note->toolTip(), QStringLiteral("Not in this plan: read noise"));
        exploration.changePlan(test::fakeArrayPlan(0.3), QStringLiteral("sigma"));
        QTRY_VERIFY(note->text().contains(QStringLiteral("moved on")));
    }

    void theArrayDockAsksForIt()
    {
        Exploration exploration(test::fakeWaterfallOpener(m_pace, m_waterfall));
        exploration.open({"small"});
        QTRY_VERIFY(exploration.isOpen() && exploration.jobState().isIdle());
        exploration.changePlan(test::fakeArrayPlan(), QStringLiteral("array"));
        QTRY_VERIFY(exploration.jobState().isIdle());
        Bench bench(exploration);
        ArrayPanel array(exploration);
        connect(&array, &ArrayPanel::effectsWanted, &bench, &Bench::showEffects);
        bench.show();
        array.show();
        auto* button = array.findChild<QToolButton*>(QStringLiteral("effectsButton"));
        QTRY_VERIFY(button->isEnabled());
        button->click();
        auto* panel = bench.findChild<EffectsPanel*>();
        QCOMPARE(bench.currentWidget(), panel);
        QTRY_VERIFY(!panel->figure()->isEmpty());
    }
};

QTEST_MAIN(TestEffectsPanel)
#include "tst_effects_panel.moc"
