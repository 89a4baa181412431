// SPDX-License-Identifier: Apache-2.0
// The tab of errors: what can be seen of a layer's running sums, and what is said where nobody watches them.
#include "app/shell/errors_panel.h"

#include "app/exploration/fake_sums.h"
#include "app/views/heat_map_view.h"

#include <QComboBox>
#include <QLabel>
#include <QTest>

using namespace app;

class TestErrorsPanel : public QObject {
    Q_OBJECT

    test::SumPacePtr m_sums;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<ErrorsPanel> m_panel;

    HeatMapView* matrix() { return m_panel->findChild<HeatMapView*>(QStringLiteral("errorMatrix")); }
    QLabel* hint() { return m_panel->findChild<QLabel*>(QStringLiteral("errorDetailHint")); }
    void pick(const char* words)
    {
        auto* picker = m_panel->findChild<QComboBox*>(QStringLiteral("errorPicker"));
        const int entry = picker->findText(QString::fromUtf8(words));
        QVERIFY2(entry >= 0, words);
        picker->setCurrentIndex(entry);
        emit picker->activated(entry);
    }

private slots:
    void init()
    {
        m_sums = std::make_shared<test::SumPace>();
        m_exploration = std::make_unique<Exploration>(test::fakeSumOpener(std::make_shared<test::Pace>(), m_sums));
        m_exploration->open({"small"});
        QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
        m_panel = std::make_unique<ErrorsPanel>(*m_exploration);
        m_panel->resize(700, 560);
        m_panel->show();
    }
    void cleanup()
    {
        m_panel.reset();
        m_exploration.reset();
    }

    void sumsThatNobodyWatchesAreHatchedAndSaid()
    {
        pick("sums: overflow");
        QTRY_VERIFY(hint()->isVisible());
        QVERIFY(hint()->text().contains(QStringLiteral("adds up in fp32")));
        QVERIFY(std::isnan(matrix()->map().values(0, 0)));
        QCOMPARE(matrix()->map().values.rows(), 16);
        QCOMPARE(m_sums->asked, 0);
    }
    void aDenseLayersSumsStandSampleBySample()
    {
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        pick("sums: condition number");
        QTRY_VERIFY(hint()->isHidden() && matrix()->map().values.cols() == 6);  // the fake scores six
        QCOMPARE(matrix()->map().values.rows(), 16);
        QCOMPARE(matrix()->map().values(2, 0), 2.0F);
        QCOMPARE(matrix()->map().columnLabels.value(3), QStringLiteral("3"));
        pick("sums: taken again");
        QCOMPARE(matrix()->map().steps.size(), std::size_t(2));  // there is no third format
        QCOMPARE(matrix()->map().values(1, 0), 1.0F);
        QCOMPARE(matrix()->map().values(2, 0), 0.0F);
        pick("sums: overflow");
        QCOMPARE(matrix()->map().values(3, 0), 1.0F);
        QVERIFY2(hint()->text().startsWith(QStringLiteral("6 of the 96 sums shown overflow; ")), qPrintable(hint()->text()));
        QVERIFY(matrix()->map().pooling == Pooling::Largest);  // a rare one is seen among many
        QCOMPARE(matrix()->map().steps.size(), std::size_t(2));
        pick("sums: accumulation error");
        QCOMPARE(matrix()->map().values(5, 0), 0.05F);
        QCOMPARE(matrix()->map().range->low, -matrix()->map().range->high);
    }
    void positionsOfOneSampleAreColumns()
    {
        m_sums->positions = 9;
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        pick("sums: accumulation error");
        QTRY_VERIFY(matrix()->map().values.cols() == 9);
        QVERIFY(matrix()->map().title.contains(QStringLiteral("sample 0")));
    }
    void aCellOfSumsIsNoWeight()
    {
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        pick("sums: overflow");
        QTRY_VERIFY(matrix()->map().values.cols() == 6);
        emit matrix()->cellSelected(1, 1);
        QVERIFY(!m_exploration->selection().weight);
        pick("weights, rows × columns");
        QTRY_VERIFY(matrix()->map().values.cols() == 16);
        emit matrix()->cellSelected(1, 1);
        QVERIFY(m_exploration->selection().weight);
    }
    void nothingIsAskedWhileNobodyLooks()
    {
        pick("sums: overflow");
        m_panel->hide();
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        QTRY_VERIFY(m_exploration->jobState().isIdle());
        QTest::qWait(2 * static_cast<int>(SumStudy::kRest.count()));
        QCOMPARE(m_sums->asked, 0);
        m_panel->show();
        QTRY_VERIFY(matrix()->map().values.cols() == 6);
    }
};

QTEST_MAIN(TestErrorsPanel)
#include "tst_errors_panel.moc"
