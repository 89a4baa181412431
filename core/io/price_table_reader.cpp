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
const auto kKinds = byName(numberKindName, std::array{NumberKind::Integer, NumberKind::Float});
const auto kConfidences = byName(confidenceName, std::array{Confidence::Measured, Confidence::Model, Confidence::Recalled});

Result<Price> priceFrom(const JsonObject& object)
{
    Price price;
    double picojoules = 0;
    CORE_TRY(object.onlyKeys({"operation", "kind", "bits", "picojoules", "source", "confidence"}));
    CORE_TRY(object.require({"operation", "bits", "picojoules", "source", "confidence"}));
    CORE_TRY(readNamed(object, "operation", kOperations, price.operation));
    CORE_TRY(readNamed(object, "kind", kKinds, price.kind));
    CORE_TRY(object.read("bits", price.bits, kBits));
    CORE_TRY(object.read("picojoules", picojoules, kPicojoules));
    CORE_TRY(object.read("source", price.source));
    CORE_TRY(readNamed(object, "confidence", kConfidences, price.confidence));
    if (price.source.empty())
        return object.problem("source", "is empty; wanted where the price comes from");
    price.perOperation = Picojoules(picojoules);
    return price;
}

Result<PriceTable> tableFrom(const Json& document)
{
    CORE_TRY(auto root, JsonObject::of(document, ""));
    CORE_TRY(root.onlyKeys({"schema", "name", "title", "node_nm", "voltage", "prices"}));
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
