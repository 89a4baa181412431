// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/kept_work.h"

#include "core/learn/path_training.h"

#include <QDir>
#include <QFile>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

class TestKeptWork : public QObject {
    Q_OBJECT
private slots:
    void aCrashLeavesTheNewestWorkBehind();
    void aCleanEndLeavesNothing();
    void unsavedEditsAreOfferedAgainOnce();
    void anotherWindowsWorkIsNotTaken();
    void aDamagedFileIsNotOffered();
    void trainedPathsAreKeptToo();

private:
    static KeptWork work()
    {
        KeptWork kept{"lenet5-mnist", "mnist", {}};
        kept.plan.name = "half done";
        core::WeightPlan weights;
        weights.palette.front().format = core::NumberFormat::named("nf4").value();
        kept.plan.layers["conv1"].weights = weights;
        return kept;
    }
    static void copyWithoutLock(const QString& folder, const QString& target)
    {
        const QStringList files = QDir(folder).entryList({QStringLiteral("*.work.json")});
        QCOMPARE(files.size(), 1);
        QVERIFY(QFile::copy(folder + u'/' + files.front(), target));
    }
};

void TestKeptWork::aCrashLeavesTheNewestWorkBehind()
{
    QTemporaryDir running, crashed;
    WorkKeeper keeper(running.path());
    keeper.keep(work());
    keeper.flush();
    // A crash is a file without a living lock: as if the process had ended here.
    copyWithoutLock(running.path(), crashed.path() + QStringLiteral("/left.work.json"));
    WorkKeeper next(crashed.path());
    const auto left = next.leftBehind();
    QVERIFY(left);
    QCOMPARE(*left, work());
    QVERIFY(next.leftBehind());  // still there: the offer has not been answered
    next.forgetLeftBehind();
    QVERIFY(!next.leftBehind());
}

void TestKeptWork::aCleanEndLeavesNothing()
{
    QTemporaryDir folder;
    {
        WorkKeeper keeper(folder.path());
        keeper.keep(work());
        keeper.flush();
        QCOMPARE(QDir(folder.path()).entryList({QStringLiteral("*.work.json")}).size(), 1);
    }
    QVERIFY(!WorkKeeper(folder.path()).leftBehind());
}

void TestKeptWork::unsavedEditsAreOfferedAgainOnce()
{
    QTemporaryDir folder;
    {
        WorkKeeper keeper(folder.path());
        keeper.keep(work());  // not yet written: the rest has not come
        keeper.leaveBehind();
    }
    WorkKeeper next(folder.path());
    const auto left = next.leftBehind();
    QVERIFY(left);
    QCOMPARE(*left, work());
    QVERIFY(next.leftBehind());  // still there: the offer has not been answered
    next.forgetLeftBehind();
    QVERIFY(!next.leftBehind());
}

void TestKeptWork::anotherWindowsWorkIsNotTaken()
{
    QTemporaryDir folder;
    WorkKeeper other(folder.path());
    other.keep(work());
    other.flush();
    WorkKeeper mine(folder.path());
    QVERIFY(!mine.leftBehind());
    QCOMPARE(QDir(folder.path()).entryList({QStringLiteral("*.work.json")}).size(), 1);
}

void TestKeptWork::aDamagedFileIsNotOffered()
{
    for (const QByteArray& text :
         {QByteArray(), QByteArray("{"), QByteArray("{\"schema\": \"polarizer.work/1\", \"plan\": 7}"),
          QByteArray("{\"schema\": \"polarizer.work/1\", \"network\": 1, \"dataset\": \"mnist\", \"plan\": {}}")}) {
        QTemporaryDir folder;
        QFile file(folder.path() + QStringLiteral("/left.work.json"));
        QVERIFY(file.open(QIODevice::WriteOnly));
        file.write(text);
        file.close();
        WorkKeeper keeper(folder.path());
        QVERIFY(!keeper.leftBehind());
        QVERIFY(!file.exists());
    }
}

void TestKeptWork::trainedPathsAreKeptToo()
{
    KeptWork trained = work();
    trained.plan = core::withTrainedPaths(trained.plan, {{"conv1", {core::RowMatrix::Ones(2, 25), core::RowMatrix::Ones(6, 2)}}}, "t.paths.npz");
    QTemporaryDir folder;
    {
        WorkKeeper keeper(folder.path());
        keeper.keep(trained);
        keeper.leaveBehind();
    }
    WorkKeeper next(folder.path());
    const auto left = next.leftBehind();
    QVERIFY(left);
    QCOMPARE(*left, trained);
    next.forgetLeftBehind();
    QVERIFY(QDir(folder.path()).entryList({QStringLiteral("*.paths")}, QDir::Dirs).isEmpty());
}

QTEST_MAIN(TestKeptWork)
#include "tst_kept_work.moc"
