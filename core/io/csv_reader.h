// SPDX-License-Identifier: Apache-2.0
#pragma once
// Tables of numbers with one label column, as CSV (comma, semicolon or tab), plain or gzip. Fields may stand in double
// quotes, but not run over a line's end.

#include "core/base/problem.h"
#include "core/base/tensor.h"
#include "core/data/dataset.h"

#include <filesystem>
#include <optional>

namespace core {

struct CsvOptions {
    std::string label = "last";                    // a column's name, or "first" or "last"
    std::optional<bool> header;                    // empty: found out from the first two lines
    SampleLayout layout = SampleLayout::Features;  // Sequence keeps whole numbers as int64
    std::vector<std::string> classes;              // empty: found in the label column
};

struct CsvTable {
    Split split;                       // inputs: rows x features
    std::vector<std::string> classes;  // as given; else distinct texts, sorted; else "0", "1", ... for whole numbers
};

/// Problems name line and column: "FILE: line 17, column 3 ("width"): found "x"; wanted a number".
Result<CsvTable> readCsv(const std::filesystem::path& file, const CsvOptions& options);

/// The options for a file that comes without words: a column named label, class, target or y, else the last one, unless
/// only the first column holds text.
Result<CsvOptions> guessCsvOptions(const std::filesystem::path& file);

}  // namespace core
