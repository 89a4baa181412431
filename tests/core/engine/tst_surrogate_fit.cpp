// SPDX-License-Identifier: Apache-2.0

#include "core/base/noise.h"
#include "core/engine/surrogate_fit.h"

#include <Eigen/QR>
#include <QtTest>

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

double errorAt(const Case& layer, const RecoveryPath& path)
{
    const RowMatrix corrected = layer.x * path.down.transpose() * path.up.transpose();
    return (layer.errors - corrected).cast<double>().squaredNorm();
}

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
        const SurrogateFit byData = fitToActivations(layer.moments, layer.weights - layer.quantized), byWeights = fitToWeights(layer.weights, layer.quantized, layer.moments);
        for (int rank = 1; rank < 12; ++rank) {
            const double data = errorAt(layer, byData.path({rank, NumberFormat(), SurrogateMethod::Activation, SurrogateInput::Exact, 300}));
            const double weights = errorAt(layer, byWeights.path({rank, NumberFormat(), SurrogateMethod::Svd, SurrogateInput::Exact, 300}));
            QVERIFY2(data <= 1.01 * weights, qPrintable(QString("rank %1: %2 against %3").arg(rank).arg(data).arg(weights)));
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
