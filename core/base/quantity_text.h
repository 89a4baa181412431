// SPDX-License-Identifier: Apache-2.0
#pragma once
// Numbers as people read them: with prefixes, separators and units. For terminals and pages; a window has its locale.

#include "core/base/quantity.h"

#include <cstdint>
#include <optional>
#include <string>

namespace core {

std::string energyText(Picojoules energy);               // "12.3 nJ"
std::string countText(std::int64_t count);               // "61,706"
std::string percentText(double share);                   // 0.9938: "99.38 %"
std::string decibelText(std::optional<double> decibels); // "31.2"; "exact" for infinity, "-" where not measured

}  // namespace core
