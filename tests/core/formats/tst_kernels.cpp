// SPDX-License-Identifier: Apache-2.0
// The vector kernels equal the scalar definitions bit for bit, on every instruction set this machine has.
#include "core/base/half.h"
#include "core/base/noise.h"
#include "core/formats/fit.h"
#include "core/formats/kernels.h"
#include "core/formats/treatment.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <bit>
#include <cmath>
#include <limits>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

using namespace core;
using namespace format_cases;

namespace {

const std::vector<const char*> kFormats{"int2", "int4",     "int8", "int16", "uint4", "uint8", "int1", "ternary", "nf4",  "pot2", "pot4", "pot5", "pot6", "pot7", "pot8", "sp2-4",
                                        "apot4", "odd1",    "odd3", "odd5", "odd6", "odd7", "odd8", "fp16",  "bf16",  "tf32", "e4m3",    "e5m2", "e3m2", "e2m3", "e2m1", "e4m3ieee",
                                        "e1m2", "e6m7", "e3m8", "e8m1", "e1m14", "e3m12", "e4m11"};

void compareWithScalar(const NumberFormat& format, CodeGrid grid, const std::vector<float>& values, int64_t target)
{
    std::vector<float> fast(values.size());
    quantizeValues(format, grid, values, fast);
    for (std::size_t i = 0; i < values.size(); ++i) {
        const float slow = quantizeValue(format, grid, values[i]);
        if (bitsOf(fast[i]) != bitsOf(slow))
            QFAIL(qPrintable(QString("%1 on %2, seed %3: %4 gives %5, wanted %6")
                                 .arg(format.name().c_str(), hwy::TargetName(target)).arg(kSeed).arg(double(values[i])).arg(double(fast[i])).arg(double(slow))));
    }
}

}  // namespace

class TestKernels : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { hwy::SetSupportedTargetsForTest(0); }

    void anyValueIsQuantizedAsByTheDefinition_data()
    {
        QTest::addColumn<QString>("format");
        for (const char* name : kFormats)
            QTest::newRow(name) << name;
    }
    void anyValueIsQuantizedAsByTheDefinition()
    {
        QFETCH(QString, format);
        const NumberFormat subject = named(qPrintable(format));
        const std::vector<float> values = anyValues(40000);
        onEveryTarget([&](int64_t target) {
            compareWithScalar(subject, {}, values, target);
            compareWithScalar(subject, {0.0173f, 0.0f}, values, target);
            const ActivationQuantizer fitted = fitActivationQuantizer(subject, -1.7f, 5.3f);
            compareWithScalar(subject, {fitted.scale, fitted.zeroPoint}, values, target);
        });
    }

    void everyThresholdLevelAndNeighbourIsRoundedAsByTheDefinition()
    {
        onEveryTarget([&](int64_t target) {
            for (const std::string& name : namesUpTo(8))
                compareWithScalar(named(name), {}, criticalValues(named(name)), target);
            for (const char* name : {"int16", "uint16", "fp16", "bf16", "e6m7", "e3m12", "e1m14"})
                compareWithScalar(named(name), {}, criticalValues(named(name)), target);
        });
    }

    void millionsOfActivationsEqualTheDefinition()
    {
        const std::vector<float> values = anyValues(2'000'000);
        for (const char* name : {"int8", "uint8", "nf4", "e4m3", "fp16"}) {
            const ActivationQuantizer quantizer = fitActivationQuantizer(named(name), -2.9f, 3.1f);
            std::vector<float> fast = values;
            quantizer.applyInPlace(fast);
            for (std::size_t i = 0; i < values.size(); ++i)
                if (bitsOf(fast[i]) != bitsOf(quantizer.applyScalar(values[i])))
                    QFAIL(qPrintable(QString("%1, seed %2, element %3: %4").arg(name).arg(kSeed).arg(i).arg(double(values[i]))));
        }
    }

    void everyLengthIsQuantizedWholeAndNothingBeyond()
    {
        const NumberFormat int4 = named("int4");
        const std::vector<float> values = anyValues(100);
        onEveryTarget([&](int64_t) {
            for (std::size_t size = 0; size <= 70; ++size) {
                std::vector<float> out(size + 1, 77.0f);
                quantizeValues(int4, {0.3f, 0.0f}, std::span(values).first(size), std::span(out).first(size));
                for (std::size_t i = 0; i < size; ++i)
                    QCOMPARE(bitsOf(out[i]), bitsOf(quantizeValue(int4, {0.3f, 0.0f}, values[i])));
                QCOMPARE(out[size], 77.0f);
            }
        });
    }

    void groupsUseTheirOwnGrids()
    {
        const std::vector<float> values{1, 2, 3, 4, 5, 6, 7};
        const std::vector<CodeGrid> grids{{1.0f, 0}, {2.0f, 0}, {4.0f, 0}};
        std::vector<float> out(values.size());
        onEveryTarget([&](int64_t) {
            quantizeGroups(named("int8"), grids, 3, values, out);
            QCOMPARE(out, (std::vector<float>{1, 2, 3, 4, 4, 6, 8}));   // 5 / 2 = 2.5 is a tie and goes to 2
        });
    }

    void squaredErrorsAreTheSameOnEveryTarget()
    {
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        std::vector<float> values;
        for (std::uint32_t i = 0; i < 300; ++i)
            for (const float gaussian : noise.gaussians({i, 2, 0}))
                values.push_back(gaussian);
        for (const char* name : kFormats)
            for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{15}, std::size_t{16}, std::size_t{33}, values.size()}) {
                const NumberFormat format = named(name);
                const std::span<const float> part = std::span(values).first(size);
                float sums[16] = {};
                for (std::size_t i = 0; i < size; ++i) {
                    const float error = part[i] - quantizeValue(format, {0.13f, 0.0f}, part[i]);
                    sums[i % 16] += error * error;
                }
                double expected = 0;
                for (const float sum : sums)
                    expected += static_cast<double>(sum);
                onEveryTarget([&](int64_t) {
                    QCOMPARE(squaredError(format, {0.13f, 0.0f}, part), expected);
                    QCOMPARE(squaredError(format, {0.13f, 0.0f}, part, 7.0), 7.0 + expected);
                    QCOMPARE(squaredError(format, {0.13f, 0.0f}, part, 0.0, expected), expected);      // not more than enough: the whole
                    const double early = squaredError(format, {0.13f, 0.0f}, part, 0.0, expected / 2);
                    QVERIFY(expected == 0 || (early > expected / 2 && early <= expected));
                });
            }
    }

    /// Also where errors are told apart by their last bits only: the choice is by definition, however quickly it is found.
    void theGridOfLeastErrorIsTheOneByDefinition()
    {
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        std::vector<float> drawn;
        for (std::uint32_t i = 0; i < 400; ++i)
            for (const float gaussian : noise.gaussians({i, 3, 0}))
                drawn.push_back(gaussian);
        struct Case { std::size_t size; float unit; double step; };
        for (const char* name : {"int2", "int4", "int8", "uint4", "nf4", "pot4", "pot8", "odd4", "odd6", "ternary", "e2m1", "e4m3"})
            for (const Case& each : {Case{64, 1.0f, 0.025}, Case{64, 1.0f, 1e-6}, Case{1500, 1.0f, 0.025}, Case{1500, 1.0f, 1e-4}, Case{1500, 1.0f, 3e-7}, Case{1500, 1e-15f, 0.025},
                                     Case{1500, 3e15f, 0.025}, Case{1500, 1e-9f, 1e-6}, Case{17, 1.0f, 0.025}}) {
                std::vector<float> values(drawn.begin(), drawn.begin() + static_cast<std::ptrdiff_t>(each.size));
                for (std::size_t i = 0; i < values.size(); ++i)   // every fifth on a multiple of an eighth: ties
                    values[i] = each.unit * (i % 5 == 0 ? std::round(8 * values[i]) / 8 : values[i]);
                const NumberFormat format = named(name);
                const float zero = std::string_view(name) == "uint4" ? 7.0f : 0.0f;
                const float extreme = *std::max_element(values.begin(), values.end(), [](float a, float b) { return std::abs(a) < std::abs(b); });
                std::vector<CodeGrid> grids;
                for (int step = 0; step < 33; ++step)
                    grids.push_back({static_cast<float>(static_cast<double>(std::abs(extreme)) * (1 - each.step * (32 - step)) / static_cast<double>(format.largestLevel())), zero});
                const std::size_t first = values.size() / 3;
                const std::array strips{std::span<const float>(values).first(first), std::span<const float>(values).subspan(first)};
                double least = HUGE_VAL;
                std::size_t best = 0;
                for (std::size_t index = 0; index < grids.size(); ++index) {
                    const double error = squaredError(format, grids[index], strips[1], squaredError(format, grids[index], strips[0]));
                    if (error <= least) {
                        least = error;
                        best = index;
                    }
                }
                onEveryTarget([&](int64_t) { QCOMPARE(leastErrorGrid(format, grids, strips, extreme), best); });
                QCOMPARE(leastErrorGrid(format, grids, strips, 0.0f), best);
            }
    }

    void rangesHoldZeroAndTheExtremesOfEveryGroup()
    {
        std::vector<float> values(50, 0.25f);
        values[3] = -2.0f;
        values[17] = 5.0f;
        values[49] = -0.5f;
        onEveryTarget([&](int64_t) {
            std::vector<ValueRange> ranges(3);
            findRanges(values, 20, ranges);
            QCOMPARE(ranges[0].low, -2.0f);
            QCOMPARE(ranges[0].high, 5.0f);
            QCOMPARE(bitsOf(ranges[1].low), 0u);
            QCOMPARE(ranges[1].high, 0.25f);
            QCOMPARE(ranges[2].low, -0.5f);
        });
    }

    void all65536HalfPrecisionCodesSurvive()
    {
        const NumberFormat fp16 = named("fp16");
        const NumberFormat bf16 = named("bf16");
        std::vector<float> halves, brains;
        for (std::uint32_t code = 0; code < 65536; ++code) {
            Float16 half;
            half.bits = static_cast<std::uint16_t>(code);
            halves.push_back(static_cast<float>(half));
            BFloat16 brain;
            brain.bits = static_cast<std::uint16_t>(code);
            brains.push_back(static_cast<float>(brain));
        }
        onEveryTarget([&](int64_t) {
            for (const auto& [format, codes] : {std::pair(fp16, halves), std::pair(bf16, brains)}) {
                std::vector<float> out(codes.size());
                format.roundToLevels(codes, out);
                for (std::size_t i = 0; i < codes.size(); ++i)
                    QCOMPARE(bitsOf(out[i]), bitsOf(codes[i]));
            }
        });
    }

    void roundingTo16BitsEqualsTheStorageTypes()
    {
        const NumberFormat fp16 = named("fp16");
        const NumberFormat bf16 = named("bf16");
        std::vector<float> values = anyValues(400'000);
        for (const float critical : criticalValues(fp16))
            values.push_back(critical);
        std::vector<float> halves(values.size()), brains(values.size());
        fp16.roundToLevels(values, halves);
        bf16.roundToLevels(values, brains);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::isnan(values[i]))
                continue;
            QCOMPARE(bitsOf(halves[i]), bitsOf(static_cast<float>(Float16(values[i]))));
            QCOMPARE(bitsOf(brains[i]), bitsOf(static_cast<float>(BFloat16(values[i]))));
        }
    }

#if defined(__x86_64__) && defined(__GNUC__)
    __attribute__((target("f16c,avx"))) static float throughHardware(float x)
    {
        return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT)));
    }
    void halfPrecisionEqualsTheProcessorsOwnConversion()
    {
        if (!__builtin_cpu_supports("f16c"))
            QSKIP("this processor has no F16C");
        const NumberFormat fp16 = named("fp16");
        std::vector<float> values = criticalValues(fp16);
        for (const float value : anyValues(400'000))
            values.push_back(value);
        std::vector<float> out(values.size());
        fp16.roundToLevels(values, out);
        for (std::size_t i = 0; i < values.size(); ++i) {
            if (std::isnan(values[i]))
                QVERIFY(std::isnan(out[i]) && std::isnan(throughHardware(values[i])));
            else
                QCOMPARE(bitsOf(out[i]), bitsOf(throughHardware(values[i])));
        }
    }
#endif
};

QTEST_APPLESS_MAIN(TestKernels)
#include "tst_kernels.moc"
