// SPDX-License-Identifier: Apache-2.0
#pragma once
// Every reader of files behind one signature, for the mutation test and for libFuzzer: read the file, and go on with what
// was read as far as opening it in the instrument would.

#include "core/base/problem.h"

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace fuzz {

struct Reader {
    std::string name;      // "onnx"
    std::string fileName;  // below a folder of its own: "a/b.png"
    /// The problem, if there is one. `file` is the file, whatever folder the reader wants to begin from.
    std::optional<core::Problem> (*read)(const std::filesystem::path& file);
};

const std::vector<Reader>& readers();

}  // namespace fuzz
