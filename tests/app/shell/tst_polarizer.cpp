// SPDX-License-Identifier: Apache-2.0
// The program as people start it, on a bundled network and on nothing good.

#include <QImage>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

class TestPolarizer : public QObject {
    Q_OBJECT
private slots:
    void aPictureOfABundledNetworkIsSaved();
    void whatCannotBeOpenedIsOneMessageAndExitCodeOne();
    void wrongUsageIsExitCodeTwo();
    void withoutADisplayItSaysSo();

private:
    struct Ended {
        int code = -1;
        QString errors;
    };
    static Ended run(const QStringList& arguments, const QProcessEnvironment& environment = QProcessEnvironment::systemEnvironment())
    {
        QProcess polarizer;
        polarizer.setProcessEnvironment(environment);
        polarizer.start(qEnvironmentVariable("POLARIZER_BIN") + QStringLiteral("/polarizer"), arguments);
        if (!polarizer.waitForFinished(240000) || polarizer.exitStatus() != QProcess::NormalExit)
            return {};
        return {polarizer.exitCode(), QString::fromLocal8Bit(polarizer.readAllStandardError())};
    }
};

void TestPolarizer::aPictureOfABundledNetworkIsSaved()
{
    QTemporaryDir folder;
    const QString path = folder.filePath(QStringLiteral("window.png"));
    const Ended ended =
        run({QStringLiteral("--open"), QStringLiteral("mlp-mnist"), QStringLiteral("mnist"), QStringLiteral("npp-nf4-rank8"),
             QStringLiteral("--picture"), path, QStringLiteral("--size"), QStringLiteral("1280x720"), QStringLiteral("--settle")});
    QVERIFY2(ended.code == 0, qPrintable(ended.errors));
    QCOMPARE(QImage(path).size(), QSize(1280, 720));
}

void TestPolarizer::whatCannotBeOpenedIsOneMessageAndExitCodeOne()
{
    QTemporaryDir folder;
    const QString empty = folder.filePath(QStringLiteral("empty.onnx"));
    QVERIFY(QFile(empty).open(QIODevice::WriteOnly));
    const Ended ended = run({empty, QStringLiteral("mnist"), QStringLiteral("--picture"), folder.filePath(QStringLiteral("window.png"))});
    QCOMPARE(ended.code, 1);
    // Qt's platform plugin may say things of its own; ours is one line.
    const QStringList ours = ended.errors.split(u'\n').filter(QRegularExpression(QStringLiteral("^polarizer: ")));
    QCOMPARE(ours.size(), 1);
    QVERIFY2(ours.front().contains(QStringLiteral("empty.onnx")), qPrintable(ended.errors));
}

void TestPolarizer::wrongUsageIsExitCodeTwo()
{
    QCOMPARE(run({QStringLiteral("--paint")}).code, 2);
    QCOMPARE(run({QStringLiteral("--help")}).code, 0);
}

void TestPolarizer::withoutADisplayItSaysSo()
{
    QProcessEnvironment bare = QProcessEnvironment::systemEnvironment();
    for (const char* variable : {"DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"})
        bare.remove(QString::fromLatin1(variable));
    const Ended ended = run({}, bare);
    QCOMPARE(ended.code, 1);
    QVERIFY2(ended.errors.contains(QStringLiteral("no display")), qPrintable(ended.errors));
}

QTEST_APPLESS_MAIN(TestPolarizer)
#include "tst_polarizer.moc"
