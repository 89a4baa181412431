// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A report as a person reads it in a terminal: accuracy with its interval, layers, the bill.

#include "core/eval/report.h"

#include <string>

namespace app {

/// "99.38 % [99.21, 99.51]"
std::string proportionText(const core::Proportion& share);

std::string reportPage(const core::Report& report);

}  // namespace app
