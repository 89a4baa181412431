// SPDX-License-Identifier: Apache-2.0
#pragma once
// The number formats a plan file may name: those of the grammar, and codebooks of one's own in a file.

#include "core/formats/number_format.h"

#include <filesystem>
#include <string>

namespace core {

/// NumberFormat::named, and "codebook:FILE": FILE, relative to `folder`, holds 2 to 65536 ascending levels, one a line (empty
/// lines and lines that begin with # are passed over) or as a JSON list. The format keeps the whole text as its name.
/// A problem's place is the file and the line, or the element of the list; of a name of the grammar it is "".
Result<NumberFormat> formatNamed(const std::string& name, const std::filesystem::path& folder);

}  // namespace core
