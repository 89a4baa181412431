// SPDX-License-Identifier: Apache-2.0
#pragma once
// Price tables, schema polarizer.energy/1: what one operation costs in one technology, every price with its source.

#include "core/energy/bill.h"

#include <filesystem>

namespace core {

/// Unknown keys, operations and confidences, negative prices and a width listed twice are problems with their path.
Result<PriceTable> readPriceTable(const std::filesystem::path& file);

}  // namespace core
