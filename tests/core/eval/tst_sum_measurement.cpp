// SPDX-License-Identifier: Apache-2.0
// What evaluations tell of running sums: bounds that hold on real layers, certificates, and one sample looked at closely.

#include "tests/core/eval/evaluators.h"

#include "core/eval/evaluator.h"
#include "core/io/library.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <set>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

ReportPtr evaluate(Evaluator& evaluator, const AccumulatorPlan& accumulator, bool isQuantized = false, int threads = 0)
{
    EvaluationRequest request;
    request.plan.defaults.accumulator = accumulator;
    if (isQuantized) {
        request.plan.defaults.weights = WeightPlan{{Treatment{format("int4"), {}, {}}}, {}, {}, {}};
        request.plan.defaults.activations = ActivationPlan{.format = format("int8"), .range = {}};
    }
    request.samples = 64;
    request.threads = threads;
    const auto report = evaluator.evaluate(request);
    if (!report)
        qFatal("%s", report.error().text().c_str());
    return report.value();
}

AccumulatorPlan mixed(double tolerance)
{
    return {{format("e4m3ieee"), ProductRounding::Fused, SumOrder::Sequential, 8}, {}, MixedSum{format("fp16"), tolerance}};
}

}  // namespace

class TestSumMeasurement : public QObject {
    Q_OBJECT

private slots:
    void noLayerOfABundledNetworkErrsBeyondItsBound_data()
    {
        QTest::addColumn<QString>("name");
        for (const NetworkManifest& manifest : bundledNetworks())
            if (manifest.accuracy)
                QTest::newRow(manifest.name.c_str()) << QString::fromStdString(manifest.name);
    }
    void noLayerOfABundledNetworkErrsBeyondItsBound()
    {
        QFETCH(QString, name);
        const auto loaded = loadNetwork(name.toStdString());
        QVERIFY(loaded.has_value());
        const auto& manifest = loaded.value().manifest;
        const auto evaluator = evaluatorOf(name.toStdString(), manifest.dataset + "#" + manifest.accuracy->split);
        for (const char* low : {"fp16", "bf16"}) {
            const ReportPtr report = evaluate(*evaluator, {{format(low), ProductRounding::Fused, SumOrder::Sequential, 8}});
            for (const LayerReport& layer : report->layers) {
                QVERIFY(layer.sums.has_value() && layer.sums->components > 0);
                QCOMPARE(layer.sums->beyondBound, 0.0);
                QVERIFY2(layer.sums->perturbation < 1 && layer.sums->boundOverError > 1.0, layer.name.c_str());
                QVERIFY(layer.sums->condition.median >= 1 && layer.sums->condition.p90 >= layer.sums->condition.median);
            }
        }
    }

    void threadsChangeNothing()
    {
        AccumulatorPlan byChance = mixed(0.3);
        byChance.sum.randomBits = 8;
        for (const AccumulatorPlan& accumulator : {mixed(0.3), byChance}) {
            std::set<std::string> hashes;
            for (const int threads : {1, 2, 8})
                hashes.insert(evaluate(*evaluatorOf("lenet5-mnist", "mnist"), accumulator, false, threads)->hash);
            QCOMPARE(hashes.size(), std::size_t{1});
        }
    }

    void aTighterToleranceTakesMoreAgainAndErrsLess()
    {
        const auto evaluator = evaluatorOf("mlp-mnist", "mnist");
        double again = 0, decibels = -100;
        for (const double tolerance : {10.0, 0.3, 0.03}) {
            const ReportPtr report = evaluate(*evaluator, mixed(tolerance));
            const LayerReport& first = report->layers.front();
            QVERIFY(first.recomputedFraction >= again && report->layers.back().propagatedSqnrDecibels > decibels);
            QCOMPARE(first.recomputedFraction, first.sums->recomputedFraction);
            QCOMPARE(first.sums->cost, 1 + 2 * first.recomputedFraction);
            QCOMPARE(first.sums->uniformCost, 2.0);
            again = first.recomputedFraction;
            decibels = *report->layers.back().propagatedSqnrDecibels;
        }
        QVERIFY(again > 0.1 && again < 0.9);  // a ReLU's active share, at most
    }

    void certifiedWidthsDoNotOverflow()
    {
        const auto evaluator = evaluatorOf("lenet5-mnist", "mnist");
        const auto report = [&](int bits) { return evaluate(*evaluator, {{}, IntegerSumRule{bits, IntegerOverflow::Saturate}}, true); };
        const ReportPtr wide = report(32);
        int most = 0, least = 64;
        for (const LayerReport& layer : wide->layers) {
            QCOMPARE(layer.sums->overflowRate, 0.0);
            QCOMPARE(std::count(layer.sums->rows.begin(), layer.sums->rows.end(), OverflowVerdict::Cannot), std::ptrdiff_t{layer.rows});
            QCOMPARE(std::ssize(layer.sums->safeBits), std::ptrdiff_t{layer.rows});
            for (const SafeBits& row : layer.sums->safeBits)
                QVERIFY(row.exact <= row.weights && row.weights <= row.types && (!row.centred || row.exact <= *row.centred));
            most = std::max(most, layer.sums->mostSafeBits);
            least = std::min(least, layer.sums->leastSafeBits);
        }
        QVERIFY(least > kFewestSumBits && most < 24);
        const ReportPtr certified = report(most), narrow = report(kFewestSumBits);
        for (const LayerReport& layer : certified->layers)
            QVERIFY(std::ranges::all_of(layer.sums->rows, [](OverflowVerdict verdict) { return verdict == OverflowVerdict::Cannot; }));
        bool overflows = false;
        for (const LayerReport& layer : narrow->layers) {
            QVERIFY(std::ranges::none_of(layer.sums->rows, [](OverflowVerdict verdict) { return verdict == OverflowVerdict::Cannot; }));
            overflows = overflows || layer.sums->overflowRate > 0;
        }
        QVERIFY(overflows);
    }

    void oneSampleIsSeenAsTheLayerSumsIt()
    {
        const auto evaluator = evaluatorOf("lenet5-mnist", "mnist");
        PrecisionPlan plan;
        plan.defaults.accumulator = mixed(0.3);
        for (std::size_t l = 0; l < evaluator->layers().size(); ++l) {
            const WeightedLayer& layer = evaluator->layers()[l];
            const auto sums = evaluator->sumsAt(plan, LayerIndex(l), 3);
            const auto sample = evaluator->sampleAt(plan, LayerIndex(l), 3);
            QVERIFY2(sums && sample, sums ? "" : sums.error().text().c_str());
            QCOMPARE(sums.value().rows, layer.rows);
            QCOMPARE(sums.value().positions, sample.value().positions);
            QCOMPARE(sums.value().value, sample.value().main);
            const auto count = static_cast<std::size_t>(layer.rows) * static_cast<std::size_t>(sums.value().positions);
            QCOMPARE(sums.value().error.size(), count);
            QCOMPARE(sums.value().condition.size(), count);
            QCOMPARE(sums.value().choices.size(), count);
            QCOMPARE(sums.value().overflowed.size(), count);
            QCOMPARE(sums.value().products.back(), layer.columns);
            QCOMPARE(sums.value().rootMeanSquareError.size(), sums.value().products.size());
        }
        const auto refused = evaluator->sumsAt({}, LayerIndex(0), 3);
        QVERIFY(!refused && refused.error().text().find("wanted another accumulator") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestSumMeasurement)
#include "tst_sum_measurement.moc"
