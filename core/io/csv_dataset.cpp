// SPDX-License-Identifier: Apache-2.0
#include "core/io/csv_reader.h"
#include "core/io/dataset_parts.h"
#include "core/io/dataset_reader.h"

#include <optional>

namespace core {

namespace {

namespace fs = std::filesystem;

std::optional<fs::path> tableIn(const fs::path& folder, const std::string& stem)
{
    std::error_code error;
    for (const char* ending : {".csv", ".csv.gz"})
        if (fs::is_regular_file(folder / (stem + ending), error))
            return folder / (stem + ending);
    return std::nullopt;
}

}  // namespace

Result<Dataset> readCsvDataset(const std::filesystem::path& fileOrFolder)
{
    std::error_code error;
    std::map<std::string, fs::path> files;
    if (fs::is_directory(fileOrFolder, error)) {
        for (const char* split : {"train", "test"})
            if (const auto file = tableIn(fileOrFolder, split))
                files[split] = *file;
        if (files.empty())
            return Problem{fileOrFolder.string(), "has no train.csv or test.csv; name one of its files"};
    } else {
        files["all"] = fileOrFolder;
    }

    Dataset dataset;
    dataset.name = datasetNameOf(fileOrFolder);
    dataset.title = dataset.name;
    dataset.kind = SampleKind::Table;
    dataset.layout = SampleLayout::Features;
    const fs::path first = files.rbegin()->second;  // "train" where there is one: its labels say what the classes are
    CORE_TRY(auto options, guessCsvOptions(first));
    CORE_TRY(auto table, readCsv(first, options));
    dataset.classes = table.classes;
    dataset.splits[files.rbegin()->first] = std::move(table.split);
    if (files.size() > 1) {
        options.classes = dataset.classes;
        CORE_TRY(auto other, readCsv(files.begin()->second, options));
        dataset.splits[files.begin()->first] = std::move(other.split);
    }
    auto whole = completed(std::move(dataset));
    if (!whole)
        return whole.error().within(fileOrFolder.string());
    return whole;
}

}  // namespace core
