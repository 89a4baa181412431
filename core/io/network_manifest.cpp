// SPDX-License-Identifier: Apache-2.0
#include "core/io/network_manifest.h"

#include "core/io/named_values.h"

#include <limits>

namespace core {

namespace {

constexpr RealBounds kAnyReal{-std::numeric_limits<double>::max(), std::numeric_limits<double>::max()};
constexpr IntegerBounds kAnyCount{0, INT64_MAX};

constexpr std::array<std::pair<std::string_view, Task::Kind>, 2> kTasks{
    {{"classification", Task::Kind::Classification}, {"reconstruction", Task::Kind::Reconstruction}}};

const auto kLayouts = byName(layoutName, std::array{TensorLayout::ChannelHeightWidth, TensorLayout::HeightWidthChannel, TensorLayout::Sequence,
                                                    TensorLayout::Features, TensorLayout::Flat});

constexpr std::array<std::pair<std::string_view, DataType>, 2> kTypes{{{"float32", DataType::Float32}, {"int64", DataType::Int64}}};

Result<Task> taskFrom(const JsonObject& object)
{
    Task task;
    BOOST_OUTCOME_TRYV(object.require({"kind"}));
    BOOST_OUTCOME_TRYV(readNamed(object, "kind", kTasks, task.kind));
    if (task.kind == Task::Kind::Reconstruction) {
        BOOST_OUTCOME_TRYV(object.require({"threshold"}));
    }
    BOOST_OUTCOME_TRYV(object.read("threshold", task.threshold, {0, kAnyReal.high}));
    return task;
}

Result<Preprocessing> preprocessingFrom(const JsonObject& object)
{
    Preprocessing preprocessing;
    BOOST_OUTCOME_TRYV(object.require({"layout"}));
    BOOST_OUTCOME_TRYV(readNamed(object, "layout", kLayouts, preprocessing.layout));
    BOOST_OUTCOME_TRYV(readNamed(object, "type", kTypes, preprocessing.type));
    BOOST_OUTCOME_TRYV(object.read("scale", preprocessing.scale, kAnyReal));
    BOOST_OUTCOME_TRYV(object.read("mean", preprocessing.mean));
    BOOST_OUTCOME_TRYV(object.read("std", preprocessing.standardDeviation));
    return preprocessing;
}

Result<NetworkManifest::Accuracy> accuracyFrom(const JsonObject& object)
{
    NetworkManifest::Accuracy accuracy;
    BOOST_OUTCOME_TRYV(object.require({"split", "samples", "correct"}));
    BOOST_OUTCOME_TRYV(object.read("split", accuracy.split));
    BOOST_OUTCOME_TRYV(object.read("samples", accuracy.samples, kAnyCount));
    BOOST_OUTCOME_TRYV(object.read("correct", accuracy.correct, {0, accuracy.samples}));
    return accuracy;
}

Result<NetworkManifestFile> manifestFrom(const Json& document)
{
    BOOST_OUTCOME_TRY(root, JsonObject::of(document, ""));
    BOOST_OUTCOME_TRYV(root.require({"schema", "name", "model", "task"}));
    std::string schema, model;
    BOOST_OUTCOME_TRYV(root.read("schema", schema));
    if (schema != "polarizer.network/1")
        return root.problem("schema", fmt::format("found \"{}\"; wanted \"polarizer.network/1\"", schema));
    NetworkManifest manifest;
    BOOST_OUTCOME_TRYV(root.read("name", manifest.name));
    BOOST_OUTCOME_TRYV(root.read("title", manifest.title));
    BOOST_OUTCOME_TRYV(root.read("model", model));
    BOOST_OUTCOME_TRYV(root.read("dataset", manifest.dataset));
    BOOST_OUTCOME_TRYV(root.read("source", manifest.source));
    BOOST_OUTCOME_TRYV(root.read("licence", manifest.licence));
    BOOST_OUTCOME_TRYV(root.read("parameters", manifest.parameters, kAnyCount));
    BOOST_OUTCOME_TRYV(root.read("macs", manifest.macs, kAnyCount));
    BOOST_OUTCOME_TRY(task, root.object("task"));
    BOOST_OUTCOME_TRY(readTask, taskFrom(task));
    manifest.task = readTask;
    if (root.has("preprocessing")) {
        BOOST_OUTCOME_TRY(preprocessing, root.object("preprocessing"));
        BOOST_OUTCOME_TRY(readPreprocessing, preprocessingFrom(preprocessing));
        manifest.preprocessing = readPreprocessing;
    }
    if (root.has("accuracy")) {
        BOOST_OUTCOME_TRY(accuracy, root.object("accuracy"));
        BOOST_OUTCOME_TRY(readAccuracy, accuracyFrom(accuracy));
        manifest.accuracy = readAccuracy;
    }
    if (model.empty() || std::filesystem::path(model).has_parent_path())
        return root.problem("model", fmt::format("found \"{}\"; wanted the name of a file in the folder of the manifest", model));
    return NetworkManifestFile{std::move(manifest), model};
}

}  // namespace

Result<NetworkManifestFile> readNetworkManifest(const std::filesystem::path& file)
{
    BOOST_OUTCOME_TRY(document, readJson(file));
    auto result = manifestFrom(document);
    if (!result)
        return result.error().within(file.string());
    result.value().model = file.parent_path() / result.value().model;
    return result;
}

}  // namespace core
