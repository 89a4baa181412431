// SPDX-License-Identifier: Apache-2.0
#pragma once
// A report as a page for people: one HTML file that needs nothing else, readable on paper and without colours.

#include "core/base/problem.h"

#include <nlohmann/json_fwd.hpp>

#include <string>

namespace core {

/// `report` has the keys of reportToJson(). A document without them is a problem; a figure that is null shows as such.
Result<std::string> htmlReport(const nlohmann::ordered_json& report);

}  // namespace core
