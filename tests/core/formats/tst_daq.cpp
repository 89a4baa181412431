// SPDX-License-Identifier: Apache-2.0
// Activations standardised by their own statistics.
#include "core/formats/daq.h"
#include "core/formats/kernels.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

using namespace core;
using namespace format_cases;

namespace {

std::vector<float> gaussians(std::uint32_t count)
{
    const NoiseStream noise(kSeed, NoisePurpose::Test);
    std::vector<float> values;
    for (std::uint32_t i = 0; i < count / 4; ++i)
        for (const float gaussian : noise.gaussians({i, 7, 0}))
            values.push_back(gaussian);
    return values;
}

std::vector<float> quantized(const DaqQuantizer& quantizer, std::vector<float> values)
{
    quantizer.apply(values, values);
    return values;
}

double relativeError(const std::vector<float>& values, const std::vector<float>& rounded)
{
    double mean = 0, error = 0, deviation = 0;
    for (const float x : values)
        mean += static_cast<double>(x) / static_cast<double>(values.size());
    for (std::size_t i = 0; i < values.size(); ++i) {
        error += std::pow(static_cast<double>(values[i]) - static_cast<double>(rounded[i]), 2);
        deviation += std::pow(static_cast<double>(values[i]) - mean, 2);
    }
    return error / deviation;
}

}  // namespace

class TestDaq : public QObject {
    Q_OBJECT

private slots:
    void stepsAreTheOnesOfMax()
    {
        // J. Max, Quantizing for Minimum Distortion, 1960, table II: steps of uniform quantizers of a unit Gaussian.
        QCOMPARE_LE(std::abs(gaussianScale(named("uint2")) - 0.9957), 0.0001);
        QCOMPARE_LE(std::abs(gaussianScale(named("uint3")) - 0.5860), 0.0001);
        QCOMPARE_LE(std::abs(gaussianScale(named("uint4")) - 0.3352), 0.0001);
        QCOMPARE_LE(std::abs(gaussianScale(named("uint5")) - 0.1881), 0.0001);
        QCOMPARE_LE(std::abs(2 * gaussianScale(named("odd1")) - 1.5958), 0.0001);   // levels -1 and 1: a step is two scales
        QCOMPARE_LE(std::abs(2 * gaussianScale(named("int1")) - 2 * std::sqrt(2 / 3.14159265358979)), 1e-6);
        QCOMPARE_LE(std::abs(gaussianScale(named("odd4")) / 4 - 0.3352), 0.0001);
        QCOMPARE_LE(std::abs(gaussianScale(named("int2")) - 1.2240), 0.0001);       // three levels
        QCOMPARE_LE(std::abs(gaussianScale(named("uint8")) - 0.0308), 0.0001);
        QCOMPARE(gaussianScale(named("fp16")), 1.0);
    }

    void noOtherScaleIsBetterOnSamples()
    {
        const std::vector<float> values = gaussians(20000);
        for (const char* name : {"int4", "nf4", "odd3", "e2m1"}) {
            const NumberFormat format = named(name);
            const auto error = [&](double scale) { return squaredError(format, {static_cast<float>(scale), 0.0f}, values); };
            const double best = gaussianScale(format);
            QVERIFY2(error(best) < error(0.9 * best) && error(best) < error(1.1 * best), name);
        }
    }

    void shiftingAndScalingAChannelLeavesTheRelativeErrorAlone()
    {
        const std::vector<float> values = gaussians(4000);
        for (const char* name : {"uint4", "int4", "uint2", "nf4", "odd2", "e2m1"}) {
            const DaqQuantizer quantizer(named(name));
            const double error = relativeError(values, quantized(quantizer, values));
            for (const auto& [scale, shift] : {std::pair(1.0f, 5.0f), std::pair(37.0f, -8.0f), std::pair(1e-3f, 0.25f), std::pair(1e6f, 0.0f)}) {
                std::vector<float> moved = values;
                for (float& x : moved)
                    x = scale * x + shift;
                QCOMPARE_LE(std::abs(relativeError(moved, quantized(quantizer, moved)) - error), 0.01 * error);
            }
            std::vector<float> doubled = values;   // a power of two changes no bit
            for (float& x : doubled)
                x *= 0x1p-5f;
            const std::vector<float> rounded = quantized(quantizer, values), roundedDoubled = quantized(quantizer, doubled);
            for (std::size_t i = 0; i < values.size(); ++i)
                QCOMPARE(roundedDoubled[i], 0x1p-5f * rounded[i]);
        }
    }

    void aChannelTakesAtMostAllItsLevels()
    {
        const std::vector<float> values = gaussians(4000);
        for (const auto& [name, count] : {std::pair("uint2", 4), std::pair("int2", 3), std::pair("uint3", 8)}) {
            std::vector<float> rounded = quantized(DaqQuantizer(named(name)), values);
            std::sort(rounded.begin(), rounded.end());
            QCOMPARE(std::unique(rounded.begin(), rounded.end()) - rounded.begin(), std::ptrdiff_t{count});
        }
    }

    void constantsNanAndInfinityAreDefined()
    {
        const float nan = std::nanf(""), infinity = std::numeric_limits<float>::infinity();
        const DaqQuantizer quantizer(named("uint2"));
        QCOMPARE(quantized(quantizer, {3.3f, 3.3f, 3.3f}), (std::vector<float>{3.3f, 3.3f, 3.3f}));
        QVERIFY(quantized(quantizer, {}).empty());
        const std::vector<float> mixed = quantized(quantizer, {nan, infinity, -infinity, 1, -1});
        QVERIFY(std::isnan(mixed[0]));
        const float step = static_cast<float>(quantizer.scale());   // of the values 1 and -1: mean 0, deviation 1
        QCOMPARE(mixed[1], 3 * step - 1.5f * step);
        QCOMPARE(mixed[2], 0 - 1.5f * step);
        QCOMPARE(mixed[3], mixed[1]);   // 1 / 0.9957 + 1.5 = 2.504 rounds to 3
        const std::vector<float> values = gaussians(100);
        QCOMPARE(quantized(DaqQuantizer(named("fp32")), values), values);
    }
};

QTEST_APPLESS_MAIN(TestDaq)
#include "tst_daq.moc"
