// SPDX-License-Identifier: Apache-2.0
// Steps against figures PyTorch 1.13 gives in float32: start (1, -2, 0.5), gradients (0.1, -0.2, 0.3), (0.4, 0.1, -0.5),
// (-0.3, 0.2, 0.05). torch.optim.SGD(lr=0.1, momentum=0.9, weight_decay=0.01), SGD(lr=0.1), Adam(lr=0.01),
// Adam(lr=0.01, betas=(0.8, 0.95), eps=1e-6, weight_decay=0.02).

#include "core/learn/optimizer.h"

#include <QtTest>

#include <array>
#include <cmath>

using namespace core;

namespace {

using Three = std::array<double, 3>;
constexpr std::array<std::array<float, 3>, 3> kGradients{{{0.1f, -0.2f, 0.3f}, {0.4f, 0.1f, -0.5f}, {-0.3f, 0.2f, 0.05f}}};

}  // namespace

class TestOptimizer : public QObject {
    Q_OBJECT
private slots:
    void stepsAreThoseOfTorch()
    {
        struct Case { StepRule rule; std::array<Three, 3> path; };
        const std::array cases{
            Case{MomentumRule{0.1, 0.9, 0.01}, {{{0.989000022, -1.97800004, 0.469500005}, {0.938111007, -1.96622205, 0.491580516}, {0.921372771, -1.97365558, 0.505961359}}}},
            Case{MomentumRule{0.1, 0.0, 0.0}, {{{0.99000001, -1.98000002, 0.469999999}, {0.949999988, -1.99000001, 0.519999981}, {0.980000019, -2.00999999, 0.514999986}}}},
            Case{AdamRule{.rate = 0.01}, {{{0.99000001, -1.99000001, 0.49000001}, {0.98115623, -1.98733664, 0.492935628}, {0.979389131, -1.99006355, 0.494650424}}}},
            Case{AdamRule{0.01, 0.8, 0.95, 1e-6, 0.02}, {{{0.990000069, -1.99000001, 0.490000039}, {0.980817854, -1.98576689, 0.493263036}, {0.979019165, -1.98709977, 0.494904995}}}},
        };
        for (const Case& one : cases) {
            std::vector<float> values{1.0f, -2.0f, 0.5f};
            OptimizerState state;
            for (std::size_t step = 0; step < 3; ++step) {
                takeStep(one.rule, state, values, kGradients[step]);
                for (std::size_t i = 0; i < 3; ++i)
                    QVERIFY2(std::abs(static_cast<double>(values[i]) - one.path[step][i]) <= 3e-7 * std::abs(one.path[step][i]),
                             qPrintable(QString("step %1, number %2: %3, wanted %4").arg(step).arg(i).arg(static_cast<double>(values[i])).arg(one.path[step][i])));
            }
            QCOMPARE(state.steps, std::int64_t{3});
        }
    }

    /// Adam's first step by hand: m / (1 - b1) = g and sqrt(v / (1 - b2)) = |g|, so w moves by rate g / (|g| + epsilon).
    void adamsFirstStepIsTheRate()
    {
        std::vector<float> values{0.0f};
        OptimizerState state;
        takeStep(AdamRule{.rate = 0.5}, state, values, std::array{-0.001f});
        QVERIFY(std::abs(static_cast<double>(values[0]) - 0.5 * 0.001 / (0.001 + 1e-8)) < 1e-7);
        QVERIFY(std::abs(state.first[0] + 0.0001f) < 1e-10f);
    }

    void aPausedRunGoesOnAsIfItHadNot()
    {
        std::vector<float> values{1.0f, -2.0f, 0.5f}, resumed;
        OptimizerState state;
        takeStep(AdamRule{}, state, values, kGradients[0]);
        const OptimizerState kept = state;
        resumed = values;
        takeStep(AdamRule{}, state, values, kGradients[1], 0.5);
        OptimizerState again = kept;
        takeStep(AdamRule{}, again, resumed, kGradients[1], 0.5);
        QCOMPARE(resumed, values);
        QCOMPARE(again, state);
    }
};

QTEST_APPLESS_MAIN(TestOptimizer)
#include "tst_optimizer.moc"
