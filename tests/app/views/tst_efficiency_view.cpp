// SPDX-License-Identifier: Apache-2.0
// TOPS/W in a convention of choice, time and area: what is said, what is drawn, what the table twin carries.
#include "app/views/efficiency_view.h"
#include "app/views/estimates_view.h"
#include "app/views/value_bars.h"

#include <QComboBox>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

#include <cmath>

using namespace app;
using core::LayerIndex;

namespace {

EfficiencyComparison comparison()
{
    EfficiencyComparison result;
    result.npp.model = 463.9;
    result.npp.modelHere = 300;
    result.npp.own = 0.8;
    result.npp.ownRange = {core::Picojoules(50), core::Picojoules(100), core::Picojoules(400)};
    result.npp.steps = {{"without converter", 2.0}, {"and without memory", INFINITY}};
    result.npp.reason = "the bill is 60 % converter, 40 % memory";
    result.own = {2, 4, 8, true};
    result.memoryShare = 0.4;
    result.technology = QStringLiteral("45nm");
    result.ceilings = {{LayerIndex(0), QStringLiteral("conv1"), 6, 25, 6, 1.5}, {LayerIndex(1), QStringLiteral("fc1"), 120, 400, 8, 7.7}};
    return result;
}

double ownOf(const EfficiencyView& view) { return view.ownFigure().value().topsPerWatt; }

void choose(const EfficiencyView& view, const char* box, int index)
{
    view.findChild<QComboBox*>(QLatin1String(box))->setCurrentIndex(index);
}

QString cell(const EfficiencyView& view, const QString& name, int column)
{
    for (const QStringList& row : view.numbers().rows)
        if (row.front() == name)
            return row.at(column);
    return {};
}

}  // namespace

class TstEfficiencyView : public QObject {
    Q_OBJECT

private slots:
    void theFigureTravelsWithItsConvention()
    {
        EfficiencyView view;
        QVERIFY(view.isEmpty());
        view.showComparison(comparison());
        QVERIFY(!view.isEmpty());
        const QString text = view.findChild<QLabel*>(QStringLiteral("efficiencyFigure"))->text();
        QVERIFY2(text.contains(QStringLiteral("0.800")) && text.contains(QStringLiteral("2 operations a MAC, 4b x 8b, with memory")),
                 qPrintable(text));
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("efficiencyReason"))->text().contains(QStringLiteral("60 % converter")));
    }

    void choicesConvertEveryFigureThatCanBe()
    {
        EfficiencyView view;
        view.showComparison(comparison());
        choose(view, "efficiencyOperations", 1);
        QCOMPARE(ownOf(view), 0.4);
        QCOMPARE(cell(view, QStringLiteral("published (NPP)"), 1).toDouble(), 232.0);
        choose(view, "efficiencyOperations", 0);
        choose(view, "efficiencyBits", 1);  // 1b x 1b: times 32
        QCOMPARE(ownOf(view), 0.8 * 32);
        QCOMPARE(cell(view, QStringLiteral("published (NPP)"), 1).toDouble(), 464.0);  // its bits are not published
        choose(view, "efficiencyBits", 0);
        choose(view, "efficiencyMemory", 1);
        QVERIFY(std::abs(ownOf(view) - 0.8 / 0.6) < 1e-12);
        QVERIFY(std::abs(cell(view, QStringLiteral("our model, 512 × 512"), 1).toDouble() - 463.9) < 0.01);  // has none
    }

    void theIntervalOfTheBillIsTheWhisker()
    {
        EfficiencyView view;
        view.showComparison(comparison());
        QCOMPARE(cell(view, QStringLiteral("this network"), 2).toDouble(), 0.2);
        QCOMPARE(cell(view, QStringLiteral("this network"), 3).toDouble(), 1.6);
    }

    void hoverAndTableTellCeilings()
    {
        EfficiencyView view;
        view.showComparison(comparison());
        QCOMPARE(cell(view, QStringLiteral("ceiling of fc1"), 1).toDouble(), 7.7);
        auto* bars = view.findChild<ValueBars*>();
        bars->resize(600, bars->heightForWidth(600));
        const QString tip = bars->textAt(bars->barRect(2, 1).center());
        QVERIFY2(tip.startsWith(QStringLiteral("fc1")) && tip.contains(QStringLiteral("120 × 400")), qPrintable(tip));
        QSignalSpy selected(&view, &EfficiencyView::layerSelected);
        QTest::mouseClick(bars, Qt::LeftButton, {}, bars->barRect(2, 1).center().toPoint());
        QCOMPARE(selected.last().constFirst().value<LayerIndex>(), LayerIndex(1));
    }

    void decadesAreEquallyLong()
    {
        ValueBars bars(QStringLiteral("bars"), QStringLiteral("bars"));
        const auto row = [](double value) { return ValueRow{QStringLiteral("row"), value, QStringLiteral("text"), {}, {}, 0, {}}; };
        bars.showSections({{QStringLiteral("title"), QStringLiteral("axis"), true, {row(1), row(10), row(100), row(0)}}});
        bars.resize(600, bars.heightForWidth(600));
        const double first = bars.barRect(0, 1).width() - bars.barRect(0, 0).width(),
                     second = bars.barRect(0, 2).width() - bars.barRect(0, 1).width();
        QVERIFY(first > 0 && std::abs(first - second) < 1e-6);
        QVERIFY(bars.barRect(0, 3).isEmpty());  // nothing has no decade
        bars.showSections({{QStringLiteral("title"), QStringLiteral("axis"), false, {row(1), row(2)}}});
        QVERIFY(std::abs(bars.barRect(0, 1).width() - 2 * bars.barRect(0, 0).width()) < 1e-6);
    }

    void timesAreToldByLayerWithWhatTheyWaitFor()
    {
        EstimatesView view;
        QVERIFY(view.isEmpty());
        EstimatesFigure figure;
        figure.layerNames = QStringList{QStringLiteral("conv1"), QStringLiteral("fc1")};
        core::LatencyEstimate latency{"toy device", "assumed", core::Confidence::Estimated, std::vector<core::LayerLatency>(2)};
        latency.layers[0].layer = LayerIndex(0);
        latency.layers[0].busy[0] = core::Seconds(2e-6);
        latency.layers[1].layer = LayerIndex(1);
        latency.layers[1].busy[1] = core::Seconds(5e-6);
        figure.estimates.latency = latency;
        figure.estimates.area = core::AreaEstimate{0.5, 0.1, 0, 0.2};
        figure.estimates.words = {{LayerIndex(1), 10, 20}};
        view.showEstimates(figure);
        QCOMPARE(view.findChild<QLabel*>(QStringLiteral("estimatedTime"))->text(), QStringLiteral("7.00\u00a0µs an inference"));
        QVERIFY(
            view.findChild<QLabel*>(QStringLiteral("estimatedDevice"))->text().contains(QStringLiteral("toy device (estimated: assumed)")));
        auto* bars = view.findChild<ValueBars*>();
        bars->resize(600, bars->heightForWidth(600));
        QVERIFY(bars->textAt(bars->barRect(0, 1).center()).contains(QStringLiteral("converters")));
        QCOMPARE(view.numbers().rows.size(), std::size_t{2 + 4 + 1});
        view.clear();
        QVERIFY(view.isEmpty());
    }

    void withoutADeviceTheWordsAreStillTold()
    {
        EstimatesView view;
        EstimatesFigure figure;
        figure.layerNames = QStringList{QStringLiteral("fc1")};
        figure.estimates.words = {{LayerIndex(0), 10, 20}};
        view.showEstimates(figure);
        QVERIFY(!view.isEmpty());
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("estimatedDevice"))->text().contains(QStringLiteral("names no device")));
    }
};

QTEST_MAIN(TstEfficiencyView)
#include "tst_efficiency_view.moc"
