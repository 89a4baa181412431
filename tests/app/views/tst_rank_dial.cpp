// SPDX-License-Identifier: Apache-2.0
#include "app/views/rank_dial.h"

#include "app/views/dial_knob.h"
#include "app/views/gallery_values.h"
#include "app/views/rank_plot.h"

#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include <cmath>
#include <limits>
#include <numbers>

using namespace app;

namespace {

QPoint onDial(const DialKnob& dial, double degrees)
{
    const double radians = degrees * std::numbers::pi / 180;
    return (QPointF(dial.rect().center()) + 40 * QPointF(std::sin(radians), -std::cos(radians))).toPoint();
}

}  // namespace

class TstRankDial : public QObject {
    Q_OBJECT

private slots:
    void keysTurnItAsOneGesture()
    {
        RankDial view;
        view.showFigure(test::rankFigure(6, 32, 0.9, 0.2));
        QSignalSpy changed(&view, &RankDial::rankChanged), begun(&view, &RankDial::gestureBegun), ended(&view, &RankDial::gestureEnded);
        auto* dial = view.findChild<DialKnob*>();
        QTest::keyClick(dial, Qt::Key_Up);
        QTest::keyClick(dial, Qt::Key_PageUp);
        QCOMPARE(view.rank(), 11);
        QCOMPARE(changed.size(), 2);
        QCOMPARE(begun.size(), 1);
        QTRY_COMPARE(ended.size(), 1);
        QTest::keyClick(dial, Qt::Key_End);
        QCOMPARE(view.rank(), 32);
        QTest::keyClick(dial, Qt::Key_Up);  // already there: nothing happens
        QCOMPARE(changed.size(), 3);
    }

    void draggingAroundTurnsIt()
    {
        RankDial view;
        view.showFigure(test::rankFigure(0, 15, 0.9, 0.2));  // 15 ranks over 270 degrees: 18 degrees a rank
        view.resize(640, 400);
        view.show();
        auto* dial = view.findChild<DialKnob*>();
        QSignalSpy begun(&view, &RankDial::gestureBegun), ended(&view, &RankDial::gestureEnded);
        QTest::mousePress(dial, Qt::LeftButton, {}, onDial(*dial, -90));
        QTest::mouseMove(dial, onDial(*dial, -45));
        QTest::mouseMove(dial, onDial(*dial, 0));
        QVERIFY(std::abs(view.rank() - 5) <= 1);
        RankFigure late = test::rankFigure(2, 15, 0.9, 0.2);  // an answer from before the turn
        view.showFigure(late);
        QVERIFY(std::abs(view.rank() - 5) <= 1);  // does not overrule the hand
        QTest::mouseRelease(dial, Qt::LeftButton, {}, onDial(*dial, 0));
        QCOMPARE(begun.size(), 1);
        QCOMPARE(ended.size(), 1);
    }

    void longRangesGiveSmallRanksMoreOfTheTurn()
    {
        // 100 ranks: the turn goes with the square root, so half a turn of 270 degrees is rank 25.
        RankDial view;
        view.showFigure(test::rankFigure(0, 100, 0.9, 0.2));
        view.resize(640, 400);
        view.show();
        auto* dial = view.findChild<DialKnob*>();
        QTest::mousePress(dial, Qt::LeftButton, {}, onDial(*dial, -90));
        for (const double degrees : {-45, 0, 45})
            QTest::mouseMove(dial, onDial(*dial, degrees));
        QTest::mouseRelease(dial, Qt::LeftButton, {}, onDial(*dial, 45));
        QVERIFY(std::abs(view.rank() - 25) <= 3);
    }

    void thePlotEndsWhereNothingIsLeftToWin()
    {
        RankPlot plot;
        plot.resize(500, 320);
        plot.showFigure(test::rankFigure(4, 500, 0.5, 0.1));  // each rank removes three quarters of what is left
        QCOMPARE_LT(plot.pointOf(16, 20).x(), 500.0);
        QCOMPARE_GT(plot.pointOf(40, 20).x(), 500.0);
        plot.showFigure(test::rankFigure(200, 500, 0.5, 0.1));  // the present rank is always in sight
        QCOMPARE_LT(plot.pointOf(200, 20).x(), 500.0);
    }

    void aDoubleClickRestoresTheDefault()
    {
        RankDial view;
        view.showFigure(test::rankFigure(20, 32, 0.9, 0.2));
        QSignalSpy changed(&view, &RankDial::rankChanged);
        QTest::mouseDClick(view.findChild<DialKnob*>(), Qt::LeftButton);
        QCOMPARE(view.rank(), 8);
        QCOMPARE(changed.size(), 1);
    }

    void aClickInThePlotPicksItsRank()
    {
        RankDial view;
        view.showFigure(test::rankFigure(6, 32, 0.9, 0.2));
        view.resize(640, 400);
        view.show();
        auto* plot = view.findChild<RankPlot*>();
        QSignalSpy begun(&view, &RankDial::gestureBegun), ended(&view, &RankDial::gestureEnded);
        QTest::mouseClick(plot, Qt::LeftButton, {}, plot->pointOf(17, 20).toPoint());
        QCOMPARE(view.rank(), 17);
        QCOMPARE(begun.size(), 1);
        QCOMPARE(ended.size(), 1);
    }

    void showingAFigureTellsNobody()
    {
        RankDial view;
        QSignalSpy changed(&view, &RankDial::rankChanged);
        view.showFigure(test::rankFigure(6, 32, 0.9, 0.2));
        view.showFigure(test::rankFigure(40, 16, 0.9, 0.2));  // clamped to what there is
        QCOMPARE(view.rank(), 16);
        QCOMPARE(changed.size(), 0);
    }

    void theFloorIsWhatNoRankRemoves()
    {
        // A fifth of an error of 20 stays under a signal of 1000: 10 log10(1000 / 4) = 23.98 dB.
        const RankFigure figure = test::rankFigure(6, 32, 0.9, 0.2);
        QVERIFY(std::abs(floorDecibels(*figure.surrogate) - 23.979) < 0.001);
        core::SurrogateReport none = *test::rankFigure(6, 32, 0.9, 0.0).surrogate;
        QVERIFY(floorDecibels(none) > 100);
    }

    void theVerdictIsInWords()
    {
        using Kind = RankVerdict::Kind;
        RankFigure unknown;
        unknown.maximumRank = 16;
        QCOMPARE(rankVerdict(unknown).kind, Kind::Unknown);
        QCOMPARE(rankVerdict(test::rankFigure(2, 32, 0.9, 0.1)).kind, Kind::Helps);
        const RankVerdict helpless = rankVerdict(test::rankFigure(6, 32, 0.95, 0.9));
        QCOMPARE(helpless.kind, Kind::CannotHelp);
        QVERIFY(helpless.text.contains(QStringLiteral("90\u00a0% of the squared error")));
        QCOMPARE(rankVerdict(test::rankFigure(16, 32, 0.5, 0.2)).kind, Kind::AtFloor);
        QCOMPARE(rankVerdict(test::rankFigure(0, 32, 0.9, 0.1)).kind, Kind::Helps);
        QCOMPARE(rankVerdict(test::rankFigure(32, 32, 0.999, 0.0)).kind, Kind::Enough);
    }

    void theCurveIsDrawnWhereThePredictionLies()
    {
        RankPlot plot;
        plot.setPalette(test::lightPalette());
        const RankFigure figure = test::rankFigure(16, 32, 0.9, 0.2);
        plot.showFigure(figure);
        plot.resize(500, 320);
        const QImage picture = plot.grab().toImage();
        // The dot of the present rank is filled with the first series' colour.
        const QPoint dot = plot.pointOf(16, figure.surrogate->predictedSqnr(16)).toPoint() + QPoint(2, 0);
        QCOMPARE(picture.pixelColor(dot), seriesColour(0, plot.palette()));
    }

    void anEmptyDialSaysWhatToDo()
    {
        RankDial view;
        QVERIFY(view.isEmpty());
        view.showFigure(test::rankFigure(6, 32, 0.9, 0.2));
        QVERIFY(!view.isEmpty());
        QCOMPARE(view.numbers().rows.size(), std::size_t{33});
        QCOMPARE(view.numbers().rows[8][0], QStringLiteral("8"));
        QVERIFY(!view.numbers().rows[8][3].isEmpty());  // measured there
        QVERIFY(view.numbers().rows[9][3].isEmpty());
        view.clear();
        QVERIFY(view.isEmpty());
    }

    void narrowDocksStackDialAndPlot()
    {
        RankDial view;
        view.showFigure(test::rankFigure(6, 32, 0.9, 0.2));
        view.resize(280, 480);
        view.show();
        auto* dial = view.findChild<DialKnob*>();
        auto* plot = view.findChild<RankPlot*>();
        QTRY_COMPARE_GE(plot->mapTo(&view, QPoint(0, 0)).y(), dial->mapTo(&view, QPoint(0, 0)).y() + dial->height() - 1);
        view.resize(700, 400);
        QTRY_COMPARE_GE(plot->mapTo(&view, QPoint(0, 0)).x(), dial->mapTo(&view, QPoint(0, 0)).x() + dial->width() - 1);
    }
};

QTEST_MAIN(TstRankDial)
#include "tst_rank_dial.moc"
