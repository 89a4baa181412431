// SPDX-License-Identifier: Apache-2.0
// The same cost spent in several ways, on real networks.

#include "core/assign/equal_cost.h"
#include "core/assign/method_comparison.h"
#include "core/io/library.h"
#include "core/learn/row_importance.h"

#include <QtTest>

#include <set>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

PrecisionPlan planOf(const char* weights, int rank)
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format(weights), {ScaleRule::Kind::Row, 0}, ClipRule::parse("mse").value()}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {}};
    SurrogatePlan surrogate;
    surrogate.rank = rank;
    surrogate.format = format("fp16");
    plan.defaults.surrogate = Switchable<SurrogatePlan>{surrogate};
    return plan;
}

}  // namespace

class TestEqualCost : public QObject {
    Q_OBJECT
    std::shared_ptr<Evaluator> m_evaluator;
    PriceTable m_technology;

private slots:
    void initTestCase()
    {
        const auto subject = openSubject("mlp-mnist", "mnist");
        QVERIFY2(subject.has_value(), subject ? "" : subject.error().text().c_str());
        m_evaluator = Evaluator::create(subject.value(), {}, rowImportance).value();
        m_technology = loadPriceTable("45nm").value();
    }

    void nobodySpendsMoreAndEachSpendsNearlyAll_data()
    {
        QTest::addColumn<int>("kind");
        QTest::newRow("bytes") << static_cast<int>(CostKind::Bytes);
        QTest::newRow("energy") << static_cast<int>(CostKind::Energy);
    }
    void nobodySpendsMoreAndEachSpendsNearlyAll()
    {
        QFETCH(int, kind);
        EqualCostRequest request;
        request.plan = planOf("int2", 4);
        request.kind = static_cast<CostKind>(kind);
        request.technology = m_technology;
        request.samples = 1000;
        const RowScores scores = fisherRowScores(*m_evaluator, request.plan).value();
        int told = 0;
        const auto contenders = compareAtEqualCost(*m_evaluator, request, scores, {}, [&](const Contender&) { ++told; });
        QVERIFY2(contenders.has_value(), contenders ? "" : contenders.error().text().c_str());
        QCOMPARE(told, static_cast<int>(contenders.value().size()));
        const auto cost = [&](const PlanCost& of) { return request.kind == CostKind::Bytes ? of.bytes : of.energy.value(); };
        const double limit = cost(costOf(request.plan, m_evaluator->layers(), m_technology).value());
        std::set<std::string> names;
        for (const Contender& contender : contenders.value()) {
            names.insert(contender.name);
            QVERIFY2(cost(contender.cost) <= limit * (1 + 1e-6), contender.name.c_str());
            if (contender.name == "more bits" || contender.name == "shared rank")
                QVERIFY2(cost(contender.cost) > 0.9 * limit, contender.name.c_str());
        }
        QVERIFY(names.contains("nothing") && names.contains("rank") && names.contains("shared rank") && names.contains("more bits") &&
                names.contains("protected rows"));
        // At two bits recovery is worth its cost: nothing bought is the worst, or nearly.
        QVERIFY(contenders.value().front().name != "nothing");
        for (std::size_t i = 1; i < contenders.value().size(); ++i)
            QVERIFY(contenders.value()[i - 1].report->chips.mean >= contenders.value()[i].report->chips.mean);
    }

    void aPlanWithoutRecoveryHasNothingToSpend()
    {
        EqualCostRequest request;
        request.plan = planOf("int4", 0);
        request.technology = m_technology;
        const auto contenders = compareAtEqualCost(*m_evaluator, request, RowScores(3, std::vector<double>(784, 0.0)));
        QVERIFY(!contenders && contenders.error().text().find("no recovery path") != std::string::npos);
    }

    void everyMethodIsComparedAlsoWhereTheDefaultRankIsTooLarge()
    {
        const PrecisionPlan plan = planOf("int2", 40);   // the last layer has ten rows
        for (const WeightedLayer& layer : m_evaluator->layers()) {
            const auto figures = compareMethods(*m_evaluator, plan, layer.index);
            QVERIFY2(figures.has_value(), figures ? "" : figures.error().text().c_str());
            QCOMPARE(figures.value().size(), std::size_t(5));
            const auto left = [](const MethodFigure& figure) { return -figure.report.predictedSqnr(4); };
            // On the vectors it was fitted to nothing beats the regression by more than its prior costs.
            for (const MethodFigure& figure : figures.value())
                QVERIFY(left(figures.value().front()) <= left(figure) + 0.5);
        }
        PrecisionPlan exact = plan;
        exact.layers["fc1"].weights = WeightPlan{};
        exact.layers["fc1"].activations = ActivationPlan{};
        const auto none = compareMethods(*m_evaluator, exact, LayerIndex(0));
        QVERIFY(!none && none.error().text().find("no error to recover") != std::string::npos);
    }

    void oneBitMoreStaysInItsKind()
    {
        for (const auto& [from, to] : {std::pair{"int4", "int5"},
                                       {"uint8", "uint9"},
                                       {"pot4", "pot5"},
                                       {"odd3", "odd4"},
                                       {"nf4", "int5"},
                                       {"e4m3", "int9"},
                                       {"ternary", "int3"}})
            QCOMPARE(QString::fromStdString(oneBitMore(format(from))->name()), QString(to));
        QVERIFY(!oneBitMore(format("int16")) && !oneBitMore(NumberFormat()));
    }
};

QTEST_APPLESS_MAIN(TestEqualCost)
#include "tst_equal_cost.moc"
