// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_parts.h"
#include "core/io/dataset_reader.h"
#include "core/io/file_source.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstring>

namespace core {

namespace {

namespace fs = std::filesystem;

constexpr std::size_t kPixels = 3 * 32 * 32;
constexpr std::size_t kMostRecords = 1'000'000;

/// How many label bytes stand in front of the pixels: 1 (CIFAR-10), or 2 (CIFAR-100: coarse, fine; the fine one counts).
struct RecordForm {
    std::size_t labelBytes;
    std::uint8_t classes;
    std::size_t size() const { return labelBytes + kPixels; }
};
constexpr RecordForm kCifar10{1, 10}, kCifar100{2, 100};

/// By the names of the published archives, else by which form divides the file evenly.
Result<RecordForm> formOf(const fs::path& file, std::size_t bytes)
{
    const std::string name = file.filename().string();
    if (name.starts_with("data_batch") || name.starts_with("test_batch"))
        return kCifar10;
    if (name.starts_with("train.bin") || name.starts_with("test.bin"))
        return kCifar100;
    if (bytes % kCifar10.size() == 0)
        return kCifar10;
    if (bytes % kCifar100.size() == 0)
        return kCifar100;
    return Problem{"", fmt::format("has {} bytes; CIFAR wants whole records of {} (10 classes) or {} (100 classes)", bytes, kCifar10.size(),
                                   kCifar100.size())};
}

struct Batch {
    std::string pixels;
    std::vector<std::int32_t> labels;
    std::size_t classes = 0;
};

Result<Batch> readBatch(const fs::path& file)
{
    CORE_TRY(const std::string bytes, readText(file, kMostRecords * kCifar100.size()));
    CORE_TRY(const RecordForm form, formOf(file, bytes.size()));
    if (bytes.empty() || bytes.size() % form.size() != 0)
        return Problem{fmt::format("record {}", bytes.size() / form.size()),
                       fmt::format("the file ends after {} bytes of the record; a record has {}", bytes.size() % form.size(), form.size())};
    Batch batch;
    batch.classes = form.classes;
    batch.pixels.reserve(bytes.size());
    for (std::size_t at = 0; at < bytes.size(); at += form.size()) {
        const auto label = static_cast<std::uint8_t>(bytes[at + form.labelBytes - 1]);
        if (label >= form.classes)
            return Problem{fmt::format("record {}", at / form.size()), fmt::format("label {}; wanted 0 to {}", label, form.classes - 1)};
        batch.labels.push_back(label);
        batch.pixels.append(bytes, at + form.labelBytes, kPixels);
    }
    return batch;
}

/// The batches of each split; a file of any other name is a split of its own.
std::map<std::string, std::vector<fs::path>> batchFiles(const fs::path& fileOrFolder)
{
    std::error_code error;
    if (!fs::is_directory(fileOrFolder, error))
        return {{"all", {fileOrFolder}}};
    std::map<std::string, std::vector<fs::path>> files;
    for (fs::directory_iterator entry(fileOrFolder, error), end; !error && entry != end; entry.increment(error)) {
        const std::string name = entry->path().filename().string();
        if (name.ends_with(".bin") || name.ends_with(".bin.gz"))
            files[name.starts_with("test") ? "test" : "train"].push_back(entry->path());
    }
    for (auto& [split, batches] : files)
        std::sort(batches.begin(), batches.end());
    return files;
}

/// Class names lie beside the published batches, one a line.
std::vector<std::string> classNames(const fs::path& folder, std::size_t classes)
{
    constexpr std::size_t kLargestList = 1 << 20;
    const auto text = readText(folder / (classes == kCifar10.classes ? "batches.meta.txt" : "fine_label_names.txt"), kLargestList);
    std::vector<std::string> names;
    for (std::size_t at = 0; text && at < text.value().size();) {
        const std::size_t end = std::min(text.value().find('\n', at), text.value().size());
        std::string name = text.value().substr(at, end - at);
        if (name.ends_with('\r'))
            name.pop_back();
        if (!name.empty())
            names.push_back(std::move(name));
        at = end + 1;
    }
    if (names.size() == classes)
        return names;
    names.clear();
    for (std::size_t i = 0; i < classes; ++i)
        names.push_back(std::to_string(i));
    return names;
}

}  // namespace

Result<Dataset> readCifarDataset(const std::filesystem::path& fileOrFolder)
{
    Dataset dataset;
    dataset.name = datasetNameOf(fileOrFolder);
    dataset.title = dataset.name;
    dataset.kind = SampleKind::Image;
    dataset.layout = SampleLayout::ChannelHeightWidth;
    std::size_t classes = 0;
    fs::path folder;
    for (const auto& [name, files] : batchFiles(fileOrFolder)) {
        std::string pixels;
        Split split;
        for (const fs::path& file : files) {
            auto batch = readBatch(file);
            if (!batch)
                return batch.error().within(file.string());
            if (classes != 0 && batch.value().classes != classes)
                return Problem{file.string(),
                               fmt::format("has records of {} classes; the files before it have {}", batch.value().classes, classes)};
            classes = batch.value().classes;
            folder = file.parent_path();
            pixels += batch.value().pixels;
            split.labels.insert(split.labels.end(), batch.value().labels.begin(), batch.value().labels.end());
        }
        split.inputs = Tensor::uninitialized(DataType::UInt8, {static_cast<std::int64_t>(split.labels.size()), 3, 32, 32});
        std::memcpy(split.inputs.editBytes().data(), pixels.data(), pixels.size());
        dataset.splits[name] = std::move(split);
    }
    dataset.classes = classNames(folder, classes);
    auto whole = completed(std::move(dataset));
    if (!whole)
        return whole.error().within(fileOrFolder.string());
    return whole;
}

}  // namespace core
