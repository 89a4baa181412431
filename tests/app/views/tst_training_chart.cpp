// SPDX-License-Identifier: Apache-2.0
#include "app/views/training_chart.h"

#include "app/views/gallery_values.h"
#include "app/views/training_plot.h"

#include <QSignalSpy>
#include <QTest>

#include <limits>

using namespace app;

namespace {

using Quantity = TrainingPlot::Quantity;
using Samples = TrainingPlot::Samples;

/// Losses fall to epoch 2 and rise again; accuracy goes the other way.
TrainingFigure fourEpochs()
{
    constexpr double none = std::numeric_limits<double>::quiet_NaN();
    return {{{0, none, 2.0, {}, 0.50, true},
             {1, 1.6, 1.2, 0.60, 0.70, true},
             {2, 0.8, 0.9, 0.80, 0.85, true},
             {3, 0.4, 1.1, 0.90, 0.80, false}},
            4,
            false};
}

int distance(const QColor& a, const QColor& b)
{
    return std::abs(a.red() - b.red()) + std::abs(a.green() - b.green()) + std::abs(a.blue() - b.blue());
}

}  // namespace

class TstTrainingChart : public QObject {
    Q_OBJECT

private slots:
    void anEmptyChartSaysWhatToDo()
    {
        TrainingChart chart;
        QVERIFY(chart.isEmpty());
        QVERIFY(chart.accessibleDescription().contains(QStringLiteral("press Train")));
    }

    void everyCurveIsWhereItsNumbersAre_data()
    {
        QTest::addColumn<QSize>("size");
        QTest::addColumn<bool>("dark");
        QTest::newRow("side by side") << QSize(700, 180) << false;
        QTest::newRow("one over the other, dark") << QSize(320, 420) << true;
    }
    void everyCurveIsWhereItsNumbersAre()
    {
        QFETCH(const QSize, size);
        QFETCH(const bool, dark);
        TrainingPlot plot;
        plot.setPalette(dark ? test::darkPalette() : test::lightPalette());
        plot.resize(size);
        plot.showFigure(fourEpochs());
        const QImage picture = plot.grab().toImage();
        const auto pixelAt = [&](Quantity quantity, double epoch, double value) {
            const QPoint place = plot.pointOf(quantity, epoch, value).toPoint();
            return picture.rect().contains(place) ? picture.pixelColor(place) : QColor();
        };
        // Dots are full; of a line, its middle between two epochs.
        QCOMPARE_LT(distance(pixelAt(Quantity::Loss, 1, 1.6), plot.colourOf(Samples::Learned)), 60);
        QCOMPARE_LT(distance(pixelAt(Quantity::Loss, 3, 0.4), plot.colourOf(Samples::Learned)), 60);
        QCOMPARE_LT(distance(pixelAt(Quantity::Accuracy, 1, 60), plot.colourOf(Samples::Learned)), 60);
        QCOMPARE_LT(distance(pixelAt(Quantity::Accuracy, 3, 90), plot.colourOf(Samples::Learned)), 60);
        // Squares are hollow: not by colour alone.
        QCOMPARE_LT(distance(pixelAt(Quantity::Loss, 3, 1.1), plot.palette().color(QPalette::Base)), 60);
        // Side by side or one over the other, the two never share a place.
        const QPointF loss = plot.pointOf(Quantity::Loss, 3, 0.4), accuracy = plot.pointOf(Quantity::Accuracy, 3, 90);
        QVERIFY(size.width() > size.height() ? accuracy.x() - loss.x() > 200 : accuracy.y() - loss.y() > 20);
    }

    void theKeptEpochIsAnUprightLine()
    {
        TrainingPlot plot;
        plot.setPalette(test::lightPalette());
        plot.resize(700, 180);
        plot.showFigure(fourEpochs());
        const QImage picture = plot.grab().toImage();
        const auto inkAt = [&](double epoch) {  // upright, dashed: count its pixels
            const int x = plot.pointOf(Quantity::Loss, epoch, 1).toPoint().x();
            int count = 0;
            for (int y = 0; y < picture.height(); ++y)
                for (const int near : {-1, 0, 1})
                    if (distance(picture.pixelColor(x + near, y), plot.palette().color(QPalette::Highlight)) < 90) {
                        ++count;
                        break;
                    }
            return count;
        };
        QCOMPARE_GT(inkAt(2), 20);
        QCOMPARE_LT(inkAt(2.5), 10);
        QCOMPARE(keptEpoch(fourEpochs().history), std::optional(2));
    }

    void itsTableTwinHasEveryNumber()
    {
        TrainingChart chart;
        chart.showFigure(fourEpochs());
        const NumberTable table = chart.numbers();
        QCOMPARE(table.rows.size(), std::size_t(4));
        QCOMPARE(table.rows.at(0), (QStringList{QStringLiteral("0"), QStringLiteral("–"), QStringLiteral("2.0000"), QStringLiteral("–"),
                                                QStringLiteral("50.00"), QString()}));
        QCOMPARE(table.rows.at(2).constLast(), QStringLiteral("kept"));
        QVERIFY(chart.accessibleDescription().contains(QStringLiteral("the best is epoch 2")));
    }

    void aReconstructionHasNoAccuracy()
    {
        TrainingFigure figure = fourEpochs();
        for (core::EpochReport& epoch : figure.history)
            epoch.trainAccuracy = epoch.validationAccuracy = std::nullopt;
        TrainingPlot plot;
        plot.resize(700, 180);
        plot.showFigure(figure);
        QCOMPARE_GT(plot.pointOf(Quantity::Loss, 4, 1).x(), 600.0);  // the loss has all the width
    }
};

QTEST_MAIN(TstTrainingChart)
#include "tst_training_chart.moc"
