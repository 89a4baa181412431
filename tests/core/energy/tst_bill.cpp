// SPDX-License-Identifier: Apache-2.0
// A bill is a ledger times prices: nothing is lost, nothing is counted twice.
#include "core/energy/bill.h"

#include <QtTest>

#include <array>
#include <cmath>

using namespace core;

namespace {

using Op = LedgerOperation;
using Part = LedgerPart;
constexpr auto& kParts = kLedgerParts;

PriceTable table()
{
    PriceTable result;
    result.name = "toy";
    for (const auto& [operation, kind, bits, picojoules] :
         {std::tuple(Op::Multiply, NumberKind::Integer, 8.0, 0.2), std::tuple(Op::Add, NumberKind::Integer, 32.0, 0.1), std::tuple(Op::Multiply, NumberKind::Float, 16.0, 1.1),
          std::tuple(Op::Add, NumberKind::Float, 16.0, 0.4), std::tuple(Op::SramBits, NumberKind::Integer, 65536.0, 0.15)})
        result.prices.push_back({operation, kind, bits, Picojoules(picojoules), "Toy, 2026", Confidence::Measured});
    return result;
}

/// Two int8 layers of 100 x 50 and 10 x 100 weights, the second with a recovery path of rank 4 in fp16.
Ledger ledger()
{
    const LayerIndex first(0), second(1);
    return {{first, Part::MainMultiply, Op::Multiply, NumberKind::Integer, 8, 8, 5000}, {first, Part::Accumulate, Op::Add, NumberKind::Integer, 32, 0, 5000},
            {first, Part::Memory, Op::SramBits, NumberKind::Integer, 40000, 0, 40000},  {second, Part::MainMultiply, Op::Multiply, NumberKind::Integer, 8, 8, 1000},
            {second, Part::Accumulate, Op::Add, NumberKind::Integer, 32, 0, 1000},      {second, Part::Recovery, Op::Multiply, NumberKind::Float, 16, 16, 440},
            {second, Part::Recovery, Op::Add, NumberKind::Float, 16, 0, 440}};
}

}  // namespace

class TestBill : public QObject {
    Q_OBJECT

private slots:
    void eachLineIsCountTimesPrice()
    {
        const EnergyBill bill = makeBill(ledger(), table(), 6000).value();
        QCOMPARE(bill.lines.size(), ledger().size());
        QCOMPARE(bill.lines[0].energy.value(), 5000 * 0.2);
        QCOMPARE(bill.ofPart(Part::Recovery).value(), 440 * 1.1 + 440 * 0.4);
        QCOMPARE(bill.ofLayer(LayerIndex(0)).value(), 1000.0 + 500 + 6000);
        QCOMPARE(bill.ofLayer(LayerIndex(1), Part::Recovery).value(), 660.0);
        QCOMPARE(bill.ofLayer(LayerIndex(0), Part::Recovery).value(), 0.0);
        QCOMPARE(bill.total().value(), 7500.0 + 300 + 660);
        QCOMPARE(bill.technology, std::string("toy"));
    }

    void layersAndPartsEachAddUpToTheTotal()
    {
        const EnergyBill bill = makeBill(ledger(), table(), 6000).value();
        double byLayer = 0, byPart = 0, byBoth = 0;
        for (const LayerIndex layer : {LayerIndex(0), LayerIndex(1)}) {
            byLayer += bill.ofLayer(layer).value();
            for (const Part part : kParts)
                byBoth += bill.ofLayer(layer, part).value();
        }
        for (const Part part : kParts)
            byPart += bill.ofPart(part).value();
        const double slack = 1e-12 * bill.total().value();
        QCOMPARE_LE(std::abs(byLayer - bill.total().value()), slack);
        QCOMPARE_LE(std::abs(byPart - bill.total().value()), slack);
        QCOMPARE_LE(std::abs(byBoth - bill.total().value()), slack);
    }

    void halvingAPriceHalvesItsPartAndNothingElse()
    {
        PriceTable cheaper = table();
        cheaper.prices[1].perOperation = cheaper.prices[1].perOperation / 2;   // the integer adder
        const EnergyBill before = makeBill(ledger(), table(), 6000).value();
        const EnergyBill after = makeBill(ledger(), cheaper, 6000).value();
        for (const Part part : kParts)
            QCOMPARE(after.ofPart(part).value(), before.ofPart(part).value() * (part == Part::Accumulate ? 0.5 : 1.0));
    }

    void theIntervalHoldsTheTypicalValueEverywhere()
    {
        PriceTable prices = table();
        prices.prices[0].range = PriceRange{Picojoules(0.1), Picojoules(0.8)};  // the 8-bit multiplier; the others by rule
        const EnergyBill bill = makeBill(ledger(), prices, 6000).value();
        const auto isOrdered = [](const EnergyRange& range) { return range.low <= range.typical && range.typical <= range.high; };
        for (const BillLine& line : bill.lines)
            QVERIFY(isOrdered(line.range()));
        for (const Part part : kParts) {
            QVERIFY(isOrdered(bill.rangeOf(part)));
            QCOMPARE(bill.rangeOf(part).typical.value(), bill.ofPart(part).value());
        }
        QCOMPARE(bill.range().typical.value(), bill.total().value());
        QCOMPARE(bill.rangeOf(Part::MainMultiply).low.value(), 6000 * 0.1);
        QCOMPARE(bill.rangeOf(Part::MainMultiply).high.value(), 6000 * 0.8);
        QCOMPARE(bill.rangeOf(Part::Recovery).high.value(), 660 * 1.25);  // measured, by rule
        double low = 0, high = 0;
        for (const LayerIndex layer : {LayerIndex(0), LayerIndex(1)}) {
            low += bill.rangeOf(layer).low.value();
            high += bill.rangeOf(layer).high.value();
        }
        QCOMPARE_LE(std::abs(low - bill.range().low.value()), 1e-12 * low);
        QCOMPARE_LE(std::abs(high - bill.range().high.value()), 1e-12 * high);
        QCOMPARE_LT(bill.topsPerWatt(bill.range().high), bill.topsPerWatt());
        QCOMPARE_LT(bill.topsPerWatt(), bill.topsPerWatt(bill.range().low));
    }

    void aPriceOfZeroKeepsItsHighEnd()
    {
        PriceTable prices = table();
        prices.prices[0].perOperation = Picojoules(0);  // the 8-bit multiplier: free, or up to 0.4 pJ
        prices.prices[0].range = PriceRange{Picojoules(0), Picojoules(0.4)};
        const EnergyBill bill = makeBill(ledger(), prices, 6000).value();
        const EnergyRange products = bill.rangeOf(Part::MainMultiply);
        QCOMPARE(products.low.value(), 0.0);
        QCOMPARE(products.typical.value(), 0.0);
        QCOMPARE(products.high.value(), 6000 * 0.4);
        QCOMPARE(bill.lines[0].range().high.value(), 5000 * 0.4);
        // Of the other prices, all of them measured: 500 + 6000 + 100 + 660 pJ, 1.25 either way by rule.
        QCOMPARE(bill.range().typical.value(), 7260.0);
        QCOMPARE(bill.range().low.value(), 7260 / 1.25);
        QCOMPARE(bill.range().high.value(), 7260 * 1.25 + 2400);
    }

    void efficiencyCountsTwoOperationsForEachMainMac()
    {
        const EnergyBill bill = makeBill(ledger(), table(), 6000).value();
        QCOMPARE(bill.topsPerWatt(), 2 * 6000 / 8460.0);
        // energy.md's budget: 464 TOPS/W is 4.3 fJ per multiply-accumulate.
        EnergyBill headline;
        headline.macs = 1;
        headline.lines.push_back({{}, Picojoules(2.0 / 464), ""});
        QCOMPARE(headline.topsPerWatt(), 464.0);
        QCOMPARE(EnergyBill{}.topsPerWatt(), 0.0);
    }

    void theConventionSaysWhatIsCounted()
    {
        const std::string words = makeBill(ledger(), table(), 6000).value().convention();
        for (const char* expected : {"1 MAC = 2 operations", "8 x 8 bits", "main multiply, accumulate, recovery, memory", "without DRAM"})
            QVERIFY2(words.find(expected) != std::string::npos, words.c_str());
        QVERIFY(words.find("converter") == std::string::npos);
    }

    void anUnknownOperationIsAProblemNotAFreeLunch()
    {
        Ledger strange = ledger();
        strange.push_back({LayerIndex(0), Part::Converter, Op::AdcConversion, NumberKind::Integer, 6, 0, 10});
        const auto bill = makeBill(strange, table(), 6000);
        QVERIFY(!bill);
        QVERIFY(bill.error().message.find("6-bit adc") != std::string::npos);
    }

    void everyPartAndOperationHasANameOfItsOwn()
    {
        QStringList names;
        for (const Part part : kParts)
            names.append(QString::fromStdString(ledgerPartName(part)));
        QCOMPARE(names.removeDuplicates(), qsizetype{0});
        QStringList operations;
        for (const Op operation : {Op::Multiply, Op::Add, Op::Shift, Op::Compare, Op::Lookup, Op::AdcConversion, Op::DacConversion, Op::ArrayCell, Op::SramBits, Op::DramBits})
            operations.append(QString::fromUtf8(ledgerOperationName(operation).data()));
        QCOMPARE(operations.removeDuplicates(), qsizetype{0});
        QVERIFY(!operations.contains("unknown") && !names.contains("unknown"));
    }
};

QTEST_APPLESS_MAIN(TestBill)
#include "tst_bill.moc"
