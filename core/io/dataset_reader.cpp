// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_reader.h"

#include <algorithm>

namespace core {

namespace {

namespace fs = std::filesystem;

bool endsWithAny(const std::string& name, std::initializer_list<std::string_view> endings)
{
    for (const std::string_view ending : endings)
        if (name.ends_with(ending) || name.ends_with(std::string(ending) + ".gz"))
            return true;
    return false;
}

bool isIdxImages(const std::string& name) { return name.find("images") != std::string::npos && name.find("idx") != std::string::npos; }

Result<Dataset> readFolder(const fs::path& folder)
{
    std::error_code error;
    if (fs::is_regular_file(folder / "dataset.json", error))
        return readDescribedDataset(folder / "dataset.json");
    std::vector<fs::path> idxFiles;
    bool hasCifar = false, hasCsv = false, hasFolders = false;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        std::error_code ignored;
        if (entry->is_directory(ignored))
            hasFolders = hasFolders || !name.starts_with('.');
        else if (isIdxImages(name))
            idxFiles.push_back(entry->path());
        else if (endsWithAny(name, {".bin"}))
            hasCifar = true;
        else if (endsWithAny(name, {".csv"}))
            hasCsv = true;
    }
    if (error)
        return Problem{folder.string(), "cannot be read: " + error.message()};
    if (!idxFiles.empty())
        return readIdxDataset(*std::min_element(idxFiles.begin(), idxFiles.end()));
    if (hasCifar)
        return readCifarDataset(folder);
    if (hasCsv)
        return readCsvDataset(folder);
    if (hasFolders)
        return readImageFolders(folder);
    return Problem{
        folder.string(),
        "holds no dataset; wanted dataset.json, IDX files, CIFAR .bin batches, train.csv and test.csv, or folders of images by class"};
}

}  // namespace

Result<Dataset> readDataset(const fs::path& fileOrFolder)
{
    std::error_code error;
    if (fs::is_directory(fileOrFolder, error))
        return readFolder(fileOrFolder);
    if (!fs::exists(fileOrFolder, error))
        return Problem{fileOrFolder.string(), "there is no such file or folder"};
    const std::string name = fileOrFolder.filename().string();
    if (name.ends_with(".json"))
        return readDescribedDataset(fileOrFolder);
    if (name.ends_with(".npz"))
        return readNpzDataset(fileOrFolder);
    if (endsWithAny(name, {".bin"}))
        return readCifarDataset(fileOrFolder);
    if (endsWithAny(name, {".csv", ".tsv", ".data", ".txt"}))
        return readCsvDataset(fileOrFolder);
    if (name.find("idx") != std::string::npos)
        return readIdxDataset(fileOrFolder);
    return Problem{fileOrFolder.string(),
                   "is no kind of dataset we know; wanted dataset.json, *idx*, *.bin (CIFAR), *.npz, *.csv, or a folder"};
}

}  // namespace core
