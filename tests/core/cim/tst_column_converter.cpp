// SPDX-License-Identifier: Apache-2.0
#include "core/cim/column_converter.h"

#include <QtTest>

#include <cmath>
#include <numeric>
#include <vector>

using core::ColumnConverter;
using core::Converter;
using core::ConverterRange;
using core::SumHistogram;

class tst_ColumnConverter : public QObject {
    Q_OBJECT
private slots:
    void threeBitsOverSevenAreTheWholeNumbers();
    void everyThresholdSeparatesItsCodes();
    void zeroIsACodeOfEveryRange();
    void anIdealConverterPassesTheSum();
    void aColumnThatNeverConductsReadsZero();
    void rangesFollowTheirRule();
    void leastSquaresShrinksAroundAnOutlier();
};

void tst_ColumnConverter::threeBitsOverSevenAreTheWholeNumbers()
{
    const ColumnConverter converter = ColumnConverter::over(0, 7, 3);
    QCOMPARE(converter.step, 1.0);
    for (int sum = 0; sum <= 7; ++sum)
        QCOMPARE(converter.code(static_cast<float>(sum)), static_cast<float>(sum));
    QCOMPARE(converter.code(-3.0f), 0.0f);   // clamped
    QCOMPARE(converter.code(1e30f), 7.0f);
    QCOMPARE(converter.code(2.5f), 2.0f);   // a tie goes to the even code
    QCOMPARE(converter.code(3.5f), 4.0f);
}

void tst_ColumnConverter::everyThresholdSeparatesItsCodes()
{
    for (int bits = 1; bits <= 10; ++bits) {
        const ColumnConverter converter = ColumnConverter::over(-std::exp2(bits - 1), std::exp2(bits - 1) - 1.0, bits);   // step 1
        QCOMPARE(converter.highCode - converter.lowCode, static_cast<float>(std::exp2(bits) - 1));
        for (float code = converter.lowCode; code < converter.highCode; code += 1.0f) {
            const float threshold = code + 0.5f;
            QCOMPARE(converter.code(std::nextafter(threshold, -INFINITY)), code);
            QCOMPARE(converter.code(std::nextafter(threshold, INFINITY)), code + 1.0f);
            QCOMPARE(std::fmod(converter.code(threshold), 2.0f), 0.0f);
        }
    }
}

void tst_ColumnConverter::zeroIsACodeOfEveryRange()
{
    for (int bits = 1; bits <= 16; ++bits)
        for (const auto& [low, high] : {std::pair{-64.0, 64.0}, {-3.3, 7.7}, {0.0, 11.0}, {-5.0, 0.0}, {2.0, 9.0}}) {
            const ColumnConverter converter = ColumnConverter::over(low, high, bits);
            QCOMPARE(converter.code(0.0f), 0.0f);
            QCOMPARE(converter.lowCode, std::nearbyint(converter.lowCode));
            // The range moves by half a step at most and keeps its width.
            QCOMPARE_LE(std::abs(converter.low() - std::min(low, 0.0)), converter.step / 2 * 1.0001);
            QCOMPARE_LE(std::abs((converter.high() - converter.low()) - (std::max(high, 0.0) - std::min(low, 0.0))), 1e-9);
        }
}

void tst_ColumnConverter::anIdealConverterPassesTheSum()
{
    const ColumnConverter converter = ColumnConverter::over(-1, 1, 0);
    QVERIFY(converter.ideal);
    QCOMPARE(converter.code(123.456f), 123.456f);
    QCOMPARE(converter.step, 1.0);
}

void tst_ColumnConverter::aColumnThatNeverConductsReadsZero()
{
    const ColumnConverter converter = ColumnConverter::over(0, 0, 4);
    QCOMPARE(converter.code(0.0f), 0.0f);
    QVERIFY(std::isfinite(converter.gain) && std::isfinite(converter.step));
}

/// first ... first + 999, once each.
SumHistogram thousand(float first)
{
    std::vector<float> values(1000);
    std::iota(values.begin(), values.end(), first);
    SumHistogram sums(-1000, 1000);
    sums.add(values, 1.0);
    return sums;
}

void tst_ColumnConverter::rangesFollowTheirRule()
{
    const SumHistogram sums = thousand(0);
    constexpr double bin = 2000.0 / SumHistogram::kBins;
    const auto high = [&](ConverterRange range) { return fitConverter(Converter{8, range}, sums).high(); };
    QCOMPARE(high({ConverterRange::Kind::Max, 0}), 999.0);
    QCOMPARE_LE(std::abs(high({ConverterRange::Kind::Percentile, 90.0}) - 899.0), bin);
    QCOMPARE(high({ConverterRange::Kind::Percentile, 100.0}), 999.0);
    QCOMPARE(fitConverter(Converter{8, {ConverterRange::Kind::Percentile, 90.0}}, sums).low(), 0.0);   // widened to zero

    // Two-sided sums keep both tails: 5 % and 95 % of -500 ... 499.
    const ColumnConverter both = fitConverter(Converter{16, {ConverterRange::Kind::Percentile, 95.0}}, thousand(-500));
    QCOMPARE_LE(std::abs(both.low() + 450.0), 2 * bin);
    QCOMPARE_LE(std::abs(both.high() - 449.0), 2 * bin);
}

void tst_ColumnConverter::leastSquaresShrinksAroundAnOutlier()
{
    SumHistogram sums = thousand(0);
    sums.add(std::vector{100000.0f}, 1e-6);   // rare, and far outside the bins: counted in the last one
    const ColumnConverter most = fitConverter(Converter{4, {ConverterRange::Kind::Max, 0}}, sums);
    const ColumnConverter best = fitConverter(Converter{4, {ConverterRange::Kind::Mse, 0}}, sums);
    QCOMPARE_GT(most.high(), 90000.0);
    QCOMPARE_LT(best.high(), 3200.0);
    QCOMPARE_LT(sums.meanSquaredError(best), sums.meanSquaredError(most));
}

QTEST_APPLESS_MAIN(tst_ColumnConverter)
#include "tst_column_converter.moc"
