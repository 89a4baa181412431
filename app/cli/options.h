// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The options several verbs share, each defined once: its name, its words, its range, its default.

#include "app/cli/verbs.h"

#include "core/eval/evaluator.h"
#include "core/network/weighted_layer.h"
#include "core/plan/precision_plan.h"

#include <CLI/CLI.hpp>

#include <cstdint>
#include <string>

namespace app {

inline constexpr const char* kDefaultTechnology = "45nm";

CLI::Option* addNetwork(CLI::App& verb, std::string& network);                        // NETWORK, required
CLI::Option* addDataset(CLI::App& verb, std::string& dataset);                        // DATASET, required
CLI::Option* addPlan(CLI::App& verb, std::string& plan);                              // --plan
CLI::Option* addOutput(CLI::App& verb, std::string& output, const std::string& what); // -o, --output
CLI::Option* addSamples(CLI::App& verb, std::int64_t& samples);                       // --samples, 0: all
CLI::Option* addChips(CLI::App& verb, int& chips);                                    // --chips
CLI::Option* addReads(CLI::App& verb, int& reads);                                    // --reads
CLI::Option* addSeed(CLI::App& verb, std::uint64_t& seed);                            // --seed
CLI::Option* addThreads(CLI::App& verb, int& threads);                                // --threads, 0: all cores
CLI::Option* addTechnology(CLI::App& verb, std::string& technology);                  // --technology

/// The plan of that name or file, for a network of these layers (see core::loadPlan); no name: FP32 throughout.
core::Result<core::PrecisionPlan> planNamed(const std::string& plan, const std::vector<core::WeightedLayer>& layers = {});

/// How many calibration samples a subject needs so that this plan's fits have what they ask for; at least the usual number.
std::int64_t calibrationSamplesFor(const std::string& plan);

/// Where the plan has flaws for the evaluator's network: the answer that tells all of them.
std::optional<Answer> refusalOf(const core::PrecisionPlan& plan, const std::string& planName, const core::Evaluator& evaluator);

/// Writes a whole file or says why not.
core::Result<void> writeText(const std::string& file, const std::string& text);

/// Beside CLI::Range, which lets NaN through.
CLI::Validator anyNumber();

}  // namespace app
