// SPDX-License-Identifier: Apache-2.0
#include "app/shell/settings.h"

#include <QSettings>
#include <QTemporaryDir>
#include <QTest>

using namespace app;

class TestSettings : public QObject {
    Q_OBJECT
private slots:
    void whatIsSavedIsLoadedAgain();
    void anEmptyStoreGivesTheDefaults();
    void settingsOfALaterVersionAreLeftAlone();

private:
    QTemporaryDir m_folder;
    QString file(const char* name) const { return m_folder.filePath(QString::fromLatin1(name)); }
};

void TestSettings::whatIsSavedIsLoadedAgain()
{
    WindowSettings settings;
    settings.geometry = "geometry";
    settings.layout = "layout";
    settings.theme = Theme::Dark;
    settings.live = false;
    settings.folder = QStringLiteral("/some/where");
    settings.technology = QStringLiteral("7nm");
    {
        QSettings store(file("kept.ini"), QSettings::IniFormat);
        saveSettings(store, settings);
    }
    QSettings store(file("kept.ini"), QSettings::IniFormat);
    QVERIFY(loadSettings(store) == settings);
}

void TestSettings::anEmptyStoreGivesTheDefaults()
{
    QSettings store(file("empty.ini"), QSettings::IniFormat);
    QVERIFY(loadSettings(store) == WindowSettings{});
}

void TestSettings::settingsOfALaterVersionAreLeftAlone()
{
    QSettings store(file("later.ini"), QSettings::IniFormat);
    store.setValue(QStringLiteral("version"), WindowSettings::kVersion + 1);
    store.setValue(QStringLiteral("theme"), QStringLiteral("dark"));
    QVERIFY(loadSettings(store) == WindowSettings{});
    QCOMPARE(store.value(QStringLiteral("theme")).toString(), QStringLiteral("dark"));
}

QTEST_MAIN(TestSettings)
#include "tst_settings.moc"
