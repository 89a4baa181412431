// SPDX-License-Identifier: Apache-2.0
#include "core/io/library.h"

#include "core/network/operation.h"

#include <fmt/format.h>

#include <algorithm>

namespace core {

namespace {

constexpr std::uint64_t kCalibrationSeed = 1;

struct DatasetRequest {
    std::string dataset, split = "test";
};

/// "mnist#train" asks for a split; a file whose own name holds a # keeps it.
DatasetRequest requestFrom(const std::string& text)
{
    std::error_code error;
    const std::size_t mark = text.rfind('#');
    if (mark == std::string::npos || mark + 1 == text.size() || std::filesystem::exists(text, error))
        return {text};
    return {text.substr(0, mark), text.substr(mark + 1)};
}

/// What the network declares of its one input, without the axis that counts samples.
struct NetworkInput {
    DataType type = DataType::Float32;
    Shape sampleShape;
};

Result<NetworkInput> inputOf(const Network& network)
{
    if (network.inputs.size() != 1)
        return Problem{"", fmt::format("has {} inputs; evaluating on a dataset takes a network with one", network.inputs.size())};
    const Value& value = network.value(network.inputs.front());
    if (!value.shape || value.shape->empty())
        return Problem{"input " + value.name, "declares no shape; wanted one with a first axis that counts samples"};
    if (value.type != DataType::Float32 && value.type != DataType::Int64)
        return Problem{"input " + value.name, fmt::format("is {}; wanted float32, or int64 for tokens", dataTypeName(value.type))};
    NetworkInput input{value.type, {}};
    for (std::size_t axis = 1; axis < value.shape->size(); ++axis)
        input.sampleShape.push_back((*value.shape)[axis].size.value_or(-1));
    return input;
}

bool isImage(SampleLayout layout) { return layout != SampleLayout::Sequence && layout != SampleLayout::Features; }

/// With no word about how a network was trained: bytes become 0 ... 1, the layout follows from the rank of its input.
Preprocessing guessPreprocessing(const Dataset& dataset, const NetworkInput& input)
{
    Preprocessing guess;
    guess.type = input.type;
    const bool bytes = dataset.splits.begin()->second.inputs.type() == DataType::UInt8;
    if (bytes && input.type == DataType::Float32)
        guess.scale = 1.0 / 255.0;
    const bool channelLast = input.sampleShape.size() == 3 && input.sampleShape[2] > 0 && input.sampleShape[2] <= 4 &&
                             !(input.sampleShape[0] > 0 && input.sampleShape[0] <= 4);
    if (dataset.layout == SampleLayout::Sequence)
        guess.layout = TensorLayout::Sequence;
    else if (!isImage(dataset.layout))
        guess.layout = TensorLayout::Features;
    else if (input.sampleShape.size() == 3)
        guess.layout = channelLast ? TensorLayout::HeightWidthChannel : TensorLayout::ChannelHeightWidth;
    else
        guess.layout = TensorLayout::Flat;
    return guess;
}

std::string preprocessingText(const Preprocessing& preprocessing)
{
    return fmt::format("layout {}, type {}, scale {:.6g}, mean {}, deviation {}", layoutName(preprocessing.layout),
                       dataTypeName(preprocessing.type), preprocessing.scale,
                       preprocessing.mean.empty() ? "0" : fmt::format("of {}", preprocessing.mean.size()),
                       preprocessing.standardDeviation.empty() ? "1" : fmt::format("of {}", preprocessing.standardDeviation.size()));
}

struct ChosenPreprocessing {
    Preprocessing preprocessing;
    std::string remark;
};

ChosenPreprocessing choosePreprocessing(const NetworkManifest& manifest, const Dataset& dataset, const NetworkInput& input)
{
    const Preprocessing guess = guessPreprocessing(dataset, input);
    if (!manifest.preprocessing)
        return {guess, fmt::format("the network does not say how its inputs are prepared; guessed {}", preprocessingText(guess))};
    if (manifest.dataset == dataset.name)
        return {*manifest.preprocessing, {}};
    // Another dataset of the same kind is prepared as the one the network was trained on, where that fits at all.
    Split one;
    one.inputs = dataset.splits.begin()->second.pick({0}).inputs;
    const bool bytes = one.inputs.type() == DataType::UInt8;
    if ((bytes || manifest.preprocessing->scale == 1.0) && prepare(one, dataset.layout, *manifest.preprocessing, input.sampleShape))
        return {*manifest.preprocessing, fmt::format("the network was made for {}; its preprocessing is applied to {} as it is ({})",
                                                     manifest.dataset.empty() ? "another dataset" : manifest.dataset, dataset.name,
                                                     preprocessingText(*manifest.preprocessing))};
    return {guess, fmt::format("the network was made for {} and its preprocessing does not fit {}; guessed {}",
                               manifest.dataset.empty() ? "another dataset" : manifest.dataset, dataset.name, preprocessingText(guess))};
}

/// A label beyond the network's answers could never be right.
Result<void> checkAnswers(const Network& network, const Dataset& dataset)
{
    CORE_TRY(auto values, describeValues(network, 1));
    if (network.outputs.empty())
        return Problem{"", "has no output"};
    const Shape& answer = values.at(network.outputs.front().value()).shape;
    const std::int64_t answers = answer.size() < 2 ? 1 : elementCount({answer.begin() + 1, answer.end()});
    for (const auto& [name, split] : dataset.splits)
        for (const std::int32_t label : split.labels)
            if (label >= answers)
                return Problem{"", fmt::format("answers {} with shape {}, which is {} classes; {} has a label {} (of {} classes)",
                                               network.value(network.outputs.front()).name, shapeText(answer), answers, dataset.name, label,
                                               dataset.classes.size())};
    return success();
}

std::vector<std::int64_t> allBut(std::vector<std::int64_t> taken, std::int64_t count)
{
    std::sort(taken.begin(), taken.end());
    std::vector<std::int64_t> rest;
    for (std::int64_t i = 0; i < count; ++i)
        if (!std::binary_search(taken.begin(), taken.end(), i))
            rest.push_back(i);
    return rest;
}

}  // namespace

Result<std::shared_ptr<const Subject>> openSubject(const std::string& networkName, const std::string& datasetName,
                                                   std::int64_t calibrationSamples)
{
    const DatasetRequest request = requestFrom(datasetName);
    CORE_TRY(auto loaded, loadNetwork(networkName));
    CORE_TRY(auto dataset, loadDataset(request.dataset));
    const auto scored = dataset.splits.find(request.split);
    if (scored == dataset.splits.end()) {
        std::string known;
        for (const auto& [name, split] : dataset.splits)
            known += (known.empty() ? "" : ", ") + name;
        return Problem{datasetName, fmt::format("has no split \"{}\"; wanted one of {}", request.split, known)};
    }

    const auto input = inputOf(*loaded.network);
    if (!input)
        return input.error().within(networkName);
    auto subject = std::make_shared<Subject>();
    subject->networkName = loaded.manifest.name;
    subject->datasetName = dataset.name;
    subject->split = request.split;
    subject->network = loaded.network;
    subject->task = loaded.manifest.task;
    subject->classes = dataset.classes;
    if (subject->task.kind == Task::Kind::Classification) {
        if (scored->second.labels.empty())
            return Problem{datasetName, "has no labels; scoring a classifier takes one for each sample"};
        if (const auto checked = checkAnswers(*loaded.network, dataset); !checked)
            return checked.error().within(networkName);
    }

    ChosenPreprocessing chosen = choosePreprocessing(loaded.manifest, dataset, input.value());
    subject->preprocessing = std::move(chosen.preprocessing);
    if (!chosen.remark.empty())
        subject->remarks.push_back(std::move(chosen.remark));
    if (dataset.splitByUs)
        subject->remarks.push_back(
            fmt::format("the dataset had no train and test split; a fixed seed took {} samples to calibrate with and {} to score",
                        dataset.splits.at("train").samples(), dataset.splits.at("test").samples()));
    const Split& train = dataset.splits.at("train");
    std::vector<std::int64_t> calibrators = stratifiedOrder(train.labels, train.samples(), kCalibrationSeed);
    const auto count = std::clamp<std::int64_t>(calibrationSamples, 1, request.split == "train" ? train.samples() / 2 : train.samples());
    calibrators.resize(static_cast<std::size_t>(count));
    Split scoredSamples = scored->second;
    if (request.split == "train") {  // what calibrates is never scored
        scoredSamples = train.pick(allBut(calibrators, train.samples()));
        subject->remarks.push_back(
            fmt::format("{} samples of the train split calibrate; the other {} are scored", count, scoredSamples.samples()));
    }

    const auto ready = [&](const Split& split) {
        return prepare(split, dataset.layout, subject->preprocessing, input.value().sampleShape);
    };
    auto test = ready(scoredSamples);
    if (!test)
        return Problem{datasetName, fmt::format("does not fit {}: {}", loaded.manifest.name, test.error().message)};
    subject->test = std::move(test).value();
    auto calibration = ready(train.pick(calibrators));
    if (!calibration)
        return Problem{datasetName, fmt::format("does not fit {}: {}", loaded.manifest.name, calibration.error().message)};
    subject->calibration = std::move(calibration).value();
    return std::shared_ptr<const Subject>(std::move(subject));
}

}  // namespace core
