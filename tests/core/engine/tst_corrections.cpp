// SPDX-License-Identifier: Apache-2.0
// Corrections from samples: a bias that leaves no mean error, weights rounded for what the layer reads, behind layers that are
// corrected themselves.

#include "core/engine/corrections.h"
#include "core/engine/degraded_walk.h"
#include "core/engine/float_run.h"
#include "tests/core/engine/network_builder.h"

#include <QtTest>

#include <cmath>
#include <set>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

struct Bench {
    std::shared_ptr<const EngineContext> context;
    std::shared_ptr<Calibration> calibration;
    Tensor input;

    std::shared_ptr<const PolarizedNetwork> compiled(const PrecisionPlan& plan, int threads = 1, const PolarizedNetwork* previous = nullptr) const
    {
        const auto network = compile(*calibration, {plan, 1, threads, previous});
        if (!network)
            qFatal("%s", network.error().text().c_str());
        return network.value();
    }

    /// Reference - output of every layer behind the compiled ones before it: vectors x rows.
    std::vector<RowMatrixD> errors(const PolarizedNetwork& network) const
    {
        const auto reference = calibration->reference(calibration->samples(), 1).value();
        DegradedWalk walk(*context, reference->inputs, 1);
        std::vector<RowMatrixD> all;
        for (const WeightedLayer& layer : context->layers) {
            const auto degraded = walk.inputOf(layer.index, network.layers).value();
            std::vector<CompiledLayerPtr> alone = context->exact;
            alone[layer.index.value()] = network.layers[layer.index.value()];
            BatchedTensors inputs;
            for (const Tensor& tensor : degraded)
                inputs.push_back({tensor});
            const std::vector<NodeGroup> groups{{{layer.node}, layer.index}};
            const auto outputs = runBatches(*context, {alone, groups, {context->inputOf(layer.index)}, {context->outputOf(layer.index)}, 1, 0}, inputs).value();
            const std::int64_t perBatch = outputs.front().front().size() / layer.rows;
            RowMatrixD errors(perBatch * std::ssize(outputs), layer.rows);
            for (std::size_t b = 0; b < outputs.size(); ++b) {
                const auto wanted = reference->layerOutputs[b][layer.index.value()].values<float>(), got = outputs[b].front().values<float>();
                const std::int64_t positions = layer.kind == LayerKind::Dense ? 1 : perBatch / context->batch;
                for (std::int64_t i = 0; i < std::ssize(got); ++i) {
                    const std::int64_t row = i / positions % layer.rows, vector = i / (positions * layer.rows) * positions + i % positions;
                    errors(static_cast<std::int64_t>(b) * perBatch + vector, row) = static_cast<double>(wanted[static_cast<std::size_t>(i)]) - static_cast<double>(got[static_cast<std::size_t>(i)]);
                }
            }
            all.push_back(std::move(errors));
        }
        return all;
    }
};

/// Inputs whose columns resemble their neighbours and have means, as pictures' do.
Tensor pictures(const Shape& shape)
{
    Tensor tensor = seeded(shape, 77);
    const auto values = tensor.edit<float>();
    for (std::size_t i = 1; i < values.size(); ++i)
        values[i] = 0.8f * values[i - 1] + 0.6f * values[i];
    for (float& value : values)
        value = std::max(0.0f, value + 0.5f);
    return tensor;
}

Bench benchFor(Network network, const Shape& inputs)
{
    const auto context = prepareEngine(std::make_shared<Network>(std::move(network)));
    if (!context)
        qFatal("%s", context.error().text().c_str());
    const Tensor input = pictures(inputs);
    const auto calibration = Calibration::observe(context.value(), SampleSet{input, std::vector<std::int32_t>(static_cast<std::size_t>(inputs[0]))}, 1);
    if (!calibration)
        qFatal("%s", calibration.error().text().c_str());
    return {context.value(), calibration.value(), input};
}

/// A convolution, a depthwise one, and two dense layers, the first with its bias as a node of its own.
Bench mixedBench()
{
    NetworkBuilder builder;
    const ValueIndex x = builder.input("x", {2, 6, 6});
    const ValueIndex conv = builder.node("Relu", {builder.node("Conv", {x, builder.constant(seeded({8, 2, 3, 3}, 1)), builder.constant(seeded({8}, 2))})});
    const ValueIndex depthwise = builder.node("Relu", {builder.node("Conv", {conv, builder.constant(seeded({8, 1, 3, 3}, 3))}, {{"group", std::int64_t{8}}})});
    const ValueIndex hidden = builder.node("MatMul", {builder.node("Flatten", {depthwise}), builder.constant(seeded({32, 20}, 4))});
    const ValueIndex last = builder.node("Relu", {builder.node("Add", {hidden, builder.constant(seeded({20}, 5))})});
    return benchFor(builder.finish(builder.node("Gemm", {last, builder.constant(seeded({20, 6}, 6)), builder.constant(seeded({6}, 7))})), {64, 2, 6, 6});
}

PrecisionPlan planOf(const char* weights, std::optional<CorrectionPlan> correction)
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format(weights), {}, {}}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format("uint8"), {ScaleRule::Kind::Tensor, 0}, {}};
    if (correction)
        plan.defaults.correction = Switchable<CorrectionPlan>{correction};
    return plan;
}

CorrectionPlan correction(bool bias, WeightRounding rounding) { return {bias, rounding, false, 64}; }

Tensor outputs(const Bench& bench, const PolarizedNetwork& network) { return runPolarized(*bench.context, network, bench.input, 1).value(); }

}  // namespace

class TestCorrections : public QObject {
    Q_OBJECT
private slots:
    void aCorrectedBiasLeavesNoMeanError_data()
    {
        QTest::addColumn<bool>("isAdaptive");
        QTest::addColumn<bool>("isEqualized");
        QTest::newRow("nearest") << false << false;
        QTest::newRow("adaptive") << true << false;
        QTest::newRow("equalized, adaptive") << true << true;
    }

    void aCorrectedBiasLeavesNoMeanError()
    {
        QFETCH(bool, isAdaptive);
        QFETCH(bool, isEqualized);
        const Bench bench = mixedBench();
        CorrectionPlan wanted = correction(false, isAdaptive ? WeightRounding::Adaptive : WeightRounding::Nearest);
        wanted.equalize = isEqualized;
        const auto before = bench.errors(*bench.compiled(planOf("int3", wanted)));
        wanted.bias = true;
        const auto network = bench.compiled(planOf("int3", wanted));
        const auto after = bench.errors(*network);
        for (std::size_t l = 0; l < after.size(); ++l) {
            const double scale = before[l].cwiseAbs().maxCoeff();
            QVERIFY2(after[l].colwise().mean().cwiseAbs().maxCoeff() < 1e-6 * scale, bench.context->layers[l].name.c_str());
            // No more than the bias alone is different of the first layer: there the mean is all that is gone.
            if (l == 0 && !isAdaptive) {
                const double gone = before[0].colwise().mean().squaredNorm() * static_cast<double>(before[0].rows());
                QVERIFY(gone > 0 && std::abs(before[0].squaredNorm() - after[0].squaredNorm() - gone) < 1e-6 * before[0].squaredNorm());
            }
        }
        QVERIFY(network->layers[1]->bias.size() == 8);   // which the file does not have
        QVERIFY(network->remarks.empty() || isEqualized);
    }

    void anArraysBiasIsCorrectedOnItsOwnChip()
    {
        const Bench bench = mixedBench();
        PrecisionPlan plan = planOf("int8", {});
        ArrayTreatment array;
        array.adc.bits = 5;
        array.variation.sigma = 0.2;
        plan.defaults.cim = Switchable<ArrayTreatment>{array};
        const auto before = bench.errors(*bench.compiled(plan));
        plan.defaults.correction = Switchable<CorrectionPlan>{correction(true, WeightRounding::Nearest)};
        const auto after = bench.errors(*bench.compiled(plan));
        for (std::size_t l = 0; l < after.size(); ++l) {
            const double scale = before[l].cwiseAbs().maxCoeff();
            QVERIFY2(before[l].colwise().mean().cwiseAbs().maxCoeff() > 1e-3 * scale, "an array has a mean error");
            QVERIFY2(after[l].colwise().mean().cwiseAbs().maxCoeff() < 1e-5 * scale, bench.context->layers[l].name.c_str());
        }
        const auto one = compile(*bench.calibration, {plan, 1, 1}).value(), other = compile(*bench.calibration, {plan, 2, 1}).value();
        QVERIFY(one->layers[0]->bias != other->layers[0]->bias);
    }

    void adaptiveRoundingNeverAddsToALayersError()
    {
        const Bench bench = mixedBench();
        for (const char* weights : {"int2", "int3", "int4", "nf4", "pot4", "ternary", "e2m1", "uint4"})
            for (const bool bias : {false, true}) {
                // One layer at a time, so that both read the same inputs.
                for (const WeightedLayer& layer : bench.context->layers) {
                    PrecisionPlan plan;
                    plan.layers[layer.name] = planOf(weights, bias ? std::optional(correction(true, WeightRounding::Nearest)) : std::nullopt).defaults;
                    const double nearest = bench.errors(*bench.compiled(plan))[layer.index.value()].squaredNorm();
                    plan.layers[layer.name].correction = Switchable<CorrectionPlan>{correction(bias, WeightRounding::Adaptive)};
                    const double adaptive = bench.errors(*bench.compiled(plan))[layer.index.value()].squaredNorm();
                    QVERIFY2(adaptive <= nearest * 1.02, qPrintable(QString("%1 %2: %3 after %4").arg(weights, layer.name.c_str()).arg(adaptive).arg(nearest)));
                    if (layer.columns > 9)
                        QVERIFY2(adaptive < 0.9 * nearest, qPrintable(QString("%1 %2: %3 after %4").arg(weights, layer.name.c_str()).arg(adaptive).arg(nearest)));
                }
            }
    }

    void momentsPredictTheLayersError()
    {
        // Without a prior, error(moved) - error(nearest) is what the objective says, of a layer behind others that are degraded.
        const Bench bench = mixedBench();
        const auto network = bench.compiled(planOf("int3", {}));
        const auto reference = bench.calibration->reference(64, 1).value();
        DegradedWalk walk(*bench.context, reference->inputs, 1);
        for (const WeightedLayer& layer : bench.context->layers) {
            const auto degraded = walk.inputOf(layer.index, network->layers).value();
            const CompiledLayer& main = *network->layers[layer.index.value()];
            const InputMoments moments = measureInputs({*bench.context, layer, *reference, degraded, 1}, main.input, false).value();
            QCOMPARE(moments.vectors, bench.errors(*network)[layer.index.value()].rows());
            const OutputErrors errors = moments.errorsOf(layer.weights, main.weights, 0);
            auto moved = std::make_shared<CompiledLayer>(main);
            moved->integers.clear();
            double predicted = 0;
            for (Eigen::Index row = 0; row < layer.rows; ++row) {
                moved->weights(row, row % layer.columns) += 0.25f;
                const Eigen::Index column = row % layer.columns;
                predicted += 0.0625 * errors.gramOf(row)(column, column) - 0.5 * errors.slopes(row, column);
            }
            PolarizedNetwork other = *network;
            other.layers[layer.index.value()] = moved;
            const double before = bench.errors(*network)[layer.index.value()].squaredNorm(), after = bench.errors(other)[layer.index.value()].squaredNorm();
            QVERIFY2(std::abs(after - before - predicted) < 1e-4 * (before + after), qPrintable(QString("%1: %2, predicted %3").arg(layer.name.c_str()).arg(after - before).arg(predicted)));
        }
    }

    void aFreeBiasTakesTheMeanOutOfTheMoments()
    {
        const Bench bench = mixedBench();
        const auto reference = bench.calibration->reference(64, 1).value();
        std::vector<Tensor> inputs;
        for (const auto& batch : reference->layerInputs)
            inputs.push_back(batch[3]);
        const WeightedLayer& layer = bench.context->layers[3];
        const CorrectionCase at{*bench.context, layer, *reference, inputs, 1};
        const InputMoments raw = measureInputs(at, {}, false).value(), centred = measureInputs(at, {}, true).value();
        RowMatrixD x(64, layer.columns);
        for (std::int64_t sample = 0; sample < 64; ++sample)
            for (Eigen::Index column = 0; column < layer.columns; ++column)
                x(sample, column) = inputs[static_cast<std::size_t>(sample / bench.context->batch)].values<float>()[static_cast<std::size_t>((sample % bench.context->batch) * layer.columns + column)];
        const RowMatrixD about = x.rowwise() - x.colwise().mean();
        QVERIFY((raw.grams[0] - x.transpose() * x).norm() < 1e-5 * raw.grams[0].norm());
        QVERIFY((centred.grams[0] - about.transpose() * about).norm() < 1e-5 * centred.grams[0].norm());
        QVERIFY(centred.cross.norm() < 1e-3 * raw.grams[0].norm());   // its inputs are the reference's: nothing is lost yet
    }

    void threadsDoNotShow()
    {
        const Bench bench = mixedBench();
        CorrectionPlan all = correction(true, WeightRounding::Adaptive);
        all.equalize = true;
        const auto one = bench.compiled(planOf("int3", all), 1), eight = bench.compiled(planOf("int3", all), 8);
        for (std::size_t l = 0; l < one->layers.size(); ++l) {
            QCOMPARE(eight->layers[l]->weights, one->layers[l]->weights);
            QCOMPARE(eight->layers[l]->bias, one->layers[l]->bias);
        }
        QCOMPARE(eight->hash, one->hash);
    }

    void aLayerBehindAChangeIsCorrectedAnew()
    {
        const Bench bench = mixedBench();
        const PrecisionPlan plan = planOf("int3", correction(true, WeightRounding::Adaptive));
        PrecisionPlan edited = plan;
        edited.layers[bench.context->layers[1].name].weights = WeightPlan{{Treatment{format("int2"), {}, {}}}, {}, {}, {}};
        const auto first = bench.compiled(plan), fresh = bench.compiled(edited), again = bench.compiled(edited, 1, first.get());
        QCOMPARE(again->hash, fresh->hash);
        QVERIFY(outputs(bench, *again) == outputs(bench, *fresh));
        QVERIFY(first->firstDifference(*fresh) == LayerIndex(1));
        QVERIFY(fresh->layers[3]->bias != first->layers[3]->bias);
        QVERIFY(outputs(bench, *bench.compiled(plan, 1, fresh.get())) == outputs(bench, *first));
    }

    void everySwitchIsANetworkOfItsOwn()
    {
        const Bench bench = mixedBench();
        std::set<std::uint64_t> hashes;
        for (const bool bias : {false, true})
            for (const WeightRounding rounding : {WeightRounding::Nearest, WeightRounding::Adaptive})
                for (const bool equalize : {false, true})
                    hashes.insert(bench.compiled(planOf("int3", CorrectionPlan{bias, rounding, equalize, 64}))->hash);
        QCOMPARE(hashes.size(), std::size_t{8});
        hashes.insert(bench.compiled(planOf("int3", CorrectionPlan{true, WeightRounding::Nearest, false, 32}))->hash);
        QCOMPARE(hashes.size(), std::size_t{9});
    }

    void aRecoveryPathIsFittedToWhatIsLeft()
    {
        const Bench bench = mixedBench();
        PrecisionPlan plan = planOf("int2", {});
        SurrogatePlan surrogate;
        surrogate.rank = 2;
        plan.defaults.surrogate = Switchable<SurrogatePlan>{surrogate};
        const auto bare = bench.compiled(plan);
        plan.defaults.correction = Switchable<CorrectionPlan>{correction(true, WeightRounding::Adaptive)};
        const auto corrected = bench.compiled(plan);
        QVERIFY(corrected->surrogates[3]->residualEnergy < bare->surrogates[3]->residualEnergy);
        QVERIFY(corrected->layers[3]->recovery && corrected->layers[3]->hash != corrected->layers[3]->mainHash);
    }

    void anExactLayerMayMakeUpForThoseInFrontOfIt()
    {
        const Bench bench = mixedBench();
        PrecisionPlan plan = planOf("int2", {});
        LayerPlan& last = plan.layers[bench.context->layers[3].name];
        last.weights = WeightPlan{};
        last.activations = ActivationPlan{};
        last.correction = Switchable<CorrectionPlan>{correction(true, WeightRounding::Adaptive)};
        const auto network = bench.compiled(plan);
        QCOMPARE(network->layers[3]->weights, bench.context->layers[3].weights);   // fp32 has no neighbours
        QVERIFY(bench.errors(*network)[3].colwise().mean().cwiseAbs().maxCoeff() < 1e-5);
    }

    void whatIsNotFiniteIsNotCorrected()
    {
        const Bench bench = mixedBench();
        PrecisionPlan plan = planOf("fp16", correction(true, WeightRounding::Nearest));
        const std::string& name = bench.context->layers[2].name;
        plan.layers[name].weights = WeightPlan{{Treatment{format("fp16"), {}, {}}}, {}, {}, {}};
        const int exponent = std::ilogb(bench.context->layers[2].weights(0, 0)) + 15;
        for (int bit = 0; bit < 5; ++bit)   // all ones: infinity or NaN
            if ((exponent >> bit & 1) == 0)
                plan.layers[name].weights->flips.push_back({0, 0, 10 + bit});
        const auto network = bench.compiled(plan);
        QCOMPARE(network->remarks.front(), name + ": its output on the calibration samples is infinite or not a number; its bias is not corrected");
        QVERIFY(network->layers[2]->bias.empty());
        const auto again = bench.compiled(plan, 1, network.get());
        QCOMPARE(again->remarks, network->remarks);
        plan.layers[bench.context->layers[3].name].correction = Switchable<CorrectionPlan>{correction(true, WeightRounding::Adaptive)};
        plan.layers[bench.context->layers[3].name].weights = WeightPlan{{Treatment{format("int4"), {}, {}}}, {}, {}, {}};
        QVERIFY(bench.compiled(plan)->layers[3]->weights.allFinite());
    }

    void aStopIsNoProblemOfThePlan()
    {
        const Bench bench = mixedBench();
        std::stop_source source;
        source.request_stop();
        const PrecisionPlan plan = planOf("int3", correction(true, WeightRounding::Adaptive));
        const auto network = compile(*bench.calibration, {plan}, {source.get_token(), {}});
        QVERIFY(!network && isStopped(network.error()));
    }
};

QTEST_APPLESS_MAIN(TestCorrections)
#include "tst_corrections.moc"
