// SPDX-License-Identifier: Apache-2.0
#pragma once
// One palette index per row or per input channel, as plan files hold it: a list [0, 0, 2] or runs "0*12,2*4".

#include "core/io/json_object.h"

namespace core {

/// Indices of 0 to 255; whether the palette has so many entries is check()'s to tell. Problems stand at `path`, a list's with the
/// element: "rows[17]". `chooser` is what makes a choice, in words: "row".
Result<std::vector<std::uint8_t>> paletteChoicesFrom(const Json& value, const std::string& path, std::string_view chooser);

/// The shorter of the two forms; the list where they are equally long.
Json paletteChoicesToJson(const std::vector<std::uint8_t>& choices);

}  // namespace core
