// SPDX-License-Identifier: Apache-2.0
#pragma once
// The size an image file claims, read from its first bytes: a small file must not make us take memory for a huge picture.

#include "core/base/problem.h"

#include <cstdint>
#include <filesystem>

namespace core {

struct ImageSize {
    std::uint32_t columns = 0, rows = 0;
};

/// PNG, JPEG, BMP and portable grey or colour maps (P2, P3, P5, P6). Problems have the place "".
Result<ImageSize> claimedImageSize(const std::filesystem::path& file);

}  // namespace core
