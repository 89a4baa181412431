// SPDX-License-Identifier: Apache-2.0
// Quantized weights survive their bytes bit for bit, the bytes are as many as counted, and single bits can be turned over.
#include "core/formats/codes.h"
#include "core/formats/packing.h"
#include "tests/core/formats/format_cases.h"

#include <QtTest>

#include <cstring>

using namespace core;
using namespace format_cases;

namespace {

const std::vector<const char*> kFormats{"int2", "int3", "int4", "int7", "int8", "int11", "int16", "uint2", "uint5", "uint8", "uint16", "int1", "ternary", "pot2", "pot4", "pot7", "sp2-4",
                                        "apot4", "odd1", "odd3", "odd8", "nf4", "e4m3", "e5m2", "e3m2", "e2m3", "e2m1", "e4m3ieee", "e1m2", "fp16", "bf16", "tf32", "fp32"};
const std::vector<const char*> kScales{"tensor", "row", "group:16", "group:7", "vector:8", "vector:5:3", "vector:16:10", "block:16", "block:16:e4m3"};

bool areSameBits(const RowMatrix& a, const RowMatrix& b)
{
    return a.rows() == b.rows() && a.cols() == b.cols() && std::memcmp(a.data(), b.data(), static_cast<std::size_t>(a.size()) * sizeof(float)) == 0;
}

/// What is wrong with packing these weights; empty if nothing.
QString flawOf(const RowMatrix& weights, const std::vector<Treatment>& palette, const PaletteChoices& choices = {})
{
    const QuantizedMatrix quantized = quantizeWeights(weights, palette, choices);
    const PackedMatrix packed = pack(weights, palette, choices);
    const Result<QuantizedMatrix> again = unpack(packed, palette, choices);
    if (!again)
        return QString::fromStdString(again.error().text());
    const QuantizedMatrix& read = again.value();
    if (!areSameBits(read.values, quantized.values))
        return "values differ";
    for (std::size_t point = 0; point < quantized.points.size(); ++point)
        if (!areSameBits(read.points[point], quantized.points[point]))
            return "points differ";
    if (read.scales != quantized.scales || read.units != quantized.units || read.zeroPoints != quantized.zeroPoints || read.exponents != quantized.exponents)
        return "scales differ";
    if (read.storedBits != quantized.storedBits)
        return "stored bits differ";
    // Five streams, each padded to whole bytes.
    const double padding = 8 * static_cast<double>(packed.byteCount()) - quantized.storedBits;
    if (padding < 0 || padding > 5 * 7)
        return QString("%1 bytes hold %2 bits").arg(packed.byteCount()).arg(quantized.storedBits);
    return {};
}

}  // namespace

class TestPacking : public QObject {
    Q_OBJECT

private slots:
    void everyFormatUnderEveryScaleSurvivesItsBytes()
    {
        const RowMatrix weights = randomRows(Distribution::Laplace, 5, 37);
        for (const char* format : kFormats)
            for (const char* scale : kScales) {
                const QString flaw = flawOf(weights, {treatment(format, scale)});
                QVERIFY2(flaw.isEmpty(), qPrintable(QString("%1 %2: %3").arg(format, scale, flaw)));
                const QString tiny = flawOf(1e-9f * weights, {treatment(format, scale, "mse")});
                QVERIFY2(tiny.isEmpty(), qPrintable(QString("%1 %2, tiny: %3").arg(format, scale, tiny)));
            }
    }

    void bytesAreExactlyTheBitsCounted()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 8, 32);   // whole bytes everywhere
        for (const char* format : kFormats)
            for (const char* scale : {"tensor", "row", "group:16", "vector:8", "block:16", "block:16:e4m3"}) {
                if (format[0] == 't' && format[1] == 'f')
                    continue;   // 19 bits
                const QuantizedMatrix quantized = quantizeWeights(weights, {treatment(format, scale)});
                const PackedMatrix packed = pack(quantized, {treatment(format, scale)});
                const bool wholeZeroPoints = static_cast<int>(treatment(format).format.storageBits() * static_cast<double>(quantized.scales.size())) % 8 == 0;
                if (quantized.zeroPoints.empty() || wholeZeroPoints)
                    QCOMPARE(8 * static_cast<double>(packed.byteCount()), quantized.storedBits);
            }
    }

    void mixturesOverRowsAndChannelsSurvive()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 9, 36);
        const std::vector<Treatment> palette{treatment("uint3", "group:5"), treatment("pot4", "tensor"), treatment("int8", "row", "mse"), treatment("e2m1", "block:16:e4m3"),
                                             treatment("int2", "vector:8:4", "absmax", 3), treatment("bf16"), treatment("nf4", "block:32"), treatment("int1", "tensor", "mse", 2)};
        const std::vector<std::uint8_t> rows{4, 1, 0, 3, 1, 7, 6, 3, 5}, others{2, 2, 7, 7, 4, 4, 0, 5, 1};
        for (const auto& choice : {rows, others}) {
            const QString flaw = flawOf(weights, palette, PaletteChoices::overRows(choice));
            QVERIFY2(flaw.isEmpty(), qPrintable(flaw));
        }
        const std::vector<std::uint8_t> channels{7, 0, 4, 4, 1, 0, 5, 2, 6, 3, 3, 1};
        const QString flaw = flawOf(weights, palette, PaletteChoices::overChannels(channels, 3));
        QVERIFY2(flaw.isEmpty(), qPrintable(flaw));
        QVERIFY(flawOf(RowMatrix::Zero(9, 36), palette, PaletteChoices::overRows(rows)).isEmpty());
        QVERIFY(flawOf(RowMatrix(0, 36), palette).isEmpty());
    }

    void codesStandLeastSignificantBitFirst()
    {
        // int4 7, -1, 2, 0 under scale 1: codes 7, f, 2, 0; fp16 of 1 is 3c00.
        const PackedMatrix packed = pack(matrix({{7, -1, 2, 0}}), {treatment("int4")});
        QCOMPARE(packed.codes, (std::vector<std::uint8_t>{0xf7, 0x02}));
        QCOMPARE(packed.scales, (std::vector<std::uint8_t>{0x00, 0x3c}));
        QVERIFY(packed.exponents.empty() && packed.zeroPoints.empty() && packed.tensorUnits.empty());
        const PackedMatrix ternary = pack(matrix({{1, 0, -1}}), {treatment("ternary")});
        QCOMPARE(ternary.codes, (std::vector<std::uint8_t>{0b00'00'01'10}));   // ranks 2, 1, 0 and two bits of padding
    }

    void aStreamOfTheWrongLengthIsAProblem()
    {
        const std::vector<Treatment> palette{treatment("uint4", "group:8")};
        const PackedMatrix packed = pack(randomRows(Distribution::Gaussian, 3, 20), palette);
        for (const auto stream : {&PackedMatrix::codes, &PackedMatrix::scales, &PackedMatrix::zeroPoints, &PackedMatrix::tensorUnits})
            for (const std::size_t size : {(packed.*stream).size() + 1, (packed.*stream).size() / 2}) {
                PackedMatrix damaged = packed;
                (damaged.*stream).resize(size);
                if (damaged == packed)
                    continue;
                const auto read = unpack(damaged, palette);
                QVERIFY(!read);
                QVERIFY(read.error().message.find("bytes; wanted") != std::string::npos);
            }
    }

    void turnedBitsChangeTheirWeightsOnlyAndTwiceIsNotAtAll()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 4, 24);
        const std::vector<Treatment> palette{treatment("uint4", "group:8"), treatment("e5m2"), treatment("int8", "tensor"), treatment("nf4", "vector:8")};
        const std::vector<std::uint8_t> rows{0, 1, 2, 3}, channels{2, 0, 1, 3, 3, 0};
        for (const PaletteChoices& choices : {PaletteChoices::overRows(rows), PaletteChoices::overChannels(channels, 4)}) {
            const QuantizedMatrix quantized = quantizeWeights(weights, palette, choices);
            for (int row = 0; row < 4; ++row)
                for (int column = 0; column < 24; ++column)
                    for (int bit = 0; bit < bitsOfWeight(palette, choices, row, column); ++bit) {
                        const CodeFlip flip{row, column, bit};
                        const QuantizedMatrix turned = withFlips(quantized, palette, choices, {&flip, 1});
                        for (int r = 0; r < 4; ++r)
                            for (int c = 0; c < 24; ++c)
                                QCOMPARE(bitsOf(turned.values(r, c)) == bitsOf(quantized.values(r, c)), r != row || c != column);
                        const std::vector<CodeFlip> twice{flip, flip};
                        QVERIFY(areSameBits(withFlips(quantized, palette, choices, twice).values, quantized.values));
                    }
        }
    }

    void aTurnedBitIsTheOneInThePackedBytes()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 3, 8);
        for (const char* format : {"int4", "uint8", "pot4", "nf4", "e4m3", "e2m1", "fp16", "odd2"}) {
            const std::vector<Treatment> palette{treatment(format)};
            const int bits = codeBits(palette[0].format);
            const QuantizedMatrix quantized = quantizeWeights(weights, palette);
            for (int place = 0; place < 24; ++place)
                for (int bit = 0; bit < bits; ++bit) {
                    PackedMatrix packed = pack(quantized, palette);
                    const auto position = static_cast<std::size_t>(place * bits + bit);
                    packed.codes[position / 8] = static_cast<std::uint8_t>(packed.codes[position / 8] ^ 1u << (position % 8));
                    const CodeFlip flip{place / 8, place % 8, bit};
                    const RowMatrix turned = withFlips(quantized, palette, {}, {&flip, 1}).values;
                    const RowMatrix read = unpack(packed, palette).value().values;
                    for (Eigen::Index i = 0; i < read.size(); ++i)
                        QVERIFY2(bitsOf(turned.data()[i]) == bitsOf(read.data()[i]), format);
                }
        }
    }

    void pointsHaveTheirBitsOneAfterAnother()
    {
        const RowMatrix weights = randomRows(Distribution::Gaussian, 2, 16);
        const std::vector<Treatment> palette{treatment("int4", "row", "mse", 2)};
        const QuantizedMatrix quantized = quantizeWeights(weights, palette);
        QCOMPARE(bitsOfWeight(palette, {}, 0, 0), 8);
        const CodeFlip flip{1, 3, 4};   // the lowest bit of the second code
        const QuantizedMatrix turned = withFlips(quantized, palette, {}, {&flip, 1});
        QVERIFY(areSameBits(turned.points[0], quantized.points[0]));
        QCOMPARE(std::abs(turned.points[1](1, 3) - quantized.points[1](1, 3)), quantized.scales[3]);   // scales: two rows, two points
        QCOMPARE(turned.values(1, 3), turned.points[0](1, 3) + turned.points[1](1, 3));
    }
};

QTEST_APPLESS_MAIN(TestPacking)
#include "tst_packing.moc"
