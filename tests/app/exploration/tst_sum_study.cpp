// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/sum_study.h"

#include "app/exploration/fake_sums.h"

#include <QTest>

using namespace app;

class TestSumStudy : public QObject {
    Q_OBJECT

    test::PacePtr m_pace;
    test::SumPacePtr m_sums;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<SumStudy> m_study;

    bool isDone() const { return m_study->found().state == StudyState::Done; }

private slots:
    void init()
    {
        m_pace = std::make_shared<test::Pace>();
        m_sums = std::make_shared<test::SumPace>();
        m_exploration = std::make_unique<Exploration>(test::fakeSumOpener(m_pace, m_sums));
        m_study = std::make_unique<SumStudy>(*m_exploration, 4);
        m_exploration->open({"small"});
        QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    }
    void cleanup()
    {
        m_sums->hold = false;
        m_study.reset();
        m_exploration.reset();
    }

    void theEnginesOwnSumsAreNotAskedAbout()
    {
        m_study->watch();
        QTest::qWait(2 * static_cast<int>(SumStudy::kRest.count()));
        QCOMPARE(m_sums->asked, 0);
        QCOMPARE(m_study->found().state, StudyState::Nothing);
        core::PrecisionPlan array = test::fakeSumPlan();
        array.defaults.cim = core::Switchable<core::ArrayTreatment>{core::ArrayTreatment{}};
        QVERIFY(!hasOwnSums(core::resolve(array, "first")));
        QVERIFY(hasOwnSums(core::resolve(test::fakeSumPlan(), "first")));
    }

    void aLayerWithOnePositionIsFollowedOnSeveralSamples()
    {
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        m_study->watch();
        QTRY_VERIFY(isDone());
        QCOMPARE(m_study->found().answer->samples, (std::vector<std::int64_t>{0, 1, 2, 3}));
        QCOMPARE(m_study->found().answer->sums.size(), std::size_t{4});
        QCOMPARE(m_study->found().answer->sums.front().rows, 16);
    }

    void aLayerWithPositionsIsFollowedOnTheChosenSampleAlone()
    {
        m_sums->positions = 9;
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        Selection selection;
        selection.sample = core::SampleIndex(5);
        m_exploration->setSelection(selection);
        m_study->watch();
        QTRY_VERIFY(isDone());
        QCOMPARE(m_study->found().answer->samples, std::vector<std::int64_t>{5});
        QCOMPARE(m_sums->asked, 1);
    }

    void ordersOfLaterLayersAreNoOtherQuestion()
    {
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        m_study->watch();
        QTRY_VERIFY(isDone());
        QTRY_VERIFY(m_exploration->jobState().isIdle());
        const int asked = m_sums->asked;
        m_exploration->editLayer(core::LayerIndex(2), QStringLiteral("weights"), [](const auto&, core::LayerTreatment& treatment) {
            treatment.weights.palette.front().format = core::NumberFormat::named("int4").value();
        });
        QVERIFY(isDone());
        m_sums->hold = true;
        m_exploration->editLayer(core::LayerIndex(0), QStringLiteral("block"),
                                 [](const auto&, core::LayerTreatment& treatment) { treatment.accumulator.sum.block = 16; });
        QVERIFY(m_study->found().isOld);
        QVERIFY(m_study->found().answer);  // the plan's before stays on show
        QVERIFY(m_study->isBusy());
        QTRY_COMPARE(m_sums->asked, asked + 1);
        m_sums->hold = false;
        QTRY_VERIFY(isDone());
        QVERIFY(!m_study->found().isOld);
    }

    void anotherLayersSumsAreNotShownMeanwhile()
    {
        m_exploration->changePlan(test::fakeSumPlan(), QStringLiteral("sums"));
        m_study->watch();
        QTRY_VERIFY(isDone());
        Selection selection;
        selection.current = core::LayerIndex(1);
        m_exploration->setSelection(selection);
        QVERIFY(!m_study->found().answer);
        QTRY_VERIFY(isDone());
        QCOMPARE(m_study->found().answer->sums.front().rows, 8);
    }
};

QTEST_MAIN(TestSumStudy)
#include "tst_sum_study.moc"
