// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// A report as a person reads it in a terminal: accuracy with its interval, layers, the bill.

#include "core/eval/report.h"

#include <string>

namespace app {

std::string reportPage(const core::Report& report);

}  // namespace app
