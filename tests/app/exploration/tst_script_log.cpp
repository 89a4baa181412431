// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/script_log.h"
#include "core/io/json_documents.h"

#include <nlohmann/json.hpp>

#include <QSignalSpy>
#include <QTest>

using namespace app;

class TestScriptLog : public QObject {
    Q_OBJECT
private slots:
    void anEditIsAPatchThatRepeatsIt();
    void aGestureIsOneEntryFromItsBeginning();
    void aGestureTurnedBackLeavesNoEntry();
    void theTextIsAShellScript();
    void wordsAreQuotedWhereAShellWouldSplitThem();

private:
    static core::PrecisionPlan named(const std::string& name)
    {
        core::PrecisionPlan plan;
        plan.name = name;
        return plan;
    }
};

void TestScriptLog::anEditIsAPatchThatRepeatsIt()
{
    core::PrecisionPlan after;
    core::WeightPlan weights;
    weights.palette.front().format = core::NumberFormat::named("int4").value();
    after.layers["conv1"].weights = weights;
    ScriptLog log;
    log.edit({}, after, QStringLiteral("conv1: weights int4"), {});
    QCOMPARE(log.entries().size(), std::size_t{1});
    const auto patch = nlohmann::ordered_json::parse(log.entries().front().text.toStdString());
    const auto repeated = core::planFromJson(core::planToJson({}).patch(patch));
    QVERIFY(repeated);
    QCOMPARE(repeated.value(), after);
}

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
    log.remark(QStringLiteral("open mnist"));
    log.edit(named("a"), named("b"), QStringLiteral("b"), {});
    log.command(QStringLiteral("polar evaluate lenet5-mnist mnist"), QStringLiteral("evaluate"));
    for (const QString& line : log.text().split(u'\n', Qt::SkipEmptyParts))
        QVERIFY2(line.startsWith(QStringLiteral("# ")) || line.startsWith(QStringLiteral("polar ")), qPrintable(line));
}

void TestScriptLog::wordsAreQuotedWhereAShellWouldSplitThem()
{
    QCOMPARE(shellQuoted(QStringLiteral("lenet5-mnist")), QStringLiteral("lenet5-mnist"));
    QCOMPARE(shellQuoted(QStringLiteral("mnist#train")), QStringLiteral("mnist#train"));
    QCOMPARE(shellQuoted(QStringLiteral("my plan.json")), QStringLiteral("'my plan.json'"));
    QCOMPARE(shellQuoted(QStringLiteral("it's")), QStringLiteral("'it'\\''s'"));
}

QTEST_MAIN(TestScriptLog)
#include "tst_script_log.moc"
