// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/verbs.h"

#include "app/cli/progress_line.h"

#include <fmt/format.h>

#include <cstdio>

namespace app {
namespace {

void tell(const core::Problem& problem) { fmt::print(stderr, "polar: {}\n", problem.text()); }

/// A full disk or a closed pipe must not look like success.
bool print(const std::string& text) { return std::fwrite(text.data(), 1, text.size(), stdout) == text.size() && std::fflush(stdout) == 0; }

std::string examplesText(const std::vector<std::string>& examples)
{
    std::string text = "Examples:";
    for (const std::string& example : examples)
        text += "\n  " + example;
    return text;
}

}  // namespace

CLI::App& Verbs::add(const std::string& name, const std::string& does, const std::vector<std::string>& examples, Work work)
{
    return addTo(m_polar, name, does, examples, std::move(work));
}

CLI::App& Verbs::addGroup(const std::string& name, const std::string& does)
{
    CLI::App& group = *m_polar.add_subcommand(name, does);
    group.require_subcommand(1);
    return group;
}

CLI::App& Verbs::addTo(CLI::App& group, const std::string& name, const std::string& does, const std::vector<std::string>& examples,
                       Work work)
{
    CLI::App& verb = *group.add_subcommand(name, does);
    verb.footer(examplesText(examples));
    verb.add_flag("--json", m_json, "Print one JSON document instead of a table");
    verb.add_flag("--progress", m_progress, "Tell progress even where standard error is no terminal");
    verb.callback([this, work = std::move(work)] { m_chosen = work; });
    return verb;
}

Ending Verbs::run(std::stop_token stop) const
{
    ProgressLine progress(m_progress);
    const core::RunControl control{std::move(stop), [&progress](const core::Progress& now) { progress.show(now); }};
    const core::Result<Answer> result = m_chosen(control);
    progress.clear();
    if (!result) {
        tell(result.error());
        return control.stopped() ? Ending::Stopped : Ending::Problem;
    }
    const Answer& answer = result.value();
    // A name that is not UTF-8 must not cost the whole document.
    const std::string json = answer.document.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + '\n';
    const bool printed = print(m_json ? json : answer.page);
    for (const core::Problem& problem : answer.problems)
        tell(problem);
    if (!printed) {
        tell({"standard output", "cannot be written; is the disk full?"});
        return Ending::Problem;
    }
    return answer.ending;
}

}  // namespace app
