// SPDX-License-Identifier: Apache-2.0

#include "core/base/noise.h"
#include "core/engine/surrogate_fit.h"

#include <Eigen/QR>
#include <QtTest>

#include <array>

using namespace core;

namespace {

RowMatrix seeded(Eigen::Index rows, Eigen::Index columns, std::uint32_t seed)
{
    RowMatrix matrix(rows, columns);
    const NoiseStream noise(seed, NoisePurpose::Test);
    for (Eigen::Index i = 0; i < matrix.size(); ++i)
        matrix.data()[i] = noise.gaussians({static_cast<std::uint32_t>(i / 4), 0, 0})[static_cast<std::size_t>(i % 4)];
    return matrix;
}

struct Case { RowMatrix x, weights, quantized, errors; ErrorMoments moments; };

/// A layer of 12 rows and 20 columns whose weights lost their fine part, read by 300 vectors.
Case quantizedLayer(float noiseSigma = 0.0f)
{
    const RowMatrix x = seeded(300, 20, 1), weights = seeded(12, 20, 2);
    const RowMatrix quantized = (weights * 2.0f).array().round().matrix() / 2.0f;
    Case made{x, weights, quantized, x * (weights - quantized).transpose(), ErrorMoments(20, 12)};
    made.errors += noiseSigma * seeded(300, 12, 3);
    made.moments.add(x, made.errors, x * weights.transpose());
    return made;
}

/// More rows than columns, inputs of very different sizes.
Case tallLayer()
{
    const RowMatrix mixing = seeded(9, 9, 7);
    Eigen::VectorXf sizes(9);
    sizes << 8, 4, 2, 1, 1, 0.5f, 0.25f, 0.1f, 0.05f;
    const RowMatrix x = seeded(200, 9, 4) * sizes.asDiagonal() * mixing, weights = seeded(30, 9, 5);
    const RowMatrix quantized = weights.array().round().matrix();
    Case made{x, weights, quantized, x * (weights - quantized).transpose(), ErrorMoments(9, 30)};
    made.moments.add(x, made.errors, x * weights.transpose());
    return made;
}

RowMatrix left(const Case& layer, const RecoveryPath& path) { return layer.errors - layer.x * path.down.transpose() * path.up.transpose(); }

double errorAt(const Case& layer, const RecoveryPath& path) { return left(layer, path).cast<double>().squaredNorm(); }

SurrogatePlan exactRank(int rank) { return {rank, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 300}; }

constexpr std::array kMetrics{InputMetric::None, InputMetric::Magnitudes, InputMetric::Moments};

}  // namespace

class TestSurrogateFit : public QObject {
    Q_OBJECT
private slots:
    void theErrorNeverGrowsWithRank()
    {
        for (const float sigma : {0.0f, 0.1f, 1.0f}) {
            const Case layer = quantizedLayer(sigma);
            const SurrogateFit fit = fitToActivations(layer.moments, layer.weights - layer.quantized);
            double before = layer.moments.errorEnergy;
            for (int rank = 1; rank <= fit.fullRank(); ++rank) {
                const double after = errorAt(layer, fit.path({rank, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 300}));
                QVERIFY2(after <= before * (1 + 1e-6), qPrintable(QString("rank %1: %2 after %3").arg(rank).arg(after).arg(before)));
                before = after;
            }
        }
    }

    void theSpectrumPredictsTheErrorThatIsLeft()
    {
        const Case layer = quantizedLayer(0.05f);
        const SurrogateFit fit = fitToActivations(layer.moments, layer.weights - layer.quantized);
        double predicted = layer.moments.errorEnergy;
        for (int rank = 1; rank <= fit.fullRank(); ++rank) {
            predicted -= fit.report.removedEnergy[static_cast<std::size_t>(rank - 1)];
            const double measured = errorAt(layer, fit.path({rank, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 300}));
            QVERIFY2(std::abs(measured - predicted) <= 1e-4 * layer.moments.errorEnergy, qPrintable(QString("rank %1: %2, predicted %3").arg(rank).arg(measured).arg(predicted)));
        }
    }

    void fullRankRestoresTheLayer()
    {
        const Case layer = quantizedLayer();
        const SurrogateFit fit = fitToActivations(layer.moments, layer.weights - layer.quantized);
        const double left = errorAt(layer, fit.path({12, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 300}));
        QVERIFY2(left < 1e-6 * layer.moments.signalEnergy, qPrintable(QString::number(left / layer.moments.signalEnergy)));
    }

    void regressionOnActivationsBeatsTheWeightsAlone()
    {
        const Case layer = quantizedLayer();
        const SurrogateFit byData = fitToActivations(layer.moments, layer.weights - layer.quantized), byWeights = fitToWeightError(layer.moments, layer.weights - layer.quantized, InputMetric::None);
        for (int rank = 1; rank < 12; ++rank) {
            const double data = errorAt(layer, byData.path({rank, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 300}));
            const double weights = errorAt(layer, byWeights.path({rank, NumberFormat(), SurrogateMethod::Svd, SurrogateInput::Exact, 300}));
            QVERIFY2(data <= 1.01 * weights, qPrintable(QString("rank %1: %2 against %3").arg(rank).arg(data).arg(weights)));
        }
    }

    void theFullRankOfEveryWeightMethodIsTheWholeWeightError()
    {
        for (const Case& layer : {quantizedLayer(), tallLayer()})
            for (const InputMetric metric : kMetrics) {
                const SurrogateFit fit = fitToWeightError(layer.moments, layer.weights - layer.quantized, metric);
                const double error = (fit.up * fit.down - (layer.weights - layer.quantized).cast<double>()).norm();
                QVERIFY2(error < 1e-4 * (layer.weights - layer.quantized).norm(), qPrintable(QString::number(error)));
            }
    }

    void theInputsMomentsGiveTheLeastErrorThatTheWeightErrorAllows()
    {
        // Without noise the output error is D x, and QERA's projection is the best of its rank (Eckart and Young on D G^1/2).
        for (const Case& layer : {quantizedLayer(), tallLayer()})
            for (int rank = 1; rank < 9; ++rank) {
                const auto error = [&](InputMetric metric) {
                    return errorAt(layer, fitToWeightError(layer.moments, layer.weights - layer.quantized, metric).path(exactRank(rank)));
                };
                const double best = error(InputMetric::Moments);
                for (const InputMetric other : {InputMetric::None, InputMetric::Magnitudes})
                    QVERIFY2(best <= error(other) * (1 + 1e-4) + 1e-6 * layer.moments.errorEnergy, qPrintable(QString("rank %1: %2 against %3").arg(rank).arg(best).arg(error(other))));
            }
    }

    void magnitudesHelpWhereInputsDifferInSize()
    {
        // Inputs that do not go together: scaling by their size is then nearly the exact root of their moments.
        const RowMatrix x = seeded(400, 16, 8) * Eigen::VectorXf::LinSpaced(16, 0.02f, 4.0f).asDiagonal(), weights = seeded(10, 16, 9);
        const RowMatrix quantized = weights.array().round().matrix();
        Case layer{x, weights, quantized, x * (weights - quantized).transpose(), ErrorMoments(16, 10)};
        layer.moments.add(x, layer.errors, x * weights.transpose());
        const auto error = [&](InputMetric metric) { return errorAt(layer, fitToWeightError(layer.moments, weights - quantized, metric).path(exactRank(3))); };
        QVERIFY2(error(InputMetric::Magnitudes) < 0.9 * error(InputMetric::None), qPrintable(QString("%1 against %2").arg(error(InputMetric::Magnitudes)).arg(error(InputMetric::None))));
    }

    void everySpectrumPredictsTheErrorThatIsLeft()
    {
        std::vector<float> importance(30);
        for (std::size_t row = 0; row < importance.size(); ++row)
            importance[row] = 0.01f * static_cast<float>(row * row);
        const Case layer = tallLayer();
        const RowMatrix weightError = layer.weights - layer.quantized;
        std::vector<SurrogateFit> fits{fitToActivations(layer.moments, weightError), fitToLoss(layer.moments, weightError, importance)};
        for (const InputMetric metric : kMetrics)
            fits.push_back(fitToWeightError(layer.moments, weightError, metric));
        fits.push_back(fitFromStored({seeded(4, 9, 20) * 0.1f, seeded(30, 4, 21) * 0.1f}, layer.moments));
        for (std::size_t method = 0; method < fits.size(); ++method) {
            double predicted = layer.moments.errorEnergy;
            for (int rank = 1; rank <= fits[method].fullRank(); ++rank) {
                predicted -= fits[method].report.removedEnergy[static_cast<std::size_t>(rank - 1)];
                const double measured = errorAt(layer, fits[method].path(exactRank(rank)));
                QVERIFY2(std::abs(measured - predicted) <= 1e-4 * layer.moments.errorEnergy, qPrintable(QString("method %1, rank %2: %3, predicted %4").arg(method).arg(rank).arg(measured).arg(predicted)));
            }
        }
    }

    void whatTheLossMindsIsCorrectedFirst()
    {
        std::vector<float> importance(12, 0.01f);
        importance[3] = importance[7] = 1.0f;
        const Case layer = quantizedLayer(0.1f);
        const RowMatrix weightError = layer.weights - layer.quantized;
        const SurrogateFit byLoss = fitToLoss(layer.moments, weightError, importance), byError = fitToActivations(layer.moments, weightError);
        const auto loss = [&](const SurrogateFit& fit, int rank) {
            const Eigen::VectorXd rows = left(layer, fit.path(exactRank(rank))).cast<double>().colwise().squaredNorm();
            double sum = 0;
            for (Eigen::Index row = 0; row < 12; ++row)
                sum += static_cast<double>(importance[static_cast<std::size_t>(row)]) * rows(row);
            return sum;
        };
        double before = loss(byLoss, 0);
        for (int rank = 1; rank < 12; ++rank) {
            const double after = loss(byLoss, rank);
            QVERIFY2(std::abs(before - after - byLoss.report.gains[static_cast<std::size_t>(rank - 1)]) < 1e-4 * before, qPrintable(QString("rank %1: %2 -> %3").arg(rank).arg(before).arg(after)));
            QVERIFY2(after <= before * (1 + 1e-6) && after <= 1.01 * loss(byError, rank), qPrintable(QString("rank %1: %2").arg(rank).arg(after)));
            before = after;
        }
        QVERIFY2(loss(byLoss, 2) < 0.5 * loss(byError, 2), qPrintable(QString("%1 against %2").arg(loss(byLoss, 2)).arg(loss(byError, 2))));
    }

    void rowsThatNoLossMindsGiveNoInfinity()
    {
        const Case layer = quantizedLayer();
        for (const float only : {0.0f, 1.0f}) {
            std::vector<float> importance(12, 0.0f);
            importance[5] = only;
            const RecoveryPath path = fitToLoss(layer.moments, layer.weights - layer.quantized, importance).path(exactRank(12));
            QVERIFY(path.down.allFinite() && path.up.allFinite());
            QVERIFY(errorAt(layer, path) < 1e-4 * layer.moments.signalEnergy);
        }
    }

    void whatNoLinearPathExplainsIsTheFloor()
    {
        const Case clean = quantizedLayer(), noisy = quantizedLayer(0.5f);
        const double floor = fitToActivations(noisy.moments, noisy.weights - noisy.quantized, 1e-9).report.floorEnergy();
        // 300 vectors of 12 outputs, variance 0.25, less the 20 directions per output that a fit of 300 vectors also explains.
        const double expected = 0.25 * 12 * (300 - 20);
        QVERIFY2(std::abs(floor - expected) < 0.15 * expected, qPrintable(QString("%1, expected about %2").arg(floor).arg(expected)));
        QVERIFY(fitToActivations(clean.moments, clean.weights - clean.quantized).report.floorEnergy() < 0.01 * expected);
    }

    void fewVectorsDoNotDrownWhatIsKnownOfTheError()
    {
        // 6 vectors say little about 20 columns; the weight error says all. Judged on vectors the fit has not seen.
        const Case layer = quantizedLayer();
        ErrorMoments few(20, 12);
        few.add(layer.x.topRows(6), layer.errors.topRows(6), (layer.x * layer.weights.transpose()).topRows(6));
        const SurrogatePlan plan{8, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 6};
        const double informed = errorAt(layer, fitToActivations(few, layer.weights - layer.quantized).path(plan));
        const double ignorant = errorAt(layer, fitToActivations(few, RowMatrix::Zero(12, 20)).path(plan));
        QVERIFY2(informed < 0.5 * ignorant, qPrintable(QString("%1 against %2").arg(informed).arg(ignorant)));
    }

    void inputsThatAreAllZeroGiveAPathThatAddsNothing()
    {
        ErrorMoments moments(6, 4);
        moments.add(RowMatrix::Zero(10, 6), seeded(10, 4, 5), seeded(10, 4, 6));
        const RecoveryPath path = fitToActivations(moments, RowMatrix::Zero(4, 6)).path({4, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 10});
        QVERIFY(path.down.allFinite() && path.up.allFinite());
        QCOMPARE(path.down.norm(), 0.0f);
    }

    void aNarrowFormatKeepsTheCorrectionNearly()
    {
        const Case layer = quantizedLayer();
        const SurrogateFit fit = fitToActivations(layer.moments, layer.weights - layer.quantized);
        const SurrogatePlan exact{6, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 300};
        SurrogatePlan half = exact;
        half.format = NumberFormat::named("fp16").value();
        const double before = errorAt(layer, fit.path(exact)), after = errorAt(layer, fit.path(half));
        QVERIFY2(std::abs(after - before) < 1e-2 * before, qPrintable(QString("%1 in fp32, %2 in fp16").arg(before).arg(after)));
    }
};

QTEST_APPLESS_MAIN(TestSurrogateFit)
#include "tst_surrogate_fit.moc"
