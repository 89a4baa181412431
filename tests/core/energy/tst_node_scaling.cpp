// SPDX-License-Identifier: Apache-2.0
// Prices seen from another node: the published polynomials, and what the scaled table says of itself.
#include "core/energy/node_scaling.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

double scale(ProcessPoint from, ProcessPoint to)
{
    const auto result = energyScale(from, to);
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value();
}

PriceTable table()
{
    PriceTable prices;
    prices.name = "toy";
    prices.title = "Toy";
    prices.prices = {{LedgerOperation::Multiply, NumberKind::Integer, 8, Picojoules(0.2), "Toy, 2026", Confidence::Measured},
                     {LedgerOperation::DramBits, NumberKind::Integer, 1e9, Picojoules(20), "Toy, 2026", Confidence::Measured}};
    return prices;
}

}  // namespace

class TestNodeScaling : public QObject {
    Q_OBJECT

private slots:
    void theSamePointIsNoChange() { QCOMPARE(scale({45, 0.9}, {45, 0.9}), 1.0); }

    void aFactorWorkedByHand()
    {
        // 45 nm at 0.9 V: 1.103 x 0.81 - 0.362 x 0.9 + 0.2767 = 0.84433; 16 nm at 0.8 V: 0.2958 x 0.64 - 0.1241 x 0.8 + 0.03024 = 0.120272.
        QCOMPARE_LT(std::abs(scale({45, 0.9}, {16, 0.8}) - 0.120272 / 0.84433), 1e-6);
    }

    void scalingThereAndBackIsNothing() { QCOMPARE_LT(std::abs(scale({65, 1.0}, {22, 0.8}) * scale({22, 0.8}, {65, 1.0}) - 1), 1e-12); }

    void smallerNodesAndLowerSuppliesCostLess()
    {
        double before = 2;
        for (const double node : {90.0, 65.0, 45.0, 40.0, 32.0, 28.0, 20.0, 16.0, 14.0, 10.0, 7.0}) {
            const double now = scale({90, 0.9}, {node, 0.9});
            QCOMPARE_LT(now, before);
            before = now;
        }
        QCOMPARE_LT(scale({28, 0.9}, {28, 0.7}), 1.0);
    }

    void areaFollowsItsOwnTable()
    {
        QCOMPARE_LT(std::abs(areaScale(45, 7).value() - 0.0092 / 0.16), 1e-12);
        QCOMPARE(areaScale(28, 28).value(), 1.0);
    }

    void aScaledTableSaysSo()
    {
        const PriceTable scaled = scaledTo(table(), {16, 0.8}).value();
        QCOMPARE(scaled.name, std::string("toy@16nm,0.8V"));
        const Price& multiplier = scaled.prices[0];
        QCOMPARE(multiplier.perOperation.value(), 0.2 * scale({45, 0.9}, {16, 0.8}));
        QCOMPARE(multiplier.confidence, Confidence::Model);
        QVERIFY(multiplier.source.find("Toy, 2026") != std::string::npos && multiplier.source.find("Stillmaker") != std::string::npos);
        QVERIFY(multiplier.range && multiplier.range->low < multiplier.perOperation && multiplier.perOperation < multiplier.range->high);
        QCOMPARE_LE(multiplier.range->high.value(), 0.2);
        QCOMPARE(scaled.prices[1].perOperation.value(), 20.0);  // DRAM is another chip
        QCOMPARE(scaled.prices[1].confidence, Confidence::Measured);
    }

    void whatTheFitDoesNotKnowIsAProblem_data()
    {
        QTest::addColumn<double>("node");
        QTest::addColumn<double>("supply");
        QTest::addColumn<QString>("words");
        QTest::newRow("too small") << 5.0 << 0.7 << "5 nm";
        QTest::newRow("too large") << 180.0 << 1.0 << "180 nm";
        QTest::newRow("no supply") << 28.0 << 0.0 << "0 V";
        QTest::newRow("not a number") << std::nan("") << 0.9 << "nm";
        QTest::newRow("too much supply") << 28.0 << 5.0 << "5 V";
    }
    void whatTheFitDoesNotKnowIsAProblem()
    {
        QFETCH(double, node);
        QFETCH(double, supply);
        QFETCH(QString, words);
        const auto scaled = scaledTo(table(), {node, supply});
        QVERIFY(!scaled);
        QVERIFY2(QString::fromStdString(scaled.error().text()).contains(words), scaled.error().text().c_str());
    }
};

QTEST_APPLESS_MAIN(TestNodeScaling)
#include "tst_node_scaling.moc"
