// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What a verb of `polar` is: options it adds, and work that ends in an answer. The main program prints the answer, as
// one JSON document or as a page for people, and turns its ending into the exit code.

#include "core/base/problem.h"
#include "core/base/run_control.h"

#include <CLI/CLI.hpp>
#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <vector>

namespace app {

/// The exit codes are a contract.
enum class Ending { Done = 0, Problem = 1, Usage = 2, Stopped = 3 };

struct Answer {
    nlohmann::ordered_json document; // for --json
    std::string page;                // for people
    Ending ending = Ending::Done;
    core::Problems problems; // told on standard error beside the document
};

using Work = std::function<core::Result<Answer>(const core::RunControl&)>;

/// The verbs of one program. Each has its own --json and --progress, and examples that its help shows.
class Verbs {
public:
    explicit Verbs(CLI::App& polar) : m_polar(polar) {}

    CLI::App& add(const std::string& name, const std::string& does, const std::vector<std::string>& examples, Work work);
    /// A verb whose first word only groups further ones: "plan" of "plan check".
    CLI::App& addGroup(const std::string& name, const std::string& does);
    CLI::App& addTo(CLI::App& group, const std::string& name, const std::string& does, const std::vector<std::string>& examples, Work work);

    /// Does the chosen verb's work and prints its answer.
    Ending run(std::stop_token stop) const;

private:
    CLI::App& m_polar;
    Work m_chosen;
    bool m_json = false;
    bool m_progress = false;
};

void addListVerb(Verbs& verbs);
void addInspectVerb(Verbs& verbs);
void addRunVerb(Verbs& verbs);
void addEvaluateVerb(Verbs& verbs);
void addWaterfallVerb(Verbs& verbs);
void addPlanVerbs(Verbs& verbs);
void addFormatsVerb(Verbs& verbs);
void addBenchVerb(Verbs& verbs);
void addReportVerb(Verbs& verbs);
void addRecoverVerb(Verbs& verbs);
void addCompareCostVerb(Verbs& verbs);
void addTrainVerb(Verbs& verbs);
void addSensitivityVerb(Verbs& verbs);
void addDeviceVerb(Verbs& verbs);
void addEnergyVerbs(Verbs& verbs);
void addSelfCheckVerb(Verbs& verbs);

}  // namespace app
