// SPDX-License-Identifier: Apache-2.0
// The Energy tab: its pages, a table of one's own, and what a bad one says.
#include "app/exploration/fake_source.h"
#include "app/shell/energy_panel.h"
#include "app/views/figure_view.h"

#include <QComboBox>
#include <QFile>
#include <QSignalSpy>
#include <QTabBar>
#include <QTemporaryDir>
#include <QTest>

#include <memory>

using namespace app;

namespace {

const QByteArray kOwn =
    R"({"schema": "polarizer.energy/1", "name": "mine", "title": "My own prices", "node_nm": 22, "voltage": 0.8, "prices": [
    {"operation": "multiply", "bits": 8, "picojoules": 1, "source": "a bench", "confidence": "measured"}]})";

}  // namespace

class TestEnergyPanel : public QObject {
    Q_OBJECT

private slots:
    void init()
    {
        m_exploration = std::make_unique<Exploration>(test::fakeOpener(std::make_shared<test::Pace>()));
        m_exploration->open({"small"});
        QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
        m_panel = std::make_unique<EnergyPanel>(*m_exploration);
        m_panel->resize(700, 600);
        m_panel->show();
        QTRY_VERIFY(!m_panel->isStale());
    }
    void cleanup()
    {
        m_panel.reset();
        m_exploration.reset();
    }

    void everyPageHasAFigureOfItsOwn()
    {
        QSignalSpy changed(m_panel.get(), &BenchPanel::figureChanged);
        QStringList names{m_panel->figure()->objectName()};
        auto* pages = m_panel->findChild<QTabBar*>(QStringLiteral("energyPages"));
        pages->setFocus();
        for (int page = 1; page < pages->count(); ++page) {
            QTest::keyClick(pages, Qt::Key_Right);
            names << m_panel->figure()->objectName();
        }
        QCOMPARE(names, (QStringList{QStringLiteral("energyView"), QStringLiteral("efficiencyView"), QStringLiteral("estimatesView")}));
        QCOMPARE(changed.size(), 2);
        QVERIFY(m_panel->figure()->isVisible());
        QVERIFY(!m_panel->figures().at(0)->isEmpty() && !m_panel->figures().at(1)->isEmpty());
    }

    void aTableOfOnesOwnIsPaidByAndListed()
    {
        const QString file = write("mine.json", kOwn);
        QSignalSpy asked(m_exploration.get(), &Exploration::questionAsked);
        m_panel->useTable(file);
        QTRY_COMPARE(m_exploration->settings().technology, file.toStdString());
        QCOMPARE(m_exploration->technology()->title, std::string("My own prices"));
        QTRY_COMPARE(asked.size(), 1);
        auto* box = m_panel->findChild<QComboBox*>(QStringLiteral("technology"));
        QTRY_COMPARE(box->currentText(), QStringLiteral("My own prices"));
        QCOMPARE(box->count(), 3);
        // Read again it takes the place of the first; the bundled ones stay.
        m_panel->useTable(file);
        QTRY_COMPARE(asked.size(), 2);
        QCOMPARE(m_exploration->technologies().size(), std::size_t{3});
        box->setCurrentIndex(0);
        emit box->activated(0);
        QCOMPARE(m_exploration->technology()->name, std::string("45nm"));
    }

    void aBadTableIsAProblemAndChangesNothing()
    {
        QSignalSpy problems(m_exploration.get(), &Exploration::problemFound);
        QByteArray bad = kOwn;
        bad.replace("\"picojoules\": 1", "\"picojoules\": -1");
        m_panel->useTable(write("bad.json", bad));
        QTRY_COMPARE(problems.size(), 1);
        const QString text = QString::fromStdString(problems.front().front().value<core::Problem>().text());
        QVERIFY2(text.contains(QStringLiteral("bad.json")) && text.contains(QStringLiteral("prices[0].picojoules")), qPrintable(text));
        QCOMPARE(m_exploration->technology()->name, std::string("45nm"));
    }

    void aTableOfAnEarlierSessionIsFoundAgain()
    {
        EvaluationSettings settings = m_exploration->settings();
        settings.technology = write("mine.json", kOwn).toStdString();
        m_exploration->changeSettings(settings);
        QTRY_COMPARE(m_exploration->technology()->title, std::string("My own prices"));
    }

private:
    QString write(const char* name, const QByteArray& text)
    {
        QFile file(m_folder.filePath(QString::fromLatin1(name)));
        if (!file.open(QIODevice::WriteOnly) || file.write(text) != text.size())
            qFatal("cannot write %s", name);
        return file.fileName();
    }

    QTemporaryDir m_folder;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<EnergyPanel> m_panel;
};

QTEST_MAIN(TestEnergyPanel)
#include "tst_energy_panel.moc"
