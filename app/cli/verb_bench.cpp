// SPDX-License-Identifier: GPL-3.0-or-later
// polar bench: the engine against the machine it runs on.
#include "app/cli/bench_figures.h"
#include "app/cli/table.h"
#include "app/cli/verbs.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <memory>
#include <optional>

namespace app {
namespace {

using Clock = std::chrono::steady_clock;
using nlohmann::ordered_json;

/// Multiply-accumulates a second over a burst of about this length.
double rateOf(const Workload& work, std::chrono::duration<double> burst)
{
    int runs = 0;
    const auto start = Clock::now();
    std::chrono::duration<double> taken{0};
    do {
        work.run();
        ++runs;
        taken = Clock::now() - start;
    } while (taken < burst);
    return runs * work.macs / taken.count();
}

/// Work and sgemm take turns, so that a busy neighbour or a changing clock slows both; the median of the turns' ratios.
struct Ratio {
    double median = 0, rate = 0;
};

Ratio ratioToSgemm(const Workload& work, const Workload& yardstick, int turns, const core::RunControl& control)
{
    constexpr std::chrono::duration<double> kBurst{0.04};
    rateOf(work, kBurst); // warm caches and clocks
    rateOf(yardstick, kBurst);
    std::vector<double> ratios, rates;
    for (int turn = 0; turn < turns && (turn == 0 || !control.stopped()); ++turn) {
        const double before = rateOf(yardstick, kBurst / 2);
        rates.push_back(rateOf(work, kBurst));
        const double after = rateOf(yardstick, kBurst / 2);
        ratios.push_back(2.0 * rates.back() / (before + after));
    }
    const auto median = [](std::vector<double>& values) {
        const auto middle = values.begin() + std::ssize(values) / 2;
        std::nth_element(values.begin(), middle, values.end());
        return *middle;
    };
    return {median(ratios), median(rates)};
}

/// The ratio of the figure's bare products; nothing where there are none, or no kernel for them on this machine.
std::optional<double> limitOf(const RateFigure& figure, const Workload& yardstick, int turns, const core::RunControl& control)
{
    if (!figure.limit || control.stopped())
        return {};
    const core::Result<Workload> bare = figure.limit();
    if (!bare)
        return {};
    return ratioToSgemm(bare.value(), yardstick, turns, control).median;
}

struct Options {
    std::vector<std::string> only;
    int turns = 15;
};

bool isWanted(const Options& options, const std::string& name)
{
    return options.only.empty() || std::ranges::find(options.only, name) != options.only.end();
}

core::Result<Answer> bench(const Options& options, const core::RunControl& control)
{
    Answer answer;
    ordered_json& document = answer.document;
    document["ratio_to_sgemm"] = ordered_json::object();
    document["macs_per_second"] = ordered_json::object();
    document["limits"] = ordered_json::object();
    Table rates({{"FIGURE"}, {"ratio to sgemm", Table::Align::Right}, {"limit", Table::Align::Right}, {"GMAC/s", Table::Align::Right}});

    const Workload yardstick = sgemm();
    rateOf(yardstick, std::chrono::duration<double>{0.1});
    const double reference = rateOf(yardstick, std::chrono::duration<double>{0.3});
    document["macs_per_second"]["sgemm"] = reference;
    rates.add({"sgemm 512", "1.000", "", fmt::format("{:.1f}", reference / 1e9)});
    for (const RateFigure& figure : rateFigures()) {
        if (!isWanted(options, figure.name) || control.stopped())
            continue;
        control.report(0.0, figure.name.c_str());
        CORE_TRY(const Workload work, figure.prepare());
        const Ratio ratio = ratioToSgemm(work, yardstick, options.turns, control);
        document["ratio_to_sgemm"][figure.name] = ratio.median;
        document["macs_per_second"][figure.name] = ratio.rate;
        const std::optional<double> limit = limitOf(figure, yardstick, options.turns, control);
        if (limit)
            document["limits"][figure.name] = *limit;
        rates.add({figure.name, fmt::format("{:.3f}", ratio.median), limit ? fmt::format("{:.3f}", *limit) : "",
                   fmt::format("{:.1f}", ratio.rate / 1e9)});
    }

    Table waits({{"TURNED KNOB ON"}, {"first estimate [ms]", Table::Align::Right}, {"settled [ms]", Table::Align::Right}});
    document["first_estimate_ms"] = ordered_json::object();
    document["settled_ms"] = ordered_json::object();
    for (const LiveFigure& figure : liveFigures()) {
        if (!isWanted(options, figure.network) || control.stopped())
            continue;
        control.report(0.0, figure.network.c_str());
        CORE_TRY(const Waiting waiting, turnKnobs(figure, {control.stop, {}}));
        document["first_estimate_ms"][figure.network] = waiting.firstEstimateMilliseconds;
        document["settled_ms"][figure.network] = waiting.settledMilliseconds;
        waits.add(
            {figure.network, fmt::format("{:.1f}", waiting.firstEstimateMilliseconds), fmt::format("{:.0f}", waiting.settledMilliseconds)});
    }
    document["partial"] = control.stopped();
    answer.page = rates.text() + "limit: the same products as bare oneDNN primitives, in the same run\n\n" + waits.text();
    answer.ending = control.stopped() ? Ending::Stopped : Ending::Done;
    return answer;
}

}  // namespace

void addBenchVerb(Verbs& verbs)
{
    const auto options = std::make_shared<Options>();
    CLI::App& verb =
        verbs.add("bench", "The engine against this machine: rates as shares of one-thread sgemm, and how long a turned knob takes",
                  {"polar bench --only cim_planes --turns 3", "polar bench --only lenet5-mnist --json"},
                  [options](const core::RunControl& control) { return bench(*options, control); });
    std::vector<std::string> names;
    for (const RateFigure& figure : rateFigures())
        names.push_back(figure.name);
    for (const LiveFigure& figure : liveFigures())
        names.push_back(figure.network);
    verb.add_option("--only", options->only, "Measure only this figure; may be given again")
        ->type_name("NAME")
        ->allow_extra_args(false)
        ->check(CLI::IsMember(names));
    verb.add_option("--turns", options->turns, "Bursts of work and sgemm in turn; the median counts")
        ->check(CLI::Range(1, 1000).description("in 1..1000"))
        ->type_name("N")
        ->capture_default_str();
}

}  // namespace app
