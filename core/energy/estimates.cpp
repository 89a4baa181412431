// SPDX-License-Identifier: Apache-2.0
#include "core/energy/estimates.h"

#include <algorithm>
#include <cmath>

namespace core {

namespace {

using Op = LedgerOperation;
constexpr double kByte = 8, kSquareMicrometresPerMillimetre = 1e6;

std::size_t at(Bottleneck bottleneck) { return static_cast<std::size_t>(bottleneck); }

/// Amount over rate, or no time at all where nothing limits it.
Seconds spent(double amount, double ratePerSecond) { return Seconds(ratePerSecond > 0 ? amount / ratePerSecond : 0.0); }

bool isProduct(const LedgerEntry& entry) { return entry.operation == Op::Multiply || entry.operation == Op::Shift; }

/// Cycles of an 8 x 8-bit multiplier.
double multiplierCycles(const LedgerEntry& entry)
{
    const double bits = entry.operation == Op::Multiply ? entry.firstBits * entry.secondBits : entry.firstBits;
    return entry.count * bits / (kByte * kByte);
}

void book(LayerLatency& layer, const LedgerEntry& entry, const Accelerator& device)
{
    const double clock = device.clockMegahertz * 1e6;
    const auto wait = [&](Bottleneck on, double amount, double rate) { layer.busy[at(on)] += spent(amount, rate); };
    if (entry.part == LedgerPart::Functions)
        return wait(Bottleneck::Functions, entry.count, device.functionLanes * clock);
    switch (entry.operation) {
    case Op::Multiply:
    case Op::Shift: return wait(Bottleneck::Multipliers, multiplierCycles(entry), device.multipliers * clock);
    case Op::AdcConversion:
        return wait(Bottleneck::Converters, entry.count * entry.firstBits / kByte,
                    device.conversionNanoseconds > 0 ? device.converters / (device.conversionNanoseconds * 1e-9) : 0);
    case Op::SramBits: return wait(Bottleneck::OnChipMemory, entry.count, device.onChipBitsPerCycle * clock);
    case Op::DramBits: return wait(Bottleneck::Dram, entry.count, device.dramGigabytesPerSecond * 1e9 * kByte);
    case Op::Lookup: return wait(Bottleneck::Functions, entry.count, device.functionLanes * clock);
    case Op::Add:            // rides along with the product it adds
    case Op::Compare:        // of codes: beside the products
    case Op::DacConversion:  // at the same time as the conversion behind it
    case Op::ArrayCell: return;
    }
}

}  // namespace

std::string_view bottleneckName(Bottleneck bottleneck)
{
    switch (bottleneck) {
    case Bottleneck::Multipliers: return "multipliers";
    case Bottleneck::Converters: return "converters";
    case Bottleneck::OnChipMemory: return "on-chip memory";
    case Bottleneck::Dram: return "DRAM";
    case Bottleneck::Functions: return "functions";
    }
    return "unknown";
}

Seconds LayerLatency::time() const { return *std::max_element(busy.begin(), busy.end()); }

Bottleneck LayerLatency::bottleneck() const { return static_cast<Bottleneck>(std::max_element(busy.begin(), busy.end()) - busy.begin()); }

Seconds LatencyEstimate::time() const
{
    Seconds sum{0};
    for (const LayerLatency& layer : layers)
        sum += layer.time();
    return sum;
}

LatencyEstimate latencyOf(const Ledger& ledger, const Accelerator& device, std::size_t layers)
{
    LatencyEstimate estimate{device.title, device.source, device.confidence, std::vector<LayerLatency>(layers)};
    for (std::size_t layer = 0; layer < layers; ++layer)
        estimate.layers[layer].layer = LayerIndex(layer);
    for (const LedgerEntry& entry : ledger)
        if (entry.layer.isValid() && entry.layer.value() < layers)
            book(estimate.layers[entry.layer.value()], entry, device);
    return estimate;
}

AreaEstimate areaOf(const AreaDemand& demand, const Accelerator& device)
{
    const auto square = [](double count, double micrometres) { return count * micrometres / kSquareMicrometresPerMillimetre; };
    AreaEstimate area;
    area.arrayCells = square(demand.arrayCells, device.areas.arrayCell);
    if (demand.converterBits > 0)
        area.converters = square(device.converters, device.areas.converter * std::exp2(demand.converterBits - kByte));
    if (demand.hasDigitalProducts)
        area.multipliers = square(device.multipliers, device.areas.multiplier);
    area.weightMemory = square(demand.weightBits, device.areas.memoryBit);
    return area;
}

const std::array<ShiftMachine, 2>& shiftMachines()
{
    // Rows of powers of two : of 4-bit : of 8-bit integers. Where both engines end together, shiftRate is
    // productRate x powers / (fours + 2 eights).
    const auto machine = [](std::string_view name, int slices, int tables, double powers, double fours, double eights) {
        const double products = 2.0 * slices * 100e6;
        return ShiftMachine{name, slices, tables, products, products * powers / (fours + 2 * eights)};
    };
    static const std::array<ShiftMachine, 2> machines{machine("XC7Z020", 220, 53'200, 60, 35, 5),
                                                      machine("XC7Z045", 900, 218'600, 65, 30, 5)};
    return machines;
}

std::optional<ShiftMachineEstimate> timeOn(const ShiftMachine& machine, const Ledger& ledger)
{
    struct Load {
        double shifts = 0, products = 0, rows = 0;
    };
    std::vector<Load> layers;
    for (const LedgerEntry& entry : ledger) {
        if (!entry.layer.isValid() || entry.part == LedgerPart::Functions || entry.part == LedgerPart::Memory)
            continue;
        if (entry.part == LedgerPart::Array || entry.part == LedgerPart::Converter || entry.part == LedgerPart::Recovery)
            return std::nullopt;
        if (entry.part != LedgerPart::MainMultiply || !isProduct(entry))
            continue;
        if (entry.kind != NumberKind::Integer)
            return std::nullopt;
        layers.resize(std::max(layers.size(), entry.layer.value() + 1));
        Load& load = layers[entry.layer.value()];
        (entry.operation == Op::Shift ? load.shifts : load.products) +=
            entry.operation == Op::Shift ? entry.count : entry.count * std::max(1.0, entry.firstBits / 4);
        load.rows += entry.count;
    }
    if (layers.empty())
        return std::nullopt;
    ShiftMachineEstimate estimate{std::string(machine.name)};
    for (const Load& load : layers) {
        estimate.time += std::max(spent(load.shifts, machine.shiftRate), spent(load.products, machine.productRate));
        estimate.multipliersOnly += spent(load.rows, machine.productRate);
    }
    return estimate;
}

}  // namespace core
