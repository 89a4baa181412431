// SPDX-License-Identifier: Apache-2.0
// Losses against figures PyTorch 1.13 gives in float64 for y = (1.5, -0.25, 0.75, 2), target = (0.5, 1, -1, 0.25), label 2:
// cross_entropy, kl_div of log_softmax(y) from softmax(target) summed, mse_loss.

#include "core/learn/loss.h"

#include <QtTest>

using namespace core;

namespace {

const std::vector<float> kOutput{1.5f, -0.25f, 0.75f, 2.0f};
const Tensor kTarget = Tensor::of<float>({1, 4}, std::array{0.5f, 1.0f, -1.0f, 0.25f});

}  // namespace

class TestLoss : public QObject {
    Q_OBJECT
private slots:
    void lossesAndGradientsAreThoseOfTorch()
    {
        struct Case { Objective objective; double loss; std::array<double, 4> gradient; };
        const std::array cases{
            Case{Objective::crossEntropy({2}), 1.9423642146894942, {0.3035028692397654, 0.05274089043631883, -0.8566353959102051, 0.5003916362341209}},
            Case{Objective::divergence(kTarget), 0.7077723889924196, {0.029579213574349505, -0.39888286720719, 0.08224397493272734, 0.2870596787001131}},
            Case{Objective::squaredError(kTarget), 2.171875, {0.5, -0.625, 0.875, 0.875}},
        };
        for (const Case& one : cases) {
            std::vector<float> gradient(4);
            const double loss = one.objective.ofSample(0, kOutput, gradient);
            QVERIFY(std::abs(loss - one.loss) <= 1e-12);
            QCOMPARE(one.objective.ofSample(0, kOutput, {}), loss);
            for (std::size_t i = 0; i < 4; ++i)
                QVERIFY(std::abs(static_cast<double>(gradient[i]) - one.gradient[i]) <= 6e-8);
        }
    }

    void largeLogitsOverflowNothing()
    {
        const Objective objective = Objective::crossEntropy({1});
        const std::vector<float> output{300.0f, -300.0f};
        std::vector<float> gradient(2);
        QCOMPARE(objective.ofSample(0, output, gradient), 600.0);
        QCOMPARE(gradient, (std::vector<float>{1, -1}));
    }

    void anObjectiveCanBePicked()
    {
        QCOMPARE(Objective::crossEntropy({4, 5, 6}).pick({2, 0}).labels, (std::vector<std::int32_t>{6, 4}));
        const Objective targets = Objective::squaredError(Tensor::of<float>({3, 2}, std::array{1.0f, 2.0f, 3.0f, 4.0f, 5.0f, 6.0f})).pick({2, 0});
        QVERIFY(targets.targets == Tensor::of<float>({2, 2}, std::array{5.0f, 6.0f, 1.0f, 2.0f}));
    }
};

QTEST_APPLESS_MAIN(TestLoss)
#include "tst_loss.moc"
