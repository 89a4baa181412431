// SPDX-License-Identifier: Apache-2.0
// Bounds hold for every sum, certificates for every input; what they promise is tried out on many.
#include "core/formats/sums/overflow_certificate.h"
#include "core/formats/sums/sum_kernel.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <numeric>

using namespace core;
using namespace format_cases;

namespace {

std::vector<float> gaussians(std::size_t count, std::uint32_t stream, float size)
{
    const NoiseStream noise(kSeed, NoisePurpose::Test);
    std::vector<float> values;
    for (std::uint32_t i = 0; values.size() < count; ++i)
        for (const float gaussian : noise.gaussians({i, stream, 11}))
            values.push_back(size * gaussian);
    values.resize(count);
    return values;
}

}  // namespace

class TestSumBounds : public QObject {
    Q_OBJECT

private slots:
    /// c(n) of n = 784, by hand: n, b + ceil(n / b), ceil(log2 n); one more where products are rounded, one for a bias.
    void theLongestChainIsThatOfTheOrder()
    {
        const auto of = [](ProductRounding products, SumOrder order, int block, bool hasBias) {
            return sumBound({named("fp16"), products, order, block}, 784, hasBias).roundings;
        };
        QCOMPARE(of(ProductRounding::Fused, SumOrder::Sequential, 0, false), 784.0);
        QCOMPARE(of(ProductRounding::Fused, SumOrder::Sequential, 8, false), 8 + 98.0);
        QCOMPARE(of(ProductRounding::Fused, SumOrder::Sequential, 28, true), 28 + 28 + 1.0);
        QCOMPARE(of(ProductRounding::Float32, SumOrder::Pairwise, 0, false), 10 + 1.0);
        QCOMPARE(of(ProductRounding::Rounded, SumOrder::Sequential, 0, true), 784 + 2.0);
        QVERIFY(!sumBound({named("e4m3"), ProductRounding::Fused}, 784, false).saysSomething());                               // n u = 49
        QVERIFY(std::abs(sumBound({named("fp16"), ProductRounding::Fused}, 784, false).perturbation - 784 * 0x1p-11) < 1e-4);  // 0.38
    }

    void noSumIsWorseThanItsBound_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<int>("products");
        QTest::addColumn<int>("order");
        QTest::addColumn<int>("block");
        for (const char* format : {"fp16", "bf16"})
            for (const ProductRounding products : kProductRoundings)
                for (const SumOrder order : kSumOrders)
                    for (const int block : {0, 8})
                        if (order != SumOrder::Pairwise || products != ProductRounding::Fused)
                            QTest::addRow("%s products %d order %d block %d", format, int(products), int(order), block)
                                << format << int(products) << int(order) << block;
    }
    void noSumIsWorseThanItsBound()
    {
        QFETCH(QString, format);
        QFETCH(int, products);
        QFETCH(int, order);
        QFETCH(int, block);
        // 100 rows against 1000 vectors: 10^5 sums. bf16's n u reaches 1 at 256, so its sums are shorter.
        constexpr std::int64_t kRows = 100, kVectors = 1000;
        const std::int64_t columns = format == "bf16" ? 100 : 300;
        const std::vector<float> weights = gaussians(static_cast<std::size_t>(kRows * columns), 0, 0.1f);
        std::vector<float> inputs = gaussians(static_cast<std::size_t>(kVectors * columns), 1, 1);
        for (std::size_t i = 0; i < inputs.size(); ++i)
            inputs[i] *= i % 3 == 0 ? 0x1p-16f : 1.0f;  // products among fp16's subnormals
        const std::vector<float> bias = gaussians(kRows, 2, 0.5f);
        const SumRule rule{named(qPrintable(format)), static_cast<ProductRounding>(products), static_cast<SumOrder>(order), block};
        const SumBound bound = sumBound(rule, columns, true);
        QVERIFY(bound.saysSomething());
        std::vector<float> sums(kRows * kVectors);
        SumBuffers buffers;
        multiplyBySums(rule, {weights.data(), kRows, columns, inputs.data(), kVectors, bias.data()}, sums.data(), buffers);
        std::vector<double> ratios;
        for (std::int64_t row = 0; row < kRows; ++row)
            for (std::int64_t vector = 0; vector < kVectors; ++vector) {
                double exact = bias[static_cast<std::size_t>(row)], size = std::abs(exact);
                for (std::int64_t k = 0; k < columns; ++k) {
                    const double product = static_cast<double>(weights[static_cast<std::size_t>(row * columns + k)]) *
                                           static_cast<double>(inputs[static_cast<std::size_t>(vector * columns + k)]);
                    exact += product;
                    size += std::abs(product);
                }
                const double error = std::abs(static_cast<double>(sums[static_cast<std::size_t>(row * kVectors + vector)]) - exact);
                if (!(error <= bound.of(size)))
                    QFAIL(qPrintable(QString("row %1, vector %2: error %3, bound %4").arg(row).arg(vector).arg(error).arg(bound.of(size))));
                ratios.push_back(error > 0 ? bound.of(size) / error : HUGE_VAL);
            }
        std::nth_element(ratios.begin(), ratios.begin() + std::ssize(ratios) / 2, ratios.end());
        qInfo("median bound over error: %.1f", ratios[ratios.size() / 2]);
    }

    void rankCorrelationIsSpearmans()
    {
        QCOMPARE(rankCorrelation(std::vector{1.0, 2.0, 3.0}, std::vector{10.0, 100.0, HUGE_VAL}), 1.0);
        QCOMPARE(rankCorrelation(std::vector{1.0, 2.0, 3.0}, std::vector{3.0, 2.0, 1.0}), -1.0);
        QCOMPARE(rankCorrelation(std::vector{1.0, 1.0, 1.0}, std::vector{3.0, 2.0, 1.0}), 0.0);
        // Ranks 0.5 0.5 2 and 0 1 2: covariance 1.5, variances 1.5 and 2.
        QVERIFY(std::abs(rankCorrelation(std::vector{5.0, 5.0, 7.0}, std::vector{1.0, 2.0, 3.0}) - 1.5 / std::sqrt(3.0)) < 1e-12);
    }

    void theWorstInputReachesTheExtremesAndNoneGoesBeyond()
    {
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        int green = 0, red = 0;
        for (std::uint32_t number = 0; number < 40; ++number) {
            const bool isSigned = number % 2 == 1;
            const CodeInterval inputs = isSigned ? CodeInterval{-127, 127} : CodeInterval{0, 255};
            std::vector<std::int8_t> weights;
            for (std::uint32_t k = 0; k < 20 + number; ++k)
                weights.push_back(static_cast<std::int8_t>(static_cast<int>(noise.words({k, number, 20})[0] % 15) - 7));
            const SumExtremes extremes = sumExtremes(weights, inputs);
            const SafeBits bits = safeBits(weights, inputs, {8, isSigned}, 4);
            for (const SumEnd end : {SumEnd::Highest, SumEnd::Lowest}) {
                const std::vector<std::int16_t> worst = worstInput(weights, inputs, end);
                const IntegerSum sum = integerSum({32, IntegerOverflow::Wrap}, weights, worst);
                QCOMPARE(std::int64_t{sum.value}, end == SumEnd::Highest ? extremes.high : extremes.low);
                QVERIFY(!integerSum({bits.exact, IntegerOverflow::Saturate}, weights, worst).overflowed);
            }
            QVERIFY(fits({bits.exact, IntegerOverflow::Wrap}, extremes) && !fits({bits.exact - 1, IntegerOverflow::Wrap}, extremes));
            const bool firstFails =
                integerSum({bits.exact - 1, IntegerOverflow::Wrap}, weights, worstInput(weights, inputs, SumEnd::Highest)).overflowed;
            QVERIFY(firstFails ||
                    integerSum({bits.exact - 1, IntegerOverflow::Wrap}, weights, worstInput(weights, inputs, SumEnd::Lowest)).overflowed);
            QVERIFY(bits.weights >= bits.exact && bits.types >= bits.weights);
            // A million random inputs in all: certified rows never overflow.
            const IntegerSumRule rule{15, IntegerOverflow::Saturate};
            const bool isCertified = fits(rule, extremes);
            (isCertified ? green : red) += 1;
            constexpr std::int64_t kInputs = 25'000;
            std::vector<std::int16_t> vectors;
            for (std::uint32_t i = 0; std::ssize(vectors) < kInputs * std::ssize(weights); ++i)
                for (const std::uint32_t word : noise.words({i, number, 21}))
                    vectors.push_back(static_cast<std::int16_t>(
                        static_cast<int>(word % static_cast<std::uint32_t>(inputs.high - inputs.low + 1)) + inputs.low));
            std::vector<std::int32_t> sums(kInputs), packed;
            std::vector<std::uint8_t> overflowed(kInputs);
            multiplyByIntegerSums(rule, {weights.data(), 1, std::ssize(weights), vectors.data(), kInputs}, sums.data(), packed,
                                  overflowed.data());
            if (isCertified)
                QCOMPARE(std::accumulate(overflowed.begin(), overflowed.end(), 0), 0);
            for (const std::int32_t sum : sums)
                QVERIFY(sum >= extremes.low && sum <= extremes.high);
        }
        QVERIFY(green > 5 && red > 5);
    }

    /// |q|_1 = 12, inputs of 4 bits: A2Q needs 2^(P-1) - 1 >= 12 * 16, P = 9; with a sum of zero A2Q+ needs 2^P - 2 >= 12 * 15, P = 8.
    void publishedBoundsByHand()
    {
        const std::vector<std::int8_t> weights{3, -3, 2, -2, 1, -1};
        const SafeBits bits = safeBits(weights, {0, 15}, {4, false}, 3);
        QCOMPARE(bits.weights, 9);
        QCOMPARE(bits.centred, std::optional(8));
        QCOMPARE(bits.exact, 8);   // 6 * 15 = 90
        QCOMPARE(bits.types, 10);  // log2(6 * 2^6) = 8.58
        QCOMPARE(safeBits(weights, {-7, 7}, {4, true}, 3).weights, 8);
        QVERIFY(!safeBits(std::vector<std::int8_t>{1, 2}, {0, 15}, {4, false}, 3).centred);
    }

    void aFloatThatFitsWithItsErrorCannotOverflow()
    {
        const SumRule rule{named("fp16"), ProductRounding::Fused};
        const SumBound bound = sumBound(rule, 100, false);
        QVERIFY(cannotOverflow(rule, bound, 60000));  // + 5 %
        QVERIFY(!cannotOverflow(rule, bound, 65000));
        QVERIFY(!cannotOverflow({named("e4m3"), ProductRounding::Fused}, sumBound({named("e4m3"), ProductRounding::Fused}, 100, false), 1));
    }
};

QTEST_APPLESS_MAIN(TestSumBounds)
#include "tst_sum_bounds.moc"
