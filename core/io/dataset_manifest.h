// SPDX-License-Identifier: Apache-2.0
#pragma once
// dataset.json, schema polarizer.dataset/1: what a folder of samples holds, where it comes from and under which licence.

#include "core/data/dataset.h"
#include "core/io/csv_reader.h"

#include <filesystem>
#include <map>

namespace core {

struct DatasetManifest {
    enum class Format { Idx, Csv };
    struct SplitFiles {
        std::int64_t samples = 0;
        std::string inputs, labels;
    };  // CSV holds its labels itself

    Dataset description;  // everything but the samples
    Format format = Format::Idx;
    CsvOptions csv;
    std::map<std::string, SplitFiles> splits;
    std::map<std::string, std::int64_t> fileBytes;  // sizes the manifest states

    static Result<DatasetManifest> read(const std::filesystem::path& file);
};

std::string kindName(SampleKind kind);  // "image", "spectrogram", "sequence", "table"

}  // namespace core
