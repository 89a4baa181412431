// SPDX-License-Identifier: Apache-2.0
#include "app/models/contender_table_model.h"

#include "app/exploration/fake_recovery.h"

#include <QAbstractItemModelTester>
#include <QFont>
#include <QTest>

using namespace app;

class TestContenderTableModel : public QObject {
    Q_OBJECT
private slots:
    void everyCellTellsTwoFigures();
    void thePlanNowIsMarkedWhateverItsName();
    void contendersJoinOneByOne();
    void aPartialFigureIsSlanted();
    void theCsvHasEachFigureInItsColumn();
};

void TestContenderTableModel::everyCellTellsTwoFigures()
{
    ContenderTableModel model;
    const QAbstractItemModelTester tester(&model);
    model.show({test::fakeContenders({}), {}, false});
    QCOMPARE(model.rowCount(), 4);
    const auto lines = [&](int row, int column) { return model.index(row, column).data().toString().split(u'\n'); };
    QCOMPARE(lines(3, ContenderTableModel::Spent),
             (QStringList{QStringLiteral("more bits"), QStringLiteral("9 of 28 rows take one bit more")}));
    QCOMPARE(lines(3, ContenderTableModel::Accuracy).front(), QStringLiteral("99.00 %"));
    QCOMPARE(lines(3, ContenderTableModel::Accuracy).back(), QStringLiteral("98.17 … 99.46"));  // Wilson of 990 in 1000
    QCOMPARE(lines(0, ContenderTableModel::Agreement).front(), QStringLiteral("90.50 %"));
    QCOMPARE(lines(0, ContenderTableModel::Agreement).back(), QString(QStringLiteral("12.5") + QChar(QChar::Nbsp) + QStringLiteral("dB")));
    QCOMPARE(lines(0, ContenderTableModel::Cost).front(), QStringLiteral("12.34 kB"));
    QVERIFY(lines(0, ContenderTableModel::Cost).back().startsWith(QStringLiteral("4.50")));
    QVERIFY(model.index(3, 0).data(Qt::AccessibleTextRole).toString().startsWith(QStringLiteral("more bits: 9 of 28")));
}

void TestContenderTableModel::thePlanNowIsMarkedWhateverItsName()
{
    core::PrecisionPlan plan;
    plan.name = "mine";
    core::SurrogatePlan surrogate;
    plan.defaults.surrogate = core::Switchable<core::SurrogatePlan>{surrogate};
    ContenderTableModel model;
    model.show({test::fakeContenders(plan), plan, false});
    QVERIFY(!model.isOwn(0));
    QVERIFY(model.isOwn(1));  // "rank"
    QVERIFY(model.index(1, 0).data().toString().startsWith(QStringLiteral("● rank, as planned")));
    QVERIFY(model.index(1, 2).data(Qt::FontRole).value<QFont>().bold());
    model.show({test::fakeContenders(plan), test::fakeContenders(plan).back().plan, false});
    QVERIFY(model.isOwn(3));
}

void TestContenderTableModel::contendersJoinOneByOne()
{
    ContenderTableModel model;
    const QAbstractItemModelTester tester(&model);
    std::vector<core::Contender> known;
    for (const core::Contender& contender : test::fakeContenders({})) {
        known.push_back(contender);
        model.show({known, {}, false});
        QCOMPARE(model.rowCount(), static_cast<int>(known.size()));
    }
    model.show({});
    QCOMPARE(model.rowCount(), 0);
}

void TestContenderTableModel::aPartialFigureIsSlanted()
{
    std::vector<core::Contender> lines = test::fakeContenders({});
    auto partial = std::make_shared<core::Report>(*lines[1].report);
    partial->partial = true;
    lines[1].report = partial;
    ContenderTableModel model;
    model.show({lines, lines[2].plan, false});
    QVERIFY(model.index(1, 1).data(Qt::FontRole).value<QFont>().italic());
    QVERIFY(!model.index(0, 1).data(Qt::FontRole).isValid());
}

void TestContenderTableModel::theCsvHasEachFigureInItsColumn()
{
    ContenderTableModel model;
    model.show({test::fakeContenders({}), {}, false});
    const std::vector<QStringList> rows = model.csvRows();
    QCOMPARE(rows.size(), std::size_t{4});
    for (const QStringList& row : rows)
        QCOMPARE(row.size(), model.csvHeader().size());
    const auto column = [&](const char* name) { return model.csvHeader().indexOf(QLatin1String(name)); };
    QCOMPARE(rows[3][column("top1")], QStringLiteral("0.99"));
    QCOMPARE(rows[3][column("bytes")], QStringLiteral("12340"));
    QCOMPARE(rows[3][column("energy_picojoules")], QStringLiteral("4500"));
}

QTEST_MAIN(TestContenderTableModel)
#include "tst_contender_table_model.moc"
