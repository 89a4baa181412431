// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_parts.h"
#include "core/io/dataset_reader.h"
#include "core/io/idx_reader.h"

#include <array>
#include <optional>

namespace core {

namespace {

namespace fs = std::filesystem;

/// "train-labels-idx1-ubyte" for "train-images-idx3-ubyte"; empty for a name without "images".
std::string labelsNameFor(std::string images)
{
    const std::size_t word = images.find("images");
    if (word == std::string::npos)
        return {};
    images.replace(word, 6, "labels");
    const std::size_t rank = images.find("idx", word);
    if (rank != std::string::npos && rank + 3 < images.size())
        images[rank + 3] = '1';
    return images;
}

/// The file itself, or the same with or without ".gz".
std::optional<fs::path> withOrWithoutGzip(const fs::path& file)
{
    std::error_code error;
    if (fs::is_regular_file(file, error))
        return file;
    fs::path other = file;
    if (file.extension() == ".gz")
        other.replace_extension();
    else
        other += ".gz";
    return fs::is_regular_file(other, error) ? std::optional(other) : std::nullopt;
}

std::string withPrefix(const std::string& name, std::string_view found, std::string_view wanted)
{
    return std::string(wanted) + name.substr(found.size());
}

Result<Split> readPair(const fs::path& imagesFile)
{
    CORE_TRY(auto inputs, readIdx(imagesFile));
    Split split{std::move(inputs), {}};
    const std::string labelsName = labelsNameFor(imagesFile.filename().string());
    if (labelsName.empty())
        return split;
    const auto labelsFile = withOrWithoutGzip(imagesFile.parent_path() / labelsName);
    if (!labelsFile)
        return Problem{(imagesFile.parent_path() / labelsName).string(),
                       "there is no such file; the labels of " + imagesFile.filename().string() + " are wanted there"};
    CORE_TRY(auto labels, readIdxLabels(*labelsFile));
    split.labels = std::move(labels);
    return split;
}

/// The images files of each split, going by the one we were given.
std::map<std::string, fs::path> splitFiles(const fs::path& imagesFile)
{
    constexpr std::array<std::pair<std::string_view, std::string_view>, 3> kPrefixes{
        {{"train-", "train"}, {"t10k-", "test"}, {"test-", "test"}}};
    const std::string name = imagesFile.filename().string();
    std::map<std::string, fs::path> files;
    for (const auto& [prefix, split] : kPrefixes) {
        if (!name.starts_with(prefix))
            continue;
        files[std::string(split)] = imagesFile;
        for (const auto& [otherPrefix, otherSplit] : kPrefixes)
            if (otherSplit != split && !files.contains(std::string(otherSplit)))
                if (const auto other = withOrWithoutGzip(imagesFile.parent_path() / withPrefix(name, prefix, otherPrefix)))
                    files[std::string(otherSplit)] = *other;
        return files;
    }
    return {{"all", imagesFile}};
}

}  // namespace

Result<Dataset> readIdxDataset(const std::filesystem::path& imagesFile)
{
    Dataset dataset;
    const auto files = splitFiles(imagesFile);
    dataset.name = datasetNameOf(files.contains("all") ? imagesFile : fs::absolute(imagesFile).parent_path());
    dataset.title = dataset.name;
    for (const auto& [name, file] : files) {
        CORE_TRY(auto split, readPair(file));
        dataset.splits[name] = std::move(split);
    }
    const auto layout = guessSampleLayout(dataset.splits.begin()->second.inputs.shape());
    if (!layout)
        return layout.error().within(imagesFile.string());
    dataset.layout = layout.value();
    dataset.kind = kindOf(dataset.layout);
    dataset.classes = numberedClasses(dataset);
    auto whole = completed(std::move(dataset));
    if (!whole)
        return whole.error().within(imagesFile.string());
    return whole;
}

}  // namespace core
