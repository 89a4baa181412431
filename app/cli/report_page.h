// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A report as a person reads it in a terminal: accuracy with its interval, layers, the bill.

#include "core/eval/report.h"

#include <string>

namespace app {

/// "99.38 % [99.21, 99.51]"
std::string proportionText(const core::Proportion& share);

/// "-1.20 points [-1.85, -0.55], significant (p = 0.0004)"
std::string differenceText(const core::PairedDifference& difference);

std::string reportPage(const core::Report& report);

}  // namespace app
