// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_manifest.h"

#include "core/io/dataset_parts.h"
#include "core/io/dataset_reader.h"
#include "core/io/idx_reader.h"
#include "core/io/json_object.h"
#include "core/io/named_values.h"

#include <fmt/format.h>

#include <array>

namespace core {

namespace {

constexpr std::array<std::pair<std::string_view, SampleKind>, 4> kKinds{{{"image", SampleKind::Image},
                                                                         {"spectrogram", SampleKind::Spectrogram},
                                                                         {"sequence", SampleKind::Sequence},
                                                                         {"table", SampleKind::Table}}};

const auto kLayouts = byName(layoutName, std::array{SampleLayout::HeightWidth, SampleLayout::HeightWidthChannel,
                                                    SampleLayout::ChannelHeightWidth, SampleLayout::Sequence, SampleLayout::Features});

constexpr std::array<std::pair<std::string_view, DatasetManifest::Format>, 2> kFormats{
    {{"idx", DatasetManifest::Format::Idx}, {"csv", DatasetManifest::Format::Csv}}};

/// A manifest names files of its own folder and no others.
Result<void> checkFileName(const JsonObject& split, std::string_view key, const std::string& name)
{
    const std::filesystem::path path(name);
    bool leaves = name.empty() || path.is_absolute();
    for (const auto& part : path)
        leaves = leaves || part == "..";
    if (leaves)
        return split.problem(key, fmt::format("found \"{}\"; wanted the name of a file in the folder of the manifest", name));
    return success();
}

Result<void> readSplits(const JsonObject& root, DatasetManifest& manifest)
{
    CORE_TRY(auto splits, root.object("splits"));
    for (const auto& [name, value] : splits.json().items()) {
        CORE_TRY(auto split, JsonObject::of(value, splits.pathOf(name)));
        auto& files = manifest.splits[name];
        CORE_TRY(split.require({"samples", "inputs"}));
        CORE_TRY(split.read("samples", files.samples, {1, INT32_MAX}));
        CORE_TRY(split.read("inputs", files.inputs));
        CORE_TRY(split.read("labels", files.labels));
        CORE_TRY(checkFileName(split, "inputs", files.inputs));
        if (split.has("labels")) {
            CORE_TRY(checkFileName(split, "labels", files.labels));
        }
    }
    if (manifest.splits.empty())
        return root.problem("splits", "is empty; wanted at least one split");
    return success();
}

Result<void> readCsvKeys(const JsonObject& root, DatasetManifest& manifest)
{
    CORE_TRY(auto csv, root.object("csv"));
    CORE_TRY(csv.read("label", manifest.csv.label));
    bool header = true;
    CORE_TRY(csv.read("header", header));
    manifest.csv.header = header;
    manifest.csv.layout = manifest.description.layout;
    manifest.csv.classes = manifest.description.classes;
    return success();
}

Result<void> readSizes(const JsonObject& root, DatasetManifest& manifest)
{
    if (!root.has("files"))
        return success();
    CORE_TRY(auto files, root.object("files"));
    for (const auto& [name, value] : files.json().items()) {
        CORE_TRY(auto entry, JsonObject::of(value, files.pathOf(name)));
        if (entry.has("bytes")) {
            CORE_TRY(entry.read("bytes", manifest.fileBytes[name], {0, INT64_MAX}));
        }
    }
    return success();
}

Result<DatasetManifest> manifestFrom(const Json& document)
{
    CORE_TRY(auto root, JsonObject::of(document, ""));
    CORE_TRY(root.require({"schema", "name", "format", "layout"}));
    std::string schema;
    CORE_TRY(root.read("schema", schema));
    if (schema != "polarizer.dataset/1")
        return root.problem("schema", fmt::format("found \"{}\"; wanted \"polarizer.dataset/1\"", schema));
    DatasetManifest manifest;
    Dataset& dataset = manifest.description;
    CORE_TRY(root.read("name", dataset.name));
    CORE_TRY(root.read("title", dataset.title));
    CORE_TRY(root.read("classes", dataset.classes));
    CORE_TRY(root.read("source", dataset.source));
    CORE_TRY(root.read("licence", dataset.licence));
    CORE_TRY(readNamed(root, "layout", kLayouts, dataset.layout));
    dataset.kind = kindOf(dataset.layout);
    CORE_TRY(readNamed(root, "kind", kKinds, dataset.kind));
    CORE_TRY(readNamed(root, "format", kFormats, manifest.format));
    if (manifest.format == DatasetManifest::Format::Csv) {
        CORE_TRY(readCsvKeys(root, manifest));
    }
    CORE_TRY(readSplits(root, manifest));
    CORE_TRY(readSizes(root, manifest));
    return manifest;
}

Result<void> checkSize(const DatasetManifest& manifest, const std::filesystem::path& folder, const std::string& name)
{
    const auto stated = manifest.fileBytes.find(name);
    if (stated == manifest.fileBytes.end())
        return success();
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(folder / name, error);
    if (!error && size != static_cast<std::uintmax_t>(stated->second))
        return Problem{(folder / name).string(), fmt::format("has {} bytes; dataset.json states {}", size, stated->second)};
    return success();
}

Result<Split> readSplit(const DatasetManifest& manifest, const DatasetManifest::SplitFiles& files, const std::filesystem::path& folder)
{
    CORE_TRY(checkSize(manifest, folder, files.inputs));
    Split split;
    if (manifest.format == DatasetManifest::Format::Csv) {
        CORE_TRY(auto table, readCsv(folder / files.inputs, manifest.csv));
        split = std::move(table.split);
    } else {
        CORE_TRY(auto inputs, readIdx(folder / files.inputs));
        split.inputs = std::move(inputs);
        if (!files.labels.empty()) {
            CORE_TRY(checkSize(manifest, folder, files.labels));
            CORE_TRY(auto labels, readIdxLabels(folder / files.labels));
            split.labels = std::move(labels);
        }
    }
    if (split.samples() != files.samples)
        return Problem{(folder / files.inputs).string(),
                       fmt::format("has {} samples; dataset.json states {}", split.samples(), files.samples)};
    return split;
}

}  // namespace

std::string kindName(SampleKind kind) { return nameOf(kKinds, kind); }

Result<DatasetManifest> DatasetManifest::read(const std::filesystem::path& file)
{
    CORE_TRY(auto document, readJson(file));
    auto manifest = manifestFrom(document);
    if (!manifest)
        return manifest.error().within(file.string());
    return manifest;
}

Result<Dataset> readDescribedDataset(const std::filesystem::path& manifestFile)
{
    CORE_TRY(auto manifest, DatasetManifest::read(manifestFile));
    Dataset dataset = manifest.description;
    for (const auto& [name, files] : manifest.splits) {
        CORE_TRY(auto split, readSplit(manifest, files, manifestFile.parent_path()));
        dataset.splits[name] = std::move(split);
    }
    if (dataset.classes.empty())
        dataset.classes = numberedClasses(dataset);
    auto whole = completed(std::move(dataset));
    if (!whole)
        return whole.error().within(manifestFile.string());
    return whole;
}

}  // namespace core
