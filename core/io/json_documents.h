// SPDX-License-Identifier: Apache-2.0
#pragma once
// Plans and reports as JSON documents: the same keys in files and on the command line.

#include "core/eval/noise_waterfall.h"
#include "core/eval/report.h"
#include "core/plan/precision_plan.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace core {

/// Schema polarizer.plan/1. Unknown keys are a problem with their path, never ignored. `folder` is where the files of
/// codebooks are looked for: the plan file's own; empty is the working directory.
Result<PrecisionPlan> planFromJson(const nlohmann::ordered_json& document, const std::filesystem::path& folder = {});
nlohmann::ordered_json planToJson(const PrecisionPlan& plan);
Result<PrecisionPlan> readPlan(const std::filesystem::path& file);
/// Also writes the trained recovery paths it names, beside it.
Result<void> writePlan(const PrecisionPlan& plan, const std::filesystem::path& file);

/// {value, low, high, successes, trials}.
nlohmann::ordered_json proportionToJson(const Proportion& share);
/// Null where nothing is measured, and where there is no error at all: JSON has no infinity.
nlohmann::ordered_json decibelsToJson(const std::optional<double>& value);

/// {value, low, high, p, significant, method, chips, samples, gained, lost}, the first three as shares.
nlohmann::ordered_json differenceToJson(const PairedDifference& difference);
/// {threshold, value, low, high, successes, trials}: the share of chips that reach it.
nlohmann::ordered_json yieldToJson(const ChipStatistics& chips, double threshold);
/// Schema polarizer.waterfall/1: the keys of `polar waterfall --json`.
nlohmann::ordered_json waterfallToJson(const NoiseWaterfall& waterfall);

/// The keys of `polar evaluate --json`. A figure that is infinite (no error at all) is null.
nlohmann::ordered_json reportToJson(const Report& report);

}  // namespace core
