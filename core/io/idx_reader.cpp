// SPDX-License-Identifier: Apache-2.0
#include "core/io/idx_reader.h"

#include "core/io/file_source.h"
#include "core/io/tensor_conversion.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

namespace core {

namespace {

constexpr int kMostAxes = 8;

std::optional<DataType> storedType(std::uint8_t code)
{
    switch (code) {
    case 0x08: return DataType::UInt8;
    case 0x09: return DataType::Int8;
    case 0x0B: return DataType::Int16;
    case 0x0C: return DataType::Int32;
    case 0x0D: return DataType::Float32;
    case 0x0E: return DataType::Float64;
    default: return std::nullopt;
    }
}

/// IDX is big endian; reverses the bytes of every element on a little-endian machine.
void toNativeOrder(std::span<std::byte> bytes, std::size_t elementSize)
{
    if constexpr (std::endian::native == std::endian::little)
        for (std::size_t at = 0; at + elementSize <= bytes.size() && elementSize > 1; at += elementSize)
            std::reverse(bytes.begin() + static_cast<std::ptrdiff_t>(at), bytes.begin() + static_cast<std::ptrdiff_t>(at + elementSize));
}

Result<Tensor> readStored(FileSource& source)
{
    std::array<std::byte, 4> magic{};
    CORE_TRY(auto magicBytes, source.read(magic));
    const auto byteAt = [&](std::size_t i) { return std::to_integer<std::uint8_t>(magic[i]); };
    if (magicBytes < magic.size())
        return Problem{"header", fmt::format("the file ends after {} bytes; an IDX header has at least 4", magicBytes)};
    const std::optional<DataType> type = storedType(byteAt(2));
    if (byteAt(0) != 0 || byteAt(1) != 0 || !type)
        return Problem{"header",
                       fmt::format("begins with {:02x} {:02x} {:02x}; IDX begins with 00 00 and a type of 08, 09, 0b, 0c, 0d or 0e",
                                   byteAt(0), byteAt(1), byteAt(2))};
    const int rank = byteAt(3);
    if (rank < 1 || rank > kMostAxes)
        return Problem{"header", fmt::format("has {} axes; wanted 1 to {}", rank, kMostAxes)};

    std::vector<std::byte> sizes(static_cast<std::size_t>(rank) * 4);
    CORE_TRY(auto sizeBytes, source.read(sizes));
    if (sizeBytes < sizes.size())
        return Problem{"header", fmt::format("the file ends inside the sizes of its {} axes", rank)};
    Shape shape;
    std::uint64_t bytes = byteSize(*type);
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(rank); ++axis) {
        std::uint32_t size = 0;
        for (std::size_t i = 0; i < 4; ++i)
            size = size << 8 | std::to_integer<std::uint32_t>(sizes[4 * axis + i]);
        if (size == 0)
            return Problem{"header", fmt::format("axis {} has size 0; wanted at least 1", axis)};
        shape.push_back(size);
        if (bytes > source.mostBytes() / size)
            return Problem{"header", fmt::format("claims {} elements of {}; the file can hold at most {} bytes", shapeText(shape),
                                                 dataTypeName(*type), source.mostBytes())};
        bytes *= size;
    }

    Tensor tensor = Tensor::uninitialized(*type, shape);
    CORE_TRY(auto got, source.read(tensor.editBytes()));
    if (got < tensor.byteCount())
        return Problem{"elements", fmt::format("the file ends after {} bytes; {} of {} take {}", got, shapeText(shape), dataTypeName(*type),
                                               tensor.byteCount())};
    CORE_TRY(auto atEnd, source.atEnd());
    if (!atEnd)
        return Problem{"elements",
                       fmt::format("bytes follow the {} that {} of {} take", tensor.byteCount(), shapeText(shape), dataTypeName(*type))};
    toNativeOrder(tensor.editBytes(), byteSize(*type));
    return tensor;
}

}  // namespace

Result<Tensor> readIdx(const std::filesystem::path& file)
{
    const auto tensor = [&]() -> Result<Tensor> {
        CORE_TRY(auto source, FileSource::open(file));
        CORE_TRY(auto stored, readStored(source));
        return asStoredSamples(stored);
    }();
    if (!tensor)
        return tensor.error().within(file.string());
    return tensor;
}

Result<std::vector<std::int32_t>> readIdxLabels(const std::filesystem::path& file)
{
    CORE_TRY(auto tensor, readIdx(file));
    auto labels = asLabels(tensor);
    if (!labels)
        return labels.error().within(file.string());
    return labels;
}

}  // namespace core
