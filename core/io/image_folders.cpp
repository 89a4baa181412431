// SPDX-License-Identifier: Apache-2.0
#include "core/io/dataset_parts.h"
#include "core/io/dataset_reader.h"
#include "core/io/image_size.h"

#include <fmt/format.h>
#include <opencv2/imgcodecs.hpp>
#include <opencv2/imgproc.hpp>

#include <algorithm>
#include <cstring>
#include <set>

namespace core {

namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kMostPixels = std::uint64_t{1} << 22;  // of one image: 2048 x 2048
constexpr std::size_t kMostBytes = std::size_t{1} << 32;       // of one split

Result<std::vector<fs::path>> sortedEntries(const fs::path& folder, bool folders)
{
    std::vector<fs::path> entries;
    std::error_code error;
    for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
        std::error_code ignored;
        const bool fitting = folders ? entry->is_directory(ignored) : entry->is_regular_file(ignored);
        if (fitting && !entry->path().filename().string().starts_with('.'))
            entries.push_back(entry->path());
    }
    if (error)
        return Problem{folder.string(), "cannot be read: " + error.message()};
    std::sort(entries.begin(), entries.end());
    return entries;
}

bool isImageName(const fs::path& file)
{
    std::string ending = file.extension().string();
    std::transform(ending.begin(), ending.end(), ending.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    static const std::set<std::string> kEndings{".png", ".jpg", ".jpeg", ".bmp", ".pgm", ".ppm"};
    return kEndings.contains(ending);
}

/// 8-bit grey (1 channel) or red, green, blue (3 channels; an alpha channel is dropped).
Result<cv::Mat> readImage(const fs::path& file)
{
    CORE_TRY(const ImageSize size, claimedImageSize(file));
    if (std::uint64_t{size.rows} * size.columns > kMostPixels)
        return Problem{"", fmt::format("is {}x{} pixels; wanted at most {} in all", size.columns, size.rows, kMostPixels)};
    cv::Mat image;
    try {
        image = cv::imread(file.string(), cv::IMREAD_UNCHANGED);
        if (image.empty())
            return Problem{"", "cannot be decoded; the image is damaged or cut off"};
        if (image.depth() != CV_8U)
            return Problem{"", "has more than 8 bits a channel; wanted 8"};
        if (image.channels() == 4)
            cv::cvtColor(image, image, cv::COLOR_BGRA2RGB);
        else if (image.channels() == 3)
            cv::cvtColor(image, image, cv::COLOR_BGR2RGB);
    } catch (const cv::Exception& exception) {
        return Problem{"", "cannot be decoded: " + exception.err};
    }
    return image;
}

Shape shapeOf(const cv::Mat& image)
{
    Shape shape{image.rows, image.cols};
    if (image.channels() > 1)
        shape.push_back(image.channels());
    return shape;
}

/// The images of one split as they come, all of one shape.
class ImageCollector {
public:
    Result<void> add(const fs::path& file, std::int32_t label)
    {
        auto image = readImage(file);
        if (!image)
            return image.error().within(file.string());
        const Shape shape = shapeOf(image.value());
        if (m_labels.empty()) {
            m_first = file;
            m_shape = shape;
        } else if (shape != m_shape) {
            return Problem{file.string(), fmt::format("is {}; {} is {}, and all images of a dataset share one shape", shapeText(shape),
                                                      m_first.string(), shapeText(m_shape))};
        }
        const cv::Mat whole = image.value().isContinuous() ? image.value() : image.value().clone();
        const std::size_t size = whole.total() * whole.elemSize();
        if (m_pixels.size() + size > kMostBytes)
            return Problem{file.string(), fmt::format("is one image too many; a split holds at most {} MB", kMostBytes >> 20)};
        m_pixels.insert(m_pixels.end(), whole.data, whole.data + size);
        m_labels.push_back(label);
        return success();
    }

    Split finish()
    {
        Shape shape = m_shape;
        shape.insert(shape.begin(), static_cast<std::int64_t>(m_labels.size()));
        Split split{Tensor::uninitialized(DataType::UInt8, std::move(shape)), std::move(m_labels)};
        std::memcpy(split.inputs.editBytes().data(), m_pixels.data(), m_pixels.size());
        return split;
    }

private:
    fs::path m_first;
    Shape m_shape{0, 0};
    std::vector<std::uint8_t> m_pixels;
    std::vector<std::int32_t> m_labels;
};

Result<Split> readClassFolders(const fs::path& folder, const std::vector<std::string>& classes)
{
    ImageCollector collector;
    std::error_code error;
    for (std::size_t label = 0; label < classes.size(); ++label) {
        if (!fs::exists(folder / classes[label], error))   // a class of the other split only
            continue;
        CORE_TRY(const std::vector<fs::path> files, sortedEntries(folder / classes[label], false));
        for (const fs::path& file : files)
            if (isImageName(file))
                CORE_TRY(collector.add(file, static_cast<std::int32_t>(label)));
    }
    return collector.finish();
}

}  // namespace

Result<Dataset> readImageFolders(const std::filesystem::path& folder)
{
    std::error_code error;
    std::map<std::string, fs::path> splits;
    for (const char* split : {"train", "test"})
        if (fs::is_directory(folder / split, error))
            splits[split] = folder / split;
    if (splits.empty())
        splits["all"] = folder;
    std::set<std::string> classes;
    for (const auto& [name, path] : splits) {
        CORE_TRY(const std::vector<fs::path> folders, sortedEntries(path, true));
        for (const fs::path& entry : folders)
            classes.insert(entry.filename().string());
    }
    if (classes.empty())
        return Problem{folder.string(), "has no class folders; wanted one folder of images for each class"};

    Dataset dataset;
    dataset.name = datasetNameOf(folder);
    dataset.title = dataset.name;
    dataset.classes.assign(classes.begin(), classes.end());
    for (const auto& [name, path] : splits) {
        CORE_TRY(dataset.splits[name], readClassFolders(path, dataset.classes));
    }
    dataset.kind = SampleKind::Image;
    dataset.layout = dataset.splits.begin()->second.inputs.rank() == 4 ? SampleLayout::HeightWidthChannel : SampleLayout::HeightWidth;
    auto whole = completed(std::move(dataset));
    if (!whole)
        return whole.error().within(folder.string());
    return whole;
}

}  // namespace core
