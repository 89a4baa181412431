// SPDX-License-Identifier: Apache-2.0
// Curvatures against a quadratic's known Hessian, and against second differences of the reference in float64.

#include "core/learn/curvature.h"
#include "tests/core/learn/learn_cases.h"
#include "tests/core/learn/wide_reference.h"

#include <Eigen/Eigenvalues>
#include <QtTest>

using namespace core;

namespace {

/// Inputs whose columns have sizes 1, 1/2, 1/3 ..., so that the largest eigenvalue stands clear of the second.
Tensor inputsOf(std::int64_t samples, std::int64_t columns)
{
    Tensor x = seeded({samples, columns}, 7);
    const auto values = x.edit<float>();
    for (std::size_t i = 0; i < values.size(); ++i)
        values[i] /= static_cast<float>(1 + i % static_cast<std::size_t>(columns));
    return x;
}

struct Quadratic {
    Tensor weights = seeded({5, 12}, 1), x = inputsOf(40, 12);
    std::shared_ptr<const GradientGraph> graph = graphOf(linearNetwork(weights), 8);
    Objective objective = Objective::squaredError(seeded({40, 5}, 2));
    CurvatureSubject subject{*graph, x, objective};
    Eigen::MatrixXd block = 2.0 / 5 / 40 * matrixOf(x).transpose() * matrixOf(x);    // of every row
};

}  // namespace

class TestCurvature : public QObject {
    Q_OBJECT
private slots:
    void aQuadraticsProductIsItsHessianTimesTheVector()
    {
        const Quadratic q;
        const RowMatrixD v = matrixOf(seeded({5, 12}, 3)), wanted = v * q.block;
        const RowMatrixD got = valueOf(hessianProduct(q.subject, LayerIndex(0), v));
        QVERIFY2((got - wanted).norm() <= 3e-4 * wanted.norm(), qPrintable(QString::number((got - wanted).norm() / wanted.norm())));
    }

    void hutchinsonsTraceIsWithinFivePercentAtTwoHundredProbes()
    {
        const Quadratic q;
        for (const Probing probing : {Probing::LayerByLayer, Probing::AllLayers})
            for (const std::uint64_t seed : {1u, 2u, 3u}) {
                const LayerTrace trace = valueOf(hessianTraces(q.subject, {probing, 200, seed})).front();
                const double wanted = 5 * q.block.trace();
                QVERIFY2(std::abs(trace.trace - wanted) <= 0.05 * wanted, qPrintable(QString("%1, wanted %2").arg(trace.trace).arg(wanted)));
                QVERIFY(std::abs(trace.trace - wanted) <= 5 * trace.standardError + 1e-3 * wanted);
                for (const double row : trace.rows)
                    QVERIFY2(std::abs(row - q.block.trace()) <= 0.05 * q.block.trace(), qPrintable(QString("%1, wanted %2").arg(row).arg(q.block.trace())));
            }
    }

    void theTopEigenvalueIsThatOfADenseDecomposition()
    {
        const Quadratic q;
        const double wanted = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(q.block).eigenvalues().maxCoeff();
        const Eigenpair layer = valueOf(topEigenvalue(q.subject, LayerIndex(0)));
        QVERIFY2(std::abs(layer.value - wanted) <= 0.01 * wanted, qPrintable(QString("%1, wanted %2").arg(layer.value).arg(wanted)));
        for (const RowCoupling coupling : {RowCoupling::Exact, RowCoupling::Neglected})
            for (const double row : valueOf(topEigenvaluesOfRows(q.subject, LayerIndex(0), coupling)))
                QVERIFY2(std::abs(row - wanted) <= 0.01 * wanted, qPrintable(QString("%1, wanted %2").arg(row).arg(wanted)));
    }

    /// Every block of a small net with a bend in it, one second difference of the float64 loss an element.
    void aNetworksHessianIsItsLossesSecondDifference()
    {
        const Network network = tinyNetwork();
        const auto graph = graphOf(network, 4);
        const Tensor x = seeded({9, 3}, 5), wideInput = widened(x);
        const Objective objective = Objective::crossEntropy({0, 1, 1, 0, 1, 0, 0, 0, 1});
        const CurvatureSubject subject{*graph, x, objective};
        const Network wide = widened(network);
        for (const WeightedLayer& layer : graph->layers()) {
            const ValueIndex constant = network.node(layer.node).inputs[1];
            const auto count = static_cast<Eigen::Index>(layer.weights.size());
            constexpr double kStep = 1e-4;
            const auto lossAt = [&](Eigen::Index i, double a, Eigen::Index j, double b) {
                Network moved = wide;
                const auto elements = moved.values[constant.value()].constant->edit<double>();
                elements[static_cast<std::size_t>(i)] += a;
                elements[static_cast<std::size_t>(j)] += b;
                return wideLoss(moved, wideInput, objective);
            };
            Eigen::MatrixXd hessian(count, count);
            for (Eigen::Index i = 0; i < count; ++i)
                for (Eigen::Index j = 0; j < count; ++j)
                    hessian(i, j) = (lossAt(i, kStep, j, kStep) - lossAt(i, kStep, j, -kStep) - lossAt(i, -kStep, j, kStep) + lossAt(i, -kStep, j, -kStep)) / (4 * kStep * kStep);
            const RowMatrixD v = matrixOf(seeded({layer.rows, layer.columns}, 8));
            const Eigen::VectorXd wanted = hessian * Eigen::Map<const Eigen::VectorXd>(v.data(), count);
            const RowMatrixD got = valueOf(hessianProduct(subject, layer.index, v));
            const double error = (Eigen::Map<const Eigen::VectorXd>(got.data(), count) - wanted).norm() / wanted.norm();
            QVERIFY2(error <= 2e-3, qPrintable(QString::number(error)));

            const auto extreme = [](const Eigen::MatrixXd& block) {
                const Eigen::VectorXd values = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(block).eigenvalues();
                return values.maxCoeff() >= -values.minCoeff() ? values.maxCoeff() : values.minCoeff();
            };
            const EigenRequest patient{.mostSteps = 200, .tolerance = 1e-6};
            const double top = valueOf(topEigenvalue(subject, layer.index, patient)).value;
            QVERIFY2(std::abs(top - extreme(hessian)) <= 0.01 * std::abs(extreme(hessian)), qPrintable(QString("%1, wanted %2").arg(top).arg(extreme(hessian))));
            const auto rows = valueOf(topEigenvaluesOfRows(subject, layer.index, RowCoupling::Exact, patient));
            for (Eigen::Index row = 0; row < layer.rows; ++row) {
                const double wantedRow = extreme(hessian.block(row * layer.columns, row * layer.columns, layer.columns, layer.columns));
                QVERIFY2(std::abs(rows[static_cast<std::size_t>(row)] - wantedRow) <= 0.02 * std::abs(wantedRow), qPrintable(QString("row %1: %2, wanted %3").arg(row).arg(rows[static_cast<std::size_t>(row)]).arg(wantedRow)));
            }
        }
    }

    /// The empirical Fisher block of a row of y = W x: mean of g^2 x x^T with g = 2 (y - t) / rows.
    void aRowsFisherEigenvalueIsThatOfItsWeightedMoments()
    {
        const Quadratic q;
        const RowMatrixD x = matrixOf(q.x), residual = x * matrixOf(q.weights).transpose() - matrixOf(q.objective.targets);
        const auto got = valueOf(topFisherEigenvaluesOfRows(q.subject, LayerIndex(0), {.mostSteps = 200, .tolerance = 1e-6}));
        QCOMPARE(got.size(), std::size_t{5});
        for (Eigen::Index row = 0; row < 5; ++row) {
            const Eigen::VectorXd weights = (2.0 / 5 * residual.col(row)).array().square();
            const Eigen::MatrixXd block = x.transpose() * weights.asDiagonal() * x / 40;
            const double wanted = Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(block).eigenvalues().maxCoeff();
            QVERIFY2(std::abs(got[static_cast<std::size_t>(row)] - wanted) <= 1e-3 * wanted, qPrintable(QString("%1, wanted %2").arg(got[static_cast<std::size_t>(row)]).arg(wanted)));
        }
    }

    void aStopIsAProblem()
    {
        const Quadratic q;
        std::stop_source source;
        source.request_stop();
        const auto traces = hessianTraces(q.subject, {}, {}, {source.get_token(), {}});
        QVERIFY(!traces && isStopped(traces.error()));
    }
};

QTEST_APPLESS_MAIN(TestCurvature)
#include "tst_curvature.moc"
