// SPDX-License-Identifier: Apache-2.0
// Prices: listed ones as they are, others modelled from the nearest and saying so, unknown ones a problem.
#include "core/energy/bill.h"

#include <QtTest>

using namespace core;

namespace {

using Op = LedgerOperation;

PriceTable table()
{
    PriceTable result;
    result.name = "toy";
    const auto add = [&](Op operation, NumberKind kind, double bits, double picojoules) {
        result.prices.push_back({operation, kind, bits, Picojoules(picojoules), "Toy, 2026", Confidence::Measured});
    };
    add(Op::Multiply, NumberKind::Integer, 8, 0.2);
    add(Op::Multiply, NumberKind::Integer, 32, 3.1);
    add(Op::Multiply, NumberKind::Float, 16, 1.1);
    add(Op::Add, NumberKind::Integer, 32, 0.1);
    add(Op::AdcConversion, NumberKind::Integer, 8, 0.865536);   // 100 * 8 + 0.001 * 4^8 = 865.536
    add(Op::DacConversion, NumberKind::Integer, 1, 0);
    add(Op::DacConversion, NumberKind::Integer, 8, 0.4);
    add(Op::ArrayCell, NumberKind::Integer, 1, 0.0005);
    add(Op::SramBits, NumberKind::Integer, 65536, 0.15);
    add(Op::SramBits, NumberKind::Integer, 262144, 0.3);
    return result;
}

PricedOperation priced(Op operation, NumberKind kind, double first, double second = 0)
{
    const auto price = priceOf(table(), {LayerIndex(0), LedgerPart::MainMultiply, operation, kind, first, second, 1});
    if (!price)
        qFatal("%s", price.error().text().c_str());
    return price.value();
}

}  // namespace

class TestPrice : public QObject {
    Q_OBJECT

private slots:
    void aListedWidthCostsWhatIsListed()
    {
        const PricedOperation price = priced(Op::Multiply, NumberKind::Integer, 8, 8);
        QCOMPARE(price.perOperation.value(), 0.2);
        QCOMPARE(price.confidence, Confidence::Measured);
        QVERIFY(price.provenance.find("Toy, 2026 (measured)") != std::string::npos);
        QVERIFY(price.provenance.find("modelled") == std::string::npos);
    }

    void aMultiplierGrowsWithTheProductOfItsWidths()
    {
        QCOMPARE(priced(Op::Multiply, NumberKind::Integer, 4, 8).perOperation.value(), 0.2 * 32 / 64);
        QCOMPARE(priced(Op::Multiply, NumberKind::Integer, 4, 4).perOperation.value(), 0.2 * 16 / 64);
        QCOMPARE(priced(Op::Multiply, NumberKind::Integer, 24, 24).perOperation.value(), 3.1 * 576 / 1024);   // nearer to 32 than to 8
        QCOMPARE(priced(Op::Multiply, NumberKind::Float, 8, 8).perOperation.value(), 1.1 * 64 / 256);
    }

    void aModelledPriceSaysFromWhat()
    {
        const PricedOperation price = priced(Op::Multiply, NumberKind::Integer, 4, 8);
        QCOMPARE(price.confidence, Confidence::Model);
        for (const char* words : {"4 x 8-bit", "modelled", "0.5 times", "8-bit multiply, 0.2 pJ", "Toy, 2026"})
            QVERIFY2(price.provenance.find(words) != std::string::npos, price.provenance.c_str());
    }

    void aModelledWidthIsLessCertainThanTheListedOne()
    {
        const PricedOperation listed = priced(Op::Multiply, NumberKind::Integer, 8, 8),
                              modelled = priced(Op::Multiply, NumberKind::Integer, 4, 8);
        QCOMPARE(listed.range.low.value(), 0.2 / 1.25);
        QCOMPARE(listed.range.high.value(), 0.2 * 1.25);
        QCOMPARE(modelled.range.low.value(), 0.1 / 2);
        QCOMPARE(modelled.range.high.value(), 0.1 * 2);
        QVERIFY(listed.provenance.find("by rule") != std::string::npos);
    }

    void spreadGrowsAsConfidenceFalls()
    {
        QCOMPARE_LT(usualSpread(Confidence::Measured), usualSpread(Confidence::Recalled));
        QCOMPARE_LT(usualSpread(Confidence::Recalled), usualSpread(Confidence::Model));
        QCOMPARE_LT(usualSpread(Confidence::Model), usualSpread(Confidence::Estimated));
    }

    void addersGrowWithWidthAndConvertersByTheirFit()
    {
        QCOMPARE(priced(Op::Add, NumberKind::Integer, 8).perOperation.value(), 0.1 / 4);
        QCOMPARE(priced(Op::AdcConversion, NumberKind::Integer, 4).perOperation.value(), 0.865536 * (400.256 / 865.536));
        QCOMPARE(priced(Op::DacConversion, NumberKind::Integer, 4).perOperation.value(), 0.2);
        QCOMPARE(priced(Op::ArrayCell, NumberKind::Integer, 1).perOperation.value(), 0.0005);
    }

    void aListedZeroHoldsForItsOwnWidthOnly()
    {
        QCOMPARE(priced(Op::DacConversion, NumberKind::Integer, 1).perOperation.value(), 0.0);
        QCOMPARE(priced(Op::DacConversion, NumberKind::Integer, 2).perOperation.value(), 0.1);
    }

    void aBfloatWithoutAPriceCostsWhatAFloatDoes()
    {
        const PricedOperation price = priced(Op::Multiply, NumberKind::Bfloat, 16, 16);
        QCOMPARE(price.perOperation.value(), 1.1);
        QCOMPARE(price.confidence, Confidence::Model);
        QCOMPARE(price.range.low.value(), 1.1 / 2);
        for (const char* words : {"bfloat 16-bit multiply", "modelled", "float 16-bit multiply, 1.1 pJ"})
            QVERIFY2(price.provenance.find(words) != std::string::npos, price.provenance.c_str());
        PriceTable own = table();
        own.prices.push_back({Op::Multiply, NumberKind::Bfloat, 16, Picojoules(0.7), "Toy, 2026", Confidence::Measured});
        const auto product = [&](NumberKind kind) {
            return priceOf(own, {LayerIndex(0), LedgerPart::MainMultiply, Op::Multiply, kind, 16, 16, 1}).value().perOperation.value();
        };
        QCOMPARE(product(NumberKind::Bfloat), 0.7);
        QCOMPARE(product(NumberKind::Float), 1.1);
    }

    void aMemoryIsTheSmallestThatHoldsWhatIsNeeded()
    {
        QCOMPARE(priced(Op::SramBits, NumberKind::Integer, 100).perOperation.value(), 0.15);
        QCOMPARE(priced(Op::SramBits, NumberKind::Integer, 65536).perOperation.value(), 0.15);
        QCOMPARE(priced(Op::SramBits, NumberKind::Integer, 65537).perOperation.value(), 0.3);
        QCOMPARE(priced(Op::SramBits, NumberKind::Integer, 1e9).perOperation.value(), 0.3);
    }

    void whatTheTableDoesNotKnowIsAProblemThatNamesIt()
    {
        for (const auto& [entry, words] : {std::pair(LedgerEntry{LayerIndex(0), LedgerPart::Accumulate, Op::Add, NumberKind::Float, 16, 0, 1}, "float 16-bit add"),
                                           std::pair(LedgerEntry{LayerIndex(0), LedgerPart::Memory, Op::DramBits, NumberKind::Integer, 8192, 0, 1}, "dram of 1 KB"),
                                           std::pair(LedgerEntry{LayerIndex(0), LedgerPart::MainMultiply, Op::Multiply, NumberKind::Integer, 8, 0, 1}, "no width")}) {
            const auto price = priceOf(table(), entry);
            QVERIFY(!price);
            QVERIFY2(price.error().text().find(words) != std::string::npos, price.error().text().c_str());
            QVERIFY(price.error().place.find("toy") != std::string::npos);
        }
    }
};

QTEST_APPLESS_MAIN(TestPrice)
#include "tst_price.moc"
