// SPDX-License-Identifier: Apache-2.0
// Whole evaluations of bundled networks on their real data.

#include "core/engine/engine_context.h"
#include "core/eval/evaluator.h"
#include "core/io/library.h"
#include "core/plan/check.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

std::shared_ptr<Evaluator> evaluatorOf(const std::string& network, const std::string& dataset, std::int64_t calibration = 256)
{
    const auto subject = openSubject(network, dataset, calibration);
    if (!subject)
        qFatal("%s", subject.error().text().c_str());
    const auto evaluator = Evaluator::create(subject.value());
    if (!evaluator)
        qFatal("%s", evaluator.error().text().c_str());
    return evaluator.value();
}

ReportPtr evaluate(Evaluator& evaluator, const EvaluationRequest& request)
{
    const auto report = evaluator.evaluate(request);
    if (!report)
        qFatal("%s", report.error().text().c_str());
    return report.value();
}

PrecisionPlan planOf(const char* weights, const char* activations, std::optional<SurrogatePlan> surrogate = {})
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format(weights), {}, {}}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format(activations), {ScaleRule::Kind::Tensor, 0}, {}};
    if (surrogate)
        plan.defaults.surrogate = Switchable<SurrogatePlan>{surrogate};
    return plan;
}

SurrogatePlan rank(int wanted, int samples = 64) { return {wanted, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, samples}; }

PrecisionPlan arrayPlan(int adcBits, double sigma)
{
    PrecisionPlan plan;
    ArrayTreatment array;
    array.adc.bits = adcBits;
    array.variation.sigma = sigma;
    plan.defaults.cim = Switchable<ArrayTreatment>{array};
    return plan;
}

EvaluationRequest request(PrecisionPlan plan, std::int64_t samples = 0, int threads = 0)
{
    EvaluationRequest made;
    made.plan = std::move(plan);
    made.samples = samples;
    made.threads = threads;
    return made;
}

}  // namespace

class TestEvaluator : public QObject {
    Q_OBJECT
private slots:
    void everyBundledNetworkScoresWhatItsManifestSays_data()
    {
        QTest::addColumn<QString>("name");
        for (const NetworkManifest& manifest : bundledNetworks())
            if (manifest.accuracy)
                QTest::newRow(manifest.name.c_str()) << QString::fromStdString(manifest.name);
    }

    void everyBundledNetworkScoresWhatItsManifestSays()
    {
        QFETCH(QString, name);
        const auto loaded = loadNetwork(name.toStdString());
        QVERIFY(loaded.has_value());
        const auto& manifest = loaded.value().manifest;
        auto evaluator = evaluatorOf(name.toStdString(), manifest.dataset + "#" + manifest.accuracy->split, 32);
        EvaluationRequest wanted = request({});
        wanted.layerErrors = false;
        const ReportPtr report = evaluate(*evaluator, wanted);
        QCOMPARE(report->samples, manifest.accuracy->samples);
        QCOMPARE(report->top1.successes, manifest.accuracy->correct);
        QCOMPARE(report->agreement.successes, report->samples);
    }

    void theSameSeedGivesTheSameReportOnOneTwoAndEightThreads()
    {
        PrecisionPlan plan = planOf("nf4", "int8", rank(4));
        plan.layers["fc1"].cim = arrayPlan(6, 0.1).defaults.cim;
        std::vector<std::string> hashes;
        for (const int threads : {1, 2, 8})
            hashes.push_back(evaluate(*evaluatorOf("lenet5-mnist", "mnist"), request(plan, 2000, threads))->hash);
        QCOMPARE(hashes[1], hashes[0]);
        QCOMPARE(hashes[2], hashes[0]);
    }

    void aReportDoesNotDependOnWhatWasEvaluatedBefore()
    {
        const PrecisionPlan plan = planOf("int4", "int8", rank(4));
        auto used = evaluatorOf("lenet5-mnist", "mnist"), fresh = evaluatorOf("lenet5-mnist", "mnist");
        PrecisionPlan edited = plan;
        for (const char* weights : {"int2", "nf4", "int3"}) {
            edited.layers["fc2"].weights = WeightPlan{{Treatment{format(weights), {}, {}}}, {}, {}, {}};
            evaluate(*used, request(plan, 1000));
            evaluate(*used, request(edited, 1000));
        }
        QCOMPARE(evaluate(*used, request(edited, 1000))->hash, evaluate(*fresh, request(edited, 1000))->hash);
        edited.layers["conv1"].weights = WeightPlan{{Treatment{format("int3"), {}, {}}}, {}, {}, {}};
        QCOMPARE(evaluate(*used, request(edited, 1000))->hash, evaluate(*evaluatorOf("lenet5-mnist", "mnist"), request(edited, 1000))->hash);
    }

    void correctionsDoNotDependOnThreadsOrOnWhatWasEvaluatedBefore()
    {
        PrecisionPlan plan = planOf("int3", "int8", rank(2));
        plan.defaults.weights->palette.front().scale.kind = ScaleRule::Kind::Tensor;
        plan.defaults.correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Adaptive, true, 128}};
        plan.layers["fc2"].cim = arrayPlan(6, 0.1).defaults.cim;
        plan.layers["fc2"].correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Nearest, false, 64}};
        auto used = evaluatorOf("lenet5-mnist", "mnist");
        PrecisionPlan edited = plan;
        edited.layers["conv1"].weights = WeightPlan{{Treatment{format("int2"), {}, {}}}, {}, {}, {}};
        evaluate(*used, request(edited, 500));
        evaluate(*used, request(planOf("int3", "int8", rank(4)), 500));
        std::vector<std::string> hashes{evaluate(*used, request(plan, 500))->hash};
        for (const int threads : {1, 2, 8})
            hashes.push_back(evaluate(*evaluatorOf("lenet5-mnist", "mnist"), request(plan, 500, threads))->hash);
        QCOMPARE(hashes, std::vector<std::string>(4, hashes.front()));
    }

    void adaptiveRoundingGainsOnSamplesItHasNotSeen_data()
    {
        QTest::addColumn<QString>("network");
        QTest::addColumn<QString>("dataset");
        QTest::addColumn<QString>("weights");
        QTest::addColumn<double>("decibels");   // of the logits, at least
        QTest::newRow("mlp int2") << "mlp-mnist" << "mnist" << "int2" << 5.0;
        QTest::newRow("mlp int3") << "mlp-mnist" << "mnist" << "int3" << 5.0;
        QTest::newRow("resnet8 int4") << "resnet8-photodigits" << "photo-digits" << "int4" << 6.0;
    }

    void adaptiveRoundingGainsOnSamplesItHasNotSeen()
    {
        QFETCH(QString, network);
        QFETCH(QString, dataset);
        QFETCH(QString, weights);
        QFETCH(double, decibels);
        auto evaluator = evaluatorOf(network.toStdString(), dataset.toStdString());
        PrecisionPlan plan = planOf(qPrintable(weights), "int8");
        plan.defaults.weights->palette.front().clip.kind = ClipRule::Kind::Mse;
        const ReportPtr nearest = evaluate(*evaluator, request(plan, 2000));
        plan.defaults.correction = Switchable<CorrectionPlan>{CorrectionPlan{false, WeightRounding::Adaptive, false, 256}};
        const ReportPtr adaptive = evaluate(*evaluator, request(plan, 2000));
        const double before = nearest->layers.back().propagatedSqnrDecibels.value(), after = adaptive->layers.back().propagatedSqnrDecibels.value();
        qInfo("%s: %.4f, %.1f dB nearest; %.4f, %.1f dB adaptive", QTest::currentDataTag(), nearest->top1.value(), before, adaptive->top1.value(), after);
        QVERIFY(after > before + decibels);
        QVERIFY(adaptive->top1.value() >= nearest->top1.value());
    }

    void aCorrectedBiasAndEqualizedChannelsHelpCoarseScales()
    {
        auto evaluator = evaluatorOf("autoencoder-mnist", "mnist");
        PrecisionPlan plan = planOf("int4", "int8");
        plan.defaults.weights->palette.front().scale.kind = ScaleRule::Kind::Tensor;
        std::vector<double> decibels;
        for (const auto& [bias, equalize] : {std::pair{false, false}, {false, true}, {true, true}}) {
            plan.defaults.correction = Switchable<CorrectionPlan>{CorrectionPlan{bias, WeightRounding::Nearest, equalize, 256}};
            const ReportPtr report = evaluate(*evaluator, request(plan, 1000));
            decibels.push_back(report->layers.back().propagatedSqnrDecibels.value());
            QVERIFY(report->remarks == evaluate(*evaluator, request(plan, 1000))->remarks);
        }
        qInfo("int4 under one scale a layer: %.1f dB; equalized %.1f dB; and its bias corrected %.1f dB", decibels[0], decibels[1], decibels[2]);
        QVERIFY(decibels[1] > decibels[0] + 1 && decibels[2] > decibels[1] + 1);
    }

    void rankZeroIsThePlainQuantizedNetwork()
    {
        for (const char* name : {"lenet5-mnist", "mlp-mnist"}) {
            auto evaluator = evaluatorOf(name, "mnist");
            const Tensor input = evaluator->subject().test.slice(0, 64).inputs;
            const auto plain = evaluator->outputs(planOf("int4", "int8"), input);
            const auto ranked = evaluator->outputs(planOf("int4", "int8", rank(0)), input);
            QVERIFY(plain.has_value() && ranked.has_value());
            QVERIFY(plain.value() == ranked.value());
        }
    }

    void rankEightBringsTwoBitsWithinAPointOfTheReference()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist", 64);
        PrecisionPlan plan = planOf("int2", "int8");
        plan.defaults.weights->palette.front().clip.kind = ClipRule::Kind::Mse;   // two bits at absmax keep the largest weight and little else
        const ReportPtr bare = evaluate(*evaluator, request(plan));
        plan.defaults.surrogate = Switchable<SurrogatePlan>{rank(8, 64)};
        const ReportPtr recovered = evaluate(*evaluator, request(plan));
        qInfo("int2: %.4f at rank 0, %.4f at rank 8, reference %.4f", bare->top1.value(), recovered->top1.value(), bare->referenceTop1.value());
        QVERIFY(bare->top1.value() < bare->referenceTop1.value() - 0.02);
        QVERIFY2(recovered->top1.value() >= recovered->referenceTop1.value() - 0.01, qPrintable(QString::number(recovered->top1.value())));
    }

    void aLayersPredictedErrorNeverGrowsWithRank()
    {
        auto evaluator = evaluatorOf("lenet5-mnist", "mnist", 64);
        const ReportPtr report = evaluate(*evaluator, request(planOf("int3", "int8", rank(3)), 32));
        for (const LayerReport& layer : report->layers) {
            QVERIFY2(layer.surrogate.has_value(), layer.name.c_str());
            for (const double removed : layer.surrogate->removedEnergy)
                QVERIFY2(removed >= -1e-9 * layer.surrogate->residualEnergy, layer.name.c_str());
        }
    }

    void anIdealArrayIsTheIntegerProduct()
    {
        // Arrays without variation and with ideal converters compute the digital W4A8 network; sums differ only in float rounding.
        auto evaluator = evaluatorOf("lenet5-mnist", "mnist", 64);
        const ReportPtr report = evaluate(*evaluator, request(arrayPlan(0, 0.0), 256));
        PrecisionPlan digital = planOf("int4", "uint8");
        digital.layers["conv1"].activations = ActivationPlan{format("int8"), {ScaleRule::Kind::Tensor, 0}, {}};   // normalised pixels are signed
        const Tensor input = evaluator->subject().test.slice(0, 64).inputs;
        const auto array = evaluator->outputs(arrayPlan(0, 0.0), input), integer = evaluator->outputs(digital, input);
        QVERIFY(array.has_value() && integer.has_value());
        double worst = 0, largest = 0;
        for (std::size_t i = 0; i < integer.value().values<float>().size(); ++i) {
            worst = std::max(worst, std::abs(static_cast<double>(array.value().values<float>()[i]) - static_cast<double>(integer.value().values<float>()[i])));
            largest = std::max(largest, std::abs(static_cast<double>(integer.value().values<float>()[i])));
        }
        // A float sum may round to the other side of an input code's threshold; such a code moves an output by parts of a percent.
        QVERIFY2(worst < 0.01 * largest, qPrintable(QString("%1 of %2").arg(worst).arg(largest)));
        QVERIFY(report->top1.value() > 0.95);
    }

    void chipsDifferAndAreTheSameAgain()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist", 64);
        EvaluationRequest wanted = request(arrayPlan(6, 0.3), 1000);
        wanted.chips = 3;
        const ReportPtr report = evaluate(*evaluator, wanted);
        QCOMPARE(report->chips.count, 3);
        QVERIFY(report->chips.max > report->chips.min);
        QCOMPARE(evaluate(*evaluatorOf("mlp-mnist", "mnist", 64), wanted)->hash, report->hash);
        wanted.seed = 2;
        QVERIFY(evaluate(*evaluator, wanted)->hash != report->hash);
    }

    void aStoppedRunIsAShorterTrueRun()
    {
        auto evaluator = evaluatorOf("lenet5-mnist", "mnist");
        std::stop_source source;
        int estimates = 0;
        const auto report = evaluator->evaluate(request(planOf("nf4", "int8")), {source.get_token(), {}}, [&](const ReportPtr& estimate) {
            ++estimates;
            QVERIFY(estimate->partial);
            source.request_stop();
        });
        QVERIFY(report.has_value());
        QVERIFY(report.value()->partial);
        QCOMPARE(estimates, 1);
        QVERIFY(report.value()->samples >= 32 && report.value()->samples < 10000);
        QCOMPARE(report.value()->outcomes.size(), static_cast<std::size_t>(report.value()->samples));
        QCOMPARE(evaluate(*evaluator, request(planOf("nf4", "int8")))->hash, evaluate(*evaluatorOf("lenet5-mnist", "mnist"), request(planOf("nf4", "int8")))->hash);
    }

    void anEvaluatorAskedToStopIsNotMade()
    {
        const auto subject = openSubject("mlp-mnist", "mnist", 64);
        QVERIFY(subject.has_value());
        std::stop_source source;
        source.request_stop();
        const auto evaluator = Evaluator::create(subject.value(), {source.get_token(), {}});
        QVERIFY(!evaluator.has_value() && core::isStopped(evaluator.error()));
    }

    void calibrationNeverSeesTheScoredSamples()
    {
        const auto subject = openSubject("lenet5-mnist", "mnist", 256);
        QVERIFY(subject.has_value());
        const auto& test = subject.value()->test.inputs;
        const auto& calibration = subject.value()->calibration.inputs;
        QCOMPARE(calibration.dimension(0), 256);
        const std::size_t size = test.byteCount() / static_cast<std::size_t>(test.dimension(0));
        QSet<QByteArray> scored;
        for (std::int64_t i = 0; i < test.dimension(0); ++i)
            scored.insert(QByteArray(reinterpret_cast<const char*>(test.bytes().data()) + static_cast<std::size_t>(i) * size, static_cast<qsizetype>(size)));
        for (std::int64_t i = 0; i < calibration.dimension(0); ++i)
            QVERIFY(!scored.contains(QByteArray(reinterpret_cast<const char*>(calibration.bytes().data()) + static_cast<std::size_t>(i) * size, static_cast<qsizetype>(size))));
    }

    void aPlanWithFlawsIsOneProblemThatNamesThem()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist", 32);
        PrecisionPlan plan = planOf("int4", "int8", rank(-1));
        plan.layers["fc9"].weights = WeightPlan{};
        const auto report = evaluator->evaluate(request(plan));
        QVERIFY(!report.has_value());
        QVERIFY2(report.error().message.find("fc9") != std::string::npos, report.error().message.c_str());
        QVERIFY2(report.error().message.find("-1") != std::string::npos, report.error().message.c_str());
    }
};

QTEST_APPLESS_MAIN(TestEvaluator)
#include "tst_evaluator.moc"
