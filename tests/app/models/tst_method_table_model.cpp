// SPDX-License-Identifier: Apache-2.0
#include "app/models/method_table_model.h"
#include "app/models/roles.h"

#include <QAbstractItemModelTester>
#include <QFont>
#include <QSignalSpy>
#include <QTest>

using namespace app;

/// Signal 1000, error 100 (10 dB without recovery); full rank 2.
class TestMethodTableModel : public QObject {
    Q_OBJECT
private slots:
    void figuresFollowFromTheReports();
    void theShareNeverExceedsItsBar();
    void theRankMovesTheFiguresAndKeepsTheRows();
    void thePlansOwnMethodIsMarked();
    void whatIsOldIsSlanted();
    void anEmptyTableHasNoBest();

private:
    static MethodLine line(const QString& value, std::vector<double> removed)
    {
        core::SurrogateReport report;
        report.signalEnergy = 1000;
        report.residualEnergy = 100;
        report.removedEnergy = std::move(removed);
        return {value, value + QStringLiteral(" in words"), QStringLiteral("a tip"), report};
    }
    static MethodTable table(int rank)
    {
        MethodTable table;
        table.lines = {line(QStringLiteral("svd"), {50, 40}), line(QStringLiteral("activation"), {90, 0}),
                       line(QStringLiteral("lqer"), {-20, 120})};
        table.rank = rank;
        table.fullRank = 2;
        table.own = QStringLiteral("svd");
        return table;
    }
};

void TestMethodTableModel::figuresFollowFromTheReports()
{
    MethodTableModel model;
    const QAbstractItemModelTester tester(&model);
    model.show(table(1));
    QCOMPARE(model.rowCount(), 3);
    const auto text = [&](int row, int column) { return model.index(row, column).data().toString(); };
    QCOMPARE(text(0, MethodTableModel::AtRank), QStringLiteral("13.0"));      // 1000 over 50
    QCOMPARE(text(0, MethodTableModel::AtFullRank), QStringLiteral("20.0"));  // over 10
    QCOMPARE(text(1, MethodTableModel::AtRank), QStringLiteral("20.0"));
    QCOMPARE(text(2, MethodTableModel::AtFullRank), QStringLiteral("exact"));  // nothing is left
    QCOMPARE(text(1, MethodTableModel::Removed), QString(QStringLiteral("90.0") + QChar(QChar::Nbsp) + u'%'));
    QCOMPARE(model.index(1, MethodTableModel::AtRank).data(SortRole).toDouble(), 20.0);
    QCOMPARE(model.bestRow(), 1);
    QVERIFY(model.headerData(MethodTableModel::AtRank, Qt::Horizontal, Qt::DisplayRole).toString().startsWith(QStringLiteral("rank 1")));
}

void TestMethodTableModel::theShareNeverExceedsItsBar()
{
    MethodTableModel model;
    model.show(table(1));
    QCOMPARE(removedShare(model.line(2).report, 1), -0.2);  // a fit that saw only weights may add error
    QCOMPARE(model.index(2, MethodTableModel::Removed).data(ShareRole).toDouble(), 0.0);
    QVERIFY(model.index(2, MethodTableModel::Removed).data().toString().startsWith(QChar(0x2212)));
    QVERIFY(!model.index(2, MethodTableModel::AtRank).data(ShareRole).isValid());
    QCOMPARE(removedShare(core::SurrogateReport{}, 3), 0.0);
}

void TestMethodTableModel::theRankMovesTheFiguresAndKeepsTheRows()
{
    MethodTableModel model;
    const QAbstractItemModelTester tester(&model);
    model.show(table(1));
    QSignalSpy resets(&model, &QAbstractItemModel::modelReset), changes(&model, &QAbstractItemModel::dataChanged);
    model.show(table(2));
    QCOMPARE(resets.count(), 0);
    QCOMPARE(changes.count(), 1);
    QCOMPARE(model.index(0, MethodTableModel::AtRank).data().toString(), QStringLiteral("20.0"));
    QCOMPARE(model.bestRow(), 2);
}

void TestMethodTableModel::thePlansOwnMethodIsMarked()
{
    MethodTableModel model;
    model.show(table(1));
    QVERIFY(model.isOwn(0) && !model.isOwn(1));
    const QModelIndex own = model.index(0, MethodTableModel::Method), other = model.index(1, MethodTableModel::Method);
    QVERIFY(own.data().toString().startsWith(QStringLiteral("● ")));
    QVERIFY(own.data(Qt::FontRole).value<QFont>().bold());
    QVERIFY(own.data(Qt::AccessibleTextRole).toString().contains(QStringLiteral("the plan's own")));
    QCOMPARE(other.data().toString(), QStringLiteral("activation in words"));
    QCOMPARE(model.rowOf(QStringLiteral("lqer")), 2);
    QCOMPARE(model.rowOf(QStringLiteral("trained")), -1);
}

void TestMethodTableModel::whatIsOldIsSlanted()
{
    MethodTable old = table(1);
    old.isOld = true;
    MethodTableModel model;
    model.show(old);
    QVERIFY(model.index(1, MethodTableModel::AtRank).data(Qt::FontRole).value<QFont>().italic());
    QVERIFY(model.index(1, 0).data(Qt::ToolTipRole).toString().contains(QStringLiteral("plan before")));
}

void TestMethodTableModel::anEmptyTableHasNoBest()
{
    MethodTableModel model;
    const QAbstractItemModelTester tester(&model);
    QCOMPARE(model.bestRow(), -1);
    model.show(table(1));
    model.show({});
    QCOMPARE(model.rowCount(), 0);
}

QTEST_MAIN(TestMethodTableModel)
#include "tst_method_table_model.moc"
