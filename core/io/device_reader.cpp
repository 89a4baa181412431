// SPDX-License-Identifier: Apache-2.0
#include "core/io/device_reader.h"

#include "core/io/array_json.h"
#include "core/io/file_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>
#include <sstream>

namespace core {

namespace {

constexpr const char* kSchema = "polarizer.device/1";
constexpr std::size_t kMostCells = 10'000'000, kMostBytes = std::size_t{1} << 29;

std::optional<double> numberIn(std::string_view text)
{
    while (!text.empty() && text.front() == ' ')
        text.remove_prefix(1);
    while (!text.empty() && text.back() == ' ')
        text.remove_suffix(1);
    double value = 0.0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || stop != text.data() + text.size() || !std::isfinite(value))
        return std::nullopt;
    return value;
}

/// What a file leaves out: cells without errors that drift as the plan's own default says.
ArrayTreatment quietArray()
{
    ArrayTreatment quiet = meanDevice({});
    quiet.drift = {};
    return quiet;
}

Result<Device> deviceFrom(const Json& document)
{
    CORE_TRY(const JsonObject root, JsonObject::of(document, ""));
    CORE_TRY(root.onlyKeys({"schema", "name", "title", "source", "cells"}));
    CORE_TRY(root.require({"schema", "name", "title", "source", "cells"}));
    std::string schema;
    CORE_TRY(root.read("schema", schema));
    if (schema != kSchema)
        return root.problem("schema", fmt::format("found \"{}\"; wanted \"{}\"", schema, kSchema));
    Device device;
    CORE_TRY(root.read("name", device.name));
    CORE_TRY(root.read("title", device.title));
    CORE_TRY(root.read("source", device.source));
    for (const auto& [key, text] : {std::pair{"name", device.name}, std::pair{"title", device.title}, std::pair{"source", device.source}})
        if (text.empty())
            return root.problem(key, "is empty; wanted a text");
    CORE_TRY(const JsonObject cells, root.object("cells"));
    CORE_TRY(cells.onlyKeys({"bits_per_cell", "variation", "read_noise", "drift", "stuck", "on_off_ratio", "on_microsiemens"}));
    CORE_TRY(cells.require({"bits_per_cell", "variation", "read_noise", "on_off_ratio", "on_microsiemens"}));
    // The same keys as in a plan's array, read by the same code.
    const ArrayTreatment quiet = quietArray();
    CORE_TRY(const ArrayTreatment array, arrayTreatmentFrom(cells, quiet));
    device.bitsPerCell = array.bitsPerCell;
    device.variation = array.variation;
    device.readNoise = array.readNoise;
    device.drift = array.drift;
    device.stuck = array.stuck;
    device.onOffRatio = array.onOffRatio;
    device.onMicrosiemens = array.onMicrosiemens;
    ArrayTreatment wide;
    wide.weightBits = 8;
    if (const Problems problems = check(withDevice(wide, device)); !problems.empty())
        return problems.front();
    return device;
}

}  // namespace

Result<Device> readDevice(const std::filesystem::path& file)
{
    CORE_TRY(const auto document, readJson(file));
    auto device = deviceFrom(document);
    if (!device)
        return device.error().within(file.string());
    return device;
}

nlohmann::ordered_json deviceToJson(const Device& device)
{
    const ArrayTreatment quiet = quietArray();
    ArrayTreatment array = quiet;
    array.weightBits = 8;
    array = withDevice(array, device);
    array.weightBits = quiet.weightBits;
    Json cells = arrayTreatmentToJson(array, quiet);
    cells.erase("array");
    cells["bits_per_cell"] = device.bitsPerCell;
    for (const char* key : {"variation", "read_noise"})
        if (!cells.contains(key))
            cells[key] = {{"model", "proportional"}, {"sigma", 0.0}};
    cells["on_off_ratio"] = device.onOffRatio > 0 ? Json(device.onOffRatio) : Json();
    cells["on_microsiemens"] = device.onMicrosiemens;
    return {{"schema", kSchema}, {"name", device.name}, {"title", device.title}, {"source", device.source}, {"cells", cells}};
}

Result<std::vector<MeasuredCell>> readMeasuredCells(const std::filesystem::path& file)
{
    const auto text = readText(file, kMostBytes);
    if (!text)
        return text.error().within(file.string());
    std::istringstream stream(text.value());
    std::vector<MeasuredCell> cells;
    std::string line;
    for (std::size_t number = 1; std::getline(stream, line); ++number) {
        while (!line.empty() && (line.back() == '\r' || line.back() == ' '))
            line.pop_back();
        if (line.empty())
            continue;
        std::vector<std::string> fields;
        for (std::size_t begin = 0; begin <= line.size();) {
            const std::size_t end = std::min(line.find_first_of(",;\t", begin), line.size());
            fields.push_back(line.substr(begin, end - begin));
            begin = end + 1;
        }
        if (fields.size() != 2)
            return Problem{fmt::format("{}: line {}", file.string(), number),
                           fmt::format("{} columns; wanted 2: target and measured conductance", fields.size())};
        const auto target = numberIn(fields[0]), measured = numberIn(fields[1]);
        if (number == 1 && !target && !measured)
            continue;  // the heading
        for (std::size_t column = 0; column < 2; ++column)
            if (!(column == 0 ? target : measured))
                return Problem{fmt::format("{}: line {}, column {}", file.string(), number, column + 1),
                               fmt::format("found {}; wanted a number", excerpt(Json(fields[column])))};
        cells.push_back({*target, *measured});
        if (cells.size() > kMostCells)
            return Problem{file.string(), fmt::format("more than {} cells", kMostCells)};
    }
    if (cells.empty())
        return Problem{file.string(), "holds no cells; wanted lines of two numbers, target and measured conductance"};
    return cells;
}

}  // namespace core
