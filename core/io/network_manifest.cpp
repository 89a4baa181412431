// SPDX-License-Identifier: Apache-2.0
#include "core/io/network_manifest.h"

#include "core/io/file_target.h"
#include "core/io/named_values.h"

#include <limits>

namespace core {

namespace {

constexpr RealBounds kAnyReal{-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
constexpr IntegerBounds kAnyCount{0, INT64_MAX};

constexpr std::array<std::pair<std::string_view, Task::Kind>, 2> kTasks{
    {{"classification", Task::Kind::Classification}, {"reconstruction", Task::Kind::Reconstruction}}};

const auto kLayouts = byName(layoutName, std::array{TensorLayout::ChannelHeightWidth, TensorLayout::HeightWidthChannel,
                                                    TensorLayout::Sequence, TensorLayout::Features, TensorLayout::Flat});

constexpr std::array<std::pair<std::string_view, DataType>, 2> kTypes{{{"float32", DataType::Float32}, {"int64", DataType::Int64}}};

Result<Task> taskFrom(const JsonObject& object)
{
    Task task;
    CORE_TRY(object.require({"kind"}));
    CORE_TRY(readNamed(object, "kind", kTasks, task.kind));
    if (task.kind == Task::Kind::Reconstruction) {
        CORE_TRY(object.require({"threshold"}));
    }
    CORE_TRY(object.read("threshold", task.threshold, {0, kAnyReal.high}));
    return task;
}

Result<Preprocessing> preprocessingFrom(const JsonObject& object)
{
    Preprocessing preprocessing;
    CORE_TRY(object.require({"layout"}));
    CORE_TRY(readNamed(object, "layout", kLayouts, preprocessing.layout));
    CORE_TRY(readNamed(object, "type", kTypes, preprocessing.type));
    CORE_TRY(object.read("scale", preprocessing.scale, kAnyReal));
    CORE_TRY(object.read("mean", preprocessing.mean));
    CORE_TRY(object.read("std", preprocessing.standardDeviation));
    return preprocessing;
}

Result<NetworkManifest::Accuracy> accuracyFrom(const JsonObject& object)
{
    NetworkManifest::Accuracy accuracy;
    CORE_TRY(object.require({"split", "samples", "correct"}));
    CORE_TRY(object.read("split", accuracy.split));
    CORE_TRY(object.read("samples", accuracy.samples, kAnyCount));
    CORE_TRY(object.read("correct", accuracy.correct, {0, accuracy.samples}));
    return accuracy;
}

Result<NetworkManifestFile> manifestFrom(const Json& document)
{
    CORE_TRY(auto root, JsonObject::of(document, ""));
    CORE_TRY(root.require({"schema", "name", "model"}));
    std::string schema, model;
    CORE_TRY(root.read("schema", schema));
    if (schema != "polarizer.network/1")
        return root.problem("schema", fmt::format("found \"{}\"; wanted \"polarizer.network/1\"", schema));
    NetworkManifest manifest;
    CORE_TRY(root.read("name", manifest.name));
    CORE_TRY(root.read("title", manifest.title));
    CORE_TRY(root.read("model", model));
    CORE_TRY(root.read("dataset", manifest.dataset));
    CORE_TRY(root.read("source", manifest.source));
    CORE_TRY(root.read("licence", manifest.licence));
    CORE_TRY(root.read("parameters", manifest.parameters, kAnyCount));
    CORE_TRY(root.read("macs", manifest.macs, kAnyCount));
    if (root.has("task")) {
        CORE_TRY(auto task, root.object("task"));
        CORE_TRY(auto readTask, taskFrom(task));
        manifest.task = readTask;
    }
    if (root.has("preprocessing")) {
        CORE_TRY(auto preprocessing, root.object("preprocessing"));
        CORE_TRY(auto readPreprocessing, preprocessingFrom(preprocessing));
        manifest.preprocessing = readPreprocessing;
    }
    if (root.has("accuracy")) {
        CORE_TRY(auto accuracy, root.object("accuracy"));
        CORE_TRY(auto readAccuracy, accuracyFrom(accuracy));
        manifest.accuracy = readAccuracy;
    }
    if (model.empty() || std::filesystem::path(model).has_parent_path())
        return root.problem("model", fmt::format("found \"{}\"; wanted the name of a file in the folder of the manifest", model));
    return NetworkManifestFile{std::move(manifest), model};
}

Json manifestToJson(const NetworkManifest& manifest, const std::string& model)
{
    Json json = {{"schema", "polarizer.network/1"}, {"name", manifest.name}, {"title", manifest.title}, {"model", model}, {"dataset", manifest.dataset}};
    json["task"]["kind"] = nameOf(kTasks, manifest.task.kind);
    if (manifest.task.kind == Task::Kind::Reconstruction)
        json["task"]["threshold"] = manifest.task.threshold;
    if (const auto& preprocessing = manifest.preprocessing)
        json["preprocessing"] = {{"layout", nameOf(kLayouts, preprocessing->layout)},
                                 {"type", nameOf(kTypes, preprocessing->type)},
                                 {"scale", preprocessing->scale},
                                 {"mean", preprocessing->mean},
                                 {"std", preprocessing->standardDeviation}};
    json["parameters"] = manifest.parameters;
    json["macs"] = manifest.macs;
    if (manifest.accuracy)
        json["accuracy"] = {{"split", manifest.accuracy->split}, {"samples", manifest.accuracy->samples}, {"correct", manifest.accuracy->correct}};
    json["source"] = manifest.source;
    json["licence"] = manifest.licence;
    return json;
}

}  // namespace

Result<void> writeNetworkManifest(const NetworkManifest& manifest, const std::string& model, const std::filesystem::path& file)
{
    return replaceFile(file, [&](std::ostream& out) {
        out << manifestToJson(manifest, model).dump(1) << '\n';
        return static_cast<bool>(out);
    });
}

Result<NetworkManifestFile> readNetworkManifest(const std::filesystem::path& file)
{
    CORE_TRY(auto document, readJson(file));
    auto result = manifestFrom(document);
    if (!result)
        return result.error().within(file.string());
    result.value().model = file.parent_path() / result.value().model;
    return result;
}

}  // namespace core
