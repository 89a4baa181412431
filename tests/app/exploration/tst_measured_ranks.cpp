// SPDX-License-Identifier: Apache-2.0
#include "app/exploration/fake_source.h"
#include "app/exploration/measured_ranks.h"

#include <QTest>

using namespace app;

class TestMeasuredRanks : public QObject {
    Q_OBJECT
private slots:
    void ranksOfOneTreatmentAreCollected();
    void anotherTreatmentHasItsOwnFigures();

private:
    static core::PrecisionPlan plan(const char* format, int rank)
    {
        core::PrecisionPlan result;
        core::WeightPlan weights;
        weights.palette.front().format = core::NumberFormat::named(format).value();
        result.defaults.weights = weights;
        core::SurrogatePlan surrogate;
        surrogate.rank = rank;
        result.defaults.surrogate = core::Switchable<core::SurrogatePlan>{surrogate};
        return result;
    }
    static core::Report measured(double decibels)
    {
        core::Report report;
        report.layers.resize(1);
        report.layers.front().sqnrDecibels = decibels;
        return report;
    }
    const std::vector<core::WeightedLayer> m_layers{test::fakeLayer(0, "only", 8, 8)};
};

void TestMeasuredRanks::ranksOfOneTreatmentAreCollected()
{
    MeasuredRanks ranks;
    ranks.learn(m_layers, plan("int4", 0), measured(18.0));
    ranks.learn(m_layers, plan("int4", 4), measured(23.0));
    ranks.learn(m_layers, plan("int4", 4), measured(24.0)); // more samples: the newer figure counts
    const std::map<int, double> expected{{0, 18.0}, {4, 24.0}};
    QCOMPARE(ranks.of("only", core::resolve(plan("int4", 7), "only")), expected);
}

void TestMeasuredRanks::anotherTreatmentHasItsOwnFigures()
{
    MeasuredRanks ranks;
    ranks.learn(m_layers, plan("int4", 4), measured(23.0));
    QVERIFY(ranks.of("only", core::resolve(plan("int2", 4), "only")).empty());
    QVERIFY(ranks.of("other", core::resolve(plan("int4", 4), "other")).empty());
}

QTEST_MAIN(TestMeasuredRanks)
#include "tst_measured_ranks.moc"
