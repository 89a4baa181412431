// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/quantity_text.h"

#include <fmt/format.h>

#include <array>
#include <cmath>

namespace app {

std::string energyText(core::Picojoules energy)
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

std::string proportionText(const core::Proportion& share)
{
    return fmt::format("{:.2f} % [{:.2f}, {:.2f}]", 100.0 * share.value(), 100.0 * share.low(), 100.0 * share.high());
}

std::string decibelText(std::optional<double> decibels)
{
    if (!decibels)
        return "-";
    return std::isinf(*decibels) ? "exact" : fmt::format("{:.1f}", *decibels);
}

} // namespace app
