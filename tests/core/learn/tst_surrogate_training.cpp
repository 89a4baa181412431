// SPDX-License-Identifier: Apache-2.0
// Recovery paths trained on real data: never worse on the samples kept back, better on test samples nobody saw.

#include "core/engine/float_run.h"
#include "core/io/library.h"
#include "core/learn/path_training.h"
#include "tests/core/learn/learn_cases.h"

#include <QtTest>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

struct Bench {
    std::shared_ptr<const Subject> subject;
    std::shared_ptr<const EngineContext> context;
    std::shared_ptr<Calibration> calibration;
    std::shared_ptr<const GradientGraph> graph;

    Bench(const char* network, const char* dataset, std::int64_t samples)
        : subject(valueOf(openSubject(network, dataset, samples))), context(valueOf(prepareEngine(subject->network))),
          calibration(valueOf(Calibration::observe(context, subject->calibration.slice(0, 64), 0))), graph(valueOf(GradientGraph::build(context, context->batch)))
    {
    }

    /// Mean cross entropy and share right on the first test samples, as the engine runs it.
    std::pair<double, double> test(const PolarizedNetwork& network, std::int64_t samples) const
    {
        const SampleSet some = subject->test.slice(0, samples);
        const Tensor outputs = valueOf(runPolarized(*context, network, some.inputs));
        const Objective objective = Objective::crossEntropy(some.labels);
        const auto width = static_cast<std::size_t>(outputs.size() / samples);
        double loss = 0, right = 0;
        for (std::int64_t s = 0; s < samples; ++s) {
            const auto row = outputs.values<float>().subspan(static_cast<std::size_t>(s) * width, width);
            loss += objective.ofSample(s, row, {}) / static_cast<double>(samples);
            right += std::max_element(row.begin(), row.end()) - row.begin() == some.labels[static_cast<std::size_t>(s)] ? 1.0 : 0.0;
        }
        return {loss, right / static_cast<double>(samples)};
    }
};

PrecisionPlan planOf(const char* weights, int rank, const char* surrogateFormat)
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format(weights), {}, {}}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {}};
    plan.defaults.surrogate = Switchable<SurrogatePlan>{SurrogatePlan{rank, format(surrogateFormat), SurrogateMethod::Activation, SurrogateInput::Exact, 64}};
    return plan;
}

QString told(const std::pair<double, double>& before, const std::pair<double, double>& after)
{
    return QString("loss %1 -> %2, right %3 -> %4").arg(before.first).arg(after.first).arg(before.second).arg(after.second);
}

}  // namespace

class TestSurrogateTraining : public QObject {
    Q_OBJECT
private slots:
    /// Weights of two bits, rank 2: the closed form is far from what the loss wants.
    void trainingGainsOnSamplesNobodySaw()
    {
        const Bench bench("mlp-mnist", "mnist", 768);
        const auto network = valueOf(compile(*bench.calibration, {.plan = planOf("int2", 2, "fp16")}));
        std::vector<EpochReport> heard;
        const TrainedSurrogates trained = valueOf(trainSurrogates(*bench.graph, {.network = *network, .samples = bench.subject->calibration, .orders = {.rule = AdamRule{.rate = 2e-3}, .epochs = 8}},
                                                                  {}, [&](const EpochReport& report) { heard.push_back(report); }));
        QCOMPARE(heard.size(), std::size_t{9});
        QCOMPARE(heard.size(), trained.progress.history.size());
        const EpochReport &start = heard.front(), &best = heard[static_cast<std::size_t>(trained.progress.bestEpoch)];
        QVERIFY(std::isnan(start.trainLoss));
        QVERIFY(best.validationLoss < start.validationLoss);
        for (const EpochReport& report : heard)
            QVERIFY(report.validationLoss >= best.validationLoss);
        const auto after = withRecoveryPaths(*network, trained.paths);
        QVERIFY(after->hash != network->hash);
        const auto before = bench.test(*network, 2000), now = bench.test(*after, 2000);
        qInfo("%s", qPrintable(told(before, now)));
        QVERIFY2(now.first < 0.9 * before.first, qPrintable(told(before, now)));
        QVERIFY2(now.second > before.second, qPrintable(told(before, now)));
        // What was trained is what a plan of fp16 surrogates stores.
        for (const auto& path : trained.paths)
            for (Eigen::Index i = 0; i < path->down.size(); ++i)
                QCOMPARE(format("fp16").nearestLevel(path->down.data()[i]), path->down.data()[i]);
    }

    void arraysAreTrainedAsTheyAreMeasured()
    {
        const Bench bench("lenet5-mnist", "mnist", 512);
        PrecisionPlan plan;
        ArrayTreatment array;
        array.weightBits = 2;
        array.inputBits = 4;
        array.adc.bits = 4;
        array.variation.sigma = 0.4;
        plan.defaults.cim = Switchable<ArrayTreatment>{array};
        plan.defaults.surrogate = Switchable<SurrogatePlan>{SurrogatePlan{2, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 64}};
        const auto network = valueOf(compile(*bench.calibration, {.plan = plan}));
        const TrainedSurrogates trained = valueOf(trainSurrogates(*bench.graph, {.network = *network, .samples = bench.subject->calibration, .orders = {.rule = AdamRule{.rate = 2e-3}, .epochs = 6, .target = LossTarget::OwnDistribution}}));
        QVERIFY(trained.progress.bestEpoch > 0);
        const auto before = bench.test(*network, 1000), now = bench.test(*withRecoveryPaths(*network, trained.paths), 1000);
        qInfo("%s", qPrintable(told(before, now)));
        QVERIFY2(now.first < 0.9 * before.first, qPrintable(told(before, now)));
    }

    void aFreshPathChangesNothingUntilItHasLearned()
    {
        const Bench bench("mlp-mnist", "mnist", 128);
        PrecisionPlan plan = planOf("int2", 4, "fp32");
        plan.defaults.surrogate.reset();
        const auto network = valueOf(compile(*bench.calibration, {.plan = plan}));
        RecoveryPaths start;
        for (const WeightedLayer& layer : bench.graph->layers())
            start.emplace_back(freshPath(layer, 4, SurrogateInput::Quantized, 1));
        const auto with = withRecoveryPaths(*network, start);
        QVERIFY(with->hash != network->hash);
        // The engine adds W and B A before it multiplies, in float instead of integers.
        QVERIFY(std::abs(bench.test(*with, 200).first - bench.test(*network, 200).first) < 1e-5);
        const TrainedSurrogates trained = valueOf(trainSurrogates(*bench.graph, {.network = *network, .start = start, .samples = bench.subject->calibration, .orders = {.rule = AdamRule{.rate = 3e-3}, .epochs = 3}}));
        QVERIFY(trained.progress.history.back().trainLoss < 0.9 * trained.progress.history[1].trainLoss);
    }

    void anAutoencoderIsTrainedTowardsItsInput()
    {
        const Bench bench("autoencoder-mnist", "mnist", 192);
        const auto network = valueOf(compile(*bench.calibration, {.plan = planOf("int2", 2, "fp32")}));
        const TrainedSurrogates trained = valueOf(trainSurrogates(*bench.graph, {.network = *network, .samples = bench.subject->calibration, .orders = {.rule = AdamRule{.rate = 2e-3}, .epochs = 4, .target = LossTarget::OwnInput}}));
        const auto& history = trained.progress.history;
        QVERIFY(!history.front().validationAccuracy);
        QVERIFY(history[static_cast<std::size_t>(trained.progress.bestEpoch)].validationLoss < 0.95 * history.front().validationLoss);
    }

    void aStopKeepsTheBestSoFar()
    {
        const Bench bench("mlp-mnist", "mnist", 128);
        const auto network = valueOf(compile(*bench.calibration, {.plan = planOf("int2", 2, "fp32")}));
        std::stop_source source;
        const TrainedSurrogates trained = valueOf(trainSurrogates(*bench.graph, {.network = *network, .samples = bench.subject->calibration}, {source.get_token(), {}},
                                                                  [&](const EpochReport& report) { if (report.epoch == 2) source.request_stop(); }));
        QVERIFY(trained.isStopped);
        QCOMPARE(trained.progress.epoch, 2);
        QCOMPARE(trained.paths.size(), std::size_t{3});
    }

    void heldPathsStayBitForBitAndAreRunWith()
    {
        const Bench bench("mlp-mnist", "mnist", 256);
        const PrecisionPlan plan = planOf("int2", 2, "fp16");
        const auto network = valueOf(compile(*bench.calibration, {.plan = plan}));
        const std::string second = bench.graph->layers()[1].name;
        PathTrainingRequest request{.plan = plan, .layers = {second}};
        request.orders.rule = AdamRule{.rate = 2e-3};
        request.orders.epochs = 4;
        request.samples = 256;
        const TrainedPaths trained = valueOf(trainPaths(*bench.subject, *bench.graph, *network, request));
        QCOMPARE(trained.paths.size(), std::size_t{1});
        QVERIFY(trained.progress.bestEpoch > 0);
        const RecoveryPaths before = recoveryPaths(*network);
        QVERIFY(trained.paths.at(second).down != before[1]->down);
        const TrainedSurrogates whole = valueOf(trainSurrogates(*bench.graph, {.network = *network, .samples = bench.subject->calibration, .held = {LayerIndex(0), LayerIndex(2)}, .orders = request.orders}));
        QCOMPARE(whole.progress.bestEpoch, trained.progress.bestEpoch);    // the held ones take part as they are
        QCOMPARE(whole.progress.history.back().validationLoss, trained.progress.history.back().validationLoss);
        QCOMPARE(whole.paths[1]->down, trained.paths.at(second).down);
        for (const std::size_t l : {0U, 2U}) {
            QCOMPARE(whole.paths[l]->down, before[l]->down);
            QCOMPARE(whole.paths[l]->up, before[l]->up);
        }
        // The plan that holds them runs what was trained, and asks no other layer for anything new.
        const PrecisionPlan now = withTrainedPaths(plan, trained.paths, "some.paths.npz");
        QCOMPARE(now.layers.size(), std::size_t{1});
        const auto again = valueOf(compile(*bench.calibration, {.plan = now}));
        QCOMPARE(again->layers[1]->recovery->down, trained.paths.at(second).down);
        QCOMPARE(again->layers[0]->hash, network->layers[0]->hash);
    }

    void withoutAPathThereIsNothingToTrain()
    {
        const Bench bench("mlp-mnist", "mnist", 64);
        const PolarizedNetwork exact{bench.context->exact, {}, {}, 0};
        const auto trained = trainSurrogates(*bench.graph, {.network = exact, .samples = bench.subject->calibration});
        QVERIFY(!trained.has_value());
        QCOMPARE(trained.error().message, std::string("no layer has a recovery path; there is nothing to train"));
        const auto network = valueOf(compile(*bench.calibration, {.plan = planOf("int2", 2, "fp32")}));
        const auto held = trainSurrogates(*bench.graph, {.network = *network, .samples = bench.subject->calibration, .held = {LayerIndex(0), LayerIndex(1), LayerIndex(2)}});
        QVERIFY(!held.has_value());
        QCOMPARE(held.error().message, std::string("every recovery path is held; there is nothing to train"));
    }
};

QTEST_APPLESS_MAIN(TestSurrogateTraining)
#include "tst_surrogate_training.moc"
