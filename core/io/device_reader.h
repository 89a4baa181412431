// SPDX-License-Identifier: Apache-2.0
#pragma once
// Kinds of memory cells: files of schema polarizer.device/1, and tables of measured conductances.

#include "core/cim/device.h"

#include <nlohmann/json_fwd.hpp>

#include <filesystem>

namespace core {

/// Missing and unknown fields, and values no array can be built from, are problems with their path.
Result<Device> readDevice(const std::filesystem::path& file);
nlohmann::ordered_json deviceToJson(const Device& device);

/// A CSV of two columns of numbers under a heading: the conductance a cell was meant to have, and the one it was read with.
/// Problems name line and column.
Result<std::vector<MeasuredCell>> readMeasuredCells(const std::filesystem::path& file);

}  // namespace core
