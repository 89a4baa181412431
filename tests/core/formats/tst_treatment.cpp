// SPDX-License-Identifier: Apache-2.0
// Rows under treatments: scales, clips, storage, and the quality published for each format.
#include "core/base/half.h"
#include "core/formats/fit.h"
#include "core/formats/kernels.h"
#include "core/formats/treatment.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <algorithm>
#include <cmath>
#include <numeric>

using namespace core;
using namespace format_cases;

namespace {

/// What is left of a scale in fp16.
float half(float scale) { return static_cast<float>(Float16(scale)); }

double sqnrDecibels(const RowMatrix& weights, const Treatment& how)
{
    const RowMatrix values = quantizeWeights(weights, {how}).values;
    const double signal = weights.cast<double>().squaredNorm();
    const double error = (weights - values).cast<double>().squaredNorm();
    return 10 * std::log10(signal / error);
}

}  // namespace

class TestTreatment : public QObject {
    Q_OBJECT

private slots:
    void aRowIsMappedOntoItsLevelsByItsLargestWeight()
    {
        const QuantizedMatrix result = quantizeWeights(matrix({{7, -3.5f, 0.4f, 2.5f}, {0.7f, 0.1f, -0.24f, 0}}), {treatment("int4")});
        QCOMPARE(result.scales[0], 1.0f);
        const float step = half(0.7f / 7.0f);
        QCOMPARE(result.scales[1], step);
        QCOMPARE(toVector(result.values), (std::vector<float>{7, -4, 0, 2, step * 7, step, step * -2, 0}));   // -3.5 and 2.5 tie to even
        QVERIFY(result.zeroPoints.empty());
    }

    void aRowOfZerosKeepsScaleOne()
    {
        for (const char* scale : {"row", "tensor", "group:2", "vector:2", "block:2"}) {
            const QuantizedMatrix result = quantizeWeights(matrix({{0, 0, 0, 0}}), {treatment("int4", scale)});
            QVERIFY(std::all_of(result.scales.begin(), result.scales.end(), [](float s) { return s == 1.0f; }));
            QCOMPARE(toVector(result.values), (std::vector<float>{0, 0, 0, 0}));
        }
    }

    void aTensorScaleIsSharedByTheRowsThatChoseIt()
    {
        const std::vector<std::uint8_t> choices{0, 1, 0};
        const QuantizedMatrix result = quantizeWeights(matrix({{1, 2}, {100, 50}, {7, 3}}), {treatment("int4", "tensor"), treatment("int8", "row")}, PaletteChoices::overRows(choices));
        QCOMPARE(result.scales, (std::vector<float>{1.0f, half(100.0f / 127.0f)}));
        QCOMPARE(result.values(0, 1), 2.0f);
        QCOMPARE(result.values(1, 0), half(100.0f / 127.0f) * 127.0f);
        QCOMPARE(result.values(2, 1), 3.0f);
    }

    void groupsHaveTheirOwnScalesAndTheLastMayBeShort()
    {
        const QuantizedMatrix result = quantizeWeights(matrix({{7, 1, 14, 2, 70}}), {treatment("int4", "group:2")});
        QCOMPARE(result.scales, (std::vector<float>{1, 2, 10}));
        QCOMPARE(toVector(result.values), (std::vector<float>{7, 1, 14, 2, 70}));
    }

    void twoLevelScalesAreIntegersTimesOneOfTheRow()
    {
        // s_v = 7/7, 3.8/7, 0.01/7; gamma = 1/7 for 3 bits; counts 7, round(3.8) = 4, and 1 at least.
        const QuantizedMatrix result = quantizeWeights(matrix({{7, 0, 3.8f, 1, 0.01f, 0}}), {treatment("int4", "vector:2:3")});
        const float unit = half(1.0f / 7.0f);
        QCOMPARE(result.units, (std::vector<float>{unit}));
        QCOMPARE(result.scales, (std::vector<float>{unit * 7, unit * 4, unit}));
        QCOMPARE(result.values(0, 0), 7.0f * (unit * 7));
        QCOMPARE(result.values(0, 2), 7.0f * (unit * 4));   // 3.8 / (4/7) = 6.65
        QCOMPARE(result.values(0, 3), 2.0f * (unit * 4));   // 1 / (4/7) = 1.75
        QCOMPARE(result.values(0, 4), 0.0f);
    }

    void oneVectorOfTheWholeRowIsARowScale()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 8, 64);
        const RowMatrix whole = quantizeWeights(weights, {treatment("int4", "vector:64")}).values;
        const RowMatrix byRow = quantizeWeights(weights, {treatment("int4", "row")}).values;
        QCOMPARE_LT((whole - byRow).norm() / byRow.norm(), 0x1p-10f);   // the unit is rounded where the row's scale would be
    }

    void blockScalesArePowersOfTwoByTheMicroscalingRule()
    {
        // e2m1: largest level 6 = 1.5 * 2^2. absmax 5 = 1.25 * 2^2 gives scale 2^0; 3 gives 2^-1, where 3 is 6; 8 gives 2^1.
        QCOMPARE(quantizeWeights(matrix({{5, 1}}), {treatment("e2m1", "block:32")}).scales, (std::vector<float>{1.0f}));
        QCOMPARE(quantizeWeights(matrix({{3, 1}}), {treatment("e2m1", "block:32")}).scales, (std::vector<float>{0.5f}));
        const QuantizedMatrix saturated = quantizeWeights(matrix({{7.9f, 1}}), {treatment("e2m1", "block:32")});
        QCOMPARE(saturated.scales, (std::vector<float>{1.0f}));
        QCOMPARE(toVector(saturated.values), (std::vector<float>{6, 1}));   // what lies beyond the largest level saturates
        // e4m3: largest 448 = 1.75 * 2^8. int8: largest 127, exponent 6, as MXINT8.
        QCOMPARE(quantizeWeights(matrix({{1, 0}}), {treatment("e4m3", "block:32")}).scales, (std::vector<float>{0x1p-8f}));
        QCOMPARE(quantizeWeights(matrix({{1, 0}}), {treatment("int8", "block:32")}).scales, (std::vector<float>{0x1p-6f}));
        QCOMPARE(quantizeWeights(matrix({{0x1p-140f, 0}}), {treatment("e4m3", "block:32")}).scales, (std::vector<float>{0x1p-127f}));
    }

    void unsignedWeightsHaveAZeroPointAndAnExactZero()
    {
        const QuantizedMatrix result = quantizeWeights(matrix({{-1, 0, 2, 0.4f}}), {treatment("uint2")});
        QCOMPARE(result.scales, (std::vector<float>{1.0f}));
        QCOMPARE(result.zeroPoints, (std::vector<float>{1.0f}));
        QCOMPARE(toVector(result.values), (std::vector<float>{-1, 0, 2, 0}));
    }

    void wideFloatsAreNotScaled()
    {
        const RowMatrix weights = matrix({{1.0f + 0x1p-11f, 3e-8f, 70000.0f}});
        const QuantizedMatrix result = quantizeWeights(weights, {treatment("fp16", "row", "mse")});
        QCOMPARE(result.values(0, 0), 1.0f);
        QCOMPARE(result.values(0, 1), 0x1p-24f);   // the smallest subnormal: 3e-8 is above half of it
        QVERIFY(std::isinf(result.values(0, 2)));
        QCOMPARE(result.scales, (std::vector<float>{1.0f}));
        QCOMPARE(result.storedBits, 48.0);
        QVERIFY(quantizeWeights(weights, {treatment("fp32")}).values == weights);
    }

    void storedBitsCountCodesScalesAndZeroPoints()
    {
        QCOMPARE(storedBits(treatment("int4"), 10, 100), 10 * (400.0 + 16));
        QCOMPARE(storedBits(treatment("int4", "tensor"), 10, 100), 4000.0 + 16);
        QCOMPARE(storedBits(treatment("nf4", "group:64"), 10, 100), 10 * (400.0 + 2 * 16));
        QCOMPARE(storedBits(treatment("int4", "vector:16:6"), 10, 100), 10 * (400.0 + 7 * 6 + 16));
        QCOMPARE(storedBits(treatment("e2m1", "block:32"), 10, 100), 10 * (400.0 + 4 * 8));
        QCOMPARE(storedBits(treatment("uint8"), 10, 100), 10 * (800.0 + 16 + 8));
        QCOMPARE(storedBits(treatment("bf16"), 10, 100), 16000.0);
        QCOMPARE(storedBits(treatment("fp32"), 10, 100), 32000.0);
        QCOMPARE(storedBits(treatment("int4"), 0, 100), 0.0);
        const std::vector<std::uint8_t> choices{0, 1, 0};
        const std::vector<Treatment> palette{treatment("pot4"), treatment("int8", "tensor")};
        QCOMPARE(quantizeWeights(randomRows(Distribution::Gaussian, 3, 20), palette, PaletteChoices::overRows(choices)).storedBits, 2 * (80.0 + 16) + (160.0 + 16));
    }

    void theMeanSquaredErrorClipIsTheBestOfItsGrid()
    {
        const RowMatrix weights = randomRows(Distribution::Laplace, 5, 200);
        for (const char* format : {"int4", "pot4", "nf4", "uint4", "e2m1", "int1"})
            for (Eigen::Index row = 0; row < weights.rows(); ++row) {
                const RowMatrix one = weights.row(row);
                const RowMatrix chosen = quantizeWeights(one, {treatment(format, "row", "mse")}).values;
                const RowMatrix widest = quantizeWeights(one, {treatment(format)}).values;
                QCOMPARE_LE((one - chosen).cast<double>().squaredNorm(), (one - widest).cast<double>().squaredNorm() * (1 + 1e-6));
            }
        // Levels 0 and +-1 on weights 0.5, 0.5, 0.5, 1: scale c has error 3 (0.5 - c)^2 + (1 - c)^2, least at 0.625 = 0.2 + 17 * 0.025.
        const QuantizedMatrix worked = quantizeWeights(matrix({{0.5f, 0.5f, 0.5f, 1}}), {treatment("int2", "row", "mse")});
        QCOMPARE(worked.scales[0], 0.625f);
    }

    void theClipIsTheOneThatTryingAllInOrderFinds()
    {
        RowMatrix weights = randomRows(Distribution::Laplace, 12, 700);
        weights.row(0).setConstant(0.3f);
        weights.row(1) = weights.row(1).cwiseAbs();
        weights.row(2) = weights.row(2).array().sign() * 0.5f;
        weights.row(3).tail(650).setZero();
        for (const char* name : {"int2", "int4", "int8", "uint4", "pot4", "pot6", "nf4", "odd2", "odd6", "int1", "e2m1", "e4m3"})
            for (const std::size_t length : {std::size_t{16}, std::size_t{700}}) {
                const NumberFormat format = named(name);
                const GridFit fit(format, ScaleShape::Half);
                const QuantizedMatrix chosen = quantizeWeights(weights, {treatment(name, length == 700 ? "row" : "group:16", "mse")});
                std::size_t next = 0;
                for (Eigen::Index row = 0; row < weights.rows(); ++row)
                    for (std::size_t begin = 0; begin < 700; begin += length) {
                        const std::span<const float> values(weights.data() + row * 700 + static_cast<Eigen::Index>(begin), std::min(length, 700 - begin));
                        ValueRange full;
                        findRanges(values, values.size(), {&full, 1});
                        double least = HUGE_VAL;
                        float scale = 0;
                        for (int step = 32; step >= 0; --step) {
                            const double c = 0.2 + 0.8 * step / 32;
                            const ValueRange range{static_cast<float>(c * static_cast<double>(full.low)), static_cast<float>(c * static_cast<double>(full.high))};
                            const CodeGrid grid = fit.gridFor(range);
                            if (const double error = squaredError(format, grid, values); error < least) {
                                least = error;
                                scale = grid.scale;
                            }
                        }
                        QCOMPARE(chosen.scales[next++], scale);
                    }
            }
    }

    void aPercentileClipsTheRest()
    {
        const RowMatrix weights = matrix({{1, 2, 3, 4, 100}});
        QCOMPARE(quantizeWeights(weights, {treatment("int8", "row", "percentile:75")}).scales[0], half(4.0f / 127.0f));
        QCOMPARE(quantizeWeights(weights, {treatment("int8", "row", "percentile:62.5")}).scales[0], half(3.5f / 127.0f));   // between 3 and 4
        QCOMPARE(quantizeWeights(weights, {treatment("int8", "row", "percentile:100")}).scales[0], half(100.0f / 127.0f));
        QCOMPARE(quantizeWeights(matrix({{0, 0, 0, 5}}), {treatment("int8", "row", "percentile:50")}).scales[0], half(5.0f / 127.0f));
    }

    void scalesAreWhatIsStoredOfThem()
    {
        const RowMatrix weights = randomRows(Distribution::Laplace, 9, 50);
        for (const char* scale : {"tensor", "row", "group:16"})
            for (const char* clip : {"absmax", "mse", "percentile:99"})
                for (const float s : quantizeWeights(weights, {treatment("int4", scale, clip)}).scales)
                    QCOMPARE(half(s), s);
        const QuantizedMatrix vectors = quantizeWeights(256 * weights, {treatment("int4", "vector:8:5")});
        QCOMPARE(vectors.units.size(), std::size_t{9});
        for (std::size_t i = 0; i < vectors.scales.size(); ++i) {
            const float unit = vectors.units[i / 7], count = vectors.scales[i] / unit;
            QCOMPARE(half(unit), unit);
            QVERIFY(count == std::nearbyint(count) && count >= 1 && count <= 31);
        }
        QVERIFY(vectors.exponents.empty());
    }

    void tinyAndHugeWeightsTakeOneExponentAMatrix()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 6, 50);
        for (const char* scale : {"tensor", "row", "group:16", "vector:16"})
            for (const int shift : {-100, -40, -30, 30, 100}) {
                const QuantizedMatrix plain = quantizeWeights(256 * weights, {treatment("int4", scale)});
                const QuantizedMatrix shifted = quantizeWeights(std::ldexp(256.0f, shift) * weights, {treatment("int4", scale)});
                QVERIFY(plain.exponents.empty());
                QCOMPARE(shifted.exponents.size(), std::size_t{1});
                QCOMPARE(shifted.storedBits, plain.storedBits + 8);
                QVERIFY(shifted.values == std::ldexp(1.0f, shift) * plain.values);   // nothing is lost
            }
        // Scales 2^30 apart: the smaller is raised to 2^-28 of the larger.
        const QuantizedMatrix apart = quantizeWeights(matrix({{7, 0}, {7 * 0x1p-30f, 0}, {7 * 0x1p-28f, 0}}), {treatment("int4")});
        QCOMPARE(apart.exponents, (std::vector<int>{-14}));
        QCOMPARE(apart.scales, (std::vector<float>{1, 0x1p-28f, 0x1p-28f}));
        QCOMPARE(apart.values(1, 0), 2 * 0x1p-28f);   // 1.75 steps
    }

    void fp8BlockScalesStandUnderOneFloat()
    {
        // e2m1 (largest 6) and e4m3 (largest 448): the float is 12 / (6 * 448); blocks want 12/6 = 448 units, 3/6 = 112, and
        // 0.001/6 = 0.0373, which is 0.0390625 = 1.25 * 2^-5 in e4m3; a block of zeros takes one unit.
        const QuantizedMatrix result = quantizeWeights(matrix({{12, 1}, {3, 0.5f}, {0.001f, 0}, {0, 0}}), {treatment("e2m1", "block:2:e4m3")});
        const float unit = 12.0f / 6 / 448;
        QCOMPARE(result.units, (std::vector<float>{unit}));
        QCOMPARE(result.scales, (std::vector<float>{448 * unit, 112 * unit, 0.0390625f * unit, unit}));
        QCOMPARE(result.values(0, 1), 0.5f * (448 * unit));
        QCOMPARE(result.values(1, 0), 6.0f * (112 * unit));
        QCOMPARE(result.values(2, 0), 6.0f * (0.0390625f * unit));   // 5.73 levels
        QCOMPARE(result.storedBits, 8 * 4.0 + 4 * 8 + 32);
        QCOMPARE(storedBits(treatment("e2m1", "block:16:e4m3"), 10, 100), 10 * (400.0 + 7 * 8) + 32);
        QCOMPARE(quantizeWeights(matrix({{1e-20f, 0}}), {treatment("e2m1", "block:2:e4m3")}).values(0, 0), 6.0f * (448 * (1e-20f / 6 / 448)));
        const RowMatrix weights = randomRows(Distribution::Gaussian, 100, 512);   // 8-bit floats err less than powers of two
        QCOMPARE_GT(sqnrDecibels(weights, treatment("e2m1", "block:16:e4m3")), sqnrDecibels(weights, treatment("e2m1", "block:16")) + 0.5);
    }

    void channelsAreQuantizedAsPackedMatricesOfTheirOwn()
    {
        const RowMatrix weights = randomRows(Distribution::Laplace, 7, 36);
        const std::vector<std::uint8_t> channels{0, 2, 1, 0, 2, 2, 1, 0, 1, 1, 2, 0};
        const std::vector<Treatment> palette{treatment("uint4", "row", "mse"), treatment("odd2", "tensor"), treatment("int8", "vector:4")};
        const PaletteChoices choices = PaletteChoices::overChannels(channels, 3);
        const QuantizedMatrix mixed = quantizeWeights(weights, palette, choices);
        std::vector<float> scales, zeroPoints;
        double bits = 0;
        for (std::size_t entry = 0; entry < palette.size(); ++entry) {
            std::vector<int> columns;
            for (int column = 0; column < 36; ++column)
                if (channels[static_cast<std::size_t>(column / 3)] == entry)
                    columns.push_back(column);
            const RowMatrix packed = weights(Eigen::all, columns);
            const QuantizedMatrix own = quantizeWeights(packed, {palette[entry]});
            QVERIFY(mixed.values(Eigen::all, columns) == own.values);
            scales.insert(scales.end(), own.scales.begin(), own.scales.end());
            zeroPoints.insert(zeroPoints.end(), own.zeroPoints.begin(), own.zeroPoints.end());
            zeroPoints.resize(scales.size(), 0.0f);
            bits += own.storedBits - 8.0 * static_cast<double>(own.exponents.size());
        }
        QCOMPARE(mixed.scales, scales);
        QCOMPARE(mixed.zeroPoints, zeroPoints);
        QCOMPARE(mixed.storedBits, bits + 8.0 * static_cast<double>(mixed.exponents.size()));
        // A permutation of channels permutes the values, as long as an entry's channels keep their order.
        const std::vector<int> order{0, 3, 7, 11, 2, 6, 8, 9, 1, 4, 5, 10};
        std::vector<int> columns;
        std::vector<std::uint8_t> sorted;
        for (const int channel : order) {
            sorted.push_back(channels[static_cast<std::size_t>(channel)]);
            for (int i = 0; i < 3; ++i)
                columns.push_back(3 * channel + i);
        }
        const RowMatrix permuted = weights(Eigen::all, columns);
        QVERIFY(quantizeWeights(permuted, palette, PaletteChoices::overChannels(sorted, 3)).values == mixed.values(Eigen::all, columns));
    }

    void pointsAddUpAndLeaveLessAndLess()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 20, 128);
        for (const char* scale : {"row", "tensor", "group:32"})
            for (const char* format : {"int1", "int2", "int4", "nf4"}) {
                QVERIFY(quantizeWeights(weights, {treatment(format, scale, "mse", 1)}).points.empty());
                double before = (weights - quantizeWeights(weights, {treatment(format, scale, "mse")}).values).cast<double>().squaredNorm();
                for (int points = 2; points <= 4; ++points) {
                    const QuantizedMatrix result = quantizeWeights(weights, {treatment(format, scale, "absmax", points)});
                    QCOMPARE(result.points.size(), static_cast<std::size_t>(points));
                    RowMatrix sum = result.points[0];
                    RowMatrix rest = weights - result.points[0];
                    for (int point = 1; point < points; ++point) {
                        sum = sum + result.points[static_cast<std::size_t>(point)];
                        QVERIFY(result.points[static_cast<std::size_t>(point)] == quantizeWeights(rest, {treatment(format, scale, "mse")}).values);
                        rest -= result.points[static_cast<std::size_t>(point)];
                    }
                    QVERIFY(result.values == sum);
                    const double after = (weights - result.values).cast<double>().squaredNorm();
                    QCOMPARE_LT(after, before);
                    before = after;
                    QCOMPARE(result.storedBits - 8.0 * static_cast<double>(result.exponents.size()), points * storedBits(treatment(format, scale), 20, 128));
                    QCOMPARE(storedBits(treatment(format, scale, "absmax", points), 20, 128), points * storedBits(treatment(format, scale), 20, 128));
                }
            }
    }

    void onlyRowsOfAPaletteWithMorePointsHaveMore()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 3, 64);
        const std::vector<std::uint8_t> rows{0, 1, 0};
        const QuantizedMatrix mixed = quantizeWeights(weights, {treatment("int4"), treatment("int2", "row", "mse", 3)}, PaletteChoices::overRows(rows));
        QCOMPARE(mixed.points.size(), std::size_t{3});
        QVERIFY((mixed.points[1].row(0).array() == 0).all());
        QVERIFY((mixed.points[1].row(1).array() != 0).any());
        const RowMatrix plain = quantizeWeights(weights, {treatment("int4")}).values;
        QVERIFY(mixed.values.row(0) == plain.row(0) && mixed.values.row(2) == plain.row(2));
        QCOMPARE(mixed.scales.size(), std::size_t{5});
    }

    void permutingRowsPermutesTheResult()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 6, 70);
        const std::vector<Treatment> palette{treatment("nf4", "group:16"), treatment("int8", "row", "mse"), treatment("pot4", "vector:16")};
        const std::vector<std::uint8_t> choices{0, 1, 2, 1, 0, 2};
        const RowMatrix values = quantizeWeights(weights, palette, PaletteChoices::overRows(choices)).values;
        const std::vector<int> order{5, 0, 3, 1, 4, 2};
        RowMatrix permuted(6, 70);
        std::vector<std::uint8_t> permutedChoices;
        for (std::size_t i = 0; i < order.size(); ++i) {
            permuted.row(static_cast<Eigen::Index>(i)) = weights.row(order[i]);
            permutedChoices.push_back(choices[static_cast<std::size_t>(order[i])]);
        }
        const RowMatrix permutedValues = quantizeWeights(permuted, palette, PaletteChoices::overRows(permutedChoices)).values;
        for (std::size_t i = 0; i < order.size(); ++i)
            QVERIFY(permutedValues.row(static_cast<Eigen::Index>(i)) == values.row(order[i]));
    }

    void errorsStayUnderHalfTheLocalStep()
    {
        constexpr double kScaleError = 0x1p-11;   // a scale rounded down leaves its largest weight so far beyond the last level
        const RowMatrix weights = randomRows(Distribution::Gaussian, 20, 100);
        for (const char* name : {"int3", "int8", "nf4", "pot4", "sp2-4", "apot4", "odd4", "ternary", "e4m3", "e2m1"}) {
            const QuantizedMatrix result = quantizeWeights(weights, {treatment(name)});
            const std::vector<float> levels = treatment(name).format.levels();
            for (Eigen::Index r = 0; r < weights.rows(); ++r)
                for (Eigen::Index c = 0; c < weights.cols(); ++c) {
                    const double scale = static_cast<double>(result.scales[static_cast<std::size_t>(r)]);
                    const double x = static_cast<double>(weights(r, c)) / scale;
                    const auto above = std::lower_bound(levels.begin(), levels.end(), static_cast<float>(x));
                    const double step = above == levels.begin() || above == levels.end() ? kScaleError * std::abs(x) * 2 : static_cast<double>(*above) - static_cast<double>(*(above - 1));
                    const double error = std::abs(static_cast<double>(weights(r, c)) - static_cast<double>(result.values(r, c)));
                    QVERIFY2(error <= scale * (step / 2) * (1 + 1e-5), name);
                }
        }
    }

    void quantizingAgainWithTheSameGridChangesNothing()
    {
        const RowMatrix weights = randomRows(Distribution::Laplace, 4, 256);
        for (const char* name : {"int2", "int8", "nf4", "pot4", "sp2-4", "odd2", "e4m3", "e5m2", "fp16", "uint8"}) {
            const ActivationQuantizer quantizer = fitActivationQuantizer(treatment(name).format, -3.0f, 3.0f);
            std::vector<float> once = toVector(weights);
            quantizer.applyInPlace(once);
            std::vector<float> twice = once;
            quantizer.applyInPlace(twice);
            QVERIFY2(once == twice, name);
        }
    }

    void quantizingIsMonotone()
    {
        std::vector<float> ascending = toVector(randomRows(Distribution::Gaussian, 1, 4000));
        std::sort(ascending.begin(), ascending.end());
        for (const char* name : {"int4", "uint4", "nf4", "pot8", "sp2-4", "odd8", "e4m3", "e3m2", "bf16"}) {
            std::vector<float> values = ascending;
            fitActivationQuantizer(treatment(name).format, -2.0f, 3.0f).applyInPlace(values);
            QVERIFY2(std::is_sorted(values.begin(), values.end()), name);
        }
    }

    void publishedQualityOfRowsIsReproduced_data()
    {
        QTest::addColumn<int>("distribution");
        QTest::addColumn<double>("byLargest");
        QTest::addColumn<double>("bySquaredError");   // 0: not published
        const auto add = [](const char* format, Distribution distribution, double byLargest, double bySquaredError) {
            QTest::addRow("%s/%d", format, static_cast<int>(distribution)) << static_cast<int>(distribution) << byLargest << bySquaredError;
        };
        add("int4", Distribution::Gaussian, 17.4, 19.0);
        add("pot4", Distribution::Gaussian, 14.2, 14.5);
        add("sp2-4", Distribution::Gaussian, 15.7, 17.3);
        add("nf4", Distribution::Gaussian, 19.9, 20.4);
        add("int8", Distribution::Gaussian, 42.5, 0);
        add("int4", Distribution::Laplace, 14.1, 15.9);
        add("pot4", Distribution::Laplace, 14.4, 14.7);
        add("sp2-4", Distribution::Laplace, 13.7, 15.1);
        add("nf4", Distribution::Laplace, 17.5, 18.4);
        add("int8", Distribution::Laplace, 39.1, 0);
        add("int4", Distribution::Uniform, 23.0, 23.6);
        add("pot4", Distribution::Uniform, 14.5, 16.0);
        add("sp2-4", Distribution::Uniform, 20.1, 21.0);
        add("nf4", Distribution::Uniform, 20.6, 21.4);
        add("int8", Distribution::Uniform, 48.1, 0);
    }
    void publishedQualityOfRowsIsReproduced()
    {
        QFETCH(int, distribution);
        QFETCH(double, byLargest);
        QFETCH(double, bySquaredError);
        const QByteArray format = QByteArray(QTest::currentDataTag()).split('/').front();
        const RowMatrix weights = randomRows(static_cast<Distribution>(distribution), 400, 512);
        QCOMPARE_LE(std::abs(sqnrDecibels(weights, treatment(format)) - byLargest), 0.3);
        if (bySquaredError > 0)
            QCOMPARE_LE(std::abs(sqnrDecibels(weights, treatment(format, "row", "mse")) - bySquaredError), 0.3);
    }

    void groupsOf64RaiseTheQualityAsPublished()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 400, 512);
        QCOMPARE_LE(std::abs(sqnrDecibels(weights, treatment("nf4", "group:64")) - 20.7), 0.3);
        QCOMPARE_LE(std::abs(sqnrDecibels(weights, treatment("int4", "group:64")) - 19.4), 0.3);
        QCOMPARE_GT(sqnrDecibels(weights, treatment("int4", "vector:16")), sqnrDecibels(weights, treatment("int4", "vector:64")));
        QCOMPARE_GT(sqnrDecibels(weights, treatment("int4", "vector:64")), sqnrDecibels(weights, treatment("int4", "row")));
    }

    void activationRangesAreWidenedToHoldZero()
    {
        const NumberFormat uint8 = treatment("uint8").format;
        const ActivationQuantizer relu = fitActivationQuantizer(uint8, 0.5f, 5.1f);
        QCOMPARE(relu.scale, 5.1f / 255.0f);
        QCOMPARE(relu.zeroPoint, 0.0f);
        const ActivationQuantizer both = fitActivationQuantizer(uint8, -1.0f, 1.55f);
        QCOMPARE(both.zeroPoint, 100.0f);
        QCOMPARE(both.applyScalar(0.0f), 0.0f);
        const ActivationQuantizer negative = fitActivationQuantizer(uint8, -3.0f, -2.0f);
        QCOMPARE(negative.zeroPoint, 255.0f);
        const ActivationQuantizer empty = fitActivationQuantizer(uint8, 0.0f, 0.0f);
        QCOMPARE(empty.scale, 1.0f);
        QCOMPARE(fitActivationQuantizer(treatment("int8").format, -2.0f, 1.0f).scale, 2.0f / 127.0f);
        QCOMPARE(fitActivationQuantizer(treatment("fp16").format, -2.0f, 1.0f).scale, 1.0f);
        QVERIFY(std::isfinite(fitActivationQuantizer(uint8, -HUGE_VALF, HUGE_VALF).scale));
        QCOMPARE(fitActivationQuantizer(uint8, std::nanf(""), 2.55f).scale, 2.55f / 255.0f);
    }

    void divisionIsNotMultiplicationByAReciprocal()
    {
        // 1.55f / 0.1f rounds to 15, 1.55f * (1 / 0.1f) to 16.
        const ActivationQuantizer quantizer{treatment("int8").format, 0.1f, 0.0f};
        std::vector<float> values(40, 1.55f);
        quantizer.applyInPlace(values);
        QCOMPARE(quantizer.applyScalar(1.55f), 15 * 0.1f);
        QVERIFY(std::all_of(values.begin(), values.end(), [](float value) { return value == 15 * 0.1f; }));
    }
};

QTEST_APPLESS_MAIN(TestTreatment)
#include "tst_treatment.moc"
