// SPDX-License-Identifier: Apache-2.0
// Whole evaluations of bundled networks on their real data.

#include "tests/core/eval/evaluators.h"

#include "core/engine/engine_context.h"
#include "core/engine/float_run.h"
#include "core/eval/evaluator.h"
#include "core/io/library.h"
#include "core/plan/check.h"

#include <QtTest>

#include <algorithm>
#include <cmath>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

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

/// Digital convolutions, then arrays that differ from chip to chip and from read to read, and a recovery path on all.
PrecisionPlan noisyPlan()
{
    PrecisionPlan plan = planOf("int4", "int8", rank(2));
    for (const char* layer : {"fc1", "fc2"}) {
        plan.layers[layer].cim = arrayPlan(5, 0.3).defaults.cim;
        plan.layers[layer].cim->value->readNoise.sigma = 0.2;
    }
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
            hashes.push_back(evaluate(*evaluatorOf("lenet5-mnist", "mnist", 256), request(plan, 2000, threads))->hash);
        QCOMPARE(hashes[1], hashes[0]);
        QCOMPARE(hashes[2], hashes[0]);
    }

    void aReportDoesNotDependOnWhatWasEvaluatedBefore()
    {
        const PrecisionPlan plan = planOf("int4", "int8", rank(4));
        auto used = evaluatorOf("lenet5-mnist", "mnist", 256), fresh = evaluatorOf("lenet5-mnist", "mnist", 256);
        PrecisionPlan edited = plan;
        for (const char* weights : {"int2", "nf4", "int3"}) {
            edited.layers["fc2"].weights = WeightPlan{{Treatment{format(weights), {}, {}}}, {}, {}, {}};
            evaluate(*used, request(plan, 1000));
            evaluate(*used, request(edited, 1000));
        }
        QCOMPARE(evaluate(*used, request(edited, 1000))->hash, evaluate(*fresh, request(edited, 1000))->hash);
        edited.layers["conv1"].weights = WeightPlan{{Treatment{format("int3"), {}, {}}}, {}, {}, {}};
        QCOMPARE(evaluate(*used, request(edited, 1000))->hash, evaluate(*evaluatorOf("lenet5-mnist", "mnist", 256), request(edited, 1000))->hash);
    }

    void correctionsDoNotDependOnThreadsOrOnWhatWasEvaluatedBefore()
    {
        PrecisionPlan plan = planOf("int3", "int8", rank(2));
        plan.defaults.weights->palette.front().scale.kind = ScaleRule::Kind::Tensor;
        plan.defaults.correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Adaptive, true, 128}};
        plan.layers["fc2"].cim = arrayPlan(6, 0.1).defaults.cim;
        plan.layers["fc2"].correction = Switchable<CorrectionPlan>{CorrectionPlan{true, WeightRounding::Nearest, false, 64}};
        auto used = evaluatorOf("lenet5-mnist", "mnist", 256);
        PrecisionPlan edited = plan;
        edited.layers["conv1"].weights = WeightPlan{{Treatment{format("int2"), {}, {}}}, {}, {}, {}};
        evaluate(*used, request(edited, 500));
        evaluate(*used, request(planOf("int3", "int8", rank(4)), 500));
        std::vector<std::string> hashes{evaluate(*used, request(plan, 500))->hash};
        for (const int threads : {1, 2, 8})
            hashes.push_back(evaluate(*evaluatorOf("lenet5-mnist", "mnist", 256), request(plan, 500, threads))->hash);
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
        auto evaluator = evaluatorOf(network.toStdString(), dataset.toStdString(), 256);
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
        auto evaluator = evaluatorOf("autoencoder-mnist", "mnist", 256);
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
            auto evaluator = evaluatorOf(name, "mnist", 256);
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

    void chipsAndReadsAreTheSameOnAnyNumberOfThreads()
    {
        std::vector<std::string> hashes;
        for (const int threads : {1, 2, 8}) {
            EvaluationRequest wanted = request(noisyPlan(), 300, threads);
            wanted.chips = 5;
            wanted.reads = 3;
            const ReportPtr report = evaluate(*evaluatorOf("lenet5-mnist", "mnist", 64), wanted);
            QCOMPARE(report->chips.count, 5);
            QCOMPARE(report->chips.readTop1.size(), std::size_t{15});
            hashes.push_back(report->hash);
        }
        QCOMPARE(hashes[1], hashes[0]);
        QCOMPARE(hashes[2], hashes[0]);
    }

    void aChipInACrowdIsTheChipAlone()
    {
        // conv1 and conv2 are digital: what they make is computed once for all chips.
        auto evaluator = evaluatorOf("lenet5-mnist", "mnist", 64);
        PrecisionPlan plan = noisyPlan();
        for (const char* layer : {"fc1", "fc2", "fc3"})
            if (plan.layers.contains(layer) && plan.layers[layer].cim)
                plan.layers[layer].cim->value->readNoise.sigma = 0.0;
        EvaluationRequest wanted = request(plan, 100);
        wanted.chips = 4;
        const ReportPtr report = evaluate(*evaluator, wanted);
        QVERIFY(report->answers);
        const ChipAnswers& answers = *report->answers;
        QCOMPARE(answers.right.size(), std::size_t{4});
        const SampleSet scored = evaluator->subject().test.pick(std::vector<std::int64_t>(answers.samples.begin(), answers.samples.end()));
        for (int chip = 1; chip <= 4; ++chip) {
            const auto network = evaluator->compiled(plan, wanted.seed, chip);
            QVERIFY(network.has_value());
            const auto output = runPolarized(*evaluator->sharedContext(), *network.value(), scored.inputs);
            QVERIFY(output.has_value());
            const auto logits = output.value().values<float>();
            for (std::size_t i = 0; i < 100; ++i) {
                const auto own = logits.subspan(10 * i, 10);
                const auto answer = std::max_element(own.begin(), own.end()) - own.begin();
                QCOMPARE(static_cast<int>(answers.right[static_cast<std::size_t>(chip - 1)][i]), answer == scored.labels[i] ? 1 : 0);
            }
        }
        QVERIFY(report->outputSqnrDecibels && std::isfinite(*report->outputSqnrDecibels));
    }

    void readsOfAChipDifferWhereReadsAreNoisy()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist", 64);
        PrecisionPlan plan = arrayPlan(6, 0.1);
        plan.defaults.cim->value->readNoise.sigma = 0.4;
        EvaluationRequest wanted = request(plan, 500);
        const double single = evaluate(*evaluator, wanted)->top1.value();
        wanted.chips = 3;
        wanted.reads = 4;
        const ReportPtr noisy = evaluate(*evaluator, wanted);
        QCOMPARE(noisy->chips.reads, 4);
        QCOMPARE(noisy->chips.readTop1.front(), single);
        QVERIFY(noisy->chips.readDeviation > 0);
        QCOMPARE(*std::ranges::max_element(noisy->answers->right.back()), std::uint8_t{4});
        plan.defaults.cim->value->readNoise.sigma = 0.0;
        wanted.plan = plan;
        const ReportPtr quiet = evaluate(*evaluator, wanted);
        QCOMPARE(quiet->chips.reads, 1);   // one speaks for all
        QCOMPARE(quiet->chips.count, 3);
    }

    void chipsAreToldAsTheyComeAndAStopKeepsWholeOnes()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist", 64);
        EvaluationRequest wanted = request(arrayPlan(6, 0.3), 200, 2);
        wanted.chips = 9;
        std::stop_source source;
        int last = 0;
        double fraction = 0;
        const auto report = evaluator->evaluate(wanted, {source.get_token(), [&](const Progress& progress) { fraction = progress.fraction; }},
                                                [&](const ReportPtr& estimate) {
                                                    QVERIFY(estimate->chips.count >= last);
                                                    last = estimate->chips.count;
                                                    if (last >= 3)
                                                        source.request_stop();
                                                });
        QVERIFY(report.has_value() && report.value()->partial);
        QCOMPARE(report.value()->samples, 200);
        QVERIFY(report.value()->chips.count >= 3 && report.value()->chips.count < 9);
        QCOMPARE(report.value()->answers->right.size(), static_cast<std::size_t>(report.value()->chips.count));
        QVERIFY(fraction > 0 && fraction < 1);
    }

    void plansArePairedOnTheSameChipsAndSamples()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist", 64);
        EvaluationRequest wanted = request(arrayPlan(6, 0.1), 300);
        wanted.chips = 4;
        const ReportPtr good = evaluate(*evaluator, wanted);
        wanted.plan = arrayPlan(3, 0.5);
        const ReportPtr bad = evaluate(*evaluator, wanted);
        const auto difference = pairedDifference(*good->answers, *bad->answers);
        QVERIFY(difference.has_value());
        QCOMPARE_LT(std::abs(difference.value().difference - (bad->chips.mean - good->chips.mean)), 1e-12);
        QVERIFY(difference.value().isSignificant() && difference.value().high < 0);
        QVERIFY(!pairedDifference(*good->answers, *good->answers).value().isSignificant());
        const PairedDifference toReference = differenceToReference(*bad->answers);
        QCOMPARE_LT(std::abs(toReference.difference - (bad->chips.mean - bad->referenceTop1.value())), 1e-12);
    }

    void noReadsAtAllAreAProblem()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist", 32);
        for (const int reads : {0, -1, kMostReads + 1}) {
            EvaluationRequest wanted = request({}, 32);
            wanted.reads = reads;
            const auto report = evaluator->evaluate(wanted);
            QVERIFY(!report.has_value());
            QVERIFY2(report.error().message.find(std::to_string(reads)) != std::string::npos, report.error().message.c_str());
        }
    }

    void aStoppedRunIsAShorterTrueRun()
    {
        auto evaluator = evaluatorOf("lenet5-mnist", "mnist", 256);
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
        QCOMPARE(evaluate(*evaluator, request(planOf("nf4", "int8")))->hash, evaluate(*evaluatorOf("lenet5-mnist", "mnist", 256), request(planOf("nf4", "int8")))->hash);
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
