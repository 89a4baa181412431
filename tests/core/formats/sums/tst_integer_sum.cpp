// SPDX-License-Identifier: Apache-2.0
// Integer accumulators of few bits: wrapping is arithmetic modulo their size, saturation stays at the ends, and the vector loop
// equals the definition on every instruction set this machine has.
#include "core/formats/sums/integer_sum.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

using namespace core;
using namespace format_cases;

namespace {

struct Case {
    std::int64_t rows, columns, vectors;
    std::vector<std::int8_t> weights;
    std::vector<std::int16_t> inputs;

    Case(std::int64_t rowCount, std::int64_t columnCount, std::int64_t vectorCount, bool arePositive)
        : rows(rowCount), columns(columnCount), vectors(vectorCount)
    {
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        for (std::uint32_t i = 0; i < rows * columns; ++i)
            weights.push_back(static_cast<std::int8_t>(static_cast<int>(noise.words({i, 1, 0})[0] % 255) - 127));
        for (std::uint32_t i = 0; i < vectors * columns; ++i)
            inputs.push_back(static_cast<std::int16_t>(static_cast<int>(noise.words({i, 2, 0})[0] % 256) - (arePositive ? 0 : 128)));
    }
    std::span<const std::int8_t> row(std::int64_t r) const { return {weights.data() + r * columns, static_cast<std::size_t>(columns)}; }
    std::span<const std::int16_t> vector(std::int64_t v) const { return {inputs.data() + v * columns, static_cast<std::size_t>(columns)}; }
};

}  // namespace

class TestIntegerSum : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { hwy::SetSupportedTargetsForTest(0); }

    void theEndsWrapAndSaturate()
    {
        const std::vector<std::int8_t> weights{127, 1, -127, -2};
        const std::vector<std::int16_t> inputs{1, 1, 1, 1};  // 127, 128, 1, -1
        QCOMPARE(integerSum({8, IntegerOverflow::Wrap}, weights, inputs).value, -1);
        QCOMPARE(integerSum({8, IntegerOverflow::Saturate}, weights, inputs).value, -2);  // 127, 127, 0, -2
        QVERIFY(integerSum({8, IntegerOverflow::Wrap}, weights, inputs).overflowed);
        QVERIFY(!integerSum({9, IntegerOverflow::Wrap}, weights, inputs).overflowed);
        QCOMPARE(integerSum({9, IntegerOverflow::Saturate}, weights, inputs).value, -1);
        QCOMPARE(integerSum({8, IntegerOverflow::Wrap}, std::span(weights).first(2), std::span(inputs).first(2)).value, -128);
        QCOMPARE(integerSum({8, IntegerOverflow::Saturate}, std::span(weights).first(2), std::span(inputs).first(2)).value, 127);
    }

    void wrappingIsArithmeticModuloTheAccumulator()
    {
        const Case on(4, 900, 6, true);
        for (int bits = kFewestSumBits; bits <= kMostSumBits; ++bits)
            for (std::int64_t r = 0; r < on.rows; ++r)
                for (std::int64_t v = 0; v < on.vectors; ++v) {
                    std::int64_t exact = 0;
                    for (std::size_t k = 0; k < on.row(r).size(); ++k)
                        exact += std::int64_t{on.row(r)[k]} * on.vector(v)[k];
                    const std::int64_t difference = exact - integerSum({bits, IntegerOverflow::Wrap}, on.row(r), on.vector(v)).value;
                    QCOMPARE(difference % (std::int64_t{1} << bits), std::int64_t{0});
                }
    }

    void theVectorLoopEqualsTheDefinition()
    {
        const std::vector<Case> cases{{3, 784, 70, true}, {2, 300, 5, false}, {5, 1, 200, true}, {1, 4000, 1, false}};
        onEveryTarget([&](int64_t target) {
            std::vector<std::int32_t> packed;
            for (const Case& on : cases)
                for (const IntegerOverflow overflow : kIntegerOverflows)
                    for (int bits = kFewestSumBits; bits <= kMostSumBits; ++bits) {
                        const IntegerSumRule rule{bits, overflow};
                        std::vector<std::int32_t> quick(static_cast<std::size_t>(on.rows * on.vectors)), watched(quick.size());
                        std::vector<std::uint8_t> flags(quick.size());
                        const IntegerSumOperands operands{on.weights.data(), on.rows, on.columns, on.inputs.data(), on.vectors};
                        multiplyByIntegerSums(rule, operands, quick.data(), packed);
                        multiplyByIntegerSums(rule, operands, watched.data(), packed, flags.data());
                        for (std::int64_t r = 0; r < on.rows; ++r)
                            for (std::int64_t v = 0; v < on.vectors; ++v) {
                                const IntegerSum wanted = integerSum(rule, on.row(r), on.vector(v));
                                const auto at = static_cast<std::size_t>(r * on.vectors + v);
                                if (quick[at] != wanted.value || watched[at] != wanted.value || (flags[at] != 0) != wanted.overflowed)
                                    QFAIL(qPrintable(QString("%1 bits %2 on %3, row %4, vector %5: %6, %7; wanted %8")
                                                         .arg(bits)
                                                         .arg(std::string(integerOverflowName(overflow)).c_str(), hwy::TargetName(target))
                                                         .arg(r)
                                                         .arg(v)
                                                         .arg(quick[at])
                                                         .arg(watched[at])
                                                         .arg(wanted.value)));
                            }
                    }
        });
    }
};

QTEST_APPLESS_MAIN(TestIntegerSum)
#include "tst_integer_sum.moc"
