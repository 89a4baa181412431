// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The script's one grammar: what a person did as lines of text that a shell takes, and the same steps read back from
// them. What is shown, copied, saved and replayed is this text.

#include "app/exploration/evaluation_source.h"
#include "core/plan/precision_plan.h"

#include <QString>
#include <QStringList>

#include <filesystem>
#include <vector>

namespace app {

struct ScriptEntry {
    enum class Kind {
        Open,    // "# open lenet5-mnist mnist"; text: the quoted names
        Command, // "polar evaluate lenet5-mnist mnist ..."; text: the line
        Edit,    // "# conv1: weights int4" above "#   plan edit: [...]"; text: the JSON Patch (RFC 6902)
        Plan,    // a here-document that writes edited.plan.json; text: the plan's JSON
        Remark,  // "# ..."; nothing to repeat
        Foreign, // a line for the shell that the window does not repeat
    };
    Kind kind = Kind::Remark;
    QString text;
    QString words;        // the same for people: "conv1: weights nf4"
    QString problem = {}; // why a replay could not repeat it; empty: it could, or nobody tried
    bool operator==(const ScriptEntry&) const = default;
};

struct ScriptStep {
    ScriptEntry entry;
    int line = 1; // where it begins in its text, from 1
};

/// The plan file that a script writes for the commands in it: "--plan edited.plan.json" is the plan as edited so far.
inline const QString kEditedPlan = QStringLiteral("edited.plan.json");

/// Commands are lines of their own, or comments too where the shell shall not run them. A problem follows its entry as
/// "#   not replayed: ...".
enum class Commands { Bare, Commented };
QString scriptText(const std::vector<ScriptEntry>& entries, Commands commands = Commands::Bare);
/// Every step of a text, in its order. A line that cannot be repeated is a Foreign entry or has its problem. The shell's
/// frame ("#!/bin/sh", "set -e"), empty lines and notes about problems are passed over.
std::vector<ScriptStep> parseScript(const QString& text);

/// `polar evaluate`, as far as the window knows it.
struct EvaluateCommand {
    std::string network, dataset;
    std::string plan; // empty: FP32 throughout
    EvaluationSettings settings;
    bool operator==(const EvaluateCommand&) const = default;
};
QString commandText(const EvaluateCommand& command);
core::Result<EvaluateCommand> commandFrom(const QString& text);

/// `polar train`, as far as the window knows it.
struct TrainCommand {
    std::string network, dataset, plan;
    core::TrainingOrders orders;
    std::string folder;  // where the trained network is written; empty: nowhere
};
QString commandText(const TrainCommand& command);
/// Whether a line is `polar train ...`, and what it says.
bool isTrainCommand(const QString& text);
core::Result<TrainCommand> trainCommandFrom(const QString& text);

/// The JSON Patch that turns one plan into the other; "[]" for equal plans.
QString planPatch(const core::PrecisionPlan& before, const core::PrecisionPlan& after);
/// The plan that a patch makes of another. `folder` is where the files of codebooks are looked for.
core::Result<core::PrecisionPlan> patchedPlan(const core::PrecisionPlan& before, const QString& patch,
                                              const std::filesystem::path& folder = {});

/// A word as a POSIX shell takes it: quoted where it must be.
QString shellQuoted(const QString& word);
/// The words of a line as a shell reads them, without expansions; a problem where a quote is not closed.
core::Result<QStringList> shellWords(const QString& line);

} // namespace app
