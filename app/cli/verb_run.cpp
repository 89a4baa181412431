// SPDX-License-Identifier: GPL-3.0-or-later
// polar run: one forward pass, tensors in, tensors out.
#include "app/cli/options.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include "core/engine/float_run.h"
#include "core/io/library.h"
#include "core/io/npy.h"
#include "core/io/onnx_reader.h"
#include "core/plan/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <set>

namespace app {
namespace {

namespace fs = std::filesystem;

struct NamedFile {
    std::string name, file;
}; // an empty name: the network's only input

struct Options {
    std::string network, plan, dataset, folder;
    std::vector<std::string> inputs;
};

core::Result<core::Tensor> readTensor(const std::string& file)
{
    return file.ends_with(".npy") ? core::readNpy(file) : core::readTensorFile(file);
}

/// "NAME=FILE" where NAME is an input of the network, else a file whose name may well hold an equals sign.
NamedFile split(const std::string& text, const std::set<std::string>& names)
{
    for (auto at = text.find('='); at != std::string::npos; at = text.find('=', at + 1))
        if (names.contains(text.substr(0, at)))
            return {text.substr(0, at), text.substr(at + 1)};
    return {{}, text};
}

std::string joined(const std::set<std::string>& names)
{
    std::string text;
    for (const std::string& name : names)
        text += (text.empty() ? "" : ", ") + name;
    return text;
}

bool fits(const core::Value& wanted, const core::Tensor& found)
{
    if (wanted.type != found.type())
        return false;
    if (!wanted.shape)
        return true;
    return std::ranges::equal(*wanted.shape, found.shape(),
                              [](const core::Dimension& axis, std::int64_t size) { return !axis.size || *axis.size == size; });
}

std::string wantedText(const core::Value& value)
{
    std::string shape;
    for (const core::Dimension& axis : value.shape.value_or(std::vector<core::Dimension>{}))
        shape += (shape.empty() ? "" : "x") + (axis.size ? std::to_string(*axis.size) : axis.symbol.empty() ? "?" : axis.symbol);
    return fmt::format("{} {}", core::dataTypeName(value.type), shape.empty() ? "scalar" : shape);
}

core::Result<std::vector<core::Tensor>> readInputs(const core::Network& network, const std::vector<std::string>& texts)
{
    std::set<std::string> names;
    for (const core::ValueIndex input : network.inputs)
        names.insert(network.value(input).name);
    std::map<std::string, std::string> files;
    for (const std::string& text : texts) {
        NamedFile given = split(text, names);
        const bool misnamed = text.find('=') != std::string::npos && !fs::exists(text);
        if (given.name.empty() && (names.size() != 1 || misnamed))
            return core::Problem{"--input " + text,
                                 fmt::format("names none of the network's inputs; wanted NAME=FILE with NAME one of {}", joined(names))};
        const std::string name = given.name.empty() ? *names.begin() : given.name;
        if (!files.emplace(name, given.file).second)
            return core::Problem{"--input " + text, fmt::format("input {} is given twice", name)};
    }
    std::vector<core::Tensor> tensors;
    for (const core::ValueIndex input : network.inputs) {
        const core::Value& value = network.value(input);
        const auto file = files.find(value.name);
        if (file == files.end())
            return core::Problem{"input " + value.name, fmt::format("is missing; add --input {}=FILE", value.name)};
        CORE_TRY(core::Tensor tensor, readTensor(file->second));
        if (!fits(value, tensor))
            return core::Problem{file->second, fmt::format("is {} {}; input {} wants {}", core::dataTypeName(tensor.type()),
                                                           core::shapeText(tensor.shape()), value.name, wantedText(value))};
        tensors.push_back(std::move(tensor));
    }
    return tensors;
}

/// A file name that holds the value's name as far as a file name can; two values never share one.
std::string fileNameFor(const std::string& value, std::set<std::string>& taken)
{
    std::string stem = value.empty() ? "output" : value;
    std::ranges::replace_if(
        stem, [](char c) { return c == '/' || c == '\\' || c == '\0' || c == ':'; }, '_');
    if (stem.front() == '.')
        stem.front() = '_';
    std::string name = stem + ".npy";
    for (int i = 2; !taken.insert(name).second; ++i)
        name = fmt::format("{}-{}.npy", stem, i);
    return name;
}

core::Result<Answer> writeOutputs(const core::Network& network, const std::vector<core::Tensor>& outputs, const std::string& folder)
{
    std::error_code error;
    fs::create_directories(folder, error);
    if (error)
        return core::Problem{folder, "cannot be made: " + error.message()};
    Answer answer;
    answer.document["outputs"] = nlohmann::ordered_json::array();
    Table table({{"OUTPUT"}, {"type"}, {"shape"}, {"file"}});
    std::set<std::string> taken;
    for (std::size_t i = 0; i < outputs.size(); ++i) {
        const std::string& name = network.value(network.outputs[i]).name;
        const std::string file = (fs::path(folder) / fileNameFor(name, taken)).string();
        CORE_TRY(core::writeNpy(outputs[i], file));
        const std::string type = core::dataTypeName(outputs[i].type());
        answer.document["outputs"].push_back({{"name", name}, {"type", type}, {"shape", outputs[i].shape()}, {"file", file}});
        table.add({name, type, core::shapeText(outputs[i].shape()), file});
    }
    answer.page = table.text();
    return answer;
}

/// Ranges and recovery paths of a plan are fitted on the train split of the network's dataset.
core::Result<std::vector<core::Tensor>> runUnderPlan(const Options& options, const core::LoadedNetwork& loaded,
                                                      const std::vector<core::Tensor>& inputs)
{
    const std::string dataset = options.dataset.empty() ? loaded.manifest.dataset : options.dataset;
    if (dataset.empty())
        return core::Problem{options.network, "names no dataset to calibrate a plan on; add --dataset DATASET"};
    CORE_TRY(const auto subject, core::openSubject(options.network, dataset));
    CORE_TRY(const auto context, core::prepareEngine(subject->network));
    CORE_TRY(const core::PrecisionPlan plan, core::loadPlan(options.plan, context->layers));
    for (const core::PlanFlaw& flaw : core::check(plan, context->layers, subject->networkName, subject->network->hash))
        return core::Problem{options.plan, flaw.text()};
    CORE_TRY(const auto calibration, core::Calibration::observe(context, subject->calibration, 0));
    CORE_TRY(const auto polarized, core::compile(*calibration, {.plan = plan}));
    CORE_TRY(core::Tensor output, core::runPolarized(*context, *polarized, inputs.front()));   // prepareEngine has seen to it that there is one
    return std::vector<core::Tensor>{std::move(output)};
}

core::Result<Answer> run(const Options& options)
{
    CORE_TRY(const core::LoadedNetwork loaded, core::loadNetwork(options.network));
    const core::Network& network = *loaded.network;
    CORE_TRY(const std::vector<core::Tensor> inputs, readInputs(network, options.inputs));
    auto outputs = options.plan.empty() ? core::runNetwork(network, inputs) : runUnderPlan(options, loaded, inputs);
    if (!outputs)
        return options.plan.empty() ? outputs.error().within(options.network) : outputs.error();
    return writeOutputs(network, outputs.value(), options.folder);
}

}  // namespace

void addRunVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("run", "One forward pass; outputs are written as .npy",
                               {"polar run mlp-mnist --input digit.npy --output answers",
                                "polar run lenet5-mnist --input input=image.npy --output answers --json"},
                               [options](const core::RunControl&) { return run(*options); });
    addNetwork(verb, options->network);
    verb.add_option("--input", options->inputs, "An input as .npy or .pb (TensorProto): NAME=FILE, or FILE where the network has one input")
        ->type_name("NAME=FILE")
        ->allow_extra_args(false);
    addPlan(verb, options->plan);
    verb.add_option("--dataset", options->dataset, "Whose train split calibrates the plan; none: the one the network was trained on")
        ->type_name("DATASET");
    addOutput(verb, options->folder, "The folder to write outputs to")->required()->type_name("DIR");
}

}  // namespace app
