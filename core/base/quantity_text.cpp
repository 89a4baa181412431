// SPDX-License-Identifier: Apache-2.0
#include "core/base/quantity_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace core {

std::string energyText(Picojoules energy)
{
    static constexpr std::array kUnits{"fJ", "pJ", "nJ", "µJ", "mJ", "J"};
    double value = energy.value() * 1e3;
    std::size_t unit = 0;
    while (std::abs(value) >= 999.5 && unit + 1 < kUnits.size()) {
        value /= 1e3;
        ++unit;
    }
    return fmt::format("{:.3g} {}", value, kUnits[unit]);
}

std::string countText(std::int64_t count)
{
    std::string digits = std::to_string(count);
    const std::ptrdiff_t first = count < 0 ? 1 : 0;
    for (auto at = std::ssize(digits) - 3; at > first; at -= 3)
        digits.insert(static_cast<std::size_t>(at), 1, ',');
    return digits;
}

std::string percentText(double share) { return fmt::format("{:.2f} %", 100.0 * share); }

std::string decibelText(std::optional<double> decibels)
{
    if (!decibels)
        return "-";
    return std::isinf(*decibels) ? "exact" : fmt::format("{:.1f}", *decibels);
}

}  // namespace core
