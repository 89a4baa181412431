// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/options.h"

#include "core/io/library.h"
#include "core/plan/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <limits>

namespace app {
namespace {

/// CLI11 takes "99999999999999999999" for the largest number and "-1" for one without a sign.
template <class Number>
CLI::Validator wholeNumber(Number low, Number high, const std::string& description)
{
    const auto flaw = [low, high](const std::string& text) {
        Number number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        if (error == std::errc() && end == text.data() + text.size() && number >= low && number <= high)
            return std::string();
        return fmt::format("found {}; wanted a whole number from {} to {}", text, low, high);
    };
    return CLI::Validator(flaw, description);
}

}  // namespace

CLI::Option* addNetwork(CLI::App& verb, std::string& network)
{
    return verb.add_option("NETWORK", network, "An .onnx file, a folder with network.json, or a bundled name")->required()->type_name("");
}

CLI::Option* addDataset(CLI::App& verb, std::string& dataset)
{
    return verb.add_option("DATASET", dataset, "A file, a folder or a bundled name; #SPLIT chooses the split (default test)")
        ->required()
        ->type_name("");
}

CLI::Option* addPlan(CLI::App& verb, std::string& plan)
{
    return verb.add_option("--plan", plan, "A preset's name or a .plan.json file; none: FP32 throughout")->type_name("PLAN");
}

CLI::Option* addOutput(CLI::App& verb, std::string& output, const std::string& what)
{
    return verb.add_option("-o,--output", output, what)->type_name("FILE");
}

CLI::Option* addSamples(CLI::App& verb, std::int64_t& samples)
{
    return verb.add_option("--samples", samples, "How many samples to score; 0: all")
        ->check(wholeNumber(std::int64_t{0}, std::numeric_limits<std::int64_t>::max(), ""))
        ->type_name("N")
        ->capture_default_str();
}

CLI::Option* addChips(CLI::App& verb, int& chips)
{
    return verb.add_option("--chips", chips, "How many chips to make, each with its own variation")
        ->check(wholeNumber(1, 10'000, "in 1..10000"))
        ->type_name("N")
        ->capture_default_str();
}

CLI::Option* addReads(CLI::App& verb, int& reads)
{
    return verb.add_option("--reads", reads, "How often every chip is read, each time with its own read noise")
        ->check(wholeNumber(1, core::kMostReads, "in 1..255"))
        ->type_name("R")
        ->capture_default_str();
}

CLI::Option* addSeed(CLI::App& verb, std::uint64_t& seed)
{
    return verb.add_option("--seed", seed, "Of the order of samples and of the chips")
        ->check(wholeNumber(std::uint64_t{0}, std::numeric_limits<std::uint64_t>::max(), ""))
        ->type_name("S")
        ->capture_default_str();
}

CLI::Option* addThreads(CLI::App& verb, int& threads)
{
    return verb.add_option("--threads", threads, "0: all cores; results are the same for any number")
        ->check(wholeNumber(0, 1024, "in 0..1024"))
        ->type_name("N")
        ->capture_default_str();
}

CLI::Option* addTechnology(CLI::App& verb, std::string& technology)
{
    return verb
        .add_option("--technology", technology,
                    "The price table of the energy bill: a bundled name, a .json file, or either scaled to a node as in 45nm@22nm,0.8V")
        ->type_name("NAME")
        ->capture_default_str();
}

core::Result<core::PrecisionPlan> planNamed(const std::string& plan, const std::vector<core::WeightedLayer>& layers)
{
    if (!plan.empty())
        return core::loadPlan(plan, layers);
    core::PrecisionPlan exact;
    exact.name = "FP32";
    return exact;
}

std::int64_t calibrationSamplesFor(const std::string& plan)
{
    std::int64_t samples = core::kUsualCalibrationSamples;
    const auto named = planNamed(plan);  // a mixture, which needs its network, asks for no more than the usual number
    if (!named)
        return samples;
    const auto consider = [&](const core::LayerPlan& layer) {
        if (layer.surrogate && layer.surrogate->value)
            samples = std::max<std::int64_t>(samples, layer.surrogate->value->calibrationSamples);
    };
    consider(named.value().defaults);
    for (const auto& [name, layer] : named.value().layers)
        consider(layer);
    return samples;
}

std::optional<Answer> refusalOf(const core::PrecisionPlan& plan, const std::string& planName, const core::Evaluator& evaluator)
{
    const core::Subject& subject = evaluator.subject();
    Answer answer;
    for (const core::PlanFlaw& flaw : core::check(plan, evaluator.layers(), subject.networkName, subject.network->hash))
        answer.problems.push_back({planName, flaw.text()});
    if (answer.problems.empty())
        return std::nullopt;
    answer.ending = Ending::Problem;
    answer.document["problems"] = nlohmann::ordered_json::array();
    for (const core::Problem& problem : answer.problems)
        answer.document["problems"].push_back(problem.text());
    return answer;
}

core::Result<void> writeText(const std::string& file, const std::string& text)
{
    std::ofstream out(file, std::ios::binary);
    out << text;
    out.close();
    if (!out)
        return core::Problem{file, "cannot be written; does its folder exist, and is there room?"};
    return core::success();
}

CLI::Validator anyNumber()
{
    return CLI::Validator(
        [](std::string& text) {
            return std::isnan(std::strtod(text.c_str(), nullptr)) ? "found " + text + "; wanted a number" : std::string();
        },
        "");
}

}  // namespace app
