// SPDX-License-Identifier: Apache-2.0
// Ranks shared out under a budget: against every possible allocation where there are few, and on bundled networks.

#include "core/assign/rank_allocation.h"
#include "core/base/noise.h"
#include "core/io/library.h"
#include "core/learn/row_importance.h"

#include <QtTest>

#include <cmath>
#include <numeric>

using namespace core;

namespace {

double worth(std::span<const RankOffer> offers, const std::vector<int>& ranks)
{
    double sum = 0;
    for (std::size_t layer = 0; layer < offers.size(); ++layer)
        sum += std::accumulate(offers[layer].gains.begin(), offers[layer].gains.begin() + ranks[layer], 0.0);
    return sum;
}

double cost(std::span<const RankOffer> offers, const std::vector<int>& ranks)
{
    double sum = 0;
    for (std::size_t layer = 0; layer < offers.size(); ++layer)
        sum += offers[layer].costPerRank * ranks[layer];
    return sum;
}

/// Three layers with up to five ranks each, gains descending.
std::vector<RankOffer> randomOffers(std::uint32_t seed)
{
    const NoiseStream noise(seed, NoisePurpose::Test);
    std::vector<RankOffer> offers;
    for (std::uint32_t layer = 0; layer < 3; ++layer) {
        const auto drawn = noise.gaussians({layer, 0, 0}), more = noise.gaussians({layer, 1, 0});
        RankOffer offer{1.0 + std::abs(static_cast<double>(drawn[0])), {}};
        double gain = 1.0 + std::abs(static_cast<double>(drawn[1]));
        for (int rank = 0; rank < 5;
             ++rank, gain *= 0.3 + 0.6 / (1 + std::abs(static_cast<double>(more[static_cast<std::size_t>(rank % 4)]))))
            offer.gains.push_back(gain);
        offers.push_back(offer);
    }
    return offers;
}

double best(std::span<const RankOffer> offers, double budget)
{
    double most = 0;
    std::vector<int> ranks(3);
    for (ranks[0] = 0; ranks[0] <= 5; ++ranks[0])
        for (ranks[1] = 0; ranks[1] <= 5; ++ranks[1])
            for (ranks[2] = 0; ranks[2] <= 5; ++ranks[2])
                if (cost(offers, ranks) <= budget)
                    most = std::max(most, worth(offers, ranks));
    return most;
}

}  // namespace

class TestRankAllocation : public QObject {
    Q_OBJECT
private slots:
    void theBudgetIsKeptAndNoAllocationIsBetterByMoreThanOneRank()
    {
        for (std::uint32_t seed = 1; seed <= 200; ++seed) {
            const auto offers = randomOffers(seed);
            const double budget = 0.1 * static_cast<double>(seed % 97) + 1.0;
            const std::vector<int> ranks = allocateRanks(offers, budget);
            QVERIFY(cost(offers, ranks) <= budget);
            double largest = 0;
            for (const RankOffer& offer : offers)
                largest = std::max(largest, offer.gains.front());
            QVERIFY2(worth(offers, ranks) >= best(offers, budget) - largest, qPrintable(QString("seed %1").arg(seed)));
        }
    }

    void aLargerBudgetNeverTakesWorthAway()
    {
        const auto offers = randomOffers(7);
        double before = 0;
        for (double budget = 0; budget < 40; budget += 0.25) {
            const double now = worth(offers, allocateRanks(offers, budget));
            QVERIFY2(now >= before * (1 - 0.1), qPrintable(QString::number(budget)));  // a knapsack's greedy may trade a little
            before = std::max(before, now);
        }
        QCOMPARE(allocateRanks(offers, 1e9), (std::vector<int>{5, 5, 5}));
    }

    void whatWinsNothingIsNotBought()
    {
        const std::vector<RankOffer> offers{{1.0, {2.0, 0.0, 0.0}}, {1.0, {}}, {1.0, {1.0, 1.0}}};
        QCOMPARE(allocateRanks(offers, 100), (std::vector<int>{1, 0, 2}));
        QCOMPARE(uniformRank(offers, 100), 3);
        QCOMPARE(uniformRank(offers, 4), 2);
        QCOMPARE(uniformRank(offers, 1.5), 0);
    }

    void budgetsAreReadAndWritten_data()
    {
        QTest::addColumn<QString>("text");
        QTest::addColumn<bool>("isGood");
        for (const char* good : {"macs:20000", "bytes:5%", "energy:1200.5"})
            QTest::newRow(good) << good << true;
        for (const char* bad : {"", "bytes", "bytes:", "bytes:0", "bytes:-1", "bytes:nan", "bytes:5%%", "bits:4", "energy:1e400"})
            QTest::newRow(bad) << bad << false;
    }
    void budgetsAreReadAndWritten()
    {
        QFETCH(QString, text);
        QFETCH(bool, isGood);
        const auto budget = RankBudget::parse(text.toStdString());
        QCOMPARE(budget.has_value(), isGood);
        if (isGood)
            QCOMPARE(QString::fromStdString(budget.value().text()), text);
        else
            QVERIFY(budget.error().message.find("wanted macs:N") != std::string::npos);
    }

    void sharedRanksBeatTheSameRankEverywhereAtEqualCost()
    {
        // Loss-weighted error at the output, on test samples that no fit has seen. Two bits, where layers differ most.
        const auto subject = openSubject("lenet5-mnist", "mnist");
        QVERIFY(subject.has_value());
        const auto evaluator = Evaluator::create(subject.value(), {}, rowImportance).value();
        PrecisionPlan plan;
        plan.defaults.weights = WeightPlan{
            {Treatment{NumberFormat::named("int2").value(), {ScaleRule::Kind::Row, 0}, ClipRule::parse("mse").value()}}, {}, {}, {}};
        plan.defaults.surrogate = Switchable<SurrogatePlan>{SurrogatePlan{}};
        const PriceTable technology = loadPriceTable("45nm").value();
        for (const char* text : {"bytes:5%", "macs:10%"}) {
            const auto shared = allocate(*evaluator, plan, RankBudget::parse(text).value(), technology);
            QVERIFY2(shared.has_value(), shared ? "" : shared.error().text().c_str());
            const RankAllocation& allocation = shared.value();
            QVERIFY(allocation.allocatedCost <= allocation.budget && allocation.uniformCost <= allocation.budget);
            QVERIFY(allocation.allocatedCost > 0.8 * allocation.budget);
            EvaluationRequest request;
            request.technology = technology;
            request.plan = allocation.allocated;
            const ReportPtr ours = evaluator->evaluate(request).value();
            request.plan = allocation.uniform;
            const ReportPtr uniform = evaluator->evaluate(request).value();
            QVERIFY2(ours->top1.value() > uniform->top1.value(),
                     qPrintable(QString("%1: %2 against %3").arg(text).arg(ours->top1.value()).arg(uniform->top1.value())));
        }
    }
};

QTEST_APPLESS_MAIN(TestRankAllocation)
#include "tst_rank_allocation.moc"
