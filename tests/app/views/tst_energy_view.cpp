// SPDX-License-Identifier: Apache-2.0
#include "app/views/energy_view.h"

#include "app/views/energy_bars.h"
#include "app/views/gallery_values.h"

#include <QClipboard>
#include <QGuiApplication>
#include <QLabel>
#include <QSignalSpy>
#include <QTest>

using namespace app;
using core::LayerIndex;
using core::LedgerPart;
using core::Picojoules;

class TstEnergyView : public QObject {
    Q_OBJECT

private slots:
    void oneUnitServesAWholePicture()
    {
        QCOMPARE(energyUnitFor(Picojoules(0)).name, QStringLiteral("pJ"));
        QCOMPARE(energyUnitFor(Picojoules(0.5)).name, QStringLiteral("fJ"));
        QCOMPARE(energyUnitFor(Picojoules(999)).name, QStringLiteral("pJ"));
        QCOMPARE(energyUnitFor(Picojoules(1000)).name, QStringLiteral("nJ"));
        QCOMPARE(energyUnitFor(Picojoules(2.5e6)).name, QStringLiteral("µJ"));
        QCOMPARE(energyText(Picojoules(12400)), QStringLiteral("12.4\u00a0nJ"));
        QCOMPARE(energyText(Picojoules(12.4), energyUnitFor(Picojoules(12400))), QStringLiteral("0.0124\u00a0nJ"));
    }

    void barsAreAsLongAsTheirEnergy()
    {
        EnergyBars bars;
        const EnergyFigure figure = test::residualBill();
        bars.showBill(figure);
        bars.resize(700, bars.heightForWidth(700));
        const LayerIndex first(1), second(2);
        for (const LedgerPart part : {LedgerPart::MainMultiply, LedgerPart::Accumulate, LedgerPart::Memory}) {
            const double pixels = bars.segmentRect(first, part).width();
            const double expected = figure.bill.ofLayer(first, part) / figure.bill.ofLayer(second, LedgerPart::MainMultiply) *
                                    bars.segmentRect(second, LedgerPart::MainMultiply).width();
            QVERIFY(std::abs(pixels - expected) < 1e-6);
        }
        // Parts follow one another without a gap.
        QVERIFY(std::abs(bars.segmentRect(first, LedgerPart::MainMultiply).right() -
                         bars.segmentRect(first, LedgerPart::Accumulate).left()) < 1e-9);
        QCOMPARE(bars.segmentRect(first, LedgerPart::Recovery).width(), 0.0);
    }

    void everySegmentIsDrawnInItsSeries()
    {
        EnergyBars bars;
        bars.setPalette(test::lightPalette());
        bars.showBill(test::residualBill());
        bars.resize(700, bars.heightForWidth(700));
        const QImage picture = bars.grab().toImage();
        const QPoint inside = bars.segmentRect(LayerIndex(4), LedgerPart::MainMultiply).center().toPoint();
        QCOMPARE(picture.pixelColor(inside), seriesColour(static_cast<int>(LedgerPart::MainMultiply), bars.palette()));
    }

    void hoverNamesTheSourceOfThePrice()
    {
        EnergyBars bars;
        bars.showBill(test::residualBill());
        bars.resize(700, bars.heightForWidth(700));
        const QString text = bars.textAt(bars.segmentRect(LayerIndex(2), LedgerPart::Recovery).center());
        QVERIFY(text.startsWith(QStringLiteral("block1.conv2, recovery: ")));
        QVERIFY(text.contains(QStringLiteral("Horowitz, ISSCC 2014")));
        QVERIFY(text.contains(QStringLiteral("16 × 16 bits")));
    }

    void whatNoLayerOwnsIsStillPaid()
    {
        EnergyFigure figure;
        figure.layerNames = QStringList{QStringLiteral("only")};
        core::BillLine stray;
        stray.energy = Picojoules(5);
        figure.bill.lines = {stray};
        EnergyBars bars;
        bars.showBill(figure);
        bars.resize(400, bars.heightForWidth(400));
        QVERIFY(bars.textAt(QPointF(1, bars.height() * 0.5)).startsWith(QStringLiteral("elsewhere")));
    }

    void theHeadingTellsTotalEfficiencyAndConvention()
    {
        EnergyView view;
        QVERIFY(view.isEmpty());
        const EnergyFigure figure = test::residualBill();
        view.showBill(figure);
        QVERIFY(!view.isEmpty());
        QCOMPARE(view.findChild<QLabel*>(QStringLiteral("energyTotal"))->text(),
                 energyText(figure.bill.total()) + QStringLiteral(" per inference"));
        QVERIFY(view.findChild<QLabel*>(QStringLiteral("energyEfficiency"))->text().contains(QStringLiteral("0.244 ×")));  // 1 / 4.1
        QVERIFY(
            view.findChild<QLabel*>(QStringLiteral("energyConvention"))->text().contains(QString::fromStdString(figure.bill.convention())));
    }

    void keysChooseALayer()
    {
        EnergyView view;
        view.showBill(test::residualBill());
        view.resize(500, 400);
        view.show();
        QSignalSpy selected(&view, &EnergyView::layerSelected);
        auto* bars = view.findChild<EnergyBars*>();
        QTest::keyClick(bars, Qt::Key_Down);
        QTest::keyClick(bars, Qt::Key_Down);
        QCOMPARE(selected.last().constFirst().value<LayerIndex>(), LayerIndex(1));
        QTest::mouseClick(bars, Qt::LeftButton, {}, bars->segmentRect(LayerIndex(4), LedgerPart::MainMultiply).center().toPoint());
        QCOMPARE(selected.last().constFirst().value<LayerIndex>(), LayerIndex(4));
    }

    void theTableTwinTogglesAndCopies()
    {
        EnergyView view;
        const EnergyFigure figure = test::residualBill();
        view.showBill(figure);
        QSignalSpy faces(&view, &FigureView::faceChanged);
        view.tableAction()->trigger();
        QCOMPARE(view.face(), FigureView::Face::Table);
        QCOMPARE(faces.size(), 1);
        view.copyAction()->trigger();
        const QString csv = QGuiApplication::clipboard()->text();
        QCOMPARE(csv.count(QStringLiteral("\r\n")), static_cast<qsizetype>(figure.bill.lines.size()) + 1);
        QVERIFY(csv.contains(QStringLiteral("\"45 nm, 0.9 V (Horowitz, ISSCC 2014), scaled by operand widths\"")));
        double sum = 0;
        for (const QStringList& row : view.numbers().rows)
            sum += row[7].toDouble();
        QVERIFY(std::abs(sum / figure.bill.total().value() - 1) < 1e-4);
    }
};

QTEST_MAIN(TstEnergyView)
#include "tst_energy_view.moc"
