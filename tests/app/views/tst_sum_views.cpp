// SPDX-License-Identifier: Apache-2.0
// Pictures of running sums: their error by position, and accuracy against cost; and the axes in even ratios they stand on.
#include "app/views/plot_axes.h"
#include "app/views/sum_cost_view.h"
#include "app/views/sum_error_view.h"

#include <QSignalSpy>
#include <QTest>

#include <limits>

using namespace app;
using Kind = SumCost::Kind;

namespace {

SumErrorFigure errorFigure()
{
    SumErrorFigure figure;
    figure.layer = QStringLiteral("fc1");
    figure.rule = QStringLiteral("e4m3");
    figure.products = {4, 8, 16, 32};
    figure.error = {0.01F, 0.02F, 0.04F, 0.08F};
    figure.bound = {0.1F, 0.5F, std::numeric_limits<float>::infinity(), std::numeric_limits<float>::infinity()};
    return figure;
}

SumCost way(Kind kind, double setting, double cost, std::int64_t right, bool isPresent = false)
{
    SumCost made{kind, setting, isPresent};
    made.cost = cost;
    made.top1 = {right, 1000};
    return made;
}

SumCostFigure costFigure()
{
    auto costs = std::make_shared<SumCosts>();
    costs->samples = 1000;
    costs->referenceTop1 = {985, 1000};
    costs->ways = {way(Kind::Tolerance, 0.1, 1.4, 975, true), way(Kind::Low, 0, 1, 900), way(Kind::High, 0, 2, 980),
                   way(Kind::Tolerance, 1, 1.2, 950), way(Kind::Rows, 0.4, 1.45, 970)};
    return {costs, QStringLiteral("e4m3"), QStringLiteral("fp16"), false};
}

bool isNear(const QColor& found, const QColor& wanted)
{
    return std::abs(found.red() - wanted.red()) + std::abs(found.green() - wanted.green()) + std::abs(found.blue() - wanted.blue()) < 60;
}

template <class View>
QWidget* plotOf(View& view, const char* name)
{
    return view.template findChild<QWidget*>(QString::fromLatin1(name));
}

}  // namespace

class TestSumViews : public QObject {
    Q_OBJECT
private slots:
    void decadesHaveTheirPowersAndWhereFewAreTheirParts()
    {
        QCOMPARE(decadeTicks(1, 1000, 5), (std::vector<double>{1, 10, 100, 1000}));
        QCOMPARE(decadeTicks(12, 784, 5), (std::vector<double>{20, 50, 100, 200, 500}));
        QCOMPARE(decadeTicks(12, 784, 4), (std::vector<double>{30, 100, 300}));
        QVERIFY(decadeTicks(1e-12, 1, 6).size() <= 6);
        QCOMPARE(decadeText(200), QStringLiteral("200"));
        QCOMPARE(decadeText(0.05), QStringLiteral("0.05"));
        QCOMPARE(decadeText(1e-5), QStringLiteral("10⁻⁵"));
        QCOMPARE(decadeText(2e-12), QStringLiteral("2·10⁻¹²"));
        QCOMPARE(decadeText(1e6), QStringLiteral("10⁶"));
    }
    void evenRatiosAreEvenDistances()
    {
        const PlotScale scale{1, 100, 0, 200, true};
        QCOMPARE(scale.at(10), 100.0);
        QCOMPARE(scale.valueAt(150), 10 * std::sqrt(10.0));
    }

    void anEmptyViewSaysWhatToDo()
    {
        SumErrorView error;
        error.setEmptyHint(QStringLiteral("choose a format"));
        QVERIFY(error.isEmpty());
        QCOMPARE(error.accessibleDescription(), QStringLiteral("choose a format"));
        SumCostView cost;
        QVERIFY(cost.isEmpty());
        QVERIFY(cost.numbers().rows.empty());
    }
    void theErrorIsDrawnInEvenRatiosBesideItsBound()
    {
        SumErrorView view;
        view.resize(400, 300);
        view.showFigure(errorFigure());
        view.show();
        QVERIFY(!view.isEmpty());
        QCOMPARE(view.vacuousFrom(), 16);
        // Doubling after doubling is a straight line.
        const QPointF a = view.pointOf(4, 0.01), b = view.pointOf(8, 0.02), c = view.pointOf(16, 0.04);
        QCOMPARE(b.x() - a.x(), c.x() - b.x());
        QCOMPARE(b.y() - a.y(), c.y() - b.y());
        QWidget* plot = plotOf(view, "sumErrorPlot");
        const QImage picture = plot->grab().toImage().convertToFormat(QImage::Format_RGB32);
        QVERIFY(isNear(picture.pixelColor(((a + b) / 2).toPoint()), seriesColour(0, view.palette())));
        QVERIFY(!isNear(picture.pixelColor(((a + b) / 2 - QPointF(0, 20)).toPoint()), seriesColour(0, view.palette())));
    }
    void theTableTwinHasWhatIsDrawn()
    {
        SumErrorView view;
        view.showFigure(errorFigure());
        QCOMPARE(view.numbers().rows.size(), std::size_t{4});
        QCOMPARE(view.numbers().rows[1], (QStringList{"8", "0.02", "0.5"}));
        QCOMPARE(view.numbers().rows[2][2], QStringLiteral("inf"));
        SumErrorFigure without = errorFigure();
        without.bound.clear();
        view.showFigure(without);
        QCOMPARE(view.vacuousFrom(), 0);
        QVERIFY(view.numbers().rows[0][2].isEmpty());
        view.showFigure({});
        QVERIFY(view.isEmpty());
    }

    void everyWayHasItsMarkWhereItCostsAndScores()
    {
        SumCostView view;
        view.resize(420, 340);
        view.showFigure(costFigure());
        view.show();
        QWidget* plot = plotOf(view, "sumCostPlot");
        const QImage picture = plot->grab().toImage().convertToFormat(QImage::Format_RGB32);
        const std::vector<SumCost>& ways = view.ways();
        for (const auto& [number, series] : {std::pair{0, 0}, {1, 2}, {2, 2}, {4, 1}}) {
            const QPoint at = view.pointOf(ways[static_cast<std::size_t>(number)]).toPoint();
            QVERIFY2(isNear(picture.pixelColor(at), seriesColour(series, view.palette())), qPrintable(QString::number(number)));
        }
        QVERIFY(view.pointOf(ways[1]).x() < view.pointOf(ways[3]).x());  // dearer is further right
        QVERIFY(view.pointOf(ways[1]).y() > view.pointOf(ways[3]).y());  // better is further up
    }
    void waysAreComparedByTheirOutputToo()
    {
        SumCostFigure figure = costFigure();
        auto costs = std::make_shared<SumCosts>(*figure.costs);
        for (std::size_t way = 0; way < costs->ways.size(); ++way)
            costs->ways[way].outputSqnrDecibels = 10.0 * static_cast<double>(way);
        costs->ways[2].outputSqnrDecibels = std::numeric_limits<double>::infinity();
        figure.costs = costs;
        SumCostView view;
        view.resize(420, 340);
        view.showFigure(figure);
        view.show();
        view.setMeasure(SumCostView::Measure::Output);
        QVERIFY(view.pointOf(view.ways()[1]).y() < view.pointOf(view.ways()[0]).y());  // 10 dB above 0, though fewer are right
        QVERIFY(view.pointOf(view.ways()[2]).y() < view.pointOf(view.ways()[4]).y());  // exact, and still on the picture
        QVERIFY(view.rect().contains(view.pointOf(view.ways()[2]).toPoint()));
        QVERIFY(view.grab().toImage().width() > 0);
    }
    void aWaySaysAllOfItInWords()
    {
        SumCostView view;
        view.showFigure(costFigure());
        QCOMPARE(view.wayName(view.ways()[1]), QStringLiteral("e4m3 throughout"));
        QCOMPARE(view.wayName(view.ways()[2]), QStringLiteral("fp16 throughout"));
        QVERIFY(view.wayText(view.ways()[0]).contains(QStringLiteral("tolerance 0.1")));
        QVERIFY(view.wayText(view.ways()[0]).contains(QStringLiteral("cost 1.40")));
        QVERIFY(view.wayText(view.ways()[0]).contains(QStringLiteral("the plan")));
        QCOMPARE(view.numbers().rows.size(), std::size_t{5});
        for (const QStringList& row : view.numbers().rows)
            QCOMPARE(row.size(), view.numbers().header.size());
        QCOMPARE(view.numbers().rows[1][1], QStringLiteral("1.0000"));
        QCOMPARE(view.numbers().rows[1][2], QStringLiteral("90.000"));
        SumCostFigure figure = costFigure();
        auto costs = std::make_shared<SumCosts>(*figure.costs);
        costs->ways[1].toHigh = core::PairedDifference{core::PairedDifference::Method::McNemar, 1, 1000, -0.08, -0.1, -0.06, 0.001, 0, 80};
        figure.costs = costs;
        QVERIFY(view.differenceText(view.ways()[1]).isEmpty());  // was not compared
        view.showFigure(figure);
        QCOMPARE(view.differenceText(view.ways()[1]), QStringLiteral("−8.0 points to fp16 (95 %: −10.0 to −6.0)"));
        QVERIFY(view.wayText(view.ways()[1]).contains(QStringLiteral("significant")));
        QCOMPARE(view.numbers().rows[1][8], QStringLiteral("yes"));
    }
    void theEndsAndThePlanAreAlwaysNamedAndNoNameCoversAnother_data()
    {
        QTest::addColumn<int>("crowd");
        for (const int crowd : {0, 6, 14})
            QTest::addRow("%d ways between", crowd) << crowd;
    }
    void theEndsAndThePlanAreAlwaysNamedAndNoNameCoversAnother()
    {
        QFETCH(int, crowd);
        SumCostFigure figure = costFigure();
        auto costs = std::make_shared<SumCosts>(*figure.costs);
        for (int one = 0; one < crowd; ++one)  // around the low format and the plan
            costs->ways.push_back(
                way(Kind::Rows, 0.01 * (one + 1), one % 2 == 0 ? 1.005 + 0.004 * one : 1.4 + 0.003 * one, 900 + 75 * (one % 2)));
        figure.costs = costs;
        SumCostView view;
        view.resize(320, 420);
        view.showFigure(figure);
        view.show();
        QWidget* plot = plotOf(view, "sumCostPlot");
        std::vector<QRectF> names;
        for (std::size_t one = 0; one < view.ways().size(); ++one) {
            const QRectF name = view.namePlace(view.ways()[one]);
            if (one < 3)
                QVERIFY2(!name.isEmpty(), qPrintable(view.wayName(view.ways()[one])));
            if (name.isEmpty())
                continue;
            QVERIFY(QRectF(plot->rect()).contains(name));
            for (const SumCost& other : view.ways())
                QVERIFY(!name.contains(view.pointOf(other)));
            for (const QRectF& other : names)
                QVERIFY(!name.intersects(other));
            names.push_back(name);
        }
    }
    void aWayIsTakenByKeysAndByDoubleClick()
    {
        SumCostView view;
        view.resize(420, 340);
        view.showFigure(costFigure());
        view.show();
        QSignalSpy taken(&view, &SumCostView::wayChosen);
        QWidget* plot = plotOf(view, "sumCostPlot");
        QTest::keyClick(plot, Qt::Key_Return);
        QCOMPARE(taken.count(), 0);            // none was chosen
        QTest::keyClick(plot, Qt::Key_Right);  // the cheapest
        QTest::keyClick(plot, Qt::Key_Right);
        QVERIFY(plot->accessibleDescription().contains(QStringLiteral("tolerance 1")));
        QTest::keyClick(plot, Qt::Key_Return);
        QCOMPARE(taken.count(), 1);
        QTest::mouseDClick(plot, Qt::LeftButton, {}, view.pointOf(view.ways()[2]).toPoint());
        QCOMPARE(taken.count(), 2);
        QVERIFY(taken[1][0].value<SumCost>().kind == Kind::High);
    }
};

QTEST_MAIN(TestSumViews)
#include "tst_sum_views.moc"
