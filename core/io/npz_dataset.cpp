// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_parts.h"
#include "core/io/dataset_reader.h"
#include "core/io/file_source.h"
#include "core/io/npy_bytes.h"
#include "core/io/tensor_conversion.h"

#include <fmt/format.h>
#include <zip.h>

#include <memory>
#include <optional>

namespace core {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 32;  // of one array
constexpr std::uint64_t kDeflateLimit = 1032;                 // bytes out per byte in

struct Discard {
    void operator()(zip_t* archive) const { zip_discard(archive); }
};
struct CloseEntry {
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

class Archive {
public:
    static Result<Archive> open(const std::filesystem::path& file)
    {
        int code = 0;
        Archive archive;
        archive.m_zip.reset(zip_open(file.c_str(), ZIP_RDONLY, &code));
        if (!archive.m_zip) {
            zip_error_t error;
            zip_error_init_with_code(&error, code);
            const std::string words = zip_error_strerror(&error);
            zip_error_fini(&error);
            return Problem{"", "is no NPZ archive (zip): " + words};
        }
        return archive;
    }

    /// The array of this name, if there is one.
    Result<std::optional<Tensor>> array(const std::string& name) const
    {
        const std::string entryName = name + ".npy";
        const zip_int64_t at = zip_name_locate(m_zip.get(), entryName.c_str(), 0);
        if (at < 0)
            return std::optional<Tensor>{};
        auto tensor = read(static_cast<zip_uint64_t>(at));
        if (!tensor)
            return tensor.error().within(entryName);
        return std::optional<Tensor>{std::move(tensor).value()};
    }

    std::string names() const
    {
        constexpr zip_int64_t kMostShown = 10;
        std::string all;
        for (zip_int64_t i = 0; i < zip_get_num_entries(m_zip.get(), 0) && i < kMostShown; ++i) {
            const char* name = zip_get_name(m_zip.get(), static_cast<zip_uint64_t>(i), 0);
            all += fmt::format("{}{}", all.empty() ? "" : ", ", name ? name : "?");
        }
        return all.empty() ? "no arrays" : all;
    }

private:
    Result<Tensor> read(zip_uint64_t at) const
    {
        zip_stat_t stat;
        zip_stat_init(&stat);
        constexpr zip_uint64_t kNeeded = ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE | ZIP_STAT_COMP_METHOD;
        if (zip_stat_index(m_zip.get(), at, 0, &stat) != 0 || (stat.valid & kNeeded) != kNeeded)
            return Problem{"", "the archive does not say how large it is"};
        if (stat.comp_method != ZIP_CM_STORE && stat.comp_method != ZIP_CM_DEFLATE)
            return Problem{"", fmt::format("is packed by method {}; wanted stored or deflated, as NumPy writes", stat.comp_method)};
        if (stat.size > kMostBytes || stat.size > (stat.comp_size + 1) * kDeflateLimit)
            return Problem{"", fmt::format("claims {} bytes out of {} packed ones", stat.size, stat.comp_size)};
        const std::unique_ptr<zip_file_t, CloseEntry> entry(zip_fopen_index(m_zip.get(), at, 0));
        if (!entry)
            return Problem{"", std::string("cannot be opened: ") + zip_strerror(m_zip.get())};
        std::vector<std::byte> bytes(stat.size);
        std::size_t done = 0;
        while (done < bytes.size()) {
            const zip_int64_t got = zip_fread(entry.get(), bytes.data() + done, bytes.size() - done);
            if (got <= 0)
                return Problem{"", fmt::format("the archive is damaged or cut off after {} of {} bytes", done, bytes.size())};
            done += static_cast<std::size_t>(got);
        }
        std::byte beyond{};
        if (zip_fread(entry.get(), &beyond, 1) != 0)  // reading the end is what compares the checksum
            return Problem{"", "the archive is damaged (wrong checksum or size)"};
        return npyFromBytes(bytes);
    }

    std::unique_ptr<zip_t, Discard> m_zip;
};

struct SplitNames {
    const char *split, *inputs, *labels;
};
constexpr SplitNames kSplitNames[] = {{"train", "x_train", "y_train"},
                                      {"test", "x_test", "y_test"},
                                      {"train", "X_train", "y_train"},
                                      {"test", "X_test", "y_test"},
                                      {"train", "train_images", "train_labels"},
                                      {"test", "test_images", "test_labels"},
                                      {"val", "val_images", "val_labels"},
                                      {"train", "train_x", "train_y"},
                                      {"test", "test_x", "test_y"},
                                      {"train", "train_data", "train_labels"},
                                      {"test", "test_data", "test_labels"}};
constexpr SplitNames kWholeNames[] = {{"all", "x", "y"},         {"all", "X", "y"},         {"all", "images", "labels"},
                                      {"all", "data", "target"}, {"all", "data", "labels"}, {"all", "inputs", "labels"}};

Result<void> addSplits(const Archive& archive, std::span<const SplitNames> names, Dataset& dataset)
{
    for (const SplitNames& name : names) {
        CORE_TRY(const std::optional<Tensor> inputs, archive.array(name.inputs));
        if (!inputs || dataset.splits.contains(name.split))
            continue;
        Split split;
        const auto samples = asStoredSamples(*inputs);
        if (!samples)
            return samples.error().within(name.inputs);
        split.inputs = samples.value();
        CORE_TRY(const std::optional<Tensor> stored, archive.array(name.labels));
        if (stored) {
            auto labels = asLabels(*stored);
            if (!labels)
                return labels.error().within(name.labels);
            split.labels = std::move(labels).value();
        }
        dataset.splits[name.split] = std::move(split);
    }
    return success();
}

Result<Dataset> datasetFrom(const std::filesystem::path& file)
{
    CORE_TRY(FileSource::open(file));   // says better than an archive can why there is nothing to read
    CORE_TRY(const Archive archive, Archive::open(file));
    Dataset dataset;
    dataset.name = datasetNameOf(file);
    dataset.title = dataset.name;
    CORE_TRY(addSplits(archive, kSplitNames, dataset));
    if (dataset.splits.empty())
        CORE_TRY(addSplits(archive, kWholeNames, dataset));
    if (dataset.splits.empty())
        return Problem{
            "",
            fmt::format(
                "holds {}; wanted x_train, y_train, x_test and y_test, or train_images ..., or x and y, images and labels, data and target",
                archive.names())};
    CORE_TRY(dataset.layout, guessSampleLayout(dataset.splits.begin()->second.inputs.shape()));
    dataset.kind = kindOf(dataset.layout);
    dataset.classes = numberedClasses(dataset);
    return completed(std::move(dataset));
}

}  // namespace

Result<Dataset> readNpzDataset(const std::filesystem::path& file)
{
    auto dataset = datasetFrom(file);
    if (!dataset)
        return dataset.error().within(file.string());
    return dataset;
}

}  // namespace core
