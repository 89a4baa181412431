// SPDX-License-Identifier: Apache-2.0
// What a running sum in few bits does, against numbers derived by hand, published tables and the laws of chance.
#include "core/formats/sums/running_sum.h"
#include "core/formats/sums/sum_kernel.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <numeric>
#include <set>
#include <tuple>

using namespace core;
using namespace format_cases;

namespace {

constexpr std::size_t kProducts = 784;

/// Products of a published table (core/formats/sums/README.md): zero mean, N(0, 0.1^2), or all positive, |N(0, 0.02^2)|.
enum class Terms { ZeroMean, Positive };
std::vector<float> terms(Terms kind, std::int64_t trials)
{
    const NoiseStream noise(kSeed, NoisePurpose::Test);
    std::vector<float> values;
    for (std::uint32_t trial = 0; trial < trials; ++trial)
        for (std::uint32_t k = 0; k < kProducts; k += 4)
            for (const float gaussian : noise.gaussians({k, trial, kind == Terms::Positive ? 1u : 0u}))
                values.push_back(kind == Terms::Positive ? 0.02f * std::abs(gaussian) : 0.1f * gaussian);
    return values;
}

struct Errors {
    double rootMeanSquare = 0, mean = 0;
};  // of (sum - exact) / sum of |products|

Errors errorsOf(const SumRule& rule, Terms kind, std::int64_t trials = 2000)
{
    const std::vector<float> values = terms(kind, trials), ones(kProducts, 1.0f);
    std::vector<float> sums(static_cast<std::size_t>(trials));
    SumBuffers buffers;
    multiplyBySums(rule, {ones.data(), 1, kProducts, values.data(), trials}, sums.data(), buffers);
    Errors errors;
    for (std::size_t trial = 0; trial < sums.size(); ++trial) {
        double exact = 0, size = 0;
        for (std::size_t k = 0; k < kProducts; ++k) {
            exact += static_cast<double>(values[trial * kProducts + k]);
            size += std::abs(static_cast<double>(values[trial * kProducts + k]));
        }
        const double error = (static_cast<double>(sums[trial]) - exact) / size;
        errors.rootMeanSquare += error * error / static_cast<double>(trials);
        errors.mean += error / static_cast<double>(trials);
    }
    errors.rootMeanSquare = std::sqrt(errors.rootMeanSquare);
    return errors;
}

float sumOf(const SumRule& rule, const std::vector<float>& products, SumPlace place = {})
{
    return runningSum(rule, std::vector<float>(products.size(), 1.0f), products, {}, place).value;
}

}  // namespace

class TestRunningSum : public QObject {
    Q_OBJECT

private slots:
    /// Rounding vectors of 8-bit floats that top out at 240, as published with the mixed scheme (arXiv 2503.15568).
    void aRunningSumRoundsAsTheFormatDoes()
    {
        const SumRule rule{named("e4m3ieee"), ProductRounding::Fused};
        const std::vector<std::pair<float, float>> vectors{{0.3f, 0.3125f}, {1.0625f, 1.0f}, {1.1875f, 1.25f},        {17, 16},
                                                           {19, 20},        {241, 240},      {0.0015f, 0.001953125f}, {0.0009f, 0}};
        for (const auto& [from, to] : vectors)
            QCOMPARE(sumOf(rule, {from}), to);
        QVERIFY(runningSum(rule, std::vector{1.0f}, std::vector{249.0f}).overflowed);
        QVERIFY(!runningSum(rule, std::vector{1.0f}, std::vector{241.0f}).overflowed);
        for (const char* name : {"e4m3ieee", "e4m3"}) {
            const std::vector<float> levels = named(name).levels();
            QCOMPARE(levels.size(), name == std::string("e4m3") ? std::size_t{253} : std::size_t{239});
            for (const float level : levels)
                QCOMPARE(sumOf({named(name), ProductRounding::Fused}, {level}), level);
        }
    }

    /// 1 + 1 + ... stagnates where the next number is two away: at 16 in e4m3, at 2048 in fp16.
    void ordersDoWhatTheirNamesSay()
    {
        const std::vector<float> ones(4096, 1.0f);
        const auto of = [&](const char* format, SumOrder order, int block) {
            return sumOf({named(format), ProductRounding::Rounded, order, block}, ones);
        };
        QCOMPARE(of("fp16", SumOrder::Sequential, 0), 2048.0f);
        QCOMPARE(of("fp16", SumOrder::Sequential, 64), 4096.0f);
        QCOMPARE(of("fp16", SumOrder::Pairwise, 0), 4096.0f);
        QCOMPARE(of("fp16", SumOrder::Kahan, 0), 4096.0f);
        QCOMPARE(of("e4m3", SumOrder::Sequential, 0), 16.0f);
        QCOMPARE(of("e4m3", SumOrder::Sequential, 8), 128.0f);
        QCOMPARE(sumOf({named("e4m3"), ProductRounding::Rounded, SumOrder::Sequential, 8, NumberFormat()}, ones), 4096.0f);  // FABsum
        QCOMPARE(sumOf({named("bf16")}, {256, 1, 1}), 256.0f);
        QCOMPARE(sumOf({named("bf16"), ProductRounding::Rounded, SumOrder::Pairwise}, {1, 1, 256}), 258.0f);
    }

    /// 1.0625 * 1.0625 = 1.12890625 is 1.125 in e4m3; beside 1 the fused step sees 2.1289 and the rounded one 2.125: a tie.
    void productsAreRoundedWhereAsked()
    {
        const std::vector<float> weights{1, 1.0625f}, inputs{1, 1.0625f};
        const auto of = [&](ProductRounding products) { return runningSum({named("e4m3"), products}, weights, inputs).value; };
        QCOMPARE(of(ProductRounding::Rounded), 2.0f);
        QCOMPARE(of(ProductRounding::Float32), 2.25f);
        QCOMPARE(of(ProductRounding::Fused), 2.25f);
        // 2^-24 is lost when the product is rounded to fp32 first: (1 + 2^-12)^2 - 1 - 2^-11 = 2^-24.
        const float x = 1 + 0x1p-12f;
        const std::vector<float> first{1, x}, second{-1 - 0x1p-11f, x};
        QCOMPARE(runningSum({NumberFormat(), ProductRounding::Float32}, first, second).value, 0.0f);
        QCOMPARE(runningSum({NumberFormat(), ProductRounding::Fused}, first, second).value, 0x1p-24f);
    }

    void theBiasIsRoundedToo()
    {
        QCOMPARE(runningSum({named("e4m3"), ProductRounding::Fused}, std::vector{1.0f}, std::vector{16.0f}, 1.0f).value, 16.0f);
        QCOMPARE(runningSum({named("fp16"), ProductRounding::Fused}, std::vector{1.0f}, std::vector{16.0f}, 1.0f).value, 17.0f);
    }

    void fp16OverflowsAndE4m3Saturates()
    {
        const std::vector<float> terms{60000, 60000, -60000};
        QCOMPARE(sumOf({named("fp16")}, terms), std::numeric_limits<float>::infinity());
        QCOMPARE(sumOf({named("e4m3")}, {448, 448, -48}), 384.0f);  // 400 is a tie between 384 and 416
        QVERIFY(runningSum({named("fp16")}, std::vector<float>(3, 1.0f), terms).overflowed);
        QVERIFY(!runningSum({named("bf16")}, std::vector<float>(3, 1.0f), terms).overflowed);
    }

    /// The orders of magnitude of 4000 published trials at n = 784 in e4m3 with maximum 240, each within a quarter.
    void theErrorsOfEachOrderAreThosePublished()
    {
        const NumberFormat format = named("e4m3ieee");
        const auto near = [](double value, double published) { return value > 0.75 * published && value < 1.25 * published; };
        const auto rule = [&](SumOrder order, int block) { return SumRule{format, ProductRounding::Float32, order, block}; };
        const auto of = [&](const SumRule& by, Terms kind) { return errorsOf(by, kind).rootMeanSquare; };
        SumRule byChance = rule(SumOrder::Sequential, 0), accurate = rule(SumOrder::Sequential, 8);
        byChance.randomBits = 13;
        accurate.combine = NumberFormat();
        const std::vector<std::tuple<const char*, SumRule, double, double>> published{
            {"sequential", rule(SumOrder::Sequential, 0), 2.1e-2, 0.91},  {"blocks of 28", rule(SumOrder::Sequential, 28), 6.5e-3, 0.32},
            {"blocks of 8", rule(SumOrder::Sequential, 8), 8.8e-3, 0.68}, {"by chance", byChance, 3.3e-2, 0.21},
            {"pairwise", rule(SumOrder::Pairwise, 0), 4.2e-3, 4.6e-2},    {"FABsum", accurate, 2.5e-3, 9.2e-3}};
        for (const auto& [name, by, zeroMean, positive] : published) {
            const double a = of(by, Terms::ZeroMean), b = of(by, Terms::Positive);
            QVERIFY2(near(a, zeroMean) && near(b, positive),
                     qPrintable(QString("%1: %2 (published %3), %4 (%5)").arg(name).arg(a).arg(zeroMean).arg(b).arg(positive)));
        }
        QVERIFY(errorsOf(rule(SumOrder::Sequential, 0), Terms::Positive).mean < -0.85);  // stagnation
        QVERIFY(std::abs(errorsOf(byChance, Terms::Positive).mean) < 0.02);
    }

    void theMeanOverManyRunsByChanceIsTheExactSum()
    {
        constexpr int kRuns = 10'000;
        for (const char* name : {"e4m3", "fp16", "bf16"}) {
            // Products on a grid of 2^-12: with 16 random bits nothing of them is cut off before chance decides.
            std::vector<float> products;
            const NoiseStream noise(kSeed, NoisePurpose::Test);
            for (std::uint32_t k = 0; k < 64; k += 4)
                for (const float gaussian : noise.gaussians({k, 77, 0}))
                    products.push_back(std::nearbyint(std::abs(gaussian) * 256) * 0x1p-12f);
            const double exact = std::accumulate(products.begin(), products.end(), 0.0);
            SumRule rule{named(name), ProductRounding::Fused};
            rule.randomBits = 16;
            std::vector<float> inputs, sums(kRuns);
            for (int run = 0; run < kRuns; ++run)
                inputs.insert(inputs.end(), products.begin(), products.end());
            const std::vector<float> ones(products.size(), 1.0f);
            SumBuffers buffers;
            multiplyBySums(rule, {ones.data(), 1, std::ssize(products), inputs.data(), kRuns}, sums.data(), buffers);
            double mean = 0, variance = 0;
            for (const float sum : sums)
                mean += static_cast<double>(sum) / kRuns;
            for (const float sum : sums)
                variance += (static_cast<double>(sum) - mean) * (static_cast<double>(sum) - mean) / (kRuns - 1);
            const double standardError = std::sqrt(variance / kRuns);
            QVERIFY(variance > 0);
            QVERIFY2(std::abs(mean - exact) <= 3 * standardError,
                     qPrintable(QString("%1: mean %2, exact %3, standard error %4").arg(name).arg(mean).arg(exact).arg(standardError)));
        }
    }

    /// Fewer random bits cut off what they cannot see: 1 + 2^-6 in e4m3 is an eighth of a step above 1. Two bits never see it.
    void fewRandomBitsAreBiased()
    {
        const NumberFormat format = named("e4m3");
        int raised = 0;
        for (std::uint32_t i = 0; i < 1u << 12; ++i) {
            const std::uint32_t random = i << 20;
            QCOMPARE(stochasticLevel(format, 2, random, 1.015625f), 1.0f);
            raised += stochasticLevel(format, 3, random, 1.015625f) > 1.0f ? 1 : 0;
        }
        QCOMPARE(raised, 1 << 9);
        QCOMPARE(stochasticLevel(format, 8, ~0u, 448.0f), 448.0f);
        QCOMPARE(stochasticLevel(format, 8, ~0u, 1e6f), 448.0f);
        QCOMPARE(stochasticLevel(named("fp16"), 8, ~0u, -65530.0f), -std::numeric_limits<float>::infinity());
    }

    void chanceDependsOnThePlaceAlone()
    {
        SumRule rule{named("e4m3")};
        rule.randomBits = 8;
        const std::vector<float> products{0.3f, 1.7f, -0.2f, 5.1f, 0.01f, 0.77f};
        QCOMPARE(sumOf(rule, products, {1, 4, 2}), sumOf(rule, products, {1, 4, 2}));
        std::set<float> sums;
        for (std::uint32_t vector = 0; vector < 64; ++vector)
            sums.insert(sumOf(rule, products, {1, vector, 2}));
        QVERIFY(sums.size() > 1);
    }
};

QTEST_APPLESS_MAIN(TestRunningSum)
#include "tst_running_sum.moc"
