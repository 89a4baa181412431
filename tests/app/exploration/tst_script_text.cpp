// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/script_text.h"

#include <QTest>

using namespace app;
using Kind = ScriptEntry::Kind;

class TestScriptText : public QObject {
    Q_OBJECT
private slots:
    void anEditIsAPatchThatRepeatsIt();
    void whatIsWrittenIsReadBack();
    void commentedCommandsAreReadAsCommands();
    void everyStepKnowsItsLine();
    void aPatchOfAnotherPlanSaysWhatIsMissing();
    void linesForTheShellAreKeptAsForeign();
    void aPlanWithoutAnEndIsSaid();
    void absurdTextsAreReadToTheirEnd_data();
    void absurdTextsAreReadToTheirEnd();
    void aCommandIsReadBackAsItWasWritten();
    void commandsThatAreNotTheWindowsAreRefused_data();
    void commandsThatAreNotTheWindowsAreRefused();
    void aTrainingIsReadBackAsItWasWritten();
    void trainingsThatCannotBeReadSayWhy_data();
    void trainingsThatCannotBeReadSayWhy();
    void wordsAreQuotedWhereAShellWouldSplitThem();
    void quotedWordsAreReadBack();

private:
    static core::PrecisionPlan frugal()
    {
        core::PrecisionPlan plan;
        core::WeightPlan weights;
        weights.palette.front().format = core::NumberFormat::named("int4").value();
        plan.layers["conv1"].weights = weights;
        return plan;
    }
};

void TestScriptText::anEditIsAPatchThatRepeatsIt()
{
    core::PrecisionPlan before;
    before.name = "before";
    const auto repeated = patchedPlan(before, planPatch(before, frugal()));
    QVERIFY2(repeated, qPrintable(QString::fromStdString(repeated ? "" : repeated.error().text())));
    QCOMPARE(repeated.value(), frugal());
}

void TestScriptText::whatIsWrittenIsReadBack()
{
    const std::vector<ScriptEntry> entries{
        {Kind::Open, QStringLiteral("lenet5-mnist 'my data'"), QStringLiteral("open lenet5-mnist 'my data'")},
        {Kind::Edit, QStringLiteral("[{\"op\":\"remove\",\"path\":\"/name\"}]"), QStringLiteral("conv1: weights int4")},
        {Kind::Edit, QStringLiteral("[]"), QStringLiteral("open plan of polar nights")}, // the words of an edit are only words
        {Kind::Command, QStringLiteral("polar evaluate lenet5-mnist mnist"), QStringLiteral("evaluate")},
        {Kind::Remark, QStringLiteral("save plan as x.plan.json"), QStringLiteral("save plan as x.plan.json")},
        {Kind::Plan, QStringLiteral("{\n \"schema\": \"polarizer.plan/1\"\n}"), QStringLiteral("the plan as written in the script")},
    };
    for (const Commands commands : {Commands::Bare, Commands::Commented}) {
        const auto steps = parseScript(QStringLiteral("#!/bin/sh\nset -e\n\n") + scriptText(entries, commands));
        QCOMPARE(steps.size(), entries.size());
        for (std::size_t index = 0; index < steps.size(); ++index)
            QVERIFY2(steps[index].entry == entries[index], qPrintable(QString::number(index) + steps[index].entry.text));
    }
}

void TestScriptText::commentedCommandsAreReadAsCommands()
{
    const QString text = scriptText({{Kind::Command, QStringLiteral("polar evaluate a b"), {}}}, Commands::Commented);
    QCOMPARE(text, QStringLiteral("# polar evaluate a b\n")); // a shell runs the last one only
    QVERIFY(parseScript(text).front().entry.kind == Kind::Command);
}

void TestScriptText::everyStepKnowsItsLine()
{
    const auto steps = parseScript(QStringLiteral("#!/bin/sh\n# open a b\n\n# x: rank 2\n#   plan edit: []\n#   not replayed: why\npolar evaluate a b\r\n"));
    QCOMPARE(steps.size(), std::size_t{3});
    QCOMPARE(steps[0].line, 2);
    QCOMPARE(steps[1].line, 4);
    QCOMPARE(steps[2].line, 7);
    QCOMPARE(steps[2].entry.text, QStringLiteral("polar evaluate a b"));
}

void TestScriptText::aPatchOfAnotherPlanSaysWhatIsMissing()
{
    const auto lost = patchedPlan({}, QStringLiteral("[{\"op\":\"remove\",\"path\":\"/layers/conv9\"}]"));
    QVERIFY(!lost);
    QVERIFY2(lost.error().message.starts_with("the edit does not fit the plan as it is here: "), lost.error().message.c_str());
    const auto torn = patchedPlan({}, QStringLiteral("[{\"op\":"));
    QVERIFY(!torn);
    QCOMPARE(torn.error().place, std::string("line 1, column 8"));
    const auto unknown = patchedPlan({}, QStringLiteral("[{\"op\":\"add\",\"path\":\"/colour\",\"value\":1}]"));
    QVERIFY(!unknown);
    QVERIFY2(unknown.error().text().find("colour") != std::string::npos, unknown.error().text().c_str());
}

void TestScriptText::linesForTheShellAreKeptAsForeign()
{
    const auto steps = parseScript(QStringLiteral("rm -r work\n"));
    QCOMPARE(steps.size(), std::size_t{1});
    QVERIFY(steps.front().entry.kind == Kind::Foreign);
}

void TestScriptText::aPlanWithoutAnEndIsSaid()
{
    const auto steps = parseScript(QStringLiteral("cat > edited.plan.json <<'PLAN'\n{}\n"));
    QCOMPARE(steps.size(), std::size_t{1});
    QVERIFY(steps.front().entry.problem.contains(QStringLiteral("no end")));
}

void TestScriptText::absurdTextsAreReadToTheirEnd_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("steps");
    QTest::newRow("nothing") << QString() << 0;
    QTest::newRow("an edit without words") << QStringLiteral("#   plan edit: []") << 1;
    QTest::newRow("two edits, words of one") << QStringLiteral("# a\n#   plan edit: []\n#   plan edit: []") << 2;
    QTest::newRow("hashes") << QStringLiteral("#\n##\n# ") << 3;
    QTest::newRow("no text at all") << QString(QChar(0)) + QStringLiteral("\n\xff") << 2;
}

void TestScriptText::absurdTextsAreReadToTheirEnd()
{
    QFETCH(QString, text);
    QFETCH(int, steps);
    QCOMPARE(static_cast<int>(parseScript(text).size()), steps);
}

void TestScriptText::aCommandIsReadBackAsItWasWritten()
{
    EvaluateCommand command{"my network.onnx", "mnist#train", "it's.plan.json", {}};
    QCOMPARE(commandFrom(commandText(command)).value(), command);
    command.settings = {500, 16, 18446744073709551615u, "7nm"};
    QCOMPARE(commandFrom(commandText(command)).value(), command);
    QCOMPARE(commandText(EvaluateCommand{"lenet5-mnist", "mnist", "", {}}), QStringLiteral("polar evaluate lenet5-mnist mnist"));
}

void TestScriptText::commandsThatAreNotTheWindowsAreRefused_data()
{
    QTest::addColumn<QString>("line");
    QTest::addColumn<QString>("said");
    QTest::newRow("another verb") << QStringLiteral("polar sweep spec.json") << QStringLiteral("polar sweep");
    QTest::newRow("an option of the terminal") << QStringLiteral("polar evaluate a b --json") << QStringLiteral("--json");
    QTest::newRow("no dataset") << QStringLiteral("polar evaluate a") << QStringLiteral("wanted a network and a dataset");
    QTest::newRow("no number") << QStringLiteral("polar evaluate a b --chips many") << QStringLiteral("found \"many\"");
    QTest::newRow("no chips") << QStringLiteral("polar evaluate a b --chips 0") << QStringLiteral("from 1");
    QTest::newRow("below zero") << QStringLiteral("polar evaluate a b --samples -5") << QStringLiteral("found \"-5\"");
    QTest::newRow("an open quote") << QStringLiteral("polar evaluate 'a b") << QStringLiteral("quote");
}

void TestScriptText::commandsThatAreNotTheWindowsAreRefused()
{
    QFETCH(QString, line);
    QFETCH(QString, said);
    const auto command = commandFrom(line);
    QVERIFY(!command);
    const QString text = QString::fromStdString(command.error().text());
    QVERIFY2(text.contains(said) || (said == QLatin1String("--json") && text.contains(QStringLiteral("last word"))), qPrintable(text));
}

void TestScriptText::aTrainingIsReadBackAsItWasWritten()
{
    TrainCommand command{"lenet5-mnist", "my data", "edited.plan.json", {}, "trained here"};
    command.orders.rule = core::MomentumRule{.rate = 0.025};
    command.orders.epochs = 7;
    command.orders.batch = 16;
    command.orders.validationShare = 0.2;
    command.orders.patience = 3;
    command.orders.target = core::LossTarget::OwnDistribution;
    command.orders.seed = 5;
    const QString text = commandText(command);
    QVERIFY(isTrainCommand(text));
    const auto read = trainCommandFrom(text);
    QVERIFY2(read, qPrintable(QString::fromStdString(read ? "" : read.error().text())));
    QCOMPARE(commandText(read.value()), text);
    QCOMPARE(read.value().dataset, std::string("my data"));
    QCOMPARE(read.value().folder, std::string("trained here"));
    QCOMPARE(read.value().orders.epochs, 7);
    QCOMPARE(std::get<core::MomentumRule>(read.value().orders.rule).rate, 0.025);
    QCOMPARE(read.value().orders.target, core::LossTarget::OwnDistribution);
}

void TestScriptText::trainingsThatCannotBeReadSayWhy_data()
{
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("reason");
    QTest::newRow("no plan") << QStringLiteral("polar train a b") << QStringLiteral("--plan");
    QTest::newRow("one name") << QStringLiteral("polar train a --plan p") << QStringLiteral("found 1 names");
    QTest::newRow("epochs") << QStringLiteral("polar train a b --plan p --epochs none") << QStringLiteral("--epochs");
    QTest::newRow("share") << QStringLiteral("polar train a b --plan p --validation 1.5") << QStringLiteral("above 0 and below 1");
    QTest::newRow("rule") << QStringLiteral("polar train a b --plan p --rule magic") << QStringLiteral("wanted adam or sgd");
    QTest::newRow("unknown") << QStringLiteral("polar train a b --plan p --fast yes") << QStringLiteral("--fast");
    QTest::newRow("ends early") << QStringLiteral("polar train a b --plan") << QStringLiteral("last word");
}

void TestScriptText::trainingsThatCannotBeReadSayWhy()
{
    QFETCH(const QString, text);
    QFETCH(const QString, reason);
    const auto read = trainCommandFrom(text);
    QVERIFY(!read);
    QVERIFY2(QString::fromStdString(read.error().text()).contains(reason), read.error().text().c_str());
}

void TestScriptText::wordsAreQuotedWhereAShellWouldSplitThem()
{
    QCOMPARE(shellQuoted(QStringLiteral("lenet5-mnist")), QStringLiteral("lenet5-mnist"));
    QCOMPARE(shellQuoted(QStringLiteral("mnist#train")), QStringLiteral("mnist#train"));
    QCOMPARE(shellQuoted(QStringLiteral("my plan.json")), QStringLiteral("'my plan.json'"));
    QCOMPARE(shellQuoted(QStringLiteral("it's")), QStringLiteral("'it'\\''s'"));
}

void TestScriptText::quotedWordsAreReadBack()
{
    const QStringList words{QStringLiteral("plain"), QStringLiteral("two words"), QStringLiteral("it's"), QString(), QStringLiteral("a\\b \"c\"")};
    QStringList quoted;
    for (const QString& word : words)
        quoted << shellQuoted(word);
    QCOMPARE(shellWords(quoted.join(QStringLiteral("  "))).value(), words);
}

QTEST_MAIN(TestScriptText)
#include "tst_script_text.moc"
