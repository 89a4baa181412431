// SPDX-License-Identifier: Apache-2.0
#pragma once
// Price tables, schema polarizer.energy/1: what one operation costs in one technology, every price with its source.
//
//   {"schema": "polarizer.energy/1", "name": "45nm", "title": "...", "node_nm": 45, "voltage": 0.9, "prices": [
//     {"operation": "multiply", "kind": "integer", "bits": 8, "value": 0.2, "unit": "pJ", "range": [0.15, 0.3],
//      "source": "...", "confidence": "measured", "node_nm": 40, "voltage": 1.1}]}
//
// "picojoules" may stand for value and unit (aJ, fJ, pJ or nJ). Without a range the price is off by what is usual for its
// confidence (usualSpread); node and voltage are given where they are not the table's. "device" says what pays these prices
// (core/energy/accelerator.h): {"title", "clock_mhz", "multipliers", "function_lanes", "on_chip_kilobytes", "on_chip_bits_per_cycle",
// "dram_gigabytes_per_second", "converters", "conversion_ns", "square_micrometres": {"multiplier", "converter", "array_cell",
// "memory_bit"}, "source", "confidence"}; without it there are no estimates of time and area.

#include "core/energy/bill.h"

#include <filesystem>

namespace core {

/// Unknown keys, operations, units and confidences, negative prices, a range that does not hold its price and a width listed
/// twice are problems with their path.
Result<PriceTable> readPriceTable(const std::filesystem::path& file);

}  // namespace core
