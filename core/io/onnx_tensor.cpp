// SPDX-License-Identifier: Apache-2.0
#include "core/io/onnx_tensor.h"

#include "core/network/onnx_types.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <fstream>

namespace core {

namespace {

static_assert(std::endian::native == std::endian::little, "raw tensor data is little-endian and copied as it is");

/// The tensor's shape, sure to have no more elements than fit into memory's sizes.
Result<Shape> shapeOf(const onnx::TensorProto& proto, const std::string& place)
{
    Shape shape(proto.dims().begin(), proto.dims().end());
    std::int64_t count = 1;
    for (const std::int64_t size : shape)
        if (size < 0 || __builtin_mul_overflow(count, std::max<std::int64_t>(size, 1), &count) || count > (std::int64_t{1} << 40))
            return Problem{place, fmt::format("its shape is [{}]; sizes of at least 0 are wanted that together fit into memory", shapeText(shape))};
    return shape;
}

Result<Tensor> fromBytes(DataType type, Shape shape, std::string_view bytes, const std::string& place)
{
    const std::size_t wanted = static_cast<std::size_t>(elementCount(shape)) * byteSize(type);
    if (bytes.size() != wanted)
        return Problem{place, fmt::format("it holds {} bytes; {} {} needs {}", bytes.size(), dataTypeName(type), shapeText(shape), wanted)};
    Tensor tensor = Tensor::uninitialized(type, std::move(shape));
    if (type == DataType::Bool)   // any byte but 0 is true; a bool may only be 0 or 1
        std::transform(bytes.begin(), bytes.end(), tensor.edit<bool>().begin(), [](char byte) { return byte != 0; });
    else if (wanted > 0)
        std::memcpy(tensor.editBytes().data(), bytes.data(), wanted);
    return tensor;
}

/// From one of the typed lists; 16-bit floats stand there as their bits.
template <class List>
Result<Tensor> fromList(DataType type, Shape shape, const List& list, const std::string& place)
{
    if (list.size() != elementCount(shape))
        return Problem{place, fmt::format("it lists {} elements; {} {} needs {}", list.size(), dataTypeName(type), shapeText(shape), elementCount(shape))};
    Tensor tensor = Tensor::uninitialized(type, std::move(shape));
    visitType(type, [&]<class T>() {
        const auto target = tensor.edit<T>();
        std::transform(list.begin(), list.end(), target.begin(), [](auto element) {
            if constexpr (std::is_same_v<T, Float16> || std::is_same_v<T, BFloat16>) {
                T half;
                half.bits = static_cast<std::uint16_t>(element);
                return half;
            } else if constexpr (std::is_same_v<T, bool>) {
                return element != 0;
            } else {
                return static_cast<T>(element);
            }
        });
    });
    return tensor;
}

std::optional<std::uint64_t> number(const std::string& text)
{
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

/// The elements in a file beside the model: keys location, offset, length.
Result<Tensor> fromOutside(const onnx::TensorProto& proto, DataType type, Shape shape, const std::filesystem::path& folder, const std::string& place)
{
    std::filesystem::path location;
    std::optional<std::uint64_t> offset = 0, length = static_cast<std::uint64_t>(elementCount(shape)) * byteSize(type);
    for (const auto& entry : proto.external_data()) {
        if (entry.key() == "location")
            location = entry.value();
        else if (entry.key() == "offset")
            offset = number(entry.value());
        else if (entry.key() == "length")
            length = number(entry.value());
    }
    const bool leavesFolder = std::any_of(location.begin(), location.end(), [](const auto& part) { return part == ".."; });
    if (location.empty() || location.is_absolute() || leavesFolder || !offset || !length)
        return Problem{place, fmt::format("its data is outside, at '{}'; a file beside the model with offset and length is wanted", location.string())};
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(folder / location, error);
    if (error)
        return Problem{place, fmt::format("its data is in '{}', which cannot be read: {}", location.string(), error.message())};
    if (*offset > size || *length > size - *offset)
        return Problem{place, fmt::format("its data is bytes {} and {} more of '{}', which has {}", *offset, *length, location.string(), size)};
    if (*length != static_cast<std::uint64_t>(elementCount(shape)) * byteSize(type))
        return Problem{place, fmt::format("it has {} bytes outside; {} {} is wanted", *length, dataTypeName(type), shapeText(shape))};
    std::string bytes(static_cast<std::size_t>(*length), '\0');
    std::ifstream stream(folder / location, std::ios::binary);
    stream.seekg(static_cast<std::streamoff>(*offset));
    if (!stream.read(bytes.data(), static_cast<std::streamsize>(bytes.size())))
        return Problem{place, fmt::format("its data in '{}' cannot be read to the end", location.string())};
    return fromBytes(type, std::move(shape), bytes, place);
}

}  // namespace

Result<Tensor> tensorFromProto(const onnx::TensorProto& proto, const std::filesystem::path& folder)
{
    const std::string place = fmt::format("tensor '{}'", proto.name());
    const std::optional<DataType> type = dataTypeFromOnnx(proto.data_type());
    if (!type)
        return Problem{place, fmt::format("its elements are {} (type {}); numbers or bool are wanted", onnxTypeName(proto.data_type()), proto.data_type())};
    if (proto.has_segment())
        return Problem{place, "it is split into segments; a whole one is wanted"};
    CORE_TRY(Shape shape, shapeOf(proto, place));
    if (proto.data_location() == onnx::TensorProto::EXTERNAL)
        return fromOutside(proto, *type, std::move(shape), folder, place);
    if (proto.has_raw_data())
        return fromBytes(*type, std::move(shape), proto.raw_data(), place);
    switch (*type) {
    case DataType::Float32: return fromList(*type, std::move(shape), proto.float_data(), place);
    case DataType::Float64: return fromList(*type, std::move(shape), proto.double_data(), place);
    case DataType::Int64: return fromList(*type, std::move(shape), proto.int64_data(), place);
    case DataType::UInt32:
    case DataType::UInt64: return fromList(*type, std::move(shape), proto.uint64_data(), place);
    default: return fromList(*type, std::move(shape), proto.int32_data(), place);
    }
}

}  // namespace core
