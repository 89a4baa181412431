// SPDX-License-Identifier: Apache-2.0
#include "app/shell/command_line.h"

#include <QTest>

using namespace app;

class TestCommandLine : public QObject {
    Q_OBJECT
private slots:
    void thingsMayBeNamedWithAndWithoutOpen();
    void picturesHaveASizeAndALight();
    void wrongArgumentsSayWhatIsWanted_data();
    void wrongArgumentsSayWhatIsWanted();
    void theHelpNamesEveryOption();
};

void TestCommandLine::thingsMayBeNamedWithAndWithoutOpen()
{
    const auto parsed = parseCommandLine(
        {QStringLiteral("--open"), QStringLiteral("lenet5-mnist"), QStringLiteral("mnist"), QStringLiteral("my.plan.json")});
    QVERIFY(parsed.commandLine);
    QCOMPARE(parsed.commandLine->things,
             (QStringList{QStringLiteral("lenet5-mnist"), QStringLiteral("mnist"), QStringLiteral("my.plan.json")}));
    QVERIFY(parsed.commandLine->picture.isEmpty());
    QVERIFY(!parsed.commandLine->theme);
    QVERIFY(parseCommandLine({}).commandLine->things.isEmpty());
}

void TestCommandLine::picturesHaveASizeAndALight()
{
    const auto parsed = parseCommandLine({QStringLiteral("--picture"), QStringLiteral("a.png"), QStringLiteral("--size"),
                                          QStringLiteral("1280x720"), QStringLiteral("--dark"), QStringLiteral("--settle")});
    QVERIFY(parsed.commandLine);
    QCOMPARE(parsed.commandLine->picture, QStringLiteral("a.png"));
    QCOMPARE(parsed.commandLine->size, QSize(1280, 720));
    QVERIFY(parsed.commandLine->theme == Theme::Dark);
    QVERIFY(parsed.commandLine->settle);
}

void TestCommandLine::wrongArgumentsSayWhatIsWanted_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<QString>("named");
    QTest::newRow("unknown option") << QStringList{QStringLiteral("--paint")} << QStringLiteral("paint");
    QTest::newRow("size in words") << QStringList{QStringLiteral("--size"), QStringLiteral("large")} << QStringLiteral("WIDTHxHEIGHT");
    QTest::newRow("size of nothing") << QStringList{QStringLiteral("--size"), QStringLiteral("0x0")} << QStringLiteral("0x0");
    QTest::newRow("absurd size") << QStringList{QStringLiteral("--size"), QStringLiteral("99999x99999")} << QStringLiteral("99999x99999");
    QTest::newRow("both lights") << QStringList{QStringLiteral("--dark"), QStringLiteral("--light")} << QStringLiteral("--light");
    QTest::newRow("no file") << QStringList{QStringLiteral("--picture")} << QStringLiteral("picture");
}

void TestCommandLine::wrongArgumentsSayWhatIsWanted()
{
    QFETCH(QStringList, arguments);
    QFETCH(QString, named);
    const auto parsed = parseCommandLine(arguments);
    QVERIFY(!parsed.commandLine);
    QVERIFY2(parsed.problem.contains(named), qPrintable(parsed.problem));
}

void TestCommandLine::theHelpNamesEveryOption()
{
    for (const char* option : {"--open", "--picture", "--size", "--dark", "--light", "--settle", "--tab", "--dock", "recovery:methods", "sum:cost", "errors:condition", "--help", "--version"})
        QVERIFY2(helpText().contains(QLatin1String(option)), option);
}

QTEST_MAIN(TestCommandLine)
#include "tst_command_line.moc"
