// SPDX-License-Identifier: Apache-2.0
#include "app/views/accuracy_view.h"

#include "app/views/accuracy_figure_label.h"
#include "app/views/chip_strip.h"
#include "app/views/convergence_chart.h"
#include "app/views/gallery_values.h"

#include <QChart>
#include <QLineSeries>
#include <QSet>
#include <QSignalSpy>
#include <QTest>
#include <QValueAxis>

#include <array>

using namespace app;

namespace {

QLineSeries* seriesNamed(const AccuracyView& view, const QString& name)
{
    const auto* chart = view.findChild<ConvergenceChart*>();
    for (QAbstractSeries* series : chart->chart()->series())
        if (series->name() == name)
            return qobject_cast<QLineSeries*>(series);
    return nullptr;
}

}  // namespace

class TstAccuracyView : public QObject {
    Q_OBJECT

private slots:
    void anEmptyViewSaysWhatToDo()
    {
        AccuracyView view;
        QVERIFY(view.isEmpty());
        QVERIFY(view.accessibleDescription().contains(QStringLiteral("Open a network")));
        QVERIFY(!view.copyAction()->isEnabled());
    }

    void aPartialFigureLooksPartial()
    {
        AccuracyFigureLabel label;
        label.showFigure(test::estimateAt(1024, 10000, 0.984375, 0.9921875));
        QCOMPARE(label.figureText(), QStringLiteral("≈\u00a098.4\u00a0%"));
        QCOMPARE(label.sampleText(), QStringLiteral("1,024 of 10,000 samples, still counting"));
        QCOMPARE(label.differenceText(), QStringLiteral("▼ 0.8 points below the reference, 99.2\u00a0%"));
        label.showFigure(test::estimateAt(10000, 10000, 0.9843, 0.9843));
        QCOMPARE(label.figureText(), QStringLiteral("98.4\u00a0%"));
        QCOMPARE(label.sampleText(), QStringLiteral("10,000 of 10,000 samples"));
        QCOMPARE(label.differenceText(), QStringLiteral("no difference to the reference seen, 98.4\u00a0%"));
        // One that is sure is said, however small.
        AccuracyFigure close = test::estimateAt(100000, 100000, 0.9842, 0.9845);
        close.toReference = core::PairedDifference{};
        close.toReference->probability = 0.01;
        label.showFigure(close);
        QCOMPARE(label.differenceText(), QStringLiteral("▼ 0.03 points below the reference, 98.5\u00a0%"));
    }

    void theMeanOfChipsHasAnIntervalOfItsOwn()
    {
        AccuracyFigureLabel label;
        AccuracyFigure figure = test::estimateAt(500, 500, 0.986, 0.99);
        figure.chips = core::chipStatistics(std::array{0.986, 0.984, 0.990});
        label.showFigure(figure);
        QCOMPARE(label.intervalText(), QStringLiteral("mean of 3 chips"));
        figure.ofChips = core::MeanAccuracy{0.9867, 0.975, 0.993};
        label.showFigure(figure);
        QCOMPARE(label.intervalText(), QStringLiteral("mean of 3 chips (95 %: 97.5 – 99.3\u00a0%)"));
        QCOMPARE(label.chipText(), QStringLiteral("chips from 98.4 to 99.0\u00a0%, the first 98.6\u00a0%"));
    }

    void aRunOfOneEstimateIsAPointOnItsInterval()
    {
        AccuracyView view;
        view.resize(760, 420);
        view.show();
        view.showEstimate(test::estimateAt(10000, 10000, 0.9843, 0.9921));
        auto* chart = view.findChild<ConvergenceChart*>();
        QLineSeries* estimate = seriesNamed(view, QStringLiteral("estimate"));
        QTRY_COMPARE(estimate->count(), 1);
        QTRY_VERIFY(chart->chart()->plotArea().width() > 100);
        const QImage picture = chart->grab().toImage().convertToFormat(QImage::Format_RGB32);
        const auto pixelAt = [&](double percent) {
            const QPointF scene = chart->chart()->mapToScene(chart->chart()->mapToPosition({10000, percent}, estimate));
            return picture.pixelColor(chart->mapFromScene(scene));
        };
        const QColor ink = estimate->pen().color();
        const auto isInk = [&](const QColor& found) {
            return std::abs(found.red() - ink.red()) + std::abs(found.green() - ink.green()) + std::abs(found.blue() - ink.blue()) < 60;
        };
        QVERIFY(isInk(pixelAt(98.43)));   // the point
        QVERIFY(isInk(pixelAt(98.22)));   // on its interval, 98.17 to 98.65
        QVERIFY(!isInk(pixelAt(98.80)));  // and no further
        QVERIFY(chart->chart()->plotArea().contains(chart->chart()->mapToPosition({10000, 98.43}, estimate)));
    }

    void ticksOfTheAccuracyDiffer_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<double>("accuracy");
        for (const QSize size : {QSize(260, 200), QSize(760, 330), QSize(1300, 700)})
            for (const double accuracy : {0.5, 0.9843, 0.9912, 1.0})
                QTest::addRow("%d x %d at %g", size.width(), size.height(), accuracy) << size << accuracy;
    }

    void ticksOfTheAccuracyDiffer()
    {
        QFETCH(QSize, size);
        QFETCH(double, accuracy);
        AccuracyView view;
        view.resize(size);
        view.show();
        view.showEstimate(test::estimateAt(10000, 10000, accuracy, accuracy));
        const auto* chart = view.findChild<ConvergenceChart*>();
        QTRY_COMPARE(seriesNamed(view, QStringLiteral("estimate"))->count(), 1);
        const auto axes = chart->chart()->axes(Qt::Vertical);
        const auto* axis = qobject_cast<QValueAxis*>(axes.first());
        QStringList labels;
        for (int tick = 0; tick < axis->tickCount(); ++tick)
            labels << QString::asprintf(qPrintable(axis->labelFormat()),
                                        axis->min() + tick * (axis->max() - axis->min()) / (axis->tickCount() - 1));
        QCOMPARE(QSet<QString>(labels.begin(), labels.end()).size(), labels.size());
        QVERIFY(labels.size() >= 2);
    }

    void theIntervalIsWilsons()
    {
        // 8 of 10: 0.490 to 0.943 (Wilson, 1927).
        AccuracyFigureLabel label;
        label.showFigure(test::estimateAt(10, 10, 0.8, 0.8));
        QCOMPARE(label.intervalText(), QStringLiteral("95 % interval 49.0 – 94.3\u00a0%"));
    }

    void aNewQuestionMakesTheOldFigurePale()
    {
        AccuracyView view;
        view.showEstimate(test::estimateAt(100, 100, 0.9, 0.9));
        auto* label = view.findChild<AccuracyFigureLabel*>();
        QVERIFY(!label->figureText().startsWith(QStringLiteral("≈")));
        view.beginRun();
        QVERIFY(label->figureText().startsWith(QStringLiteral("≈")));
    }

    void theCurveIsReplacedOncePerFrame()
    {
        AccuracyView view;
        const std::vector<AccuracyFigure> run = test::convergingRun(3200, 3200, 0.97, 0.99);
        QLineSeries* line = seriesNamed(view, QStringLiteral("estimate"));
        QSignalSpy replaced(line, &QXYSeries::pointsReplaced);
        for (const AccuracyFigure& figure : run)
            view.showEstimate(figure);
        QCOMPARE(replaced.size(), 0);
        QTRY_COMPARE(line->count(), static_cast<int>(run.size()));
        QCOMPARE(replaced.size(), 1);
        QCOMPARE(line->points().last(), QPointF(3200, 100 * run.back().top1.value()));
    }

    void fewerSamplesBeginANewRunAndKeepTheOldCurve()
    {
        AccuracyView view;
        for (const AccuracyFigure& figure : test::convergingRun(320, 320, 0.9, 0.95))
            view.showEstimate(figure);
        view.showEstimate(test::estimateAt(32, 320, 0.5, 0.95));
        QTRY_COMPARE(seriesNamed(view, QStringLiteral("before"))->count(), 10);
        QCOMPARE(seriesNamed(view, QStringLiteral("estimate"))->count(), 1);
        QCOMPARE(view.numbers().rows.size(), std::size_t{1});
    }

    void theSampleAxisCanBeSwitched()
    {
        AccuracyView view;
        view.showEstimate(test::estimateAt(320, 320, 0.9, 0.95));
        view.setSampleAxis(AccuracyView::SampleAxis::Linear);
        const auto* chart = view.findChild<ConvergenceChart*>();
        QCOMPARE(chart->chart()->axes(Qt::Horizontal).size(), 1);
        QCOMPARE(chart->chart()->axes(Qt::Horizontal).constFirst()->titleText(), QStringLiteral("samples scored"));
        view.setSampleAxis(AccuracyView::SampleAxis::Logarithmic);
        QVERIFY(chart->chart()->axes(Qt::Horizontal).constFirst()->titleText().contains(QStringLiteral("logarithmic")));
    }

    void theYieldCountsChipsAtOrAboveTheThreshold()
    {
        ChipStrip strip;
        strip.showChips(core::chipStatistics(std::array{0.96, 0.94, 0.95, 0.90}));
        strip.setThreshold(0.95);
        QCOMPARE(strip.yieldCount(), 2);
        QCOMPARE(strip.yieldText(),
                 QStringLiteral("yield 50\u00a0% (95 % interval 15 – 85\u00a0%): 2 of 4 chips reach 95.0\u00a0% accuracy"));
        QSignalSpy changed(&strip, &ChipStrip::thresholdChanged);
        QTest::keyClick(&strip, Qt::Key_Right);
        QCOMPARE(changed.size(), 1);
        QCOMPARE(changed.constFirst().constFirst().toDouble(), 0.951);
        QCOMPARE(strip.yieldCount(), 1);
        QTest::keyClick(&strip, Qt::Key_PageDown);
        QTest::keyClick(&strip, Qt::Key_PageDown);
        QCOMPARE(strip.threshold(), 0.931);
        QCOMPARE(strip.yieldCount(), 3);
    }

    void theAxisIsTheChipsAndAThresholdBeyondItIsPinned()
    {
        ChipStrip strip;
        strip.resize(600, strip.sizeHint().height());
        strip.showChips(core::chipStatistics(std::array{0.984, 0.986, 0.988, 0.990}));
        strip.setThreshold(0.99);
        QVERIFY(!strip.isThresholdBeyond());
        const double best = strip.thresholdPlace();
        strip.setThreshold(0.984);
        const double worst = strip.thresholdPlace();
        QCOMPARE_GT(best - worst, 0.3 * strip.width());  // chips have most of the axis, whatever the threshold
        strip.setThreshold(0.5);
        QVERIFY(strip.isThresholdBeyond());
        QVERIFY(strip.thresholdPlace() > 0 && strip.thresholdPlace() < worst);
        const double edge = strip.thresholdPlace();
        strip.setThreshold(0.95);
        QCOMPARE(strip.thresholdPlace(), edge);
        // An arrow outwards from the edge; on the axis there is none.
        const auto inkLeftOf = [&](double x) {
            const QImage picture = strip.grab().toImage();
            const QColor ink = seriesColour(3, strip.palette());
            int inked = 0;
            for (int y = 0; y < strip.fontMetrics().height() + 34; ++y)
                for (int at = 0; at < static_cast<int>(x) - 2; ++at)
                    inked += picture.pixelColor(at, y) == ink;
            return inked;
        };
        QCOMPARE_GT(inkLeftOf(edge), 15);
        strip.setThreshold(0.989);
        QCOMPARE(inkLeftOf(edge), 0);
    }

    void severalChipsShowTheirMeanAndOneShowsNone()
    {
        AccuracyView view;
        AccuracyFigure figure = test::estimateAt(100, 100, 0.9, 0.95);
        view.showEstimate(figure);
        QVERIFY(view.findChild<ChipStrip*>()->isHidden());
        figure.chips = test::chipsAround(0.8, 0.01, 16);
        view.showEstimate(figure);
        QVERIFY(!view.findChild<ChipStrip*>()->isHidden());
        QCOMPARE(view.findChild<AccuracyFigureLabel*>()->figureText(), percentText(figure.chips.mean));
    }

    void severalChipsDrawAFan()
    {
        AccuracyView view;
        view.resize(760, 420);
        view.show();
        AccuracyFigure figure = test::estimateAt(1000, 1000, 0.9, 0.95);
        view.showEstimate(figure);
        QTRY_COMPARE(seriesNamed(view, QStringLiteral("estimate"))->count(), 1);
        QVERIFY(!seriesNamed(view, QStringLiteral("mean of chips"))->isVisible());
        figure.chips = test::chipsAround(0.8, 0.01, 16);
        figure.fan = {{32, 0.80, 0.70, 0.90, 0.75}, {320, 0.81, 0.78, 0.84, 0.79}, {1000, 0.80, 0.79, 0.82, 0.80}};
        view.showEstimate(figure);
        QLineSeries* mean = seriesNamed(view, QStringLiteral("mean of chips"));
        QTRY_COMPARE(mean->count(), 3);
        QVERIFY(mean->isVisible());
        QCOMPARE(mean->points().last(), QPointF(1000, 80));
        // The first chip is counted at the places of the fan, not where reports happened to come.
        QCOMPARE(seriesNamed(view, QStringLiteral("first chip"))->points(), (QList<QPointF>{{32, 75}, {320, 79}, {1000, 80}}));
        const NumberTable table = view.numbers();
        QCOMPARE(table.rows.size(), std::size_t{4});  // one estimate, three places of the fan
        for (const QStringList& row : table.rows)
            QCOMPARE(row.size(), table.header.size());
        QCOMPARE(table.rows.back().back(), QStringLiteral("82.000"));
        view.beginRun();
        QTRY_COMPARE(seriesNamed(view, QStringLiteral("before"))->count(), 3);
        QVERIFY(!mean->isVisible());
    }

    void aBadgeSaysWhetherADifferenceIsOne()
    {
        AccuracyFigureLabel label;
        AccuracyFigure figure = test::estimateAt(1000, 1000, 0.9, 0.95);
        label.showFigure(figure);
        QVERIFY(label.badgeTexts().isEmpty());
        figure.toReference = core::PairedDifference{};
        figure.toReference->low = -0.06;
        figure.toReference->high = -0.04;
        figure.toReference->probability = 0.001;
        figure.toBefore = core::PairedDifference{};
        figure.toBefore->low = -0.002;
        figure.toBefore->high = 0.003;
        label.showFigure(figure);
        QCOMPARE(label.badgeTexts(), (QStringList{QStringLiteral("significant: −6.0 to −4.0 points against the reference"),
                                                  QStringLiteral("not significant: −0.2 to +0.3 points against the plan before")}));
        QVERIFY(label.accessibleDescription().contains(QStringLiteral("not significant")));
    }

    void aReportIsComparedWithTheOneBefore()
    {
        core::Report now, before;
        const auto answers = [](int chips, int right) {
            core::ChipAnswers made;
            made.seed = 1;
            made.referenceRight.assign(100, 1);
            for (std::int32_t sample = 0; sample < 100; ++sample)
                made.samples.push_back(sample);
            for (int chip = 0; chip < chips; ++chip)
                for (int sample = 0; sample < 100; ++sample)
                    (sample == 0 ? made.right.emplace_back() : made.right.back()).push_back(sample < right + chip ? 1 : 0);
            return std::make_shared<const core::ChipAnswers>(std::move(made));
        };
        QVERIFY(!accuracyFigure(now, &before).toReference);
        now.answers = answers(3, 60);
        now.chips = core::chipStatistics(std::array{0.60, 0.61, 0.62});
        QVERIFY(!accuracyFigure(now, &before).toBefore);
        before.answers = answers(3, 80);
        const AccuracyFigure figure = accuracyFigure(now, &before);
        QCOMPARE(figure.toReference->lost, 40);
        QVERIFY(std::abs(figure.toBefore->difference + 0.2) < 1e-12);
        QVERIFY(figure.toBefore->isSignificant());
        QCOMPARE(figure.fan.back().samples, 100);
        QVERIFY(std::abs(figure.fan.back().mean - 0.61) < 1e-12);
        QVERIFY(std::abs(figure.fan.back().first - 0.60) < 1e-12);
        QVERIFY(std::abs(figure.ofChips->value - 0.61) < 1e-12);
        QVERIFY(figure.ofChips->low < 0.61 && figure.ofChips->high > 0.61);
        QVERIFY(figure.path.empty());
    }

    void aSingleChipsCurveIsThatOfItsAnswers()
    {
        // Right on the first 60 of 100 samples: all of the first 32, 60 of all, whatever reports told on the way.
        core::Report report;
        core::ChipAnswers answers;
        answers.referenceRight.assign(100, 1);
        answers.right.emplace_back();
        for (std::int32_t sample = 0; sample < 100; ++sample) {
            answers.samples.push_back(sample);
            answers.right.back().push_back(sample < 60 ? 1 : 0);
        }
        report.answers = std::make_shared<const core::ChipAnswers>(answers);
        report.top1 = {60, 100};
        report.samples = report.requested = 100;
        report.partial = true;
        QVERIFY(accuracyFigure(report).path.empty());
        report.partial = false;
        const AccuracyFigure figure = accuracyFigure(report);
        QCOMPARE(figure.path.front(), (core::Proportion{32, 32}));
        QCOMPARE(figure.path.back(), (core::Proportion{60, 100}));
        AccuracyView view;
        view.resize(760, 420);
        view.show();
        view.showEstimate(test::estimateAt(4, 100, 1.0, 1.0));
        view.showEstimate(figure);
        QTRY_COMPARE(seriesNamed(view, QStringLiteral("estimate"))->count(), std::ssize(figure.path));
        QCOMPARE(seriesNamed(view, QStringLiteral("estimate"))->at(0).x(), 32.0);
        QCOMPARE(view.numbers().rows.back().front(), QStringLiteral("100"));
    }

    void theTableTwinHoldsTheEstimates()
    {
        AccuracyView view;
        view.showEstimate(test::estimateAt(32, 64, 0.75, 1.0));
        view.showEstimate(test::estimateAt(64, 64, 0.5, 1.0));
        const NumberTable table = view.numbers();
        QCOMPARE(table.rows.size(), std::size_t{2});
        QCOMPARE(table.rows[0][0], QStringLiteral("32"));
        QCOMPARE(table.rows[0][1], QStringLiteral("75.000"));
        QCOMPARE(table.rows[1][4], QStringLiteral("100.000"));
    }

    void theFigureIsDrawnInThePalettesInk()
    {
        for (const QPalette& palette : {test::lightPalette(), test::darkPalette()}) {
            AccuracyFigureLabel label;
            label.setPalette(palette);
            label.showFigure(test::estimateAt(100, 100, 0.9, 0.9));
            label.resize(600, label.heightForWidth(600));
            const QImage picture = label.grab().toImage();
            int inked = 0;
            for (int y = 0; y < picture.height(); ++y)
                for (int x = 0; x < 250; ++x)
                    inked += picture.pixelColor(x, y) == palette.color(QPalette::WindowText);
            QCOMPARE_GT(inked, 500);  // a large figure, not a caption
        }
    }
};

QTEST_MAIN(TstAccuracyView)
#include "tst_accuracy_view.moc"
