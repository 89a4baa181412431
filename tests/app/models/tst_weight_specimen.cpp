// SPDX-License-Identifier: Apache-2.0
#include "app/models/weight_specimen.h"

#include "core/formats/codes.h"
#include "core/formats/packing.h"

#include <QTest>

#include <cmath>

using namespace app;

namespace {

core::Treatment treatment(const char* format, int points = 1) { return {core::NumberFormat::named(format).value(), {}, {}, points}; }

/// Two rows of four weights; the largest of row 0 is 7, so that under INT4 its scale is exactly 1.
core::WeightedLayer smallLayer()
{
    core::WeightedLayer layer;
    layer.name = "small";
    layer.rows = 2;
    layer.columns = 4;
    layer.columnsPerChannel = 2;
    layer.weights = core::RowMatrix(2, 4);
    layer.weights << 7, 2.6F, -3, 0,  //
        0.5F, -6, 2.6F, 1;
    return layer;
}

WeightSpecimen specimen(const core::WeightPlan& orders, int row, int column)
{
    const core::WeightedLayer layer = smallLayer();
    return specimenAt(layer, orders, core::quantizeWeights(layer.weights, orders.palette, choicesOf(layer, orders)), row, column);
}

}  // namespace

class TstWeightSpecimen : public QObject {
    Q_OBJECT

private slots:
    void anIntegersBitsAreTwosComplement()
    {
        const WeightSpecimen weight = specimen({{treatment("int4")}, {}, {}, {}}, 0, 1);
        QCOMPARE(weight.codes.size(), std::size_t{1});
        const SpecimenCode& code = weight.codes.front();
        QCOMPARE(code.scale, 1.0F);
        QCOMPARE(code.asStored, 0b0011U);  // 2.6 is rounded to 3
        QCOMPARE(code.quantized, 3.0F);
        QCOMPARE(code.below, 2.0F);
        QCOMPARE(code.above, 4.0F);
        QCOMPARE(code.thresholdBelow, 2.5F);
        QCOMPARE(code.thresholdAbove, 3.5F);
        QCOMPARE(code.rank, std::int64_t{10});  // of -7 ... 7
        QVERIFY(!weight.isFlipped());
        QCOMPARE(specimen({{treatment("int4")}, {}, {}, {}}, 0, 2).codes.front().asStored, 0b1101U);  // -3
        const auto fields = bitFields(treatment("int4").format);
        QCOMPARE(fields.size(), std::size_t{1});
        QCOMPARE(fields.front().places, (std::vector<QString>{QStringLiteral("−8"), QStringLiteral("4"), QStringLiteral("2"), QStringLiteral("1")}));
        QCOMPARE(fieldText(treatment("int4").format, fields.front(), 0b1101U), QStringLiteral("integer: -3"));
    }

    void theOutermostLevelHasOneNeighbour()
    {
        const SpecimenCode code = specimen({{treatment("int4")}, {}, {}, {}}, 0, 0).codes.front();
        QCOMPARE(code.quantized, 7.0F);
        QCOMPARE(code.below, 6.0F);
        QVERIFY(std::isinf(code.above) && std::isinf(code.thresholdAbove));
    }

    void aFloatsBitsAreSignExponentAndMantissa()
    {
        // Row 1 under e2m1: the largest level and the largest weight are both 6. 2.6 becomes 3 = 1.5 x 2^1, exponent code 2.
        const WeightSpecimen weight = specimen({{treatment("e2m1")}, {}, {}, {}}, 1, 2);
        QCOMPARE(weight.codes.front().quantized, 3.0F);
        QCOMPARE(weight.codes.front().asStored, 0b0101U);
        const auto fields = bitFields(weight.treatment.format);
        QCOMPARE(fields.size(), std::size_t{3});
        QCOMPARE(fieldText(weight.treatment.format, fields[0], 0b0101U), QStringLiteral("sign: +"));
        QCOMPARE(fieldText(weight.treatment.format, fields[1], 0b0101U), QStringLiteral("exponent: 2 − 1: 2^1"));
        QCOMPARE(fieldText(weight.treatment.format, fields[2], 0b0101U), QStringLiteral("mantissa: 1.5"));
        QCOMPARE(fieldText(weight.treatment.format, fields[2], 0b0001U), QStringLiteral("mantissa: 0.5"));  // subnormal
    }

    void everyBitOfEveryFormatBelongsToOneField()
    {
        for (const core::CatalogueEntry& entry : core::formatCatalogue()) {
            std::vector<int> owners(static_cast<std::size_t>(core::codeBits(entry.format)), 0);
            for (const BitField& field : bitFields(entry.format)) {
                QCOMPARE(field.places.size(), static_cast<std::size_t>(field.count));
                for (int bit = field.highest; bit > field.highest - field.count; --bit)
                    ++owners.at(static_cast<std::size_t>(bit));
            }
            for (const int owner : owners)
                QVERIFY2(owner == 1, entry.name.c_str());
        }
    }

    void aFlippedBitSaysWhatCoreSays()
    {
        for (const char* name : {"int4", "e4m3", "nf4", "pot4", "uint4", "fp16"}) {
            core::WeightPlan orders{{treatment(name)}, {}, {}, {}};
            const core::WeightedLayer layer = smallLayer();
            const core::QuantizedMatrix quantized = core::quantizeWeights(layer.weights, orders.palette, choicesOf(layer, orders));
            for (int bit = 0; bit < core::codeBits(orders.palette.front().format); ++bit) {
                orders.flips = {{1, 1, bit}};
                const core::QuantizedMatrix turned = core::withFlips(quantized, orders.palette, choicesOf(layer, orders), orders.flips);
                const WeightSpecimen weight = specimenAt(layer, orders, quantized, 1, 1);
                if (std::isnan(turned.values(1, 1)))
                    QVERIFY2(std::isnan(weight.stored), name);
                else
                    QCOMPARE(weight.stored, turned.values(1, 1));
                QVERIFY(weight.isFlipped());
                QCOMPARE(weight.codes.front().asStored, weight.codes.front().asQuantized ^ 1U << bit);
                QVERIFY(!specimenAt(layer, orders, quantized, 1, 2).isFlipped());
            }
        }
        core::WeightPlan orders{{treatment("int4")}, {}, {}, {{0, 1, 3}}};
        QCOMPARE(specimen(orders, 0, 1).stored, -5.0F);  // 0011 with its highest bit set: 1011
    }

    void mixturesAndPointsHaveTheirOwnCodes()
    {
        const core::WeightPlan rows{{treatment("int4"), treatment("int8")}, {0, 1}, {}, {}};
        QCOMPARE(specimen(rows, 0, 1).bitsPerCode, 4);
        QCOMPARE(specimen(rows, 1, 1).bitsPerCode, 8);
        const core::WeightPlan channels{{treatment("int4"), treatment("int8")}, {}, {0, 1}, {}};
        QCOMPARE(specimen(channels, 0, 1).bitsPerCode, 4);
        QCOMPARE(specimen(channels, 0, 2).bitsPerCode, 8);

        const WeightSpecimen twice = specimen({{treatment("int4", 2)}, {}, {}, {}}, 1, 2);
        QCOMPARE(twice.codes.size(), std::size_t{2});
        QCOMPARE(twice.codes[1].target, twice.trained - twice.codes[0].quantized);
        QCOMPARE(twice.codes[0].quantized + twice.codes[1].quantized, twice.quantized);
    }

    void aBitIsTurnedAndTurnedBack()
    {
        const core::WeightPlan orders{{treatment("int4")}, {}, {}, {{0, 0, 1}}};
        const core::WeightPlan more = withToggledBit(orders, {1, 2, 3});
        QCOMPARE(more.flips, (std::vector<core::CodeFlip>{{0, 0, 1}, {1, 2, 3}}));
        QCOMPARE(withToggledBit(more, {1, 2, 3}), orders);
    }
};

QTEST_APPLESS_MAIN(TstWeightSpecimen)
#include "tst_weight_specimen.moc"
