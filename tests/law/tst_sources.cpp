// SPDX-License-Identifier: Apache-2.0
// What every file of the project promises: a licence line, clean endings, no machine's paths, a readable length, and
// documents that their readers accept.

#include "law/source_tree.h"

#include <QtCore/QJsonDocument>
#include <QtCore/QJsonObject>
#include <QtCore/QRegularExpression>
#include <QtTest/QtTest>

namespace {

const QStringList kFolders{"core", "app", "tests", "cmake", "resources", "datasets", "docs", ".ci"};
const QStringList kTopFiles{"CMakeLists.txt", "CMakePresets.json", "README.md",     "CONTRIBUTING.md", "CHANGELOG.md", "packages.txt",
                            "run.sh",         "test.sh",           ".clang-format", ".clang-tidy"};

QStringList everyFile() { return law::filesBelow(kFolders) + kTopFiles; }

bool endsWithAny(const QString& path, const QStringList& endings)
{
    return std::any_of(endings.begin(), endings.end(), [&](const QString& ending) { return path.endsWith(ending); });
}

bool isSource(const QString& path)
{
    return endsWithAny(path, {".cpp", ".h", ".cmake", "CMakeLists.txt", ".sh", ".py", ".mjs", ".ci/run", ".ci/setup", ".ci/build"});
}
bool isText(const QString& path)
{
    return isSource(path) || kTopFiles.contains(path) || endsWithAny(path, {".md", ".json", ".svg", ".desktop", ".qrc", ".css", ".html"});
}

QString licenceOf(const QString& path) { return path.startsWith("app/") ? "GPL-3.0-or-later" : "Apache-2.0"; }

QStringList lines(const QString& path) { return QString::fromUtf8(law::contentOf(path)).split('\n'); }

}  // namespace

class TestSources : public QObject {
    Q_OBJECT

private slots:
    void initTestCase()
    {
        QVERIFY2(law::root().exists("CMakeLists.txt"), "POLARIZER_ROOT must name the source tree");
        QVERIFY(law::filesBelow({"core"}).size() > 20);
    }

    void everySourceSaysItsLicence()
    {
        QStringList without;
        for (const QString& path : everyFile()) {
            if (!isSource(path))
                continue;
            const QStringList text = lines(path);
            const QString line = text.first().startsWith("#!") ? text.value(1) : text.first();
            if (!line.endsWith("SPDX-License-Identifier: " + licenceOf(path)))
                without.append(QString("%1: first line is '%2', wanted SPDX-License-Identifier: %3").arg(path, line, licenceOf(path)));
        }
        QVERIFY2(without.isEmpty(), qPrintable(without.join('\n')));
    }

    void everyLicenceNamedIsThere()
    {
        for (const QString name : {"Apache-2.0", "GPL-3.0-or-later"})
            QVERIFY2(law::contentOf("LICENSES/" + name + ".txt").size() > 10'000, qPrintable(name));
    }

    void everyTextEndsCleanly()
    {
        QStringList flaws;
        for (const QString& path : everyFile()) {
            if (!isText(path))
                continue;
            const QByteArray content = law::contentOf(path);
            if (content.isEmpty() || !content.endsWith('\n') || content.endsWith("\n\n"))
                flaws.append(path + ": wants exactly one newline at its end");
            if (content.contains('\r'))
                flaws.append(path + ": has carriage returns");
            if (!isSource(path))
                continue;
            if (law::isCpp(path) && content.contains('\t'))
                flaws.append(path + ": has tabs");
            const QStringList text = lines(path);
            for (qsizetype i = 0; i < text.size(); ++i)
                if (!text[i].isEmpty() && text[i].back().isSpace())
                    flaws.append(QString("%1:%2: trailing space").arg(path).arg(i + 1));
        }
        QVERIFY2(flaws.isEmpty(), qPrintable(flaws.join('\n')));
    }

    void noFileNamesAPlaceOnSomeMachine()
    {
        // A temporary folder is fine in a usage line, never in the program.
        static const QRegularExpression place("(?<![A-Za-z0-9_./$}>-])/(work|home|root|Users)/[A-Za-z0-9_.]");
        static const QRegularExpression temporary("/tm"
                                                  "p/");
        QVERIFY(place
                    .match("see /home"
                           "/someone/notes")
                    .hasMatch());
        QStringList found;
        for (const QString& path : everyFile()) {
            if (!isText(path))
                continue;
            const QStringList text = lines(path);
            for (qsizetype i = 0; i < text.size(); ++i)
                if (place.match(text[i]).hasMatch() || (law::isCpp(path) && temporary.match(text[i]).hasMatch()))
                    found.append(QString("%1:%2: %3").arg(path).arg(i + 1).arg(text[i].trimmed()));
        }
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }

    void noFileIsTooLongToRead()
    {
        QStringList tooLong;
        for (const QString& path : law::filesBelow({"core", "app"}))
            if (law::isCpp(path) && lines(path).size() > 501)
                tooLong.append(QString("%1: %2 lines; 500 are allowed").arg(path).arg(lines(path).size() - 1));
        QVERIFY2(tooLong.isEmpty(), qPrintable(tooLong.join('\n')));
    }

    void nothingIsLeftForLater()
    {
        static const QRegularExpression mark("\\b(TO"
                                             "DO|FIX"
                                             "ME|X"
                                             "XX)\\b");
        QStringList found;
        for (const QString& path : everyFile())
            if (isSource(path) && mark.match(QString::fromUtf8(law::contentOf(path))).hasMatch())
                found.append(path);
        QVERIFY2(found.isEmpty(), qPrintable(found.join('\n')));
    }

    /// run.sh installs [build] and [run] of packages.txt and then configures the tests too.
    void whatOnlyTestsNeedIsNeverRequired()
    {
        QStringList wanting;
        int seen = 0;
        for (const QString& path : law::filesBelow({"tests"})) {
            if (!path.endsWith(".cmake") && !path.endsWith("CMakeLists.txt"))
                continue;
            ++seen;
            if (law::contentOf(path).contains("REQUIRED"))
                wanting.append(path);
        }
        QVERIFY(seen > 5);
        QVERIFY2(wanting.isEmpty(), qPrintable(wanting.join('\n')));
    }

    void everyJsonFileIsOneDocument()
    {
        QStringList flaws;
        for (const QString& path : everyFile()) {
            if (!path.endsWith(".json"))
                continue;
            QJsonParseError error;
            if (QJsonDocument::fromJson(law::contentOf(path), &error).isNull())
                flaws.append(QString("%1, byte %2: %3").arg(path).arg(error.offset).arg(error.errorString()));
        }
        QVERIFY2(flaws.isEmpty(), qPrintable(flaws.join('\n')));
    }

    void theWalkNamesOnlyWhatTheCodeHas()
    {
        QByteArray code;
        for (const QString& path : law::filesBelow({"core", "app"}))
            if (law::isCpp(path))
                code += path.toUtf8() + '\n' + law::contentOf(path);
        static const QRegularExpression quoted("`([A-Za-z_/:.]+)(\\(\\))?`");
        QStringList unknown;
        int seen = 0;
        auto names = quoted.globalMatch(QString::fromUtf8(law::contentOf("docs/walk.md")));
        while (names.hasNext()) {
            const QString name = names.next().captured(1);
            ++seen;
            if (!code.contains(name.section("::", -1).toUtf8()) && !law::root().exists(name) && name != "network.json")
                unknown.append(name);
        }
        QVERIFY(seen > 30);
        QVERIFY2(unknown.isEmpty(), qPrintable("docs/walk.md names what is not there: " + unknown.join(", ")));
    }

    void everyNetworkAndDatasetSaysWhereItComesFrom()
    {
        int seen = 0;
        QStringList flaws;
        for (const QString& path : law::filesBelow({"resources/networks", "datasets"})) {
            if (!path.endsWith("/network.json") && !path.endsWith("/dataset.json"))
                continue;
            ++seen;
            const QJsonObject document = QJsonDocument::fromJson(law::contentOf(path)).object();
            for (const char* key : {"schema", "name", "title", "source", "licence"})
                if (document.value(QLatin1String(key)).toString().isEmpty())
                    flaws.append(QString("%1: key '%2' is missing").arg(path, QLatin1String(key)));
            const QString folder = path.section('/', -2, -2);
            if (document.value("name").toString() != folder)
                flaws.append(QString("%1: name is '%2'; its folder is '%3'").arg(path, document.value("name").toString(), folder));
        }
        QVERIFY(seen > 2);
        QVERIFY2(flaws.isEmpty(), qPrintable(flaws.join('\n')));
    }
};

QTEST_APPLESS_MAIN(TestSources)
#include "tst_sources.moc"
