// SPDX-License-Identifier: Apache-2.0
// Quantized weights and activations as 8-bit integers.
#include "core/base/noise.h"
#include "core/formats/integer_form.h"
#include "tests/core/formats/format_cases.h"

#include <hwy/highway.h>
#include <hwy/targets.h>

#include <QtTest>

#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

using namespace core;
using namespace format_cases;

namespace {

/// The codes under one fixed number for their type, for comparing.
std::vector<int> encoded(const ActivationQuantizer& quantizer, const std::vector<float>& values)
{
    std::vector<int> result(values.size());
    if (codingOf(quantizer)->isSigned) {
        std::vector<std::int8_t> codes(values.size());
        encodeActivations(quantizer, values, codes);
        std::copy(codes.begin(), codes.end(), result.begin());
    } else {
        std::vector<std::uint8_t> codes(values.size());
        encodeActivations(quantizer, values, codes);
        std::copy(codes.begin(), codes.end(), result.begin());
    }
    return result;
}

std::string flawOf(const RowMatrix& values, const IntegerMatrix& form)
{
    for (Eigen::Index r = 0; r < values.rows(); ++r) {
        const float step = form.steps[static_cast<std::size_t>(r)];
        if (!(step > 0))
            return "a step is not positive";
        for (Eigen::Index c = 0; c < values.cols(); ++c) {
            const int code = form.codes[static_cast<std::size_t>(r * values.cols() + c)];
            if (std::abs(code) > 127 || step * static_cast<float>(code) != values(r, c))
                return "row " + std::to_string(r) + ", column " + std::to_string(c);
        }
    }
    return {};
}

}  // namespace

class TestIntegerForm : public QObject {
    Q_OBJECT

private slots:
    void cleanup() { hwy::SetSupportedTargetsForTest(0); }

    void rowsAreIntegersTimesTheirLargestStep()
    {
        const RowMatrix values = matrix({{-1.5f, 0.5f, 1, 0}, {0, 0, 0, 0}, {3, -127 * 3, 6, 0}, {7, 7, -7, 7}});
        const IntegerMatrix form = integerForm(values).value();
        QCOMPARE(form.codes, (std::vector<std::int8_t>{-3, 1, 2, 0, 0, 0, 0, 0, 1, -127, 2, 0, 1, 1, -1, 1}));
        QCOMPARE(form.steps, (std::vector<float>{0.5f, 1, 3, 7}));
    }

    void integersBeyondABytesAndOtherNumbersHaveNoForm()
    {
        const float infinity = std::numeric_limits<float>::infinity();
        QVERIFY(!integerForm(matrix({{1, 128}})));
        QVERIFY(!integerForm(matrix({{127, 127.5f}})));
        QVERIFY(!integerForm(matrix({{1, std::nextafter(1.0f, 2.0f)}})));
        QVERIFY(!integerForm(matrix({{1, infinity}})));
        QVERIFY(!integerForm(matrix({{1, std::nanf("")}})));
        QVERIFY(!integerForm(matrix({{1, 2}, {1, 200}})));
        QVERIFY(integerForm(matrix({{std::numeric_limits<float>::denorm_min(), 0}})));
        QVERIFY(integerForm(RowMatrix(0, 5)));
    }

    void everyActivationIsEncodedAsByTheDefinition_data()
    {
        QTest::addColumn<QString>("format");
        for (const char* name : {"int2", "int3", "int4", "int5", "int6", "int7", "int8", "uint2", "uint3", "uint4", "uint7", "uint8"})
            QTest::newRow(name) << name;
    }
    void everyActivationIsEncodedAsByTheDefinition()
    {
        QFETCH(QString, format);
        const NumberFormat subject = named(qPrintable(format));
        const std::vector<float> values = anyValues(40000);
        for (const ActivationQuantizer& quantizer : {fitActivationQuantizer(subject, -1.7f, 5.3f), ActivationQuantizer{subject, 0.1f, 0.0f}, ActivationQuantizer{subject, 1.0f, 0.0f}}) {
            const ActivationCoding coding = codingOf(quantizer).value();
            QCOMPARE(coding.isSigned, format.startsWith("int"));
            QCOMPARE(coding.step, quantizer.scale);
            const double bits = subject.storageBits();
            const auto highest = static_cast<float>(std::exp2(coding.isSigned ? bits - 1 : bits) - 1);
            const float lowest = coding.isSigned ? -highest : 0.0f;
            onEveryTarget([&](int64_t target) {
                const std::vector<int> codes = encoded(quantizer, values);
                for (std::size_t i = 0; i < values.size(); ++i) {
                    const float x = std::isnan(values[i]) ? 0.0f : values[i];
                    const float wanted = std::clamp(std::nearbyint(x / quantizer.scale) + quantizer.zeroPoint, lowest, highest);
                    if (static_cast<float>(codes[i]) != wanted)
                        QFAIL(qPrintable(QString("%1, seed %2: %3 gives %4, wanted %5").arg(hwy::TargetName(target)).arg(kSeed).arg(double(values[i])).arg(codes[i]).arg(double(wanted))));
                }
            });
        }
    }

    void codesTimesTheStepAreTheQuantizersValues()
    {
        const std::vector<float> values = anyValues(40000);
        for (const char* name : {"int1", "ternary", "pot2", "pot3", "pot4", "sp2-4", "apot4", "odd1", "odd2", "odd3", "odd4", "odd5", "odd6", "odd7", "e2m1", "e2m3", "int5", "uint5"}) {
            const ActivationQuantizer quantizer = fitActivationQuantizer(named(name), -1.7f, 5.3f);
            const auto coding = codingOf(quantizer);
            QVERIFY2(coding, name);
            onEveryTarget([&](int64_t) {
                const std::vector<int> codes = encoded(quantizer, values);
                for (std::size_t i = 0; i < values.size(); ++i) {
                    const float wanted = quantizer.applyScalar(std::isnan(values[i]) ? 0.0f : values[i]);
                    const float got = coding->step * static_cast<float>(codes[i] - coding->zeroPoint);
                    QVERIFY2(got == wanted, name);
                }
            });
        }
        for (const char* name : {"int9", "uint9", "nf4", "pot5", "odd8", "e4m3", "e3m2", "fp16", "bf16", "fp32"})
            QVERIFY2(!codingOf(fitActivationQuantizer(named(name), -1.0f, 1.0f)), name);
    }

    void everyLengthIsEncodedWholeAndNothingBeyond()
    {
        const ActivationQuantizer quantizer = fitActivationQuantizer(named("int8"), -3.0f, 3.0f);
        const std::vector<float> values = anyValues(100);
        onEveryTarget([&](int64_t) {
            const std::vector<int> all = encoded(quantizer, values);
            for (std::size_t size = 0; size <= 70; ++size) {
                std::vector<std::int8_t> codes(size + 1, 77);
                encodeActivations(quantizer, std::span(values).first(size), std::span(codes).first(size));
                for (std::size_t i = 0; i < size; ++i)
                    QCOMPARE(int(codes[i]), all[i]);
                QCOMPARE(int(codes[size]), 77);
            }
        });
    }

    void weightsOfEveryIntegerFormatHaveAForm()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 12, 40);
        for (const char* name : {"int2", "int3", "int4", "int5", "int6", "int7", "int8", "int1", "ternary", "pot2", "pot3", "pot4", "sp2-4", "apot4", "odd1", "odd2", "odd3", "odd4", "odd5",
                                 "odd6", "odd7", "uint2", "uint3", "uint4", "uint5", "uint6", "uint7"})
            for (const char* scale : {"row", "tensor"}) {
                const RowMatrix values = quantizeWeights(weights, {treatment(name, scale)}).values;
                const auto form = integerForm(values);
                QVERIFY2(form, name);
                QCOMPARE(flawOf(values, *form), std::string());
            }
    }

    void mixedRowsAndScaledVectorsHaveAFormWhereTheirIntegersFit()
    {
        const RowMatrix weights = randomRows(Distribution::Laplace, 6, 40);
        const std::vector<std::uint8_t> rows{0, 1, 2, 3, 0, 2};
        const RowMatrix mixed = quantizeWeights(weights, {treatment("pot4"), treatment("int4", "tensor"), treatment("int8"), treatment("odd3", "vector:8:4")}, PaletteChoices::overRows(rows)).values;
        QCOMPARE(flawOf(mixed, integerForm(mixed).value()), std::string());
        const RowMatrix vectors = quantizeWeights(weights, {treatment("int4", "vector:8:4")}).values;   // 7 * 15 = 105
        QCOMPARE(flawOf(vectors, integerForm(vectors).value()), std::string());
        QVERIFY(!integerForm(quantizeWeights(weights, {treatment("int4", "vector:8:8")}).values));      // 7 * 255
        QVERIFY(!integerForm(quantizeWeights(weights, {treatment("nf4")}).values));
        const RowMatrix points = quantizeWeights(weights, {treatment("int4", "row", "mse", 2)}).points[1];
        QCOMPARE(flawOf(points, integerForm(points).value()), std::string());
    }
};

QTEST_APPLESS_MAIN(TestIntegerForm)
#include "tst_integer_form.moc"
