// SPDX-License-Identifier: Apache-2.0
#pragma once
// Files replaced all or nothing: written beside their place first, so that what was there stays whole until the new one is.

#include "core/base/problem.h"

#include <filesystem>
#include <functional>
#include <ostream>

namespace core {

/// `write` answers whether it could. A problem's place is the file; the file is then as it was.
Result<void> replaceFile(const std::filesystem::path& file, const std::function<bool(std::ostream&)>& write);

}  // namespace core
