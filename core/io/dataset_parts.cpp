// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_parts.h"

#include "core/base/hash.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

Shape sampleShape(const Split& split) { return {split.inputs.shape().begin() + 1, split.inputs.shape().end()}; }

Result<void> checkSplit(const Dataset& dataset, const std::string& name, const Split& split)
{
    const std::string place = name + " split";
    if (split.inputs.rank() < 2)
        return Problem{place, fmt::format("samples have shape {}; wanted a first axis that counts samples and at least one more",
                                          shapeText(split.inputs.shape()))};
    if (split.inputs.size() == 0)
        return Problem{place, fmt::format("has no samples (shape {})", shapeText(split.inputs.shape()))};
    if (!split.labels.empty() && static_cast<std::int64_t>(split.labels.size()) != split.samples())
        return Problem{place,
                       fmt::format("has {} samples and {} labels; wanted one label for each sample", split.samples(), split.labels.size())};
    const auto classes = static_cast<std::int32_t>(dataset.classes.size());
    for (std::size_t i = 0; i < split.labels.size() && classes > 0; ++i)
        if (split.labels[i] < 0 || split.labels[i] >= classes)
            return Problem{place,
                           fmt::format("sample {} has label {}; there are {} classes (0 to {})", i, split.labels[i], classes, classes - 1)};
    const Split& first = dataset.splits.begin()->second;
    if (sampleShape(split) != sampleShape(first) || split.inputs.type() != first.inputs.type())
        return Problem{place, fmt::format("samples are {} of {}; those of the {} split are {} of {}", shapeText(sampleShape(split)),
                                          dataTypeName(split.inputs.type()), dataset.splits.begin()->first, shapeText(sampleShape(first)),
                                          dataTypeName(first.inputs.type()))};
    return success();
}

std::string hashOf(const Dataset& dataset)
{
    Hasher hasher;
    for (const auto& [name, split] : dataset.splits) {
        hasher.text(name).add(split.inputs.type()).all(std::span<const std::int64_t>(split.inputs.shape()));
        hasher.bytes(split.inputs.bytes()).all(std::span<const std::int32_t>(split.labels));
    }
    return hasher.textValue();
}

}  // namespace

Result<Dataset> completed(Dataset dataset)
{
    if (dataset.splits.empty())
        return Problem{"", "has no samples"};
    for (const auto& [name, split] : dataset.splits) {
        CORE_TRY(checkSplit(dataset, name, split));
    }
    if (!dataset.splits.contains("train") || !dataset.splits.contains("test")) {
        // What is calibrated must not be scored, so a lone split is divided.
        const Split all = dataset.splits.begin()->second;
        if (dataset.splits.size() > 1 || all.samples() < 2)
            return Problem{"", dataset.splits.size() > 1
                                   ? "wanted a train and a test split"
                                   : "has one sample; wanted at least two, to calibrate with one and to score the other"};
        splitTrainTest(dataset, all);
    }
    dataset.hash = hashOf(dataset);
    return dataset;
}

Result<SampleLayout> guessSampleLayout(const Shape& samples)
{
    constexpr std::int64_t kMostChannels = 4;
    switch (samples.size()) {
    case 2: return SampleLayout::Features;
    case 3: return SampleLayout::HeightWidth;
    case 4:
        if (samples[3] <= kMostChannels)
            return SampleLayout::HeightWidthChannel;
        if (samples[1] <= kMostChannels)
            return SampleLayout::ChannelHeightWidth;
        return Problem{"samples", fmt::format("have shape {}; of four axes the second or the last has to count at most {} channels",
                                              shapeText(samples), kMostChannels)};
    default: return Problem{"samples", fmt::format("have shape {}; wanted 2 to 4 axes, the first counting samples", shapeText(samples))};
    }
}

SampleKind kindOf(SampleLayout layout)
{
    switch (layout) {
    case SampleLayout::Sequence: return SampleKind::Sequence;
    case SampleLayout::Features: return SampleKind::Table;
    case SampleLayout::HeightWidth:
    case SampleLayout::HeightWidthChannel:
    case SampleLayout::ChannelHeightWidth: break;
    }
    return SampleKind::Image;
}

std::vector<std::string> numberedClasses(const Dataset& dataset)
{
    std::int32_t largest = -1;
    for (const auto& [name, split] : dataset.splits)
        for (const std::int32_t label : split.labels)
            largest = std::max(largest, label);
    std::vector<std::string> names;
    for (std::int32_t i = 0; i <= largest; ++i)
        names.push_back(std::to_string(i));
    return names;
}

std::string datasetNameOf(const std::filesystem::path& fileOrFolder)
{
    std::filesystem::path path = fileOrFolder.lexically_normal();
    if (!path.has_filename())  // "folder/"
        path = path.parent_path();
    path = path.filename();
    for (const char* ending : {".gz", ".csv", ".tsv", ".data", ".npz", ".bin", ".idx"})
        if (path.extension() == ending)
            path = path.stem();
    return path.string();
}

}  // namespace core
