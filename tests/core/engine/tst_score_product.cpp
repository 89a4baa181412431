// SPDX-License-Identifier: Apache-2.0
// An attention's logits in two formats: found in networks, chosen by the softmax's own error, summed as running sums are.

#include "tests/core/engine/network_builder.h"
#include "tests/core/eval/evaluators.h"

#include "core/engine/score_product.h"
#include "core/eval/evaluator.h"
#include "core/io/library.h"

#include <QtTest>

#include <cmath>
#include <numeric>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

ScorePlan scores(double tolerance, const char* low = "e4m3", const char* high = "fp32")
{
    ScorePlan plan;
    plan.low.format = format(low);
    plan.high = format(high);
    plan.tolerance = tolerance;
    return plan;
}

ReportPtr evaluate(Evaluator& evaluator, const std::optional<ScorePlan>& plan, int threads = 0)
{
    EvaluationRequest request;
    if (plan)
        request.plan.defaults.scores = Switchable<ScorePlan>{plan};
    request.samples = 64;
    request.threads = threads;
    const auto report = evaluator.evaluate(request);
    if (!report)
        qFatal("%s", report.error().text().c_str());
    return report.value();
}

}  // namespace

class TestScoreProduct : public QObject {
    Q_OBJECT

private slots:
    void attentionsOfBundledNetworksAreFound_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<QString>("dataset");
        QTest::addColumn<QStringList>("layers");
        const auto queries = [](int blocks) {
            QStringList names;
            for (int block = 1; block <= blocks; ++block)
                names << QString("block%1.attention.query").arg(block);
            return names;
        };
        QTest::newRow("tokens") << "transformer-splice"
                                << "dna-splice" << queries(2);
        QTest::newRow("patches") << "vit-mnist"
                                 << "mnist" << queries(3);
        QTest::newRow("convolutions") << "lenet5-mnist"
                                      << "mnist" << QStringList{};
    }

    void attentionsOfBundledNetworksAreFound()
    {
        QFETCH(QString, network);
        QFETCH(QStringList, layers);
        QFETCH(QString, dataset);
        const auto subject = openSubject(network.toStdString(), dataset.toStdString(), 8);
        QVERIFY(subject);
        const Network& found = *subject.value()->network;
        const auto described = describeValues(found, 1);
        QVERIFY(described);
        const auto weighted = weightedLayers(found, described.value());
        QStringList names;
        for (const ScoreProduct& product : scoreProducts(found, weighted)) {
            names << QString::fromStdString(weighted[product.layer.value()].name);
            QCOMPARE(found.node(product.node).operation, std::string("MatMul"));
        }
        QCOMPARE(names, layers);
    }

    void aFactorBehindTheProductIsPartOfTheLogits()
    {
        NetworkBuilder builder;
        const ValueIndex input = builder.input("x", {5, 4});
        const ValueIndex queries = builder.node("MatMul", {input, builder.constant(seeded({4, 4}, 1))});
        const ValueIndex keys = builder.node("Transpose", {input}, {{"perm", std::vector<std::int64_t>{0, 2, 1}}});
        const ValueIndex product = builder.node("MatMul", {queries, keys});
        Tensor four(DataType::Float32, {});
        four.edit<float>()[0] = 4;
        const ValueIndex scaled = builder.node("Div", {product, builder.constant(four)});
        const Network network = builder.finish(builder.node("Softmax", {scaled}));
        const auto described = describeValues(network, 1);
        QVERIFY(described);
        const auto found = scoreProducts(network, weightedLayers(network, described.value()));
        QCOMPARE(found.size(), std::size_t(1));
        QCOMPARE(found.front().scale, 0.25);
        QCOMPARE(found.front().layer, LayerIndex(0));
    }

    void theToleranceIsKeptAndNotWasted()
    {
        // Whatever stays low has an error mass bound within the tolerance, and the next logit would break it.
        const Tensor drawn = seeded({40, 60}, 7);
        for (std::int64_t query = 0; query < 40; ++query) {
            const std::span<const float> logits = drawn.values<float>().subspan(static_cast<std::size_t>(query) * 60, 60);
            double mass = 0;
            for (const float logit : logits)
                mass += std::exp(static_cast<double>(logit));
            std::size_t before = 61;
            for (const double tolerance : {0.0, 0.01, 0.05, 0.2, 0.5, 1.0}) {
                std::vector<std::uint8_t> high(60);
                chooseLogits(scores(tolerance), logits, high);
                double low = 0;
                for (std::size_t i = 0; i < 60; ++i) {
                    const double p = std::exp(static_cast<double>(logits[i])) / mass;
                    low += high[i] ? 0 : p * (1 - p);
                }
                QVERIFY(low <= tolerance + 1e-9);
                const auto count = static_cast<std::size_t>(std::accumulate(high.begin(), high.end(), 0));
                QVERIFY(count <= before);  // a looser tolerance takes no more again
                before = count;
                const auto top = static_cast<std::size_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
                QCOMPARE(high[top], tolerance >= 1 ? 0 : 1);
                if (tolerance == 0)
                    QCOMPARE(count, std::size_t(60));
                if (tolerance == 1)
                    QCOMPARE(count, std::size_t(0));
            }
        }
    }

    void everyLogitIsARunningSumOfOneOfTheFormats()
    {
        const std::int64_t rows = 9, width = 21, columns = 13;
        const Tensor queries = seeded({rows, width}, 3), keys = seeded({width, columns}, 4);
        const ScorePlan plan = scores(0.05, "e4m3", "bf16");
        std::vector<float> logits(static_cast<std::size_t>(rows * columns));
        std::vector<std::uint8_t> chosen(logits.size());
        ScoreScratch scratch;
        multiplyScores(plan, 0.5, {queries.values<float>().data(), keys.values<float>().data(), rows, width, columns}, logits.data(),
                       scratch, chosen.data());
        int high = 0;
        for (std::size_t row = 0; row < static_cast<std::size_t>(rows); ++row)
            for (std::size_t column = 0; column < static_cast<std::size_t>(columns); ++column) {
                std::vector<float> key;
                for (std::size_t k = 0; k < static_cast<std::size_t>(width); ++k)
                    key.push_back(keys.values<float>()[k * static_cast<std::size_t>(columns) + column]);
                const std::size_t at = row * static_cast<std::size_t>(columns) + column;
                const SumRule rule = chosen[at] ? plan.highRule() : plan.low;
                QCOMPARE(logits[at],
                         runningSum(rule,
                                    queries.values<float>().subspan(row * static_cast<std::size_t>(width), static_cast<std::size_t>(width)),
                                    key)
                             .value);
                high += chosen[at];
            }
        QVERIFY(high > 0 && high < rows * columns);
    }

    void aTighterToleranceLeavesLessErrorMass()
    {
        const auto evaluator = evaluatorOf("transformer-splice", "dna-splice");
        double before = 2, again = -1;
        for (const double tolerance : {1.0, 0.5, 0.1, 0.01}) {
            const ReportPtr report = evaluate(*evaluator, scores(tolerance));
            const auto layer = std::ranges::find(report->layers, std::string("block1.attention.query"), &LayerReport::name);
            QVERIFY(layer != report->layers.end() && layer->scores);
            QCOMPARE(layer->scores->logits, 128 * 4 * 60 * 60);  // of the samples that errors are measured on
            QVERIFY(layer->scores->errorMass < before);
            QVERIFY(layer->scores->recomputedFraction > again);
            before = layer->scores->errorMass;
            again = layer->scores->recomputedFraction;
            if (tolerance == 1) {
                QCOMPARE(layer->scores->errorMass, layer->scores->lowErrorMass);
                QCOMPARE(layer->scores->recomputedFraction, 0.0);
            }
            for (const LayerReport& other : report->layers)
                QCOMPARE(other.scores.has_value(), other.name.find("attention.query") != std::string::npos);
        }
    }

    void fp32ThroughoutIsTheReference()
    {
        const auto evaluator = evaluatorOf("transformer-splice", "dna-splice");
        const ReportPtr report = evaluate(*evaluator, scores(0.1, "fp32"));
        QCOMPARE(report->agreement.successes, report->agreement.trials);
        QCOMPARE_LT(report->layers.front().scores.value_or(ScoreFigures{}).errorMass, 1e-5);
    }

    void anyNumberOfThreadsGivesTheSameReport()
    {
        const auto one = evaluatorOf("transformer-splice", "dna-splice"), two = evaluatorOf("transformer-splice", "dna-splice");
        QCOMPARE(evaluate(*one, scores(0.1), 1)->hash, evaluate(*two, scores(0.1), 2)->hash);
    }

    void aLayerWithoutQueriesIsNamed()
    {
        const auto evaluator = evaluatorOf("lenet5-mnist", "mnist");
        EvaluationRequest request;
        request.plan.layers["fc1"].scores = Switchable<ScorePlan>{scores(0.1)};
        request.samples = 32;
        const auto report = evaluator->evaluate(request);
        QVERIFY(report);
        QVERIFY(std::ranges::any_of(report.value()->remarks, [](const std::string& remark) { return remark.starts_with("fc1: scores"); }));
        QVERIFY(!report.value()->layers.at(2).scores);
    }
};

QTEST_APPLESS_MAIN(TestScoreProduct)
#include "tst_score_product.moc"
