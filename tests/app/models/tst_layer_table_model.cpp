// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/models/layer_table_model.h"
#include "app/models/roles.h"

#include <QAbstractItemModelTester>
#include <QSignalSpy>
#include <QFont>
#include <QTest>

#include <cmath>

using namespace app;

class TestLayerTableModel : public QObject {
    Q_OBJECT
private slots:
    void init();
    void theModelKeepsQtsPromises();
    void figuresComeFromTheReport();
    void withoutAReportFiguresAreDashesAndSortLast();
    void theSameLayersChangeInPlace();
    void problemsStandAtTheirField();
    void sensitivityIsAColumnOnceItIsMeasured();
    void aRowWiseMixtureNamesItsFormats();

private:
    QVariant at(const LayerTableModel& model, int row, int column, int role = Qt::DisplayRole) const
    {
        return model.index(row, column).data(role);
    }
    LayerSnapshot snapshot(bool measured) const
    {
        LayerSnapshot result{m_source.layers, {}, nullptr, {}};
        if (measured)
            result.report = test::fakeReport(m_source, {}, 4, 4, false);
        return result;
    }
    EvaluationSource m_source;
};

void TestLayerTableModel::init() { m_source = test::fakeSource(std::make_shared<test::Pace>()); }

void TestLayerTableModel::theModelKeepsQtsPromises()
{
    LayerTableModel model;
    QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
    model.show(snapshot(false));
    model.show(snapshot(true));
    model.show({});
    model.show(snapshot(true));
    QCOMPARE(model.rowCount(), 3);
    QCOMPARE(model.rowCount(model.index(0, 0)), 0);
}

void TestLayerTableModel::figuresComeFromTheReport()
{
    LayerTableModel model;
    model.show(snapshot(true));
    QCOMPARE(at(model, 1, LayerTableModel::Name).toString(), QStringLiteral("second"));
    QCOMPARE(at(model, 1, LayerTableModel::Size).toString(), QStringLiteral("8 × 16"));
    QCOMPARE(at(model, 1, LayerTableModel::LocalSqnr).toString(), QStringLiteral("21.0\u00a0dB"));
    QCOMPARE(at(model, 1, LayerTableModel::LocalSqnr, SortRole).toDouble(), 21.0);
    QCOMPARE(at(model, 1, LayerTableModel::Energy).toString(), QStringLiteral("100\u00a0pJ"));
    QVERIFY(std::abs(at(model, 1, LayerTableModel::Energy, ShareRole).toDouble() - 1.0 / 3) < 1e-12);
    QVERIFY(!at(model, 1, LayerTableModel::Name, ShareRole).isValid());
}

void TestLayerTableModel::withoutAReportFiguresAreDashesAndSortLast()
{
    LayerTableModel model;
    model.show(snapshot(false));
    QCOMPARE(at(model, 0, LayerTableModel::LocalSqnr).toString(), QStringLiteral("–"));
    QVERIFY(at(model, 0, LayerTableModel::LocalSqnr, SortRole).toDouble() < -1e300);
    QVERIFY(!at(model, 0, LayerTableModel::Energy, ShareRole).isValid());
}

void TestLayerTableModel::theSameLayersChangeInPlace()
{
    LayerTableModel model;
    model.show(snapshot(false));
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset);
    QSignalSpy changes(&model, &QAbstractItemModel::dataChanged);
    model.show(snapshot(true));
    QCOMPARE(resets.count(), 0);
    QCOMPARE(changes.count(), 1);
    m_source = test::fakeSource(std::make_shared<test::Pace>());
    model.show(snapshot(true));
    QCOMPARE(resets.count(), 1);
}

void TestLayerTableModel::problemsStandAtTheirField()
{
    LayerSnapshot flawed = snapshot(false);
    flawed.problems = PlanProblems({{"second", {}, "surrogate.rank", "rank 9; wanted at most 8"}});
    LayerTableModel model;
    model.show(flawed);
    QCOMPARE(at(model, 1, LayerTableModel::Rank, ProblemRole).toString(), QStringLiteral("rank 9; wanted at most 8"));
    QVERIFY(at(model, 1, LayerTableModel::Name, ProblemRole).isValid());
    QVERIFY(!at(model, 1, LayerTableModel::Weights, ProblemRole).isValid());
    QVERIFY(!at(model, 0, LayerTableModel::Rank, ProblemRole).isValid());
}

void TestLayerTableModel::sensitivityIsAColumnOnceItIsMeasured()
{
    LayerTableModel model;
    model.show(snapshot(true));
    QCOMPARE(at(model, 0, LayerTableModel::Sensitivity).toString(), QStringLiteral("–"));
    QVERIFY(at(model, 0, LayerTableModel::Sensitivity, SortRole).toDouble() < -1e300);
    LayerSnapshot measured = snapshot(true);
    measured.sensitivities = {0.5, -0.25, 2.0e-5};
    measured.sensitivitiesAreOld = true;
    model.show(measured);
    QCOMPARE(at(model, 2, LayerTableModel::Sensitivity).toString(), QStringLiteral("2.00e−5"));
    QCOMPARE(at(model, 1, LayerTableModel::Sensitivity, SortRole).toDouble(), -0.25);
    QCOMPARE(at(model, 0, LayerTableModel::Sensitivity, ShareRole).toDouble(), 1.0);
    QCOMPARE(at(model, 1, LayerTableModel::Sensitivity, ShareRole).toDouble(), 0.0);
    QVERIFY(at(model, 0, LayerTableModel::Sensitivity, Qt::FontRole).value<QFont>().italic()); // of the plan before
}

void TestLayerTableModel::aRowWiseMixtureNamesItsFormats()
{
    core::WeightPlan plan;
    plan.palette = {core::Treatment{core::NumberFormat::named("int4").value(), {}, {}},
                    core::Treatment{core::NumberFormat::named("int8").value(), {}, {}}};
    plan.rows = {0, 1, 0};
    QCOMPARE(weightsText(plan), QStringLiteral("int4 + int8"));
    plan.palette.pop_back();
    QCOMPARE(weightsText(plan), QStringLiteral("int4 row"));
    QCOMPARE(weightsText({}), QStringLiteral("fp32"));
}

QTEST_MAIN(TestLayerTableModel)
#include "tst_layer_table_model.moc"
