// SPDX-License-Identifier: Apache-2.0
#pragma once
// One palette index per row, as plan files hold it: a list [0, 0, 2] or runs "0*12,2*4".

#include "core/io/json_object.h"

namespace core {

/// Problems stand at `path` (a list's with the element: "rows[17]"); every index must be below `paletteSize`.
Result<std::vector<std::uint8_t>> paletteChoicesFrom(const Json& value, const std::string& path, std::size_t paletteSize);

/// The shorter of the two forms; the list where they are equally long.
Json paletteChoicesToJson(const std::vector<std::uint8_t>& choices);

}  // namespace core
