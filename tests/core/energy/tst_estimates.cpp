// SPDX-License-Identifier: Apache-2.0
// Time and room by the ledger, worked by hand.
#include "core/energy/estimates.h"

#include <QtTest>

#include <cmath>

using namespace core;

namespace {

using Op = LedgerOperation;
using Part = LedgerPart;
constexpr auto kInteger = NumberKind::Integer;
constexpr auto kFloat = NumberKind::Float;

Accelerator device()
{
    Accelerator result;
    result.title = "toy";
    result.clockMegahertz = 100;
    result.multipliers = 64;
    result.functionLanes = 4;
    result.onChipBitsPerCycle = 256;
    result.dramGigabytesPerSecond = 1;
    result.converters = 8;
    result.conversionNanoseconds = 20;
    result.areas = {400, 2000, 0.5, 0.25};
    return result;
}

bool isNear(double a, double b) { return std::abs(a - b) <= 1e-12 * std::abs(b); }

}  // namespace

class TestEstimates : public QObject {
    Q_OBJECT

private slots:
    void aLayerWaitsForItsSlowestResource()
    {
        const LayerIndex first(0), second(1);
        const Ledger ledger{{first, Part::MainMultiply, Op::Multiply, kInteger, 8, 8, 64000},   // 1000 cycles of 10 ns
                            {first, Part::Accumulate, Op::Add, kInteger, 32, 0, 64000},         // ride along
                            {first, Part::Memory, Op::SramBits, kInteger, 1e6, 0, 25600},       // 100 cycles
                            {second, Part::MainMultiply, Op::Multiply, kInteger, 4, 8, 64000},  // 500 cycles
                            {second, Part::Functions, Op::Compare, kInteger, 32, 0, 8000},      // 2000 cycles
                            {second, Part::Memory, Op::DramBits, kInteger, 1e6, 0, 8000}};      // 1 us
        const LatencyEstimate estimate = latencyOf(ledger, device(), 2);
        QVERIFY(isNear(estimate.layers[0].time().count(), 10e-6));
        QCOMPARE(estimate.layers[0].bottleneck(), Bottleneck::Multipliers);
        QVERIFY(isNear(estimate.layers[1].time().count(), 20e-6));
        QCOMPARE(estimate.layers[1].bottleneck(), Bottleneck::Functions);
        QVERIFY(isNear(estimate.layers[1].busy[static_cast<std::size_t>(Bottleneck::Dram)].count(), 1e-6));
        QVERIFY(isNear(estimate.time().count(), 30e-6));
    }

    void arraysWaitForTheirConverters()
    {
        const Ledger ledger{{LayerIndex(0), Part::Converter, Op::AdcConversion, kInteger, 4, 0, 800},  // 100 turns of 8, half of 20 ns each
                            {LayerIndex(0), Part::Array, Op::ArrayCell, kInteger, 1, 0, 1e6},
                            {LayerIndex(0), Part::Recovery, Op::Multiply, kFloat, 16, 16, 640}};  // 40 cycles of 10 ns
        const LatencyEstimate estimate = latencyOf(ledger, device(), 1);
        QVERIFY(isNear(estimate.time().count(), 1e-6));
        QCOMPARE(estimate.layers[0].bottleneck(), Bottleneck::Converters);
    }

    void whatADeviceLacksIsNoLimit()
    {
        Accelerator bare;
        bare.clockMegahertz = 100;
        bare.multipliers = 64;
        const Ledger ledger{{LayerIndex(0), Part::Memory, Op::DramBits, kInteger, 1e6, 0, 1e9},
                            {LayerIndex(0), Part::Converter, Op::AdcConversion, kInteger, 8, 0, 1e9}};
        QCOMPARE(latencyOf(ledger, bare, 1).time().count(), 0.0);
    }

    void moreMultipliersAreNeverSlower()
    {
        Accelerator fast = device();
        fast.multipliers *= 2;
        const Ledger ledger{{LayerIndex(0), Part::MainMultiply, Op::Multiply, kFloat, 16, 16, 1000},
                            {LayerIndex(0), Part::Memory, Op::SramBits, kInteger, 8, 0, 100}};
        QVERIFY(isNear(latencyOf(ledger, device(), 1).time() / latencyOf(ledger, fast, 1).time(), 2));
    }

    void roomIsCountedByHand()
    {
        const AreaEstimate area = areaOf({1e6, 8e6, 6, true}, device());
        QCOMPARE(area.arrayCells, 0.5);
        QCOMPARE(area.converters, 8 * 2000 / 4 / 1e6);  // 6 bits: a quarter of 8
        QCOMPARE(area.multipliers, 64 * 400 / 1e6);
        QCOMPARE(area.weightMemory, 2.0);
        QCOMPARE(area.total(), area.arrayCells + area.converters + area.multipliers + area.weightMemory);
        QCOMPARE(areaOf({0, 0, 0, false}, device()).total(), 0.0);
    }

    void thePublishedRatioOfRowsBalancesTheShiftMachine()
    {
        // 65:30:5 on XC7Z045: shifts on the fabric and products on the slices end together, 2.5 times as fast as products alone.
        const auto rows = [](double powers, double fours, double eights) {
            return Ledger{{LayerIndex(0), Part::MainMultiply, Op::Shift, kInteger, 4, 0, powers},
                          {LayerIndex(0), Part::MainMultiply, Op::Multiply, kInteger, 4, 4, fours},
                          {LayerIndex(0), Part::MainMultiply, Op::Multiply, kInteger, 8, 4, eights}};
        };
        const ShiftMachine& large = shiftMachines()[1];
        QCOMPARE(large.name, std::string_view("XC7Z045"));
        QVERIFY(isNear(large.shiftRate / large.productRate, 1.625));
        QVERIFY(isNear(timeOn(large, rows(65e6, 30e6, 5e6))->speedUp(), 2.5));
        QVERIFY(isNear(timeOn(shiftMachines()[0], rows(60e6, 35e6, 5e6))->speedUp(), 100 / 45.0));  // 2.2
        QVERIFY(isNear(timeOn(large, rows(0, 100e6, 0))->speedUp(), 1));
        QCOMPARE_LT(timeOn(large, rows(0, 0, 100e6))->speedUp(), 1.0);
        for (const auto& [powers, fours, eights] : {std::tuple(80e6, 15e6, 5e6), std::tuple(40e6, 55e6, 5e6)})
            QCOMPARE_LT(timeOn(large, rows(powers, fours, eights))->speedUp(), 2.5);
    }

    void theShiftMachineRunsNoFloatsAndNoArrays()
    {
        const auto with = [](LedgerEntry entry) { return timeOn(shiftMachines()[0], {entry}).has_value(); };
        QVERIFY(with({LayerIndex(0), Part::MainMultiply, Op::Multiply, kInteger, 4, 4, 10}));
        QVERIFY(!with({LayerIndex(0), Part::MainMultiply, Op::Multiply, kFloat, 16, 8, 10}));
        QVERIFY(!with({LayerIndex(0), Part::Converter, Op::AdcConversion, kInteger, 6, 0, 10}));
        QVERIFY(!timeOn(shiftMachines()[0], {}).has_value());
    }
};

QTEST_APPLESS_MAIN(TestEstimates)
#include "tst_estimates.moc"
