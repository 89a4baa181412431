// SPDX-License-Identifier: Apache-2.0
// Quantization-aware training on real data, through to the engine that runs what came out of it.

#include "core/engine/float_run.h"
#include "core/io/library.h"
#include "core/learn/quantized_training.h"
#include "core/network/operation.h"
#include "tests/core/learn/learn_cases.h"

#include <QtTest>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

PrecisionPlan planOf(const char* weights)
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format(weights), {}, {}}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format("uint4"), {ScaleRule::Kind::Tensor, 0}, {}};
    return plan;
}

/// Share of test samples right under the plan, compiled and run by the engine.
double accuracy(const Network& network, const PrecisionPlan& plan, const Subject& subject, std::int64_t samples)
{
    const auto context = valueOf(prepareEngine(std::make_shared<const Network>(network)));
    const auto calibration = valueOf(Calibration::observe(context, subject.calibration.slice(0, 256), 0));
    const auto compiled = valueOf(compile(*calibration, {.plan = plan}));
    const SampleSet some = subject.test.slice(0, samples);
    const Tensor outputs = valueOf(runPolarized(*context, *compiled, some.inputs));
    const auto width = static_cast<std::size_t>(outputs.size() / samples);
    double right = 0;
    for (std::int64_t s = 0; s < samples; ++s) {
        const auto row = outputs.values<float>().subspan(static_cast<std::size_t>(s) * width, width);
        right += std::max_element(row.begin(), row.end()) - row.begin() == some.labels[static_cast<std::size_t>(s)] ? 1.0 : 0.0;
    }
    return right / static_cast<double>(samples);
}

bool same(const Parameters& a, const Parameters& b)
{
    for (std::size_t l = 0; l < a.size(); ++l)
        if (a[l].weights != b[l].weights || a[l].bias != b[l].bias)
            return false;
    return a.size() == b.size();
}

}  // namespace

class TestQuantizedTraining : public QObject {
    Q_OBJECT
private slots:
    void parametersComeBackAsTheyWere_data()
    {
        QTest::addColumn<QString>("name");
        for (const char* name : {"lenet5-mnist", "vit-mnist", "dscnn-voices"})
            QTest::newRow(name) << name;
    }

    void parametersComeBackAsTheyWere()
    {
        QFETCH(QString, name);
        const auto loaded = valueOf(loadNetwork(name.toStdString()));
        const auto context = valueOf(prepareEngine(loaded.network));
        Parameters parameters = parametersOf(context->layers);
        const Network same = valueOf(withParameters(*loaded.network, context->layers, parameters));
        QVERIFY(findFlaws(same).empty());
        for (LayerParameters& layer : parameters) {
            layer.weights *= 0.5f;
            for (float& value : layer.bias)
                value += 1.0f;
        }
        const auto changed = valueOf(prepareEngine(std::make_shared<const Network>(valueOf(withParameters(*loaded.network, context->layers, parameters)))));
        for (const WeightedLayer& layer : changed->layers) {
            QVERIFY(layer.weights == parameters[layer.index.value()].weights);
            QVERIFY(layer.bias == parameters[layer.index.value()].bias);
        }
    }

    void twoBitWeightsGainOnSamplesNobodySaw_data()
    {
        QTest::addColumn<QString>("name");
        QTest::newRow("mlp-mnist") << "mlp-mnist";
        QTest::newRow("lenet5-mnist") << "lenet5-mnist";
    }

    void twoBitWeightsGainOnSamplesNobodySaw()
    {
        QFETCH(QString, name);
        const auto subject = valueOf(openSubject(name.toStdString(), "mnist", 2048));
        const auto graph = valueOf(GradientGraph::build(valueOf(prepareEngine(subject->network))));
        const PrecisionPlan plan = planOf("int2");
        std::vector<EpochReport> heard;
        const QuantizedTrainingState state = valueOf(trainQuantized(*graph, {.plan = plan, .samples = subject->calibration, .orders = {.rule = AdamRule{.rate = 1e-3}, .epochs = 5, .batch = 64}}, {}, {},
                                                                    [&](const EpochReport& report) { heard.push_back(report); }));
        QCOMPARE(heard.size(), std::size_t{6});
        QVERIFY(state.progress.bestEpoch > 0);
        QVERIFY(*heard.back().trainAccuracy > *heard[1].trainAccuracy);
        const Network trained = valueOf(withParameters(*subject->network, graph->layers(), state.best));
        const double before = accuracy(*subject->network, plan, *subject, 2000), after = accuracy(trained, plan, *subject, 2000);
        qInfo("%s", qPrintable(QString("right %1 -> %2; kept back: loss %3 -> %4").arg(before).arg(after).arg(heard.front().validationLoss).arg(heard[static_cast<std::size_t>(state.progress.bestEpoch)].validationLoss)));
        QVERIFY2(after > before + 0.01, qPrintable(QString("%1 -> %2").arg(before).arg(after)));
    }

    void aMixtureOverRowsAndOneOverChannelsCanBeTrained()
    {
        const auto subject = valueOf(openSubject("mlp-mnist", "mnist", 256));
        const auto graph = valueOf(GradientGraph::build(valueOf(prepareEngine(subject->network))));
        PrecisionPlan plan;
        const std::vector<Treatment> palette{Treatment{format("int2"), {}, {}}, Treatment{format("int4"), {}, {}}};
        WeightPlan rows{palette, std::vector<std::uint8_t>(64), {}, {}}, channels{palette, {}, std::vector<std::uint8_t>(64), {}};
        for (std::size_t i = 0; i < 64; ++i)
            rows.rows[i] = channels.channels[i] = static_cast<std::uint8_t>(i % 2);
        plan.layers["fc2"].weights = rows;
        plan.layers["fc3"].weights = channels;
        const QuantizedTrainingState state = valueOf(trainQuantized(*graph, {.plan = plan, .samples = subject->calibration, .orders = {.rule = MomentumRule{.rate = 0.01}, .epochs = 3}}));
        QVERIFY(state.progress.history[3].trainLoss < state.progress.history[1].trainLoss);
    }

    void aPausedTrainingGoesOnAsIfItHadNot()
    {
        const auto subject = valueOf(openSubject("mlp-mnist", "mnist", 192));
        const auto graph = valueOf(GradientGraph::build(valueOf(prepareEngine(subject->network))));
        const PrecisionPlan plan = planOf("int3");
        const QuantizedTraining training{.plan = plan, .samples = subject->calibration, .orders = {.epochs = 4}};
        const QuantizedTrainingState whole = valueOf(trainQuantized(*graph, training));
        QVERIFY(!whole.isStopped);
        // Stopped in the midst of the third epoch, which is forgotten.
        std::stop_source source;
        int steps = 0;
        const RunControl control{source.get_token(), [&](const Progress& progress) { if (progress.stage == "training" && ++steps == 13) source.request_stop(); }};
        const QuantizedTrainingState half = valueOf(trainQuantized(*graph, training, {}, control));
        QVERIFY(half.isStopped);
        QCOMPARE(half.progress.epoch, 2);
        const QuantizedTrainingState resumed = valueOf(trainQuantized(*graph, training, half));
        QVERIFY(!resumed.isStopped);
        QVERIFY(same(resumed.current, whole.current));
        QVERIFY(same(resumed.best, whole.best));
        QCOMPARE(resumed.progress.bestEpoch, whole.progress.bestEpoch);
        for (std::size_t l = 0; l < whole.moments.size(); ++l)
            QVERIFY(resumed.moments[l].weights == whole.moments[l].weights);
    }

    void anArrayIsRefusedWithAReason()
    {
        const auto subject = valueOf(openSubject("mlp-mnist", "mnist", 64));
        const auto graph = valueOf(GradientGraph::build(valueOf(prepareEngine(subject->network))));
        PrecisionPlan plan;
        plan.layers["fc2"].cim = Switchable<ArrayTreatment>{ArrayTreatment{}};
        const auto refused = trainQuantized(*graph, {.plan = plan, .samples = subject->calibration});
        QVERIFY(!refused.has_value());
        QVERIFY(refused.error().text().starts_with("fc2: its weights are on arrays"));
    }
};

QTEST_APPLESS_MAIN(TestQuantizedTraining)
#include "tst_quantized_training.moc"
