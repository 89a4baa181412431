// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Numbers as people read them in tables: three digits that count, a prefix and a unit.

#include "core/base/quantity.h"

#include <QString>

#include <cstdint>
#include <optional>

namespace app {

/// "416.5 k", "1.23 M"; whole below a thousand.
QString macsText(double count);
/// 10000 as "10,000": what stands in the status line.
QString wholeText(std::int64_t count);
/// "31.4 dB"; "exact" for infinity; an en dash where nothing was measured.
QString sqnrText(const std::optional<double>& decibels);
/// "12.4 nJ".
QString joulesText(core::Picojoules energy);
/// 0.123 as "12.3 %".
QString shareText(double share);

} // namespace app
