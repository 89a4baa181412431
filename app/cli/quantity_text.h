// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Numbers as people read them: with prefixes, separators and units.

#include "core/base/quantity.h"
#include "core/eval/proportion.h"

#include <cstdint>
#include <optional>
#include <string>

namespace app {

std::string energyText(core::Picojoules energy);           // "12.3 nJ"
std::string countText(std::int64_t count);                 // "61,706"
std::string percentText(double share);                     // "99.38 %"
std::string proportionText(const core::Proportion& share); // "99.38 % [99.21, 99.51]"
std::string decibelText(std::optional<double> decibels);   // "31.2", "exact" where there is no error, "-" where not measured

} // namespace app
