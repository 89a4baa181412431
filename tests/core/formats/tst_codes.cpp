// SPDX-License-Identifier: Apache-2.0
// Every code of every format against its written definition, and the arithmetic that codes make possible.
#include "core/formats/codes.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <array>
#include <set>

#if defined(__x86_64__) && defined(__GNUC__)
#include <immintrin.h>
#endif

using namespace core;
using namespace format_cases;

namespace {

bool isSame(float a, float b) { return bitsOf(a) == bitsOf(b) || (std::isnan(a) && std::isnan(b)); }

/// (-1)^s 2^(E - bias) (1 + m / 2^Y) and 2^(1 - bias) m / 2^Y, in double, from the three fields.
double minifloat(int exponentBits, int mantissaBits, std::uint32_t code)
{
    const int bias = (1 << (exponentBits - 1)) - 1;
    const double sign = code >> (exponentBits + mantissaBits) != 0 ? -1 : 1;
    const int exponent = static_cast<int>(code >> mantissaBits) & ((1 << exponentBits) - 1);
    const double fraction = static_cast<double>(code & ((1u << mantissaBits) - 1)) / (1 << mantissaBits);
    return exponent == 0 ? sign * std::pow(2, 1 - bias) * fraction : sign * std::pow(2, exponent - bias) * (1 + fraction);
}

}  // namespace

class TestCodes : public QObject {
    Q_OBJECT

private slots:
    void signedIntegersAreTwosComplement()
    {
        for (int bits = 2; bits <= 16; ++bits) {
            const NumberFormat format = named("int" + std::to_string(bits));
            for (std::uint32_t code = 0; code < 1u << bits; ++code) {
                const int half = 1 << (bits - 1);
                const int wanted = (static_cast<int>(code) + half) % (2 * half) - half;
                QCOMPARE(levelOfCode(format, code), static_cast<float>(wanted));
                QCOMPARE(codeOf(format, static_cast<float>(wanted)), code);
            }
        }
        QCOMPARE(levelOfCode(named("int8"), 0x80), -128.0f);   // rounding never gives it, a turned bit may
        QCOMPARE(levelOfCode(named("uint8"), 0xff), 255.0f);
        QCOMPARE(codeOf(named("uint4"), 9.0f), 9u);
    }

    void floatsAreSignExponentMantissa_data()
    {
        QTest::addColumn<int>("exponentBits");
        QTest::addColumn<int>("mantissaBits");
        QTest::addColumn<int>("numbers");   // codes that are neither infinity nor NaN, both zeros counted
        const auto add = [](const char* name, int exponentBits, int mantissaBits, int numbers) { QTest::newRow(name) << exponentBits << mantissaBits << numbers; };
        add("e4m3", 4, 3, 254);
        add("e4m3ieee", 4, 3, 240);
        add("e5m2", 5, 2, 248);
        add("e3m2", 3, 2, 64);
        add("e2m3", 2, 3, 64);
        add("e2m1", 2, 1, 16);
        add("fp16", 5, 10, 63488);
        add("bf16", 8, 7, 65280);
        add("e3m4", 3, 4, 224);
        add("e1m1", 1, 1, 4);
    }
    void floatsAreSignExponentMantissa()
    {
        QFETCH(int, exponentBits);
        QFETCH(int, mantissaBits);
        QFETCH(int, numbers);
        const NumberFormat format = named(QTest::currentDataTag());
        const int bits = 1 + exponentBits + mantissaBits;
        QCOMPARE(codeBits(format), bits);
        int found = 0;
        std::set<float> levels;
        for (std::uint32_t code = 0; code < 1u << bits; ++code) {
            const float level = levelOfCode(format, code);
            if (!std::isfinite(level))
                continue;
            ++found;
            levels.insert(level);
            QCOMPARE(static_cast<double>(level), minifloat(exponentBits, mantissaBits, code));
            QCOMPARE(codeOf(format, level), code);                    // -0 keeps its sign
            QCOMPARE(bitsOf(format.nearestLevel(level)), bitsOf(level));
        }
        QCOMPARE(found, numbers);
        QCOMPARE(std::vector<float>(levels.begin(), levels.end()), format.levels());
    }

    void everyFloatUpToEightBitsIsItsThreeFields()
    {
        int formats = 0;
        for (int exponentBits = 1; exponentBits <= 6; ++exponentBits)
            for (int mantissaBits = 1; 1 + exponentBits + mantissaBits <= 8; ++mantissaBits) {
                const NumberFormat format = named("e" + std::to_string(exponentBits) + "m" + std::to_string(mantissaBits));
                std::set<float> levels;
                for (std::uint32_t code = 0; code < 1u << codeBits(format); ++code)
                    if (const float level = levelOfCode(format, code); std::isfinite(level)) {
                        QCOMPARE(static_cast<double>(level), minifloat(exponentBits, mantissaBits, code));
                        QCOMPARE(codeOf(format, level), code);
                        levels.insert(level);
                    }
                QCOMPARE(std::vector<float>(levels.begin(), levels.end()), format.levels());
                ++formats;
            }
        QCOMPARE(formats, 21);
    }

    void infinitiesAndNanHaveTheCodesOfTheSpecifications()
    {
        const float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
        QCOMPARE(levelOfCode(named("e5m2"), 0x7c), infinity);
        QCOMPARE(levelOfCode(named("e5m2"), 0xfc), -infinity);
        for (const std::uint32_t code : {0x7du, 0x7eu, 0x7fu, 0xfdu})
            QVERIFY(std::isnan(levelOfCode(named("e5m2"), code)));
        QVERIFY(std::isnan(levelOfCode(named("e4m3"), 0x7f)) && std::isnan(levelOfCode(named("e4m3"), 0xff)));
        QCOMPARE(levelOfCode(named("e4m3"), 0x7e), 448.0f);
        QCOMPARE(codeOf(named("fp16"), infinity), 0x7c00u);
        QCOMPARE(codeOf(named("fp16"), nan), 0x7e00u);
        QCOMPARE(codeOf(named("bf16"), -infinity), 0xff80u);
        QCOMPARE(codeOf(named("fp32"), 1.0f), 0x3f800000u);
        QCOMPARE(levelOfCode(named("tf32"), codeOf(named("tf32"), -1.5f)), -1.5f);
        QCOMPARE(codeBits(named("tf32")), 19);
    }

    void ranksNameTheLevelsOfABookAndTheLastNamesTheRest()
    {
        for (const char* name : {"int1", "ternary", "pot2", "pot4", "pot8", "sp2-4", "apot4", "odd1", "odd4", "odd8", "nf4"}) {
            const NumberFormat format = named(name);
            const std::vector<float> levels = format.levels();
            for (std::uint32_t code = 0; code < 1u << codeBits(format); ++code) {
                QCOMPARE(levelOfCode(format, code), levels[std::min<std::size_t>(code, levels.size() - 1)]);
                if (code < levels.size())
                    QCOMPARE(codeOf(format, levels[code]), code);
            }
        }
        QCOMPARE(codeOf(named("nf4"), 0.0f), 7u);
    }

    void everyQuantizedValueIsItsCodeUnderItsGrid()
    {
        for (const char* name : {"int2", "int8", "int16", "uint4", "uint8", "int1", "ternary", "pot4", "sp2-4", "apot4", "odd3", "odd8", "nf4", "e4m3", "e5m2", "e2m1", "e3m4"})
            for (const float scale : {1.0f, 0.0173f, 3e-6f, 7e4f}) {
                const NumberFormat format = named(name);
                const CodeGrid grid{scale, name[0] == 'u' ? 5.0f : 0.0f};
                for (const float x : anyValues(4000)) {
                    if (std::isnan(x))
                        continue;
                    const float value = quantizeValue(format, grid, x);
                    if (!isSame(valueOfCode(format, grid, codeOfValue(format, grid, value)), value))
                        QFAIL(qPrintable(QString("%1, scale %2, seed %3: %4").arg(name).arg(double(scale)).arg(kSeed).arg(double(x))));
                }
            }
    }

    void oneTurnedBitIsOneStepOfTheCode()
    {
        const CodeGrid half{0.5f, 0.0f};
        QCOMPARE(withFlippedBit(named("int4"), half, 1.5f, 0), 1.0f);          // 3 -> 2
        QCOMPARE(withFlippedBit(named("int4"), half, 1.5f, 3), -2.5f);         // 0011 -> 1011 = -5
        QCOMPARE(withFlippedBit(named("int4"), half, 0.0f, 3), -4.0f);         // 1000 = -8, which rounding never gives
        QCOMPARE(withFlippedBit(named("uint4"), CodeGrid{0.5f, 3.0f}, 0.0f, 3), 4.0f);   // 3 -> 11
        QCOMPARE(withFlippedBit(named("e2m1"), half, 0.25f, 3), -0.25f);
        QCOMPARE(withFlippedBit(named("nf4"), half, 0.0f, 3), 0.5f);           // rank 7 -> 15
        QCOMPARE(withFlippedBit(named("fp16"), {}, 1.0f, 9), 1.5f);
        QVERIFY(std::isinf(withFlippedBit(named("fp16"), {}, 1.0f, 14)));      // exponent 15 -> 31
        QVERIFY(std::isnan(withFlippedBit(named("bf16"), {}, 1.5f, 14)));
        QCOMPARE(withFlippedBit(named("fp32"), {}, 1.0f, 31), -1.0f);
        QCOMPARE(withFlippedBit(named("ternary"), {}, 0.0f, 1), 1.0f);         // 01 -> 11, a rank beyond the last
    }

    void productsWithPowersOfTwoAreShifts()
    {
        // pot4 is sign and exponent: value 2^-e; times an integer of four bits in units of 2^-6 it is code << (6 - e).
        const NumberFormat pot4 = named("pot4"), uint4 = named("uint4");
        int pairs = 0;
        for (const float weight : pot4.levels())
            for (const float activation : uint4.levels()) {
                int product = 0;
                for (int e = 0; e <= 6; ++e)
                    if (std::abs(weight) == std::ldexp(1.0f, -e))
                        product = static_cast<int>(activation) << (6 - e);
                QCOMPARE(weight * activation, std::copysign(static_cast<float>(product), weight) / 64);
                ++pairs;
            }
        QCOMPARE(pairs, 15 * 16);
    }

    void dotProductsOfOddMultiplesAreIntegerFormulas()
    {
        // Codes a, b in 0 ... M, M = 2^p - 1, stand for (2a - M) 2^(1-p): sum (2a-M)(2b-M) = 4 sum ab - 2M (sum a + sum b) + n M^2.
        const NoiseStream noise(kSeed, NoisePurpose::Test);
        constexpr int kLength = 100;
        for (int bits = 1; bits <= 8; ++bits) {
            const NumberFormat format = named("odd" + std::to_string(bits));
            const int largest = (1 << bits) - 1;
            for (std::uint32_t trial = 0; trial < 20; ++trial) {
                double dot = 0;
                long sumA = 0, sumB = 0, sumAb = 0;
                std::array<std::uint64_t, 2> signsA{}, signsB{};
                for (std::uint32_t i = 0; i < kLength; ++i) {
                    const auto words = noise.words({trial, i, static_cast<std::uint32_t>(bits)});
                    const std::uint32_t a = words[0] & static_cast<std::uint32_t>(largest), b = words[1] & static_cast<std::uint32_t>(largest);
                    dot += static_cast<double>(levelOfCode(format, a)) * static_cast<double>(levelOfCode(format, b));
                    sumA += a;
                    sumB += b;
                    sumAb += static_cast<long>(a) * static_cast<long>(b);
                    signsA[i / 64] |= std::uint64_t{a & 1u} << (i % 64);
                    signsB[i / 64] |= std::uint64_t{b & 1u} << (i % 64);
                }
                const long integer = 4 * sumAb - 2 * largest * (sumA + sumB) + kLength * static_cast<long>(largest) * largest;
                QCOMPARE(dot, std::ldexp(static_cast<double>(integer), 2 * (1 - bits)));
                if (bits == 1)
                    QCOMPARE(integer, kLength - 2L * (std::popcount(signsA[0] ^ signsB[0]) + std::popcount(signsA[1] ^ signsB[1])));
            }
        }
    }

#if defined(__x86_64__) && defined(__GNUC__)
    __attribute__((target("f16c,avx"))) static float hardwareHalf(std::uint32_t code) { return _mm_cvtss_f32(_mm_cvtph_ps(_mm_cvtsi32_si128(static_cast<int>(code)))); }
    __attribute__((target("f16c,avx"))) static std::uint32_t hardwareCode(float x)
    {
        return static_cast<std::uint32_t>(_mm_cvtsi128_si32(_mm_cvtps_ph(_mm_set_ss(x), _MM_FROUND_TO_NEAREST_INT))) & 0xffffu;
    }
    void halfPrecisionCodesAreTheProcessors()
    {
        if (!__builtin_cpu_supports("f16c"))
            QSKIP("this processor has no F16C");
        const NumberFormat fp16 = named("fp16");
        for (std::uint32_t code = 0; code < 65536; ++code) {
            const float level = levelOfCode(fp16, code);
            QVERIFY(isSame(level, hardwareHalf(code)));
            if (std::isnan(level))
                continue;
            QCOMPARE(codeOf(fp16, level), code);
            const float next = levelOfCode(fp16, code + 1);
            if (!std::isfinite(level) || !std::isfinite(next))
                continue;
            const float middle = (level + next) / 2;
            for (const float x : {std::nextafter(middle, level), middle, std::nextafter(middle, next)})
                QCOMPARE(codeOf(fp16, fp16.nearestLevel(x)), hardwareCode(x));
        }
    }
#endif
};

QTEST_APPLESS_MAIN(TestCodes)
#include "tst_codes.moc"
