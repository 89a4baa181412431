// SPDX-License-Identifier: Apache-2.0
#include "core/io/library.h"

#include "core/energy/node_scaling.h"
#include "core/io/dataset_manifest.h"
#include "core/io/dataset_reader.h"
#include "core/io/device_reader.h"
#include "core/io/json_documents.h"
#include "core/io/network_manifest.h"
#include "core/io/onnx_reader.h"
#include "core/io/price_table_reader.h"
#include "core/network/folding.h"
#include "core/plan/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace core {

namespace {

namespace fs = std::filesystem;

/// A name is one word; a path has a separator or an ending that files have.
bool isName(const std::string& nameOrPath, std::initializer_list<std::string_view> endings)
{
    if (nameOrPath.empty() || nameOrPath.find('/') != std::string::npos || nameOrPath == "." || nameOrPath == "..")
        return false;
    return std::none_of(endings.begin(), endings.end(), [&](std::string_view ending) { return nameOrPath.ends_with(ending); });
}

fs::path networksFolder() { return libraryRoot() / "resources" / "networks"; }
fs::path datasetsFolder() { return libraryRoot() / "datasets"; }
fs::path plansFolder() { return libraryRoot() / "resources" / "plans"; }
fs::path devicesFolder() { return libraryRoot() / "resources" / "devices"; }
fs::path pricesFolder() { return libraryRoot() / "resources" / "energy"; }

/// What lies in a folder, by name; nothing where there is no such folder.
std::vector<fs::path> entriesOf(const fs::path& folder)
{
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error))
        entries.push_back(entry->path());
    std::sort(entries.begin(), entries.end());
    return entries;
}

/// The names of the folders in `folder` that hold `file`.
std::vector<std::string> namesWith(const fs::path& folder, const char* file)
{
    std::vector<std::string> names;
    std::error_code error;
    for (const fs::path& entry : entriesOf(folder))
        if (fs::is_regular_file(entry / file, error))
            names.push_back(entry.filename().string());
    return names;
}

/// The names of the files in `folder` with this ending, without it.
std::vector<std::string> stemsWith(const fs::path& folder, std::string_view ending)
{
    std::vector<std::string> stems;
    for (const fs::path& entry : entriesOf(folder))
        if (const std::string name = entry.filename().string(); name.ends_with(ending))
            stems.push_back(name.substr(0, name.size() - ending.size()));
    return stems;
}

Problem unknown(const std::string& nameOrPath, const char* what, const std::vector<std::string>& known)
{
    if (known.empty())
        return {
            nameOrPath,
            fmt::format("is no file, and no bundled {}s were found; set POLARIZER_ROOT to the folder that holds resources/ and datasets/",
                        what)};
    return {nameOrPath, fmt::format("is neither a file nor a bundled {}; bundled are {}", what, fmt::join(known, ", "))};
}

Result<Network> folded(const Network& network, BatchNormalization batchNormalization)
{
    CORE_TRY(auto small, foldConstants(network));
    if (batchNormalization == BatchNormalization::Keep)
        return small;
    return foldBatchNormalization(small);
}

bool holdsLibrary(const fs::path& folder)
{
    std::error_code error;
    return fs::is_directory(folder / "resources" / "networks", error);
}

fs::path findRoot()
{
    if (const char* root = std::getenv("POLARIZER_ROOT"); root != nullptr && *root != '\0')
        return root;
    std::error_code error;
    for (fs::path folder = fs::read_symlink("/proc/self/exe", error).parent_path(); !folder.empty(); folder = folder.parent_path()) {
        for (const fs::path& candidate : {folder, folder / "share" / "polarizer"})
            if (holdsLibrary(candidate))
                return candidate;
        if (folder == folder.root_path())
            break;
    }
    return {};
}

}  // namespace

std::filesystem::path libraryRoot() { return findRoot(); }

std::vector<NetworkManifest> bundledNetworks()
{
    std::vector<NetworkManifest> manifests;
    for (const std::string& name : namesWith(networksFolder(), "network.json"))
        if (auto file = readNetworkManifest(networksFolder() / name / "network.json"))
            manifests.push_back(std::move(file.value().manifest));
    return manifests;
}

std::vector<DatasetSummary> bundledDatasets()
{
    std::vector<DatasetSummary> summaries;
    for (const std::string& name : namesWith(datasetsFolder(), "dataset.json")) {
        const auto manifest = DatasetManifest::read(datasetsFolder() / name / "dataset.json");
        if (!manifest)
            continue;
        const Dataset& dataset = manifest.value().description;
        DatasetSummary summary{dataset.name, dataset.title, kindName(dataset.kind), dataset.licence, {}};
        for (const auto& [split, files] : manifest.value().splits)
            summary.splits[split] = files.samples;
        summaries.push_back(std::move(summary));
    }
    return summaries;
}

Result<LoadedNetwork> loadNetwork(const std::string& nameOrPath, BatchNormalization batchNormalization)
{
    std::error_code error;
    NetworkManifestFile described;
    fs::path manifestFile;
    const std::vector<std::string> bundled = namesWith(networksFolder(), "network.json");
    if (isName(nameOrPath, {".onnx"}) && std::count(bundled.begin(), bundled.end(), nameOrPath) > 0)
        manifestFile = networksFolder() / nameOrPath / "network.json";
    else if (fs::is_directory(nameOrPath, error))
        manifestFile = fs::path(nameOrPath) / "network.json";
    else if (!fs::exists(nameOrPath, error))
        return unknown(nameOrPath, "network", bundled);

    if (manifestFile.empty()) {
        described.model = nameOrPath;
        described.manifest.name = described.model.stem().string();
        described.manifest.title = described.manifest.name;
    } else {
        CORE_TRY(auto file, readNetworkManifest(manifestFile));
        described = std::move(file);
    }
    CORE_TRY(auto network, readOnnx(described.model));
    auto small = folded(network, batchNormalization);
    if (!small)
        return small.error().within(described.model.string());
    return LoadedNetwork{std::make_shared<const Network>(std::move(small).value()), std::move(described.manifest)};
}

Result<Dataset> loadDataset(const std::string& nameOrPath)
{
    const std::vector<std::string> bundled = namesWith(datasetsFolder(), "dataset.json");
    if (isName(nameOrPath, {}) && std::count(bundled.begin(), bundled.end(), nameOrPath) > 0)
        return readDataset(datasetsFolder() / nameOrPath);
    std::error_code error;
    if (!fs::exists(nameOrPath, error))
        return unknown(nameOrPath, "dataset", bundled);
    return readDataset(nameOrPath);
}

Result<Device> loadDevice(const std::string& nameOrPath)
{
    if (isName(nameOrPath, {".json", ".csv"})) {
        const auto known = stemsWith(devicesFolder(), ".json");
        if (std::find(known.begin(), known.end(), nameOrPath) == known.end())
            return unknown(nameOrPath, "device", known);
        return readDevice(devicesFolder() / (nameOrPath + ".json"));
    }
    if (!nameOrPath.ends_with(".csv"))
        return readDevice(nameOrPath);
    CORE_TRY(const auto cells, readMeasuredCells(nameOrPath));
    auto fit = fitDevice(cells);
    if (!fit)
        return fit.error().within(nameOrPath);
    Device device;
    device.name = fs::path(nameOrPath).stem().string();
    device.title = fmt::format("{}: {} measured cells", device.name, cells.size());
    device.source = fs::path(nameOrPath).filename().string();
    device.variation = fit.value().variation;
    device.onOffRatio = fit.value().onOffRatio;
    return device;
}

std::vector<Device> bundledDevices()
{
    std::vector<Device> devices;
    for (const std::string& name : stemsWith(devicesFolder(), ".json"))
        if (auto device = loadDevice(name))
            devices.push_back(std::move(device.value()));
    return devices;
}

namespace {

/// "22nm", "22nm,0.8V": the supply stays where it is not named.
Result<ProcessPoint> processPoint(const std::string& text, ProcessPoint point)
{
    const char* at = text.data();
    const char* const end = at + text.size();
    const auto number = [&](double& value, std::string_view unit) {
        const auto [next, error] = std::from_chars(at, end, value);
        const bool isRead = error == std::errc() && std::string_view(next, static_cast<std::size_t>(end - next)).starts_with(unit);
        at = isRead ? next + unit.size() : at;
        return isRead;
    };
    const bool hasNode = number(point.nanometres, "nm");
    const bool hasSupply = hasNode && at != end && *at == ',' && (++at, number(point.voltage, "V"));
    if (!hasNode || at != end || (text.find(',') != std::string::npos && !hasSupply))
        return Problem{
            "",
            fmt::format("found \"@{}\"; wanted a node and perhaps a supply behind a price table's name, as in 45nm@22nm or 45nm@22nm,0.8V",
                        text)};
    return point;
}

}  // namespace

Result<PriceTable> loadPriceTable(const std::string& nameOrPath)
{
    const std::vector<std::string> bundled = stemsWith(pricesFolder(), ".json");
    if (isName(nameOrPath, {".json"}) && std::count(bundled.begin(), bundled.end(), nameOrPath) > 0)
        return readPriceTable(pricesFolder() / (nameOrPath + ".json"));
    std::error_code error;
    const std::size_t at = nameOrPath.rfind('@');
    if (at != std::string::npos && at > 0 && !fs::exists(nameOrPath, error)) {
        CORE_TRY(const PriceTable table, loadPriceTable(nameOrPath.substr(0, at)));
        const auto point = processPoint(nameOrPath.substr(at + 1), {table.nodeNanometres, table.voltage});
        if (!point)
            return point.error().within(nameOrPath);
        auto scaled = scaledTo(table, point.value());
        if (!scaled)
            return scaled.error().within(nameOrPath);
        return scaled;
    }
    if (!fs::exists(nameOrPath, error))
        return unknown(nameOrPath, "price table", bundled);
    return readPriceTable(nameOrPath);
}

std::vector<PriceTable> bundledPriceTables()
{
    std::vector<PriceTable> tables;
    for (const std::string& name : stemsWith(pricesFolder(), ".json"))
        if (auto table = readPriceTable(pricesFolder() / (name + ".json")))
            tables.push_back(std::move(table).value());
    return tables;
}

std::vector<std::string> bundledPlans() { return stemsWith(plansFolder(), ".plan.json"); }

Result<PrecisionPlan> loadPlan(const std::string& nameOrPath) { return loadPlan(nameOrPath, {}); }

Result<PrecisionPlan> loadPlan(const std::string& nameOrPath, const std::vector<WeightedLayer>& layers)
{
    for (const PlanPreset& preset : planPresets()) {
        if (preset.name != nameOrPath)
            continue;
        if (preset.mixture && layers.empty())
            return Problem{nameOrPath, "is a mixture counted from a network's weights; name the network too"};
        return presetFor(preset, layers);
    }
    const std::vector<std::string> bundled = bundledPlans();
    if (isName(nameOrPath, {".json"}) && std::count(bundled.begin(), bundled.end(), nameOrPath) > 0)
        return readPlan(plansFolder() / (nameOrPath + ".plan.json"));
    std::error_code error;
    if (fs::exists(nameOrPath, error))
        return readPlan(nameOrPath);
    std::vector<std::string> known;
    for (const PlanPreset& preset : planPresets())
        known.push_back(preset.name);
    known.insert(known.end(), bundled.begin(), bundled.end());
    return unknown(nameOrPath, "plan", known);
}

}  // namespace core
