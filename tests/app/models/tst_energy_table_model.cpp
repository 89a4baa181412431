// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/models/energy_table_model.h"
#include "app/models/roles.h"

#include <QAbstractItemModelTester>
#include <QTest>

using namespace app;

class TestEnergyTableModel : public QObject {
    Q_OBJECT
private slots:
    void theModelKeepsQtsPromises();
    void theLastLineIsTheSum();
    void everyFigureNamesItsPrices();
};

void TestEnergyTableModel::theModelKeepsQtsPromises()
{
    const EvaluationSource source = test::fakeSource(std::make_shared<test::Pace>());
    EnergyTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(nullptr);
    QCOMPARE(model.rowCount(), 0);
    model.show(test::fakeReport(source, {}, 4, 4, false));
    model.show(test::fakeReport(source, {}, 4, 4, false));
    QCOMPARE(model.rowCount(), 4);
}

void TestEnergyTableModel::theLastLineIsTheSum()
{
    EnergyTableModel model;
    model.show(test::fakeReport(test::fakeSource(std::make_shared<test::Pace>()), {}, 4, 4, false));
    QCOMPARE(model.index(3, 0).data().toString(), QStringLiteral("all layers"));
    QCOMPARE(model.index(3, EnergyTableModel::kTotalColumn).data(SortRole).toDouble(), 300.0);
    QCOMPARE(model.index(1, EnergyTableModel::kTotalColumn).data(SortRole).toDouble(), 100.0);
    QCOMPARE(model.index(1, 1).data(ShareRole).toDouble(), 100.0 / 300.0);
    QCOMPARE(model.index(1, 2).data(SortRole).toDouble(), 0.0);
}

void TestEnergyTableModel::everyFigureNamesItsPrices()
{
    EnergyTableModel model;
    model.show(test::fakeReport(test::fakeSource(std::make_shared<test::Pace>()), {}, 4, 4, false));
    QCOMPARE(model.index(3, EnergyTableModel::kTotalColumn).data(Qt::ToolTipRole).toString(), QStringLiteral("a made-up price"));
    QVERIFY(model.index(0, 2).data(Qt::ToolTipRole).toString().isEmpty());
}

QTEST_MAIN(TestEnergyTableModel)
#include "tst_energy_table_model.moc"
