// SPDX-License-Identifier: Apache-2.0
#include "core/io/price_table_reader.h"

#include "core/io/named_values.h"

#include <algorithm>

namespace core {

namespace {

constexpr RealBounds kNanometres{1, 1000};
constexpr RealBounds kVolts{0.1, 10};
constexpr RealBounds kBits{1, 1e15};           // a memory's capacity too
constexpr RealBounds kPicojoules{0, 1e6};

const auto kOperations = byName(ledgerOperationName, std::array{LedgerOperation::Multiply, LedgerOperation::Add, LedgerOperation::Shift, LedgerOperation::Compare,
                                                                LedgerOperation::Lookup, LedgerOperation::AdcConversion, LedgerOperation::DacConversion,
                                                                LedgerOperation::ArrayCell, LedgerOperation::SramBits, LedgerOperation::DramBits});
const auto kKinds = byName(numberKindName, std::array{NumberKind::Integer, NumberKind::Float, NumberKind::Bfloat});
const auto kConfidences =
    byName(confidenceName, std::array{Confidence::Measured, Confidence::Recalled, Confidence::Model, Confidence::Estimated});

enum class EnergyUnit { Attojoule, Femtojoule, Picojoule, Nanojoule };
constexpr std::array<std::pair<std::string_view, EnergyUnit>, 4> kUnits{
    {{"aJ", EnergyUnit::Attojoule}, {"fJ", EnergyUnit::Femtojoule}, {"pJ", EnergyUnit::Picojoule}, {"nJ", EnergyUnit::Nanojoule}}};

Picojoules energyIn(EnergyUnit unit, double value)
{
    switch (unit) {
    case EnergyUnit::Attojoule: return Picojoules(value / 1e6);
    case EnergyUnit::Femtojoule: return Picojoules(value / 1e3);
    case EnergyUnit::Picojoule: return Picojoules(value);
    case EnergyUnit::Nanojoule: return Picojoules(value * 1e3);
    }
    return Picojoules(value);
}

/// The range [low, high], in the unit of the value, which it must hold.
Result<void> readRange(const JsonObject& object, EnergyUnit unit, double value, Price& price)
{
    if (!object.has("range"))
        return success();
    std::vector<double> ends;
    CORE_TRY(object.read("range", ends));
    if (ends.size() != 2 || !(ends[0] >= 0 && ends[0] <= value && value <= ends[1]))
        return object.problem("range",
                              fmt::format("found {}; wanted [low, high] around the value {:g}", excerpt(*object.find("range")), value));
    price.range = PriceRange{energyIn(unit, ends[0]), energyIn(unit, ends[1])};
    return success();
}

/// "value" with "unit", or "picojoules" alone.
Result<void> readAmount(const JsonObject& object, Price& price)
{
    double value = 0;
    auto unit = EnergyUnit::Picojoule;
    if (object.has("picojoules")) {
        if (object.has("value") || object.has("unit"))
            return object.problem("picojoules", "stands beside value or unit; wanted one of the two forms");
        CORE_TRY(object.read("picojoules", value, kPicojoules));
    } else {
        CORE_TRY(object.require({"value", "unit"}));
        CORE_TRY(readNamed(object, "unit", kUnits, unit));
        CORE_TRY(object.read("value", value, kPicojoules));
    }
    price.perOperation = energyIn(unit, value);
    return readRange(object, unit, value, price);
}

Result<Price> priceFrom(const JsonObject& object)
{
    Price price;
    CORE_TRY(object.onlyKeys(
        {"operation", "kind", "bits", "picojoules", "value", "unit", "range", "source", "confidence", "node_nm", "voltage"}));
    CORE_TRY(object.require({"operation", "bits", "source", "confidence"}));
    CORE_TRY(readNamed(object, "operation", kOperations, price.operation));
    CORE_TRY(readNamed(object, "kind", kKinds, price.kind));
    CORE_TRY(object.read("bits", price.bits, kBits));
    CORE_TRY(readAmount(object, price));
    CORE_TRY(object.read("node_nm", price.nodeNanometres, kNanometres));
    CORE_TRY(object.read("voltage", price.voltage, kVolts));
    CORE_TRY(object.read("source", price.source));
    CORE_TRY(readNamed(object, "confidence", kConfidences, price.confidence));
    if (price.source.empty())
        return object.problem("source", "is empty; wanted where the price comes from");
    return price;
}

constexpr RealBounds kCount{0, 1e12};

Result<AcceleratorAreas> areasFrom(const JsonObject& object)
{
    AcceleratorAreas areas;
    CORE_TRY(object.onlyKeys({"multiplier", "converter", "array_cell", "memory_bit"}));
    CORE_TRY(object.read("multiplier", areas.multiplier, kCount));
    CORE_TRY(object.read("converter", areas.converter, kCount));
    CORE_TRY(object.read("array_cell", areas.arrayCell, kCount));
    CORE_TRY(object.read("memory_bit", areas.memoryBit, kCount));
    return areas;
}

Result<Accelerator> deviceFrom(const JsonObject& object)
{
    Accelerator device;
    CORE_TRY(object.onlyKeys({"title", "clock_mhz", "multipliers", "function_lanes", "on_chip_kilobytes", "on_chip_bits_per_cycle",
                              "dram_gigabytes_per_second", "converters", "conversion_ns", "square_micrometres", "source", "confidence"}));
    CORE_TRY(object.require({"title", "clock_mhz", "multipliers", "source", "confidence"}));
    CORE_TRY(object.read("title", device.title));
    CORE_TRY(object.read("clock_mhz", device.clockMegahertz, {1e-3, 1e5}));
    CORE_TRY(object.read("multipliers", device.multipliers, {1, 1e9}));
    CORE_TRY(object.read("function_lanes", device.functionLanes, kCount));
    CORE_TRY(object.read("on_chip_kilobytes", device.onChipKilobytes, kCount));
    CORE_TRY(object.read("on_chip_bits_per_cycle", device.onChipBitsPerCycle, kCount));
    CORE_TRY(object.read("dram_gigabytes_per_second", device.dramGigabytesPerSecond, kCount));
    CORE_TRY(object.read("converters", device.converters, kCount));
    CORE_TRY(object.read("conversion_ns", device.conversionNanoseconds, kCount));
    CORE_TRY(object.read("source", device.source));
    CORE_TRY(readNamed(object, "confidence", kConfidences, device.confidence));
    if (device.source.empty())
        return object.problem("source", "is empty; wanted where the device comes from");
    if (object.has("square_micrometres")) {
        CORE_TRY(const auto areas, object.object("square_micrometres"));
        CORE_TRY(device.areas, areasFrom(areas));
    }
    return device;
}

Result<PriceTable> tableFrom(const Json& document)
{
    CORE_TRY(auto root, JsonObject::of(document, ""));
    CORE_TRY(root.onlyKeys({"schema", "name", "title", "node_nm", "voltage", "device", "prices"}));
    CORE_TRY(root.require({"schema", "name", "title", "node_nm", "voltage", "prices"}));
    std::string schema;
    CORE_TRY(root.read("schema", schema));
    if (schema != "polarizer.energy/1")
        return root.problem("schema", fmt::format("found \"{}\"; wanted \"polarizer.energy/1\"", schema));
    PriceTable table;
    CORE_TRY(root.read("name", table.name));
    CORE_TRY(root.read("title", table.title));
    CORE_TRY(root.read("node_nm", table.nodeNanometres, kNanometres));
    CORE_TRY(root.read("voltage", table.voltage, kVolts));
    if (root.has("device")) {
        CORE_TRY(const auto object, root.object("device"));
        CORE_TRY(table.device, deviceFrom(object));
    }
    const Json& prices = *root.find("prices");
    if (!prices.is_array() || prices.empty())
        return root.problem("prices", fmt::format("found {}; wanted a list of at least one price", excerpt(prices)));
    for (std::size_t i = 0; i < prices.size(); ++i) {
        const std::string path = fmt::format("prices[{}]", i);
        CORE_TRY(auto object, JsonObject::of(prices[i], path));
        CORE_TRY(auto price, priceFrom(object));
        const auto same = [&](const Price& other) { return other.operation == price.operation && other.kind == price.kind && other.bits == price.bits; };
        if (std::any_of(table.prices.begin(), table.prices.end(), same))
            return object.problem("bits", fmt::format("{:g} bits are priced twice for {} {}; wanted once", price.bits, numberKindName(price.kind), ledgerOperationName(price.operation)));
        table.prices.push_back(std::move(price));
    }
    return table;
}

}  // namespace

Result<PriceTable> readPriceTable(const std::filesystem::path& file)
{
    CORE_TRY(auto document, readJson(file));
    auto table = tableFrom(document);
    if (!table)
        return table.error().within(file.string());
    return table;
}

}  // namespace core
