// SPDX-License-Identifier: Apache-2.0
// Every example that a help text shows works when it is typed, one after the other in one folder.

#include "app/cli/polar_process.h"

#include <QtCore/QTemporaryDir>

class TestPolarExamples : public QObject {
    Q_OBJECT

    QTemporaryDir m_folder;

    static QStringList subcommands(const QString& help)
    {
        QStringList names;
        const qsizetype start = help.indexOf("Subcommands:");
        for (const QString& line : help.mid(start).split('\n').mid(start < 0 ? help.size() : 1)) {
            if (line.startsWith("  ") && !line.startsWith("   "))
                names.append(line.trimmed().section(' ', 0, 0));
            else if (line.trimmed().isEmpty())
                break;
        }
        return names;
    }

    /// The examples of a verb and of the verbs below it, in the order of the help.
    static QStringList examplesOf(const QStringList& verb)
    {
        const QString help = QString::fromUtf8(polar(verb + QStringList{"--help"}).output);
        QStringList examples;
        for (const QString& line : help.mid(help.indexOf("Examples:")).split('\n'))
            if (line.startsWith("  polar "))
                examples.append(line.trimmed());
        for (const QString& below : subcommands(help))
            examples += examplesOf(verb + QStringList{below});
        return examples;
    }

private slots:
    void initTestCase()
    {
        QVERIFY(m_folder.isValid());
        writeFile(m_folder.filePath("digit.npy"), npyOfZeros("1, 784", 784));
        writeFile(m_folder.filePath("image.npy"), npyOfZeros("1, 1, 28, 28", 784));
    }

    void everyVerbShowsAnExample()
    {
        for (const QString& verb : subcommands(QString::fromUtf8(polar({"--help"}).output)))
            QVERIFY2(!examplesOf({verb}).isEmpty(), qPrintable(verb));
    }

    void everyExampleWorks_data()
    {
        QTest::addColumn<QString>("example");
        const QStringList examples = examplesOf({});
        QVERIFY(examples.size() >= 8);
        for (const QString& example : examples)
            QTest::newRow(qPrintable(example)) << example;
    }

    void everyExampleWorks()
    {
        QFETCH(QString, example);
        const PolarRun run = polar(example.split(' ').mid(1), m_folder.path());
        QVERIFY2(run.exitCode == 0 && !run.crashed, run.words());
        QVERIFY2(!run.output.isEmpty(), "an example prints something");
        if (example.contains("--json"))
            QVERIFY2(!run.json().isEmpty(), run.words());
    }
};

QTEST_GUILESS_MAIN(TestPolarExamples)
#include "tst_polar_examples.moc"
