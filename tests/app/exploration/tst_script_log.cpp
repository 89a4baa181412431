// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/script_log.h"

#include <QSignalSpy>
#include <QTest>

using namespace app;

class TestScriptLog : public QObject {
    Q_OBJECT
private slots:
    void aGestureIsOneEntryFromItsBeginning();
    void aGestureTurnedBackLeavesNoEntry();
    void theTextIsAShellScript();
    void namesWithBreaksStayOnOneLine();

private:
    static core::PrecisionPlan named(const std::string& name)
    {
        core::PrecisionPlan plan;
        plan.name = name;
        return plan;
    }
};

void TestScriptLog::aGestureIsOneEntryFromItsBeginning()
{
    ScriptLog log;
    QSignalSpy appended(&log, &ScriptLog::appended);
    const Gesture drag = Gesture::begin();
    log.edit(named("a"), named("b"), QStringLiteral("b"), drag);
    log.edit(named("b"), named("c"), QStringLiteral("c"), drag);
    QCOMPARE(appended.count(), 1);
    QCOMPARE(log.entries().size(), std::size_t{1});
    QCOMPARE(log.entries().front().text, planPatch(named("a"), named("c")));
}

void TestScriptLog::aGestureTurnedBackLeavesNoEntry()
{
    ScriptLog log;
    const Gesture drag = Gesture::begin();
    log.edit(named("a"), named("b"), QStringLiteral("b"), drag);
    log.edit(named("b"), named("a"), QStringLiteral("a"), drag);
    QVERIFY(log.entries().empty());
    log.edit(named("a"), named("d"), QStringLiteral("d"), drag);
    QCOMPARE(log.entries().size(), std::size_t{1});
}

void TestScriptLog::theTextIsAShellScript()
{
    ScriptLog log;
    log.opened({"mnist"});
    log.edit(named("a"), named("b"), QStringLiteral("b"), {});
    log.command(QStringLiteral("polar evaluate lenet5-mnist mnist"), QStringLiteral("evaluate"));
    for (const QString& line : log.text().split(u'\n', Qt::SkipEmptyParts))
        QVERIFY2(line.startsWith(QStringLiteral("# ")) || line.startsWith(QStringLiteral("polar ")), qPrintable(line));
}

void TestScriptLog::namesWithBreaksStayOnOneLine()
{
    ScriptLog log; // a plan's name is anybody's text; no line of it may reach a shell
    log.edit(named("a"), named("b"), QStringLiteral("open plan b\nrm -r work"), {});
    log.remark(QStringLiteral("save plan as b\nrm -r work"));
    for (const QString& line : log.text().split(u'\n', Qt::SkipEmptyParts))
        QVERIFY2(line.startsWith(u'#'), qPrintable(line));
}

QTEST_MAIN(TestScriptLog)
#include "tst_script_log.moc"
