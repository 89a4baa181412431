// SPDX-License-Identifier: Apache-2.0
// What a multiplier sees of each format; and products of powers of two and of odd multiples equal their integer forms.
#include "core/formats/operand.h"

#include <QtTest>

#include <bit>
#include <cmath>

using namespace core;

namespace {

NumberFormat named(const std::string& name) { return NumberFormat::named(name).value(); }

}  // namespace

class TestOperand : public QObject {
    Q_OBJECT

private slots:
    void everySortOfFormatHasItsMultiplier()
    {
        using Kind = Operand::Kind;
        QCOMPARE(operandOf(named("fp32")), (Operand{Kind::Float, 32, false}));
        QCOMPARE(operandOf(named("e4m3")), (Operand{Kind::Float, 8, false}));
        QCOMPARE(operandOf(named("tf32")), (Operand{Kind::Float, 19, false}));
        QCOMPARE(operandOf(named("fp16")), (Operand{Kind::Float, 16, false, false}));
        QCOMPARE(operandOf(named("bf16")), (Operand{Kind::Float, 16, false, true}));
        QCOMPARE(operandOf(named("e8m7")), operandOf(named("bf16")));
        QCOMPARE(operandOf(named("int4")), (Operand{Kind::Integer, 4, false}));
        QCOMPARE(operandOf(named("uint8")), (Operand{Kind::Integer, 8, false}));
        QCOMPARE(operandOf(named("int1")), (Operand{Kind::Integer, 1, false}));
        QCOMPARE(operandOf(named("ternary")), (Operand{Kind::Integer, 2, false}));
        QCOMPARE(operandOf(named("odd3")), (Operand{Kind::Integer, 3, false}));
        QCOMPARE(operandOf(named("sp2-4")), (Operand{Kind::Integer, 4, false}));
        QCOMPARE(operandOf(named("apot4")), (Operand{Kind::Integer, 4, false}));
        QCOMPARE(operandOf(named("pot4")), (Operand{Kind::Shift, 4, false}));
        QCOMPARE(operandOf(named("nf4")), (Operand{Kind::Float, 16, true}));
        QCOMPARE(operandOf(NumberFormat::fromLevels("wide", {-100, 1, 100}).value()), (Operand{Kind::Integer, 8, false}));
    }

    void powerOfTwoProductsEqualAShift()
    {
        for (const float level : named("pot4").levels())
            for (int activation = 0; activation < 16; ++activation) {
                if (level == 0) {
                    QCOMPARE(level * static_cast<float>(activation), 0.0f);
                    continue;
                }
                const int shift = -std::ilogb(level);                 // in units of 2^-6
                const int product = (activation << (6 - shift)) * (level < 0 ? -1 : 1);
                QCOMPARE(level * static_cast<float>(activation), static_cast<float>(product) * 0x1p-6f);
            }
    }

    void oddMultiplesMultiplyAsIntegers()
    {
        for (int bits = 1; bits <= 4; ++bits) {
            const std::vector<float> levels = named("odd" + std::to_string(bits)).levels();
            const int largest = (1 << bits) - 1;
            for (int a = 0; a <= largest; ++a)
                for (int b = 0; b <= largest; ++b) {
                    const int product = (2 * a - largest) * (2 * b - largest);
                    QCOMPARE(levels[static_cast<std::size_t>(a)] * levels[static_cast<std::size_t>(b)], static_cast<float>(std::ldexp(product, 2 * (1 - bits))));
                }
        }
    }

    void binaryDotProductsAreXnorAndPopcount()
    {
        const std::vector<float> levels = named("odd1").levels();
        for (std::uint32_t a = 0; a < 256; a += 7)
            for (std::uint32_t b = 0; b < 256; ++b) {
                float sum = 0;
                for (std::uint32_t i = 0; i < 8; ++i)
                    sum += levels[a >> i & 1] * levels[b >> i & 1];
                QCOMPARE(sum, static_cast<float>(8 - 2 * std::popcount(a ^ b)));
            }
    }
};

QTEST_APPLESS_MAIN(TestOperand)
#include "tst_operand.moc"
