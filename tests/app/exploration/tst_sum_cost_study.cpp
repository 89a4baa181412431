// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/sum_cost_study.h"

#include "app/exploration/fake_sums.h"

#include <QTest>

#include <cmath>

using namespace app;
using Kind = SumCost::Kind;

class TestSumCostStudy : public QObject {
    Q_OBJECT

    test::PacePtr m_pace;
    test::SumPacePtr m_sums;
    std::unique_ptr<Exploration> m_exploration;
    std::unique_ptr<SumCostStudy> m_study;

    StudyState state() const { return m_study->study().state; }
    core::AccumulatorPlan sumsOf(const SumCost& way) const { return core::resolve(way.plan, "first").accumulator; }

private slots:
    void init()
    {
        m_pace = std::make_shared<test::Pace>();
        m_sums = std::make_shared<test::SumPace>();
        m_exploration = std::make_unique<Exploration>(test::fakeSumOpener(m_pace, m_sums));
        m_study = std::make_unique<SumCostStudy>(*m_exploration);
        m_exploration->open({"small"});
        QTRY_VERIFY(m_exploration->report() && m_exploration->jobState().isIdle());
    }
    void cleanup()
    {
        m_pace->endless = false;
        m_study.reset();
        m_exploration.reset();
    }
    void change(const core::PrecisionPlan& plan)
    {
        m_exploration->changePlan(plan, QStringLiteral("sums"));
        QTRY_VERIFY(m_exploration->jobState().isIdle());
    }

    void theWaysAreThePlanItsEndsTolerancesAndShares()
    {
        const auto ways = sumWays(test::fakeSumPlan(test::fakeRule(0.2)), m_exploration->layers());
        QCOMPARE(ways.size(), 3 + kSweptTolerances.size() + kSweptShares.size());
        QVERIFY(ways[0].isPresent && ways[0].setting == 0.2);
        QVERIFY(!sumsOf(ways[1]).mixed);
        QCOMPARE(sumsOf(ways[1]).sum.format.name(), std::string("e4m3"));
        QVERIFY(!sumsOf(ways[2]).mixed);
        QCOMPARE(sumsOf(ways[2]).sum.format.name(), std::string("fp16"));
        QCOMPARE(sumsOf(ways[2]).sum.block, 8);  // order and blocks are those of the plan
        QCOMPARE(sumsOf(ways[3]).mixed->tolerance, kSweptTolerances[0]);
        QCOMPARE(sumsOf(ways.back()).mixed->highRows, kSweptShares.back());
        // A tolerance that is swept anyway is not scored twice.
        QCOMPARE(sumWays(test::fakeSumPlan(test::fakeRule(0.3)), m_exploration->layers()).size(), ways.size() - 1);
        QVERIFY(sumWays({}, m_exploration->layers()).empty());
    }

    void aThirdFormatsToleranceKeepsItsRatio()
    {
        core::AccumulatorPlan plan = test::fakeRule(0.2);
        plan.mixed->middle = core::MixedSum::Middle{core::NumberFormat::named("bf16").value(), 2.0};
        const auto ways = sumWays(test::fakeSumPlan(plan), m_exploration->layers());
        for (const SumCost& way : ways) {
            QVERIFY(core::check(sumsOf(way)).empty());
            if (way.kind == Kind::Tolerance)
                QCOMPARE(sumsOf(way).mixed->middle->tolerance, 10 * way.setting);
            if (way.kind == Kind::Rows)
                QVERIFY(!sumsOf(way).mixed->middle);
        }
    }

    void theFullConditionHasTolerancesOfItsOwn()
    {
        core::AccumulatorPlan plan = test::fakeRule(7);
        plan.mixed->condition = core::MixedSum::Condition::Full;
        const auto ways = sumWays(test::fakeSumPlan(plan), m_exploration->layers());
        QCOMPARE(ways[3].setting, kSweptFullTolerances[0]);
    }

    void everyWayIsScoredAndPriced()
    {
        change(test::fakeSumPlan());
        const int begun = m_pace->begun;
        m_study->measure();
        QTRY_COMPARE(state(), StudyState::Done);
        const SumCosts& costs = *m_study->study().figures;
        QVERIFY(!costs.isPartial);
        QCOMPARE(m_pace->begun - begun, static_cast<int>(costs.ways.size()));
        QCOMPARE(costs.uniformCost, 2.0);
        QCOMPARE(costs.ways[0].cost, 2.0);  // 1 + 2 * 1/2 at tolerance 0.1
        QCOMPARE(costs.ways[1].cost, 1.0);
        QCOMPARE(costs.ways[1].top1.value(), 0.9);
        QCOMPARE(costs.ways[2].cost, 2.0);
        QCOMPARE(costs.ways[2].top1.value(), 0.99);
        QCOMPARE(costs.ways.back().cost, 1.4);
        QCOMPARE(costs.referenceTop1.value(), 0.992);
    }

    void cheaperWaysAreComparedWithTheHighFormatOnTheSameSamples()
    {
        change(test::fakeSumPlan(test::fakeRule(0.3)));
        const auto measured = [this] {
            m_study->measure();
            [&] { QTRY_COMPARE(state(), StudyState::Done); }();
            return *m_study->study().figures;
        };
        // 20 samples that only fp16 gets right are no luck: p = 2^-19. The low format loses 90.
        SumCosts costs = measured();
        QVERIFY(!costs.ways[2].toHigh);  // is the high format
        QCOMPARE(costs.ways[0].toHigh->lost, 20);
        QVERIFY(costs.ways[0].toHigh->isSignificant());
        QCOMPARE_LT(std::abs(costs.ways[1].toHigh->difference + 0.09), 1e-12);
        CheaperWays cheaper = cheaperWays(costs);
        QVERIFY(cheaper.count > 3 && cheaper.compared == cheaper.count && cheaper.told == cheaper.count);
        QVERIFY(!cheaper.cheapest);

        // Five are: p = 1/16. Of what mixes the cheapest is a tenth of the rows.
        m_sums->mixedRight = 985;
        costs = measured();
        cheaper = cheaperWays(costs);
        QCOMPARE(cheaper.told, 1);  // the low format
        QVERIFY(cheaper.cheapest && cheaper.cheapest->kind == Kind::Rows);
        QCOMPARE(cheaper.cheapest->setting, 0.1);

        m_sums->lowRight = 987;
        costs = measured();
        cheaper = cheaperWays(costs);
        QCOMPARE(cheaper.told, 0);
        QVERIFY(cheaper.cheapest->kind == Kind::Low);
    }

    void layersWeighAsTheirMultiplications()
    {
        // The rule in layers 0 and 2, of 1 and 3 multiplications: costs 2 (tolerance 0.1) and 1.4 (0.4), not the array's.
        core::PrecisionPlan plan;
        plan.layers["first"].accumulator = test::fakeRule(0.1);
        plan.layers["third"].accumulator = test::fakeRule(0.4);
        change(plan);
        m_study->measure();
        QTRY_COMPARE(state(), StudyState::Done);
        QCOMPARE(m_study->study().figures->ways.front().cost, (1 * 2.0 + 3 * 1.4) / 4);
    }

    void aStopKeepsWhatIsKnown()
    {
        m_pace->microsecondsPerChunk = 5000;
        change(test::fakeSumPlan());
        m_study->measure();
        QTRY_VERIFY(m_study->study().figures);
        m_study->stop();
        QCOMPARE(state(), StudyState::Stopped);
        QVERIFY(m_study->study().figures->isPartial);
        QVERIFY(!m_study->study().figures->ways.empty());
        QTRY_VERIFY(!m_exploration->jobState().beside);
    }

    void stoppingEverythingStopsItToo()
    {
        m_pace->microsecondsPerChunk = 5000;
        change(test::fakeSumPlan());
        m_study->measure();
        QTRY_VERIFY(m_exploration->jobState().beside);
        m_exploration->stop();
        QCOMPARE(state(), StudyState::Stopped);
    }

    void aPlanThatMovesOnComesFirst()
    {
        m_pace->microsecondsPerChunk = 5000;
        change(test::fakeSumPlan());
        m_study->measure();
        QTRY_VERIFY(m_study->study().figures);
        m_exploration->changePlan(test::fakeSumPlan(test::fakeRule(0.4)), QStringLiteral("tolerance"));
        QCOMPARE(state(), StudyState::Stopped);
        QTRY_VERIFY(m_study->study().isOld);
    }

    void sumsThatWereNotMeasuredAreAProblem()
    {
        change(test::fakeSumPlan());
        m_sums->unmeasured = true;
        m_study->measure();
        QTRY_COMPARE(state(), StudyState::Failed);
        QVERIFY(m_study->study().problem.contains(QStringLiteral("not measured")));
    }
};

QTEST_MAIN(TestSumCostStudy)
#include "tst_sum_cost_study.moc"
