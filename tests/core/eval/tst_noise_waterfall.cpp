// SPDX-License-Identifier: Apache-2.0
// The effects of an array one by one: each names what it takes away, costs nothing where it is not, and the steps add up.
#include "tests/core/eval/evaluators.h"

#include "core/eval/noise_waterfall.h"
#include "core/io/library.h"

#include <QtTest>

#include <cmath>
#include <set>

using namespace core;

namespace {

/// Everything the list knows is on.
ArrayTreatment hardArray()
{
    ArrayTreatment array;
    array.rows = 64;
    array.weightBits = 3;
    array.inputBits = 4;
    array.adc = {4, {ConverterRange::Kind::Percentile, 99.9}};
    array.variation.sigma = 0.2;
    array.readNoise.sigma = 0.1;
    array.adc.offsetLsb = 0.5;
    array.onOffRatio = 20.0;
    array.stuck = {0.01, 0.01};
    array.drift.seconds = 1e6;
    array.wireOhms = 2.0;
    array.conversionNoise.thermal = 0.01;
    return array;
}

WaterfallRequest requestFor(const ArrayTreatment& array)
{
    WaterfallRequest request;
    request.plan.defaults.cim = Switchable<ArrayTreatment>{array};
    request.samples = 128;
    request.chips = 2;
    request.reads = 2;
    return request;
}

NoiseWaterfall waterfallOf(Evaluator& evaluator, const WaterfallRequest& request)
{
    const auto result = noiseWaterfall(evaluator, request);
    if (!result)
        qFatal("%s", result.error().text().c_str());
    return result.value();
}

}  // namespace

class TestNoiseWaterfall : public QObject {
    Q_OBJECT

private slots:
    void anEffectSwitchedOffTwiceIsOffOnce()
    {
        std::set<std::string_view> names;
        for (const ArrayEffect& effect : arrayEffects()) {
            ArrayTreatment once = hardArray();
            QVERIFY2(effect.isIn(once), effect.name.data());
            effect.switchOff(once);
            QVERIFY2(!effect.isIn(once), effect.name.data());
            ArrayTreatment twice = once;
            effect.switchOff(twice);
            QVERIFY2(twice == once, effect.name.data());
            QVERIFY(check(once).empty());
            names.insert(effect.name);
        }
        QCOMPARE(names.size(), arrayEffects().size());
    }

    void effectsTakeAwayDifferentThings()
    {
        for (const ArrayEffect& first : arrayEffects())
            for (const ArrayEffect& second : arrayEffects()) {
                ArrayTreatment array = hardArray();
                first.switchOff(array);
                if (&first != &second)
                    QVERIFY2(second.isIn(array), second.name.data());
                ArrayTreatment other = hardArray();
                second.switchOff(other);
                first.switchOff(other);
                second.switchOff(array);
                QVERIFY2(array == other, first.name.data());  // in any order
            }
    }

    void withEverythingOffAnArrayIsIdeal()
    {
        ArrayTreatment array = hardArray();
        QVERIFY(hasReadNoise(array) && hasChipNoise(array));
        for (const ArrayEffect& effect : arrayEffects())
            effect.switchOff(array);
        QCOMPARE(array.adc.bits, 0);
        QCOMPARE(array.variation.sigma, 0.0);
        QCOMPARE(array.readNoise.sigma, 0.0);
        QVERIFY(!hasReadNoise(array) && !hasChipNoise(array));
    }

    void theStepsAddUpAndTheLastIsTheWhole()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist");
        const NoiseWaterfall found = waterfallOf(*evaluator, requestFor(hardArray()));
        QVERIFY(!found.isPartial);
        QCOMPARE(found.chips, 2);
        QCOMPARE(found.reads, 2);
        QCOMPARE(found.samples, 128);
        QCOMPARE(found.effects.size(), arrayEffects().size());
        double sum = 0;
        for (const EffectCost& effect : found.effects) {
            QVERIFY2(effect.isPresent, effect.name.c_str());
            sum += effect.step.difference;
            QCOMPARE_LT(std::abs(effect.cost.difference - (effect.alone.top1 - found.ideal.top1)), 1e-12);
            QCOMPARE_LT(std::abs(effect.gain.difference - (effect.without.top1 - found.full.top1)), 1e-12);
            qInfo("%-16s alone %.1f dB, without %.1f dB", effect.name.c_str(), *effect.alone.outputSqnrDecibels,
                  *effect.without.outputSqnrDecibels);
            // What is not ideal leaves an error at the output. Offsets are in steps: where converters have none they do nothing.
            if (effect.name == "converter_errors")
                QCOMPARE(*effect.alone.outputSqnrDecibels, *found.ideal.outputSqnrDecibels);
            else
                QVERIFY2(effect.alone.outputSqnrDecibels < found.ideal.outputSqnrDecibels, effect.name.c_str());
        }
        QCOMPARE_LT(std::abs(sum - (found.full.top1 - found.ideal.top1)), 1e-12);
        QCOMPARE_LT(std::abs(found.total.difference - sum), 1e-12);
        QCOMPARE(found.effects.back().upTo.top1, found.full.top1);
        QCOMPARE(found.effects.front().upTo.top1, found.effects.front().alone.top1);
        QVERIFY(found.total.difference < 0 && found.total.isSignificant());
    }

    void anEffectThatThePlanHasNotCostsExactlyNothing()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist");
        ArrayTreatment array = hardArray();
        array.readNoise.sigma = 0.0;
        array.conversionNoise = {};
        array.inputBits = 8;
        WaterfallRequest request = requestFor(array);
        request.reads = 1;
        const NoiseWaterfall found = waterfallOf(*evaluator, request);
        for (const EffectCost& effect : found.effects) {
            QCOMPARE(effect.isPresent, effect.name != "read_noise" && effect.name != "conversion_noise" && effect.name != "input_codes");
            if (effect.isPresent)
                continue;
            QCOMPARE(effect.cost.difference, 0.0);
            QCOMPARE(effect.gain.difference, 0.0);
            QCOMPARE(effect.step.difference, 0.0);
            QCOMPARE(effect.alone.top1, found.ideal.top1);
            QCOMPARE(effect.without.top1, found.full.top1);
            QVERIFY(effect.alone.outputSqnrDecibels == found.ideal.outputSqnrDecibels);
            QVERIFY(!effect.cost.isSignificant() && !effect.gain.isSignificant());
        }
    }

    void itIsTheSameOnAnyNumberOfThreads()
    {
        std::vector<double> top1, decibels;
        for (const int threads : {1, 2, 5}) {
            WaterfallRequest request = requestFor(hardArray());
            request.threads = threads;
            request.samples = 64;
            const NoiseWaterfall found = waterfallOf(*evaluatorOf("mlp-mnist", "mnist"), request);
            for (const EffectCost& effect : found.effects) {
                top1.push_back(effect.without.top1);
                decibels.push_back(*effect.alone.outputSqnrDecibels);
            }
        }
        const std::size_t each = arrayEffects().size();
        for (std::size_t i = each; i < top1.size(); ++i) {
            QCOMPARE(top1[i], top1[i % each]);
            QCOMPARE(decibels[i], decibels[i % each]);
        }
    }

    void aStoppedWaterfallKeepsWhatItHas()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist");
        std::stop_source source;
        std::size_t told = 0;
        const auto found =
            noiseWaterfall(*evaluator, requestFor(hardArray()), {source.get_token(), {}}, [&](const NoiseWaterfall& partial) {
                QVERIFY(partial.isPartial);
                told = partial.effects.size();
                if (told == 2)
                    source.request_stop();
            });
        QVERIFY(found.has_value());
        QVERIFY(found.value().isPartial);
        QCOMPARE(told, std::size_t{2});
        QCOMPARE(found.value().effects.size(), std::size_t{2});
    }

    void aPlanWithoutArraysIsAProblem()
    {
        auto evaluator = evaluatorOf("mlp-mnist", "mnist");
        WaterfallRequest request;
        request.plan.name = "digital";
        const auto found = noiseWaterfall(*evaluator, request);
        QVERIFY(!found.has_value());
        QVERIFY(found.error().text().find("digital") != std::string::npos);
    }
};

QTEST_APPLESS_MAIN(TestNoiseWaterfall)
#include "tst_noise_waterfall.moc"
