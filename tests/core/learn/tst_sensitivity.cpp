// SPDX-License-Identifier: Apache-2.0
// Importances and sensitivities against sums written out for one layer, and on a bundled network against what they predict.

#include "core/io/library.h"
#include "core/learn/sensitivity.h"
#include "tests/core/learn/learn_cases.h"

#include <Eigen/Eigenvalues>
#include <QtTest>

#include <mutex>

using namespace core;

namespace {

NumberFormat format(const char* name) { return NumberFormat::named(name).value(); }

/// A compiled network with these formats everywhere.
std::shared_ptr<const PolarizedNetwork> polarized(const Calibration& calibration, const char* weights, const char* activations)
{
    PrecisionPlan plan;
    plan.defaults.weights = WeightPlan{{Treatment{format(weights), {}, {}}}, {}, {}, {}};
    plan.defaults.activations = ActivationPlan{format(activations), {ScaleRule::Kind::Tensor, 0}, {}};
    return valueOf(compile(calibration, {.plan = plan}));
}

bool close(double got, double wanted, double tolerance) { return std::abs(got - wanted) <= tolerance * std::abs(wanted); }

}  // namespace

class TestSensitivity : public QObject {
    Q_OBJECT
private slots:
    /// y = W x, loss the squared error from x: g = 2 (y - x) / n, dy = (W^ - W) x.
    void theMetricsOfOneLayerAreTheirDefinitions()
    {
        const Tensor weights = seeded({6, 6}, 1), x = seeded({37, 6}, 2);
        const auto context = valueOf(prepareEngine(std::make_shared<const Network>(linearNetwork(weights))));
        const auto graph = valueOf(GradientGraph::build(context, context->batch));
        const SampleSet samples{x, {}};
        const auto calibration = valueOf(Calibration::observe(context, samples, 0));
        const auto network = polarized(*calibration, "int3", "fp32");
        const Sensitivities got = valueOf(sensitivities(*graph, {.network = *network, .samples = samples, .target = LossTarget::OwnInput, .withCurvature = true}));

        const RowMatrixD w = matrixOf(weights), in = matrixOf(x), dw = network->layers[0]->weights.cast<double>() - w;
        const RowMatrixD g = (in * w.transpose() - in) * (2.0 / 6), dy = in * dw.transpose();
        const Eigen::ArrayXd importance = g.array().square().colwise().mean().transpose();
        QCOMPARE(got.samples, std::int64_t{37});
        QVERIFY(got.target == LossTarget::OwnInput);
        for (Eigen::Index row = 0; row < 6; ++row) {
            const auto r = static_cast<std::size_t>(row);
            QVERIFY(close(got.importance.layers[0].rows[r], importance[row], 1e-5));
            QVERIFY(close(got.layers[0].rowTaylor[r], (g.col(row).array() * dy.col(row).array()).abs().sum() / 37, 1e-5));
            QVERIFY(close(got.layers[0].rowFisherError[r], importance[row] * dy.col(row).array().square().sum() / 37, 1e-5));
        }
        QVERIFY(close(got.importance.layers[0].meanSquare, importance.mean(), 1e-5));
        QVERIFY(close(got.layers[0].taylor, (g.array() * dy.array()).abs().sum() / 37, 1e-5));
        QVERIFY(std::abs(got.layers[0].signedTaylor - (g.array() * dy.array()).sum() / 37) <= 1e-5 * got.layers[0].taylor);
        // A quadratic: the first-order change and half the curvature along dW are all there is.
        const double second = dy.array().square().sum() / 6 / 37;
        QVERIFY(std::abs(got.layers[0].probe - (got.layers[0].signedTaylor + second)) <= 1e-5 * (got.layers[0].taylor + second));
        const Eigen::MatrixXd block = 2.0 / 6 / 37 * in.transpose() * in;
        QVERIFY(close(got.layers[0].curvature, Eigen::SelfAdjointEigenSolver<Eigen::MatrixXd>(block).eigenvalues().maxCoeff() * dw.squaredNorm(), 0.02));
    }

    /// The same layer: g^2 (dw . x)^2 written out. On real convolutions it is what moving one row does to the output.
    void aRowsFisherOutputErrorIsItsDefinition()
    {
        const Tensor weights = seeded({6, 6}, 1), x = seeded({37, 6}, 2), change = seeded({6, 6}, 3);
        const auto graph = graphOf(linearNetwork(weights), 8);
        const RowMatrixD in = matrixOf(x), g = (in * matrixOf(weights).transpose() - in) * (2.0 / 6), dy = in * matrixOf(change).transpose();
        const std::vector<WeightChanges> changes{{matrixOf(change).cast<float>()}, {RowMatrix()}};
        const auto errors = valueOf(fisherOutputErrors(*graph, {x, {}}, LossTarget::OwnInput, changes));
        for (Eigen::Index row = 0; row < 6; ++row) {
            QVERIFY(close(errors[0][0][static_cast<std::size_t>(row)], (g.col(row).array() * dy.col(row).array()).square().sum() / 37, 1e-5));
            QCOMPARE(errors[1][0][static_cast<std::size_t>(row)], 0.0);
        }
    }

    void aDepthwiseRowsErrorIsSeenAtItsOwnOutput()
    {
        const auto subject = valueOf(openSubject("dscnn-voices", "voices", 8));
        const auto context = valueOf(prepareEngine(subject->network));
        const auto graph = valueOf(GradientGraph::build(context, 4));
        const std::size_t layer = 1;    // block1.depthwise
        WeightChanges change(graph->layers().size());
        change[layer] = 0.1f * graph->layers()[layer].weights;
        const auto errors = valueOf(fisherOutputErrors(*graph, subject->calibration, LossTarget::Labels, std::span(&change, 1)));
        // dy = 0.1 (y - b)
        std::vector<double> wanted(64, 0.0);
        std::mutex guard;
        const auto look = [&](const GradientChunk& chunk) {
            const std::lock_guard lock(guard);
            const Tensor y = chunk.layerOutput(LayerIndex(layer)), g = chunk.outputGradient(LayerIndex(layer));
            const std::size_t plane = static_cast<std::size_t>(y.size() / (chunk.count * 64));
            for (std::size_t i = 0; i < static_cast<std::size_t>(y.size()); ++i) {
                const std::size_t row = i / plane % 64;
                const double dy = 0.1 * (static_cast<double>(y.values<float>()[i]) - static_cast<double>(graph->layers()[layer].bias[row]));
                wanted[row] += std::pow(static_cast<double>(g.values<float>()[i]) * dy, 2) / 8;
            }
        };
        const Objective objective = Objective::crossEntropy(subject->calibration.labels);
        valueOf(graph->differentiate({.inputs = subject->calibration.inputs, .objective = objective, .visit = look}));
        double total = 0;
        for (const double one : wanted)
            total += one;
        for (std::size_t row = 0; row < 64; ++row)
            QVERIFY2(std::abs(errors[0][layer][row] - wanted[row]) <= 1e-4 * wanted[row] + 1e-7 * total, qPrintable(QString("row %1: %2, wanted %3").arg(row).arg(errors[0][layer][row]).arg(wanted[row])));
    }

    void anExactLayerIsNotSensitive()
    {
        const auto subject = valueOf(openSubject("mlp-mnist", "mnist", 64));
        const auto context = valueOf(prepareEngine(subject->network));
        const auto graph = valueOf(GradientGraph::build(context, context->batch));
        const auto calibration = valueOf(Calibration::observe(context, subject->calibration, 0));
        PrecisionPlan plan;
        plan.layers["fc2"].weights = WeightPlan{{Treatment{format("int2"), {}, {}}}, {}, {}, {}};
        const auto network = valueOf(compile(*calibration, {.plan = plan}));
        const Sensitivities got = valueOf(sensitivities(*graph, {.network = *network, .samples = subject->calibration}));
        QVERIFY(got.target == LossTarget::Labels && got.remark.empty());
        for (const std::size_t l : {0u, 2u})
            QVERIFY(got.layers[l].taylor == 0 && got.layers[l].probe == 0 && got.layers[l].fisherError == 0);
        QVERIFY(got.layers[1].taylor > 0 && got.layers[1].fisherError > 0);
        QVERIFY(got.layers[1].probe > 0);    // two bits hurt
    }

    void aSmallErrorsTaylorTermIsTheChangeOfTheLoss()
    {
        const auto subject = valueOf(openSubject("lenet5-fashion", "fashion-mnist", 128));
        const auto context = valueOf(prepareEngine(subject->network));
        const auto graph = valueOf(GradientGraph::build(context, context->batch));
        const auto calibration = valueOf(Calibration::observe(context, subject->calibration, 0));
        const auto network = polarized(*calibration, "int8", "fp32");
        const Sensitivities got = valueOf(sensitivities(*graph, {.network = *network, .samples = subject->calibration}));
        for (const WeightedLayer& layer : graph->layers()) {
            const LayerSensitivity& one = got.layers[layer.index.value()];
            // What is left is of second order: a few percent of the sum of bars at eight bits.
            QVERIFY2(std::abs(one.probe - one.signedTaylor) <= 0.05 * one.taylor, qPrintable(QString("%1: %2, first order %3, bars %4").arg(QString::fromStdString(layer.name)).arg(one.probe).arg(one.signedTaylor).arg(one.taylor)));
            double rows = 0;
            for (const double row : one.rowTaylor)
                rows += row;
            QVERIFY(close(rows, one.taylor, 1e-12));
        }
        const OutputImportance alone = valueOf(outputImportance(*graph, subject->calibration));
        for (std::size_t l = 0; l < alone.layers.size(); ++l)
            QCOMPARE(alone.layers[l].rows, got.importance.layers[l].rows);
    }

    void withoutLabelsTheReferencesAnswersStandIn()
    {
        const auto subject = valueOf(openSubject("mlp-mnist", "mnist", 64));
        const auto context = valueOf(prepareEngine(subject->network));
        const auto graph = valueOf(GradientGraph::build(context));
        const SampleSet unlabelled{subject->calibration.inputs, {}};
        const OutputImportance importance = valueOf(outputImportance(*graph, unlabelled));
        QVERIFY(importance.target == LossTarget::OwnAnswers);
        QVERIFY(!importance.remark.empty());
        const OutputImportance asked = valueOf(outputImportance(*graph, subject->calibration, LossTarget::OwnAnswers));
        QVERIFY(asked.remark.empty());
        QCOMPARE(asked.layers[0].rows, importance.layers[0].rows);
        // At the reference its own distribution is the minimum: no gradient.
        const OutputImportance still = valueOf(outputImportance(*graph, unlabelled, LossTarget::OwnDistribution));
        QVERIFY(still.layers[0].meanSquare <= 1e-12 * importance.layers[0].meanSquare);
    }
};

QTEST_APPLESS_MAIN(TestSensitivity)
#include "tst_sensitivity.moc"
