// SPDX-License-Identifier: Apache-2.0
// Rounding for a layer's outputs: never worse than rounding each weight alone, and only ever to a neighbouring level.
#include "core/formats/adaptive_rounding.h"
#include "core/formats/packing.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

using namespace core;
using namespace format_cases;

namespace {

/// Inputs whose columns resemble their neighbours, as pixels do.
RowMatrixD correlatedGram(int columns, int vectors = 64)
{
    RowMatrixD x = randomRows(Distribution::Gaussian, vectors, columns).cast<double>();
    for (Eigen::Index column = 1; column < x.cols(); ++column)
        x.col(column) = 0.8 * x.col(column - 1) + 0.6 * x.col(column);
    return x.transpose() * x;
}

double errorOf(const RowMatrix& weights, const RowMatrix& quantized, Eigen::Index row, const RowMatrixD& gram)
{
    const Eigen::RowVectorXd lost = (weights.row(row) - quantized.row(row)).cast<double>();
    return (lost * gram).dot(lost);
}

struct Case {
    RowMatrix weights;
    std::vector<Treatment> palette;
    PaletteChoices choices;
    RowMatrixD gram;
    QuantizedMatrix nearest = quantizeWeights(weights, palette, choices);

    AdaptiveRounding rounded(int threads = 1) const
    {
        return roundAdaptively(weights, nearest, palette, choices, OutputErrors::ofWeights(weights, nearest.values, {gram}), threads);
    }
};

}  // namespace

class TestAdaptiveRounding : public QObject {
    Q_OBJECT

private slots:
    void twoWeightsThatAlwaysMeetTheSameInputShareTheirError()
    {
        // x = (1, 1, 0): nearest loses 0.4 twice, 0.8 of the sum; one weight up and one down lose 0.2. The third is never read.
        RowMatrixD gram = RowMatrixD::Zero(3, 3);
        gram.topLeftCorner(2, 2).setOnes();
        const Case made{matrix({{0.4f, 0.4f, 7}}), {treatment("int4")}, {}, gram};
        QCOMPARE(toVector(made.nearest.values), (std::vector<float>{0, 0, 7}));
        const AdaptiveRounding rounded = made.rounded();
        QCOMPARE(toVector(rounded.matrix.values), (std::vector<float>{1, 0, 7}));   // a tie: the first column
        QCOMPARE(rounded.moved, 1);
        QVERIFY(std::abs(rounded.removed[0] - (0.64 - 0.04)) < 1e-6);
    }

    void inputsThatHaveNothingInCommonWantTheNearestLevel()
    {
        const RowMatrixD diagonal = RowMatrixD::Identity(40, 40) * 3.0;
        for (const char* format : {"int4", "uint4", "nf4", "pot4", "ternary", "e2m1"}) {
            const Case made{randomRows(Distribution::Gaussian, 6, 40), {treatment(format)}, {}, diagonal};
            const AdaptiveRounding rounded = made.rounded();
            QCOMPARE(rounded.moved, 0);
            QCOMPARE(rounded.matrix.values, made.nearest.values);
        }
    }

    void noRowsErrorGrowsAndNoSingleWeightCouldDoBetter_data()
    {
        QTest::addColumn<QString>("format");
        QTest::addColumn<QString>("scale");
        QTest::addColumn<int>("points");
        for (const char* format : {"int2", "int4", "int8", "uint3", "nf4", "pot4", "sp2-4", "odd2", "int1", "ternary", "e2m1", "e4m3", "fp16"})
            for (const char* scale : {"tensor", "row", "group:16", "vector:16", "block:32", "block:16:e4m3"})
                QTest::addRow("%s %s", format, scale) << format << scale << 1;
        QTest::newRow("two points") << "int2" << "row" << 2;
    }

    void noRowsErrorGrowsAndNoSingleWeightCouldDoBetter()
    {
        QFETCH(QString, format);
        QFETCH(QString, scale);
        QFETCH(int, points);
        const Case made{randomRows(Distribution::Gaussian, 5, 48), {treatment(qPrintable(format), qPrintable(scale), "mse", points)}, {}, correlatedGram(48)};
        const AdaptiveRounding rounded = made.rounded();
        double before = 0, after = 0;
        for (Eigen::Index row = 0; row < 5; ++row) {
            const double was = errorOf(made.weights, made.nearest.values, row, made.gram), is = errorOf(made.weights, rounded.matrix.values, row, made.gram);
            QVERIFY2(is <= was * (1 + 1e-12), qPrintable(QString("row %1: %2 after %3").arg(row).arg(is).arg(was)));
            QVERIFY2(std::abs(was - is - rounded.removed[static_cast<std::size_t>(row)]) <= 1e-6 * was, "what was removed is what is told");
            before += was;
            after += is;
        }
        QVERIFY2(after < 0.7 * before, qPrintable(QString("%1 after %2").arg(after).arg(before)));
        // Where it ended, nothing more moves.
        const AdaptiveRounding again = roundAdaptively(made.weights, rounded.matrix, made.palette, {}, OutputErrors::ofWeights(made.weights, rounded.matrix.values, {made.gram}));
        QCOMPARE(again.moved, 0);
        QCOMPARE(rounded.matrix.storedBits, made.nearest.storedBits);
        QCOMPARE(rounded.matrix.scales, made.nearest.scales);
    }

    void everyWeightIsOnALevelBesideIt()
    {
        const std::vector<float> levels = named("nf4").levels();
        const Case made{randomRows(Distribution::Laplace, 8, 64), {treatment("nf4")}, {}, correlatedGram(64)};
        const AdaptiveRounding rounded = made.rounded();
        QVERIFY(rounded.moved > 20);
        for (Eigen::Index row = 0; row < 8; ++row)
            for (Eigen::Index column = 0; column < 64; ++column) {
                const float scale = rounded.matrix.scales[static_cast<std::size_t>(row)], weight = made.weights(row, column), value = rounded.matrix.values(row, column);
                const auto upper = std::lower_bound(levels.begin(), levels.end(), weight / scale);
                const float above = scale * (upper == levels.end() ? levels.back() : *upper), below = scale * (upper == levels.begin() ? levels.front() : *(upper - 1));
                QVERIFY2(value == above || value == below, qPrintable(QString("%1 became %2; wanted %3 or %4").arg(weight).arg(value).arg(below).arg(above)));
            }
    }

    void mixturesStillPackIntoTheirBytes()
    {
        const std::vector<Treatment> palette{treatment("int2"), treatment("uint4", "group:8"), treatment("pot4", "row", "mse", 3)};
        const std::vector<std::uint8_t> rows{0, 1, 2, 2, 1, 0}, channels{2, 0, 1, 1, 0, 2};
        for (const PaletteChoices& choices : {PaletteChoices::overRows(rows), PaletteChoices::overChannels(channels, 9)}) {
            const Case made{randomRows(Distribution::Gaussian, 6, 54), palette, choices, correlatedGram(54)};
            const AdaptiveRounding rounded = made.rounded();
            QVERIFY(rounded.moved > 0);
            const auto back = unpack(pack(rounded.matrix, palette, choices), palette, choices);
            QVERIFY(back.has_value());
            QCOMPARE(back.value().values, rounded.matrix.values);
        }
    }

    void everyGroupHasItsOwnInputs()
    {
        // Rows 0 and 1 always meet equal inputs, rows 2 and 3 inputs that cancel: 0.4 x - 0.4 x needs no help.
        RowMatrixD same = RowMatrixD::Zero(3, 3), opposite = RowMatrixD::Zero(3, 3);
        same.topLeftCorner(2, 2) << 1, 1, 1, 1;
        opposite.topLeftCorner(2, 2) << 1, -1, -1, 1;
        const RowMatrix weights = matrix({{0.4f, 0.4f, 7}, {-0.4f, -0.4f, 7}, {0.4f, 0.4f, 7}, {0.4f, -0.4f, 7}});
        const std::vector<Treatment> palette{treatment("int4")};
        const QuantizedMatrix nearest = quantizeWeights(weights, palette);
        const AdaptiveRounding rounded = roundAdaptively(weights, nearest, palette, {}, OutputErrors::ofWeights(weights, nearest.values, {same, opposite}));
        QCOMPARE(rounded.matrix.values, matrix({{1, 0, 7}, {-1, 0, 7}, {0, 0, 7}, {1, 0, 7}}));
    }

    void threadsDoNotShow()
    {
        const Case made{randomRows(Distribution::Gaussian, 50, 70), {treatment("int3")}, {}, correlatedGram(70)};
        const AdaptiveRounding one = made.rounded(1), eight = made.rounded(8);
        QCOMPARE(eight.matrix.values, one.matrix.values);
        QCOMPARE(eight.removed, one.removed);
    }

    void aBestChoiceAmongAllIsNotFarFromTheOneFound()
    {
        // All 2^10 choices of 10 weights: on average the search stops at most 2 % of the way from the best back to the nearest levels.
        double nearest = 0, found = 0, best = 0;
        const RowMatrix weights = randomRows(Distribution::Uniform, 24, 10);
        const RowMatrixD gram = correlatedGram(10);
        const Case made{weights, {treatment("int3")}, {}, gram};
        const AdaptiveRounding rounded = made.rounded();
        for (Eigen::Index row = 0; row < 24; ++row) {
            const float scale = made.nearest.scales[static_cast<std::size_t>(row)];
            double least = HUGE_VAL;
            for (unsigned choice = 0; choice < 1024; ++choice) {
                RowMatrix candidate(1, 10);
                for (Eigen::Index column = 0; column < 10; ++column) {
                    const float below = std::floor(weights(row, column) / scale);
                    candidate(0, column) = scale * std::clamp(below + static_cast<float>(choice >> column & 1u), -3.0f, 3.0f);
                }
                least = std::min(least, errorOf(weights.row(row), candidate, 0, gram));
            }
            nearest += errorOf(weights, made.nearest.values, row, gram);
            found += errorOf(weights, rounded.matrix.values, row, gram);
            best += least;
        }
        qInfo("squared error: nearest %.4f, found %.4f, best %.4f", nearest, found, best);
        QVERIFY(found >= best * (1 - 1e-6));
        QVERIFY(found - best <= 0.02 * (nearest - best));
    }
};

QTEST_APPLESS_MAIN(TestAdaptiveRounding)
#include "tst_adaptive_rounding.moc"
