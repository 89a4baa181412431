// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_parts.h"
#include "core/io/dataset_reader.h"
#include "core/io/file_source.h"
#include "core/io/npz.h"
#include "core/io/tensor_conversion.h"

#include <fmt/format.h>

#include <memory>
#include <optional>

namespace core {

namespace {

struct SplitNames {
    const char *split, *inputs, *labels;
};
constexpr SplitNames kSplitNames[] = {{"train", "x_train", "y_train"},
                                      {"test", "x_test", "y_test"},
                                      {"train", "X_train", "y_train"},
                                      {"test", "X_test", "y_test"},
                                      {"train", "train_images", "train_labels"},
                                      {"test", "test_images", "test_labels"},
                                      {"val", "val_images", "val_labels"},
                                      {"train", "train_x", "train_y"},
                                      {"test", "test_x", "test_y"},
                                      {"train", "train_data", "train_labels"},
                                      {"test", "test_data", "test_labels"}};
constexpr SplitNames kWholeNames[] = {{"all", "x", "y"},         {"all", "X", "y"},         {"all", "images", "labels"},
                                      {"all", "data", "target"}, {"all", "data", "labels"}, {"all", "inputs", "labels"}};

Result<void> addSplits(const NpzArchive& archive, std::span<const SplitNames> names, Dataset& dataset)
{
    for (const SplitNames& name : names) {
        CORE_TRY(const std::optional<Tensor> inputs, archive.array(name.inputs));
        if (!inputs || dataset.splits.contains(name.split))
            continue;
        Split split;
        const auto samples = asStoredSamples(*inputs);
        if (!samples)
            return samples.error().within(name.inputs);
        split.inputs = samples.value();
        CORE_TRY(const std::optional<Tensor> stored, archive.array(name.labels));
        if (stored) {
            auto labels = asLabels(*stored);
            if (!labels)
                return labels.error().within(name.labels);
            split.labels = std::move(labels).value();
        }
        dataset.splits[name.split] = std::move(split);
    }
    return success();
}

Result<Dataset> datasetFrom(const std::filesystem::path& file)
{
    CORE_TRY(FileSource::open(file));   // says better than an archive can why there is nothing to read
    CORE_TRY(const NpzArchive archive, NpzArchive::open(file));
    Dataset dataset;
    dataset.name = datasetNameOf(file);
    dataset.title = dataset.name;
    CORE_TRY(addSplits(archive, kSplitNames, dataset));
    if (dataset.splits.empty())
        CORE_TRY(addSplits(archive, kWholeNames, dataset));
    if (dataset.splits.empty())
        return Problem{
            "",
            fmt::format(
                "holds {}; wanted x_train, y_train, x_test and y_test, or train_images ..., or x and y, images and labels, data and target",
                archive.names())};
    CORE_TRY(dataset.layout, guessSampleLayout(dataset.splits.begin()->second.inputs.shape()));
    dataset.kind = kindOf(dataset.layout);
    dataset.classes = numberedClasses(dataset);
    return completed(std::move(dataset));
}

}  // namespace

Result<Dataset> readNpzDataset(const std::filesystem::path& file)
{
    auto dataset = datasetFrom(file);
    if (!dataset)
        return dataset.error().within(file.string());
    return dataset;
}

}  // namespace core
