// SPDX-License-Identifier: Apache-2.0
#pragma once
// network.json, schema polarizer.network/1: what stands beside a bundled model.

#include "core/io/library.h"

namespace core {

struct NetworkManifestFile {
    NetworkManifest manifest;
    std::filesystem::path model;  // the ONNX file it describes
};

/// Keys that only people read (training, attribution) are passed over.
Result<NetworkManifestFile> readNetworkManifest(const std::filesystem::path& file);

/// `model`: the ONNX file's name in the same folder.
Result<void> writeNetworkManifest(const NetworkManifest& manifest, const std::string& model, const std::filesystem::path& file);

}  // namespace core
