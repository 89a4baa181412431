// SPDX-License-Identifier: Apache-2.0
#pragma once
// Trained recovery paths in a file beside their plan: an NPZ with the arrays LAYER.down (rank x columns) and LAYER.up
// (rows x rank) of every layer.

#include "core/plan/precision_plan.h"

#include <filesystem>

namespace core {

/// `file` is relative to `folder`, and stays the paths' name. Problems begin with the file; the place within is the array.
Result<StoredPaths> readStoredPaths(const std::string& file, const std::filesystem::path& folder);
Result<void> writeStoredPaths(const StoredPaths& paths, const std::filesystem::path& folder);

/// Every file of trained paths that a plan names, once.
std::vector<StoredPaths> storedPathsOf(const PrecisionPlan& plan);
/// Writes them all, each under its name.
Result<void> writeStoredPathsOf(const PrecisionPlan& plan, const std::filesystem::path& folder);

}  // namespace core
