// SPDX-License-Identifier: Apache-2.0
#pragma once
// Networks as ONNX files: what readOnnx reads, written so that it gives the same network back.

#include "core/network/network.h"

#include <filesystem>

namespace core {

/// Nodes, names, attributes, declared shapes and constants as the network has them; constants are initializers. Import notes
/// and the hash are not of the file: reading it gives it a hash of its own. Replaces the file, all or nothing.
Result<void> writeOnnx(const Network& network, const std::filesystem::path& file);

}  // namespace core
