// SPDX-License-Identifier: Apache-2.0
// Running sums side by side in vectors equal the scalar definition bit for bit, on every instruction set this machine has.
#include "core/formats/sums/sum_kernel.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

using namespace core;
using namespace format_cases;

namespace {

/// Weights, inputs and biases of every kind: Gaussians of many sizes, so that sums stagnate, underflow and overflow.
struct Case {
    std::int64_t rows, columns, vectors;
    std::vector<float> weights, inputs, bias;

    Case(std::int64_t rowCount, std::int64_t columnCount, std::int64_t vectorCount, float size, std::uint32_t number)
        : rows(rowCount), columns(columnCount), vectors(vectorCount)
    {
        fill(weights, rows * columns, size, 4 * number);
        fill(inputs, vectors * columns, size, 4 * number + 1);
        fill(bias, rows, size, 4 * number + 2);
    }

    static void fill(std::vector<float>& values, std::int64_t count, float size, std::uint32_t stream)
    {
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        for (std::uint32_t i = 0; static_cast<std::int64_t>(values.size()) < count; ++i)
            for (const float gaussian : noise.gaussians({i, stream, 7}))
                values.push_back(size * gaussian);
        values.resize(static_cast<std::size_t>(count));
    }

    SumOperands operands(bool hasBias) const
    {
        return {weights.data(), rows, columns, inputs.data(), vectors, hasBias ? bias.data() : nullptr, {99, 5, 3}};
    }
};

bool areSame(float a, float b) { return (std::isnan(a) && std::isnan(b)) || bitsOf(a) == bitsOf(b); }

/// Both loops, the quick one and the one that watches for overflows.
void compare(const SumRule& rule, const Case& on, bool hasBias, const QString& what)
{
    SumBuffers buffers;
    const auto size = static_cast<std::size_t>(on.rows * on.vectors);
    std::vector<float> quick(size), watched(size);
    std::vector<std::uint8_t> overflowed(size);
    const SumOperands operands = on.operands(hasBias);
    multiplyBySums(rule, operands, quick.data(), buffers);
    multiplyBySums(rule, operands, watched.data(), buffers, overflowed.data());
    for (std::int64_t row = 0; row < on.rows; ++row)
        for (std::int64_t vector = 0; vector < on.vectors; ++vector) {
            const auto count = static_cast<std::size_t>(on.columns);
            const RunningSum wanted =
                runningSum(rule, {on.weights.data() + row * on.columns, count}, {on.inputs.data() + vector * on.columns, count},
                           hasBias ? std::optional(on.bias[static_cast<std::size_t>(row)]) : std::nullopt,
                           {99, 5 + static_cast<std::uint32_t>(vector), 3 + static_cast<std::uint32_t>(row)});
            const auto at = static_cast<std::size_t>(row * on.vectors + vector);
            if (!areSame(quick[at], wanted.value) || !areSame(watched[at], wanted.value) || (overflowed[at] != 0) != wanted.overflowed)
                QFAIL(qPrintable(QString("%1, seed %2, row %3, vector %4: quick %5, watched %6 (%7), wanted %8 (%9)")
                                     .arg(what)
                                     .arg(kSeed)
                                     .arg(row)
                                     .arg(vector)
                                     .arg(double(quick[at]), 0, 'g', 9)
                                     .arg(double(watched[at]), 0, 'g', 9)
                                     .arg(overflowed[at])
                                     .arg(double(wanted.value), 0, 'g', 9)
                                     .arg(wanted.overflowed)));
        }
}

std::vector<SumRule> rulesOf(const NumberFormat& format)
{
    std::vector<SumRule> rules;
    for (const ProductRounding products : kProductRoundings)
        for (const SumOrder order : kSumOrders)
            for (const int block : {0, 8, 28}) {
                if (order == SumOrder::Pairwise && products == ProductRounding::Fused)
                    continue;
                SumRule rule{format, products, order, block};
                rules.push_back(rule);
                rule.randomBits = 6;
                rules.push_back(rule);
                if (block == 8) {
                    rule.randomBits.reset();
                    rule.combine = NumberFormat();
                    rules.push_back(rule);
                    rule.randomBits = 13;
                    rules.push_back(rule);
                }
            }
    return rules;
}

QString nameOf(const SumRule& rule, std::int64_t target)
{
    return QString("%1 products %2 order %3 block %4 chance %5 on %6")
        .arg(rule.format.name().c_str(), std::string(productRoundingName(rule.products)).c_str(),
             std::string(sumOrderName(rule.order)).c_str())
        .arg(rule.block)
        .arg(rule.randomBits.value_or(0))
        .arg(hwy::TargetName(target));
}

}  // namespace

class TestSumKernel : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { hwy::SetSupportedTargetsForTest(0); }

    void everyRuleEqualsTheDefinition_data()
    {
        QTest::addColumn<QString>("format");
        for (const char* name :
             {"fp32", "fp16", "bf16", "tf32", "e4m3", "e4m3ieee", "e5m2", "e3m2", "e2m1", "e6m7", "e1m2", "e8m1", "e5m3", "e4m11", "e7m8"})
            QTest::newRow(name) << name;
    }
    void everyRuleEqualsTheDefinition()
    {
        QFETCH(QString, format);
        // Sizes that underflow, that fit, and that overflow; counts that fill vectors and that do not.
        const std::vector<Case> cases{{3, 37, 5, 1.0f, 0},  {2, 50, 130, 0.3f, 1}, {9, 17, 20, 0.004f, 2},
                                      {2, 29, 9, 60.0f, 3}, {1, 1, 1, 1.0f, 4},    {2, 12, 40, 3e17f, 5}};
        onEveryTarget([&](int64_t target) {
            for (const SumRule& rule : rulesOf(named(qPrintable(format))))
                for (const Case& on : cases) {
                    compare(rule, on, on.rows != 9, nameOf(rule, target));
                    if (QTest::currentTestFailed())
                        return;
                }
        });
    }

    void anyBitsAtAllEqualTheDefinition_data() { everyRuleEqualsTheDefinition_data(); }
    void anyBitsAtAllEqualTheDefinition()
    {
        QFETCH(QString, format);
        Case on(4, 6, 300, 1.0f, 9);
        const std::vector<float> any = anyValues(static_cast<std::size_t>(4 * 6 + 300 * 6));
        std::copy_n(any.begin() + 24, on.inputs.size(), on.inputs.begin());
        on.weights = {1, 0.5f, 2, 1, 1, 1, any[3], any[8], 1, 0, 1, 1, 1, 0, 0, 0, 0, 0, 0.25f, -1, 1, -1, 1, -1};
        onEveryTarget([&](int64_t target) {
            for (const SumRule& rule : rulesOf(named(qPrintable(format)))) {
                compare(rule, on, false, nameOf(rule, target));
                if (QTest::currentTestFailed())
                    return;
            }
        });
    }

    /// Every level and threshold, with its neighbours, as the only product: what a sum rounds to is what the format says.
    void aSumOfOneProductIsTheNearestLevel()
    {
        onEveryTarget([&](int64_t target) {
            for (const char* name : {"fp16", "bf16", "e4m3", "e4m3ieee", "e5m2", "e2m1", "e3m12"}) {
                const NumberFormat format = named(name);
                const std::vector<float> values = criticalValues(format);
                SumBuffers buffers;
                std::vector<float> sums(values.size());
                const float one = 1.0f;
                multiplyBySums({format, ProductRounding::Fused}, {&one, 1, 1, values.data(), std::ssize(values)}, sums.data(), buffers);
                for (std::size_t i = 0; i < values.size(); ++i)
                    if (!areSame(sums[i], format.nearestLevel(values[i]) + 0.0f))
                        QFAIL(qPrintable(QString("%1 on %2: %3 gives %4")
                                             .arg(name, hwy::TargetName(target))
                                             .arg(double(values[i]))
                                             .arg(double(sums[i]))));
            }
        });
    }
};

QTEST_APPLESS_MAIN(TestSumKernel)
#include "tst_sum_kernel.moc"
