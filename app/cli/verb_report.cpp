// SPDX-License-Identifier: GPL-3.0-or-later
// polar report: a page for people from a report file.
#include "app/cli/options.h"
#include "app/cli/verbs.h"

#include "core/io/html_report.h"

#include <fmt/format.h>

#include <fstream>
#include <iterator>
#include <memory>

namespace app {
namespace {

using nlohmann::ordered_json;

core::Result<ordered_json> readReport(const std::string& file)
{
    std::ifstream in(file, std::ios::binary);
    const std::string text{std::istreambuf_iterator<char>(in), {}};
    if (in.bad() || !in.is_open())
        return core::Problem{file, "cannot be read; make one with: polar evaluate NETWORK DATASET -o FILE"};
    try {
        return ordered_json::parse(text);
    } catch (const ordered_json::parse_error& error) {
        return core::Problem{fmt::format("{}, byte {}", file, error.byte),
                             "is not JSON; a report comes from: polar evaluate NETWORK DATASET -o FILE"};
    }
}

core::Result<Answer> report(const std::string& input, const std::string& output)
{
    CORE_TRY(const ordered_json document, readReport(input));
    auto page = core::htmlReport(document);
    if (!page)
        return page.error().within(input);
    CORE_TRY(writeText(output, page.value()));
    Answer answer;
    answer.document = {{"file", output}};
    answer.page = fmt::format("wrote {}\n", output);
    return answer;
}

}  // namespace

void addReportVerb(Verbs& verbs)
{
    struct Options {
        std::string input, output;
    };
    const auto options = std::make_shared<Options>();
    CLI::App& verb = verbs.add("report", "A page for people from a report file", {"polar report lenet5.report.json -o lenet5.html"},
                               [options](const core::RunControl&) { return report(options->input, options->output); });
    verb.add_option("REPORT", options->input, "A report that polar evaluate -o wrote")->required()->type_name("");
    addOutput(verb, options->output, "The page to write, .html")->required()->check([](const std::string& file) {
        return file.ends_with(".html") ? std::string() : fmt::format("{}: a page is written as .html", file);
    });
}

}  // namespace app
