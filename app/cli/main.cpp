// SPDX-License-Identifier: GPL-3.0-or-later
// `polar`: the questions of the window, asked in a terminal or a script.
#include "app/cli/interrupt.h"
#include "app/cli/verbs.h"

#include <fmt/format.h>

#include <exception>

namespace {

/// Says what is wrong and whose help tells more. CLI11 asks for a verb where it met a word that is none; we name the word.
std::string usageMessage(const CLI::App* polar, const CLI::Error& error)
{
    const CLI::App* asked = polar;
    std::string help;
    while (!asked->get_subcommands().empty()) {
        asked = asked->get_subcommands().front();
        help += asked->get_name() + " ";
    }
    const auto unknown = asked->remaining();
    const bool wantsVerb = !asked->get_subcommands([](const CLI::App*) { return true; }).empty();
    const std::string message = wantsVerb && !unknown.empty() ? fmt::format("'{}' is no verb", unknown.front()) : error.what();
    return fmt::format("polar: {}; try: polar {}--help\n", message, help);
}

int runPolar(int argc, char** argv, const app::Interrupt& interrupt)
{
    CLI::App polar("Polarized neural-network inference without a window.\n"
                   "NETWORK and DATASET are files, folders or bundled names (polar list); DATASET may be NAME#split.\n"
                   "Exit codes: 0 done, 1 a problem, 2 usage, 3 stopped by Ctrl-C.",
                   "polar");
    polar.set_version_flag("--version", "polar " POLARIZER_VERSION);
    polar.require_subcommand(1);
    polar.failure_message(usageMessage);
    app::Verbs verbs(polar);
    app::addListVerb(verbs);
    app::addInspectVerb(verbs);
    app::addRunVerb(verbs);
    app::addEvaluateVerb(verbs);
    app::addWaterfallVerb(verbs);
    app::addPlanVerbs(verbs);
    app::addRecoverVerb(verbs);
    app::addCompareCostVerb(verbs);
    app::addTrainVerb(verbs);
    app::addSensitivityVerb(verbs);
    app::addDeviceVerb(verbs);
    app::addEnergyVerbs(verbs);
    app::addSelfCheckVerb(verbs);
    app::addFormatsVerb(verbs);
    app::addBenchVerb(verbs);
    app::addReportVerb(verbs);
    try {
        polar.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return polar.exit(error) == 0 ? static_cast<int>(app::Ending::Done) : static_cast<int>(app::Ending::Usage);
    }
    return static_cast<int>(verbs.run(interrupt.token()));
}

}  // namespace

int main(int argc, char** argv)
{
    try {
        const app::Interrupt interrupt;
        return runPolar(argc, argv, interrupt);
    } catch (const std::bad_alloc&) {
        fmt::print(stderr, "polar: not enough memory; close other programs or ask for less\n");
    } catch (const std::exception& error) {
        fmt::print(stderr, "polar: {}\n", error.what());
    }
    return static_cast<int>(app::Ending::Problem);
}
