// SPDX-License-Identifier: Apache-2.0
// Mixed-precision accumulation: which components are summed again, and that they come out as the higher format's own sums.
#include "core/formats/sums/mixed_sum.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <numeric>

using namespace core;
using namespace format_cases;

namespace {

constexpr std::int64_t kRows = 37, kColumns = 70, kVectors = 45;

struct Layer {
    std::vector<float> weights, inputs, bias;
    Layer()
    {
        const auto fill = [](std::vector<float>& values, std::int64_t count, std::uint32_t stream, float size, bool isRectified) {
            const NoiseStream noise(kSeed, NoisePurpose::Test);
            for (std::uint32_t i = 0; static_cast<std::int64_t>(values.size()) < count; ++i)
                for (const float gaussian : noise.gaussians({i, stream, 3}))
                    values.push_back(isRectified ? std::max(0.0f, size * gaussian) : size * gaussian);
            values.resize(static_cast<std::size_t>(count));
        };
        fill(weights, kRows * kColumns, 0, 0.2f, false);
        fill(inputs, kVectors * kColumns, 1, 1.0f, true);
        fill(bias, kRows, 2, 0.3f, false);
    }
    SumOperands operands() const { return {weights.data(), kRows, kColumns, inputs.data(), kVectors, bias.data()}; }
    RunningSum sum(const SumRule& rule, std::int64_t row, std::int64_t vector) const
    {
        const auto count = static_cast<std::size_t>(kColumns);
        return runningSum(rule, {weights.data() + row * kColumns, count}, {inputs.data() + vector * kColumns, count},
                          bias[static_cast<std::size_t>(row)], {1, static_cast<std::uint32_t>(vector), static_cast<std::uint32_t>(row)});
    }
};

struct Outcome {
    std::vector<float> sums;
    std::vector<SumChoice> choices;
    double share(SumChoice choice) const
    {
        return static_cast<double>(std::count(choices.begin(), choices.end(), choice)) / static_cast<double>(choices.size());
    }
    double recomputed() const { return 1 - share(SumChoice::Low); }
};

MixedRule mixedRule(double tolerance, ActivationShape::Kind activation = ActivationShape::Kind::Relu, int block = 0)
{
    MixedRule rule{{named("e4m3ieee"), ProductRounding::Fused, SumOrder::Sequential, block}, {named("fp16"), tolerance}, {activation}};
    return rule;
}

Outcome run(const MixedRule& rule, const Layer& layer)
{
    Outcome outcome{std::vector<float>(static_cast<std::size_t>(kRows * kVectors)),
                    std::vector<SumChoice>(static_cast<std::size_t>(kRows * kVectors))};
    MixedBuffers buffers;
    multiplyMixed(rule, layer.operands(), outcome.sums.data(), outcome.choices.data(), buffers);
    return outcome;
}

std::size_t at(std::int64_t row, std::int64_t vector) { return static_cast<std::size_t>(row * kVectors + vector); }

}  // namespace

class TestMixedSum : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { hwy::SetSupportedTargetsForTest(0); }

    void everyComponentIsTheSumOfItsFormat()
    {
        const Layer layer;
        onEveryTarget([&](int64_t) {
            for (const ProductRounding products : kProductRoundings)
                for (const int block : {0, 8, 28}) {
                    MixedRule rule = mixedRule(0.5, ActivationShape::Kind::Relu, block);
                    rule.low.products = products;
                    rule.mixed.middle = MixedSum::Middle{named("bf16"), 2.0};
                    const Outcome outcome = run(rule, layer);
                    for (const SumChoice choice : {SumChoice::Low, SumChoice::Middle, SumChoice::High})
                        QVERIFY(outcome.share(choice) > 0);
                    for (std::int64_t row = 0; row < kRows; ++row)
                        for (std::int64_t vector = 0; vector < kVectors; ++vector) {
                            const float low = layer.sum(rule.low, row, vector).value, condition = low < 0 ? 0 : 1 / std::abs(low);
                            const SumChoice wanted = condition <= 0.5f   ? SumChoice::Low
                                                     : condition <= 2.0f ? SumChoice::Middle
                                                                         : SumChoice::High;
                            QCOMPARE(outcome.choices[at(row, vector)], wanted);
                            QCOMPARE(outcome.sums[at(row, vector)], layer.sum(rule.ruleOf(wanted), row, vector).value);
                        }
                }
        });
    }

    /// Few and many components, along rows and along vectors, by every kind of format and rule.
    void chosenComponentsEqualTheDefinition()
    {
        const Layer layer;
        onEveryTarget([&](int64_t target) {
            for (const char* format : {"fp32", "fp16", "bf16", "e4m3", "e6m7"})
                for (const std::uint32_t every : {1u, 7u, 45u, 900u}) {
                    SumRule rule{named(format), ProductRounding::Fused};
                    std::vector<std::uint32_t> numbers;
                    for (std::uint32_t number = every / 2; number < kRows * kVectors; number += every)
                        numbers.push_back(number);
                    constexpr float kUntouched = -12345.67f;
                    std::vector<float> sums(static_cast<std::size_t>(kRows * kVectors), kUntouched);
                    SumBuffers buffers;
                    for (const bool byChance : {false, true}) {
                        rule.randomBits = byChance ? std::optional(5) : std::nullopt;
                        multiplyComponents(rule, layer.operands(), numbers, sums.data(), buffers);
                        for (const std::uint32_t number : numbers)
                            if (bitsOf(sums[number]) != bitsOf(layer.sum(rule, number / kVectors, number % kVectors).value))
                                QFAIL(qPrintable(QString("%1 on %2, number %3 of every %4")
                                                     .arg(format, hwy::TargetName(target))
                                                     .arg(number)
                                                     .arg(every)));
                    }
                    QCOMPARE(std::count(sums.begin(), sums.end(), kUntouched), std::ssize(sums) - std::ssize(numbers));
                }
        });
    }

    void highEqualToLowIsUniformLow()
    {
        const Layer layer;
        MixedRule rule = mixedRule(0.3);
        rule.mixed.high = rule.low.format;
        const Outcome outcome = run(rule, layer);
        QVERIFY(outcome.recomputed() > 0);
        for (std::int64_t row = 0; row < kRows; ++row)
            for (std::int64_t vector = 0; vector < kVectors; ++vector)
                QCOMPARE(outcome.sums[at(row, vector)], layer.sum(rule.low, row, vector).value);
    }

    void theEndsOfTheTolerance()
    {
        const Layer layer;
        const Outcome all = run(mixedRule(0), layer), none = run(mixedRule(std::numeric_limits<double>::infinity()), layer);
        QCOMPARE(none.recomputed(), 0.0);
        for (std::int64_t row = 0; row < kRows; ++row)
            for (std::int64_t vector = 0; vector < kVectors; ++vector) {
                const float low = layer.sum(mixedRule(0).low, row, vector).value;
                QCOMPARE(none.sums[at(row, vector)], low);
                QCOMPARE(all.choices[at(row, vector)], low >= 0 ? SumChoice::High : SumChoice::Low);
            }
    }

    void aLooserToleranceRecomputesNoMore_data()
    {
        QTest::addColumn<int>("activation");
        for (const auto kind : {ActivationShape::Kind::Identity, ActivationShape::Kind::Relu, ActivationShape::Kind::Tanh,
                                ActivationShape::Kind::Sigmoid, ActivationShape::Kind::Gelu, ActivationShape::Kind::Silu})
            QTest::addRow("activation %d", static_cast<int>(kind)) << static_cast<int>(kind);
    }
    void theQuickChoiceIsTheConditions()
    {
        constexpr float kInfinity = std::numeric_limits<float>::infinity(), kLargest = std::numeric_limits<float>::max();
        constexpr float kSmallest = std::numeric_limits<float>::denorm_min();
        for (const float tolerance : {0.0f, kSmallest, 1e-30f, 0.1f, 0.3f, 1.0f, 3.0f, 1e6f, kLargest, kInfinity}) {
            const MixedRule rule = mixedRule(static_cast<double>(tolerance));
            std::vector<float> sums{0.0f, -0.0f, -1.0f, kSmallest, kLargest, kInfinity, -kInfinity, std::numeric_limits<float>::quiet_NaN()};
            float below = 1 / tolerance, above = below;
            for (int step = 0; step < 8; ++step) {
                sums.push_back(below);
                sums.push_back(above);
                below = std::nextafter(below, 0.0f);
                above = std::nextafter(above, kInfinity);
            }
            std::vector<SumChoice> choices(sums.size());
            chooseComponents(rule, sums, {}, 1, std::ssize(sums), choices);
            for (std::size_t i = 0; i < sums.size(); ++i) {
                const float condition = componentCondition(activationCondition(rule.activation, sums[i]), 1, sums[i]);
                QVERIFY2((condition <= tolerance) == (choices[i] == SumChoice::Low),
                         qPrintable(QStringLiteral("tolerance %1, sum %2").arg(tolerance).arg(sums[i])));
            }
        }
    }
    void aLooserToleranceRecomputesNoMore()
    {
        QFETCH(int, activation);
        const Layer layer;
        for (const MixedSum::Condition condition : kMixedConditions) {
            double before = 1;
            for (const double tolerance : {0.0, 0.01, 0.1, 0.3, 1.0, 3.0, 10.0, 100.0, 1e6}) {
                MixedRule rule = mixedRule(tolerance, static_cast<ActivationShape::Kind>(activation));
                rule.mixed.condition = condition;
                const Outcome outcome = run(rule, layer);
                QVERIFY(outcome.recomputed() <= before);
                before = outcome.recomputed();
                if (rule.activation.kind == ActivationShape::Kind::Relu) {
                    const auto active =
                        static_cast<double>(std::count_if(outcome.sums.begin(), outcome.sums.end(), [](float v) { return v >= 0; }));
                    QVERIFY(outcome.recomputed() <= active / static_cast<double>(outcome.sums.size()) + 0.05);  // a sum may change its sign
                }
            }
            QVERIFY(before < 0.1);
        }
    }

    /// |W| |h| + |b| over |v|: of 3 - 2 = 1 with bias 1 it is 6 / 2.
    void theFullConditionKeepsItsNumerator()
    {
        const std::vector<float> weights{3, -2}, inputs{1, 1}, bias{1};
        MixedRule rule = mixedRule(0, ActivationShape::Kind::Identity);
        rule.mixed.condition = MixedSum::Condition::Full;
        float sum = 0;
        SumChoice choice{};
        MixedBuffers buffers;
        for (const auto& [tolerance, wanted] : {std::pair{2.9, SumChoice::High}, std::pair{3.0, SumChoice::Low}}) {
            rule.mixed.tolerance = tolerance;
            multiplyMixed(rule, {weights.data(), 1, 2, inputs.data(), 1, bias.data()}, &sum, &choice, buffers);
            QCOMPARE(choice, wanted);
            QCOMPARE(sum, 2.0f);
        }
    }

    void aTileIsSummedAgainTogether()
    {
        const Layer layer;
        MixedRule rule = mixedRule(0.7);
        const Outcome single = run(rule, layer);
        rule.mixed.tile = 4;
        const Outcome tiled = run(rule, layer);
        QVERIFY(single.recomputed() > 0 && tiled.recomputed() < 1);
        for (std::int64_t row = 0; row < kRows; ++row)
            for (std::int64_t vector = 0; vector < kVectors; ++vector) {
                bool any = false;
                for (std::int64_t other = row / 4 * 4; other < std::min<std::int64_t>(row / 4 * 4 + 4, kRows); ++other)
                    any = any || single.choices[at(other, vector)] == SumChoice::High;
                QCOMPARE(tiled.choices[at(row, vector)], any ? SumChoice::High : SumChoice::Low);
            }
    }

    void theLastLayerHasThreeRules()
    {
        MixedRule rule = mixedRule(0.5, ActivationShape::Kind::Identity);
        rule.isLast = true;
        const std::vector<float> sums{8, 7, 5.9f, -1.5f, -9};  // 1 / tolerance is 2
        std::vector<SumChoice> choices(sums.size());
        const auto high = [&](MixedSum::LastLayer last, const std::vector<float>& of) {
            rule.mixed.last = last;
            chooseComponents(rule, of, {}, 5, 1, choices);
            QString picture;
            for (const SumChoice choice : choices)
                picture += choice == SumChoice::High ? 'x' : '.';
            return picture;
        };
        QCOMPARE(high(MixedSum::LastLayer::Identity, sums), QString("...x."));
        QCOMPARE(high(MixedSum::LastLayer::Rectified, sums), QString("....."));
        QCOMPARE(high(MixedSum::LastLayer::Margin, sums), QString("xx..."));
        QCOMPARE(high(MixedSum::LastLayer::Margin, {8, 5, 1, 2, 3}), QString("....."));
        QCOMPARE(high(MixedSum::LastLayer::Margin, {8, 8, 1, 2, 3}), QString("xx..."));
        QCOMPARE(high(MixedSum::LastLayer::Margin, {8, std::nanf(""), 1, 2, 3}), QString("xxxxx"));
    }

    void fixedRowsNeedNoTest()
    {
        const Layer layer;
        std::vector<std::uint8_t> rows(kRows);
        for (std::size_t row = 0; row < rows.size(); row += 3)
            rows[row] = 1;
        MixedRule rule = mixedRule(0.1);
        rule.mixed.highRows = 1.0 / 3;
        rule.highRows = rows;
        const Outcome outcome = run(rule, layer);
        for (std::int64_t row = 0; row < kRows; ++row)
            for (std::int64_t vector = 0; vector < kVectors; ++vector) {
                const SumChoice wanted = row % 3 == 0 ? SumChoice::High : SumChoice::Low;
                QCOMPARE(outcome.choices[at(row, vector)], wanted);
                QCOMPARE(outcome.sums[at(row, vector)], layer.sum(rule.ruleOf(wanted), row, vector).value);
            }
    }

    void conditionsOfActivationsAreThoseOfTheirFormulas()
    {
        using Kind = ActivationShape::Kind;
        const auto near = [](float value, double wanted) {
            return std::abs(static_cast<double>(value) - wanted) < 6e-3 * std::max(0.05, wanted);
        };
        for (const auto& [v, wanted] : {std::pair{0.0f, 1.0}, {1.0f, 0.5514}, {-2.0f, 0.14657}, {3.0f, 0.029746}, {5.0f, 0.00090800}})
            QVERIFY(near(activationCondition({Kind::Tanh}, v), wanted));
        QCOMPARE(activationCondition({Kind::Relu}, 0.0f), 1.0f);
        QCOMPARE(activationCondition({Kind::Relu}, -0.1f), 0.0f);
        QCOMPARE(activationCondition({Kind::Identity}, -3.0f), 1.0f);
        QCOMPARE(activationCondition({Kind::Clip, 0, 6}, 6.5f), 0.0f);
        QVERIFY(near(activationCondition({Kind::Sigmoid}, 2.0f), 2 * 0.11920));
        // By central differences, away from the guarded tail.
        const auto gelu = [](double v) { return v * 0.5 * std::erfc(-v / std::sqrt(2.0)); };
        const auto silu = [](double v) { return v / (1 + std::exp(-v)); };
        for (const double v : {-1.5, -0.3, 0.2, 1.0, 4.0}) {
            constexpr double h = 1e-5;
            QVERIFY(near(activationCondition({Kind::Gelu}, static_cast<float>(v)),
                         std::abs(v * (gelu(v + h) - gelu(v - h)) / (2 * h) / gelu(v))));
            QVERIFY(near(activationCondition({Kind::Silu}, static_cast<float>(v)),
                         std::abs(v * (silu(v + h) - silu(v - h)) / (2 * h) / silu(v))));
        }
        for (const Kind kind : {Kind::Identity, Kind::Relu, Kind::Tanh, Kind::Gelu, Kind::Silu})
            for (const float v : {-1e30f, -40.0f, 0.0f, 40.0f, 1e30f, std::numeric_limits<float>::infinity()})
                QVERIFY(std::isfinite(activationCondition({kind}, v)));
        QVERIFY(activationCondition({Kind::Gelu}, -30.0f) < 1e-3f);
        QVERIFY(std::isnan(activationCondition({Kind::Tanh}, std::nanf(""))));
    }

    /// Probabilities 0.9, 0.09, 0.009, 0.001: p (1 - p) is 0.09, 0.0819, 0.0089, 0.001.
    void logitsOfSmallMassStayLow()
    {
        const std::vector<float> logits{static_cast<float>(std::log(0.9)), static_cast<float>(std::log(0.09)),
                                        static_cast<float>(std::log(0.009)), static_cast<float>(std::log(0.001))};
        QCOMPARE(lowLogits(logits, 0.0005), (std::vector<std::uint8_t>{0, 0, 0, 0}));
        QCOMPARE(lowLogits(logits, 0.005), (std::vector<std::uint8_t>{0, 0, 0, 1}));
        QCOMPARE(lowLogits(logits, 0.05), (std::vector<std::uint8_t>{0, 0, 1, 1}));
        QCOMPARE(lowLogits(logits, 0.1), (std::vector<std::uint8_t>{0, 1, 1, 1}));
        QCOMPARE(lowLogits(logits, 1), (std::vector<std::uint8_t>{1, 1, 1, 1}));
    }
};

QTEST_APPLESS_MAIN(TestMixedSum)
#include "tst_mixed_sum.moc"
