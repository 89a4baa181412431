// SPDX-License-Identifier: Apache-2.0
#include "core/io/npy_bytes.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>
#include <optional>
#include <string_view>

namespace core {

namespace {

constexpr std::size_t kMostAxes = 32;  // as many as NumPy has
static_assert(std::endian::native == std::endian::little, "elements are kept as the file has them, or reversed");

struct Header {
    DataType type = DataType::Float32;
    bool reversed = false, fortranOrder = false;
    Shape shape;
    std::size_t elementsAt = 0;
};

Problem malformed(std::string message) { return {"header", std::move(message)}; }

std::optional<DataType> typeNamed(std::string_view kind)
{
    using enum DataType;
    constexpr std::pair<std::string_view, DataType> kTypes[] = {{"b1", Bool},   {"u1", UInt8},   {"u2", UInt16},  {"u4", UInt32},
                                                                {"u8", UInt64}, {"i1", Int8},    {"i2", Int16},   {"i4", Int32},
                                                                {"i8", Int64},  {"f2", Float16}, {"f4", Float32}, {"f8", Float64}};
    for (const auto& [name, type] : kTypes)
        if (name == kind)
            return type;
    return std::nullopt;
}

/// What follows "'key':" in the dictionary, white space skipped.
Result<std::string_view> valueOf(std::string_view dictionary, std::string_view key)
{
    const std::string quoted = fmt::format("'{}'", key);
    std::size_t at = dictionary.find(quoted);
    at = at == std::string_view::npos ? at : dictionary.find_first_not_of(" ", at + quoted.size());
    if (at == std::string_view::npos || dictionary[at] != ':')
        return malformed(fmt::format("the dictionary has no '{}'", key));
    at = dictionary.find_first_not_of(" ", at + 1);
    return dictionary.substr(std::min(at, dictionary.size()));
}

Result<void> readType(std::string_view dictionary, Header& header)
{
    CORE_TRY(const std::string_view value, valueOf(dictionary, "descr"));
    const std::size_t end = value.empty() ? std::string_view::npos : value.find('\'', 1);
    if (!value.starts_with('\'') || end == std::string_view::npos || end < 3)
        return malformed(fmt::format("'descr' is {}; wanted one plain element type", value.substr(0, 40)));
    const std::string_view descr = value.substr(1, end - 1);
    const std::optional<DataType> type = typeNamed(descr.substr(1));
    if (!type || std::string_view("<>|=").find(descr[0]) == std::string_view::npos)
        return malformed(fmt::format("'descr' is '{}'; wanted booleans, whole numbers or floats", descr.substr(0, 40)));
    header.type = *type;
    header.reversed = descr[0] == '>';
    return success();
}

Result<void> readShape(std::string_view dictionary, Header& header)
{
    CORE_TRY(std::string_view value, valueOf(dictionary, "shape"));
    const std::size_t close = value.find(')');
    if (!value.starts_with('(') || close == std::string_view::npos)
        return malformed("'shape' is no tuple");
    value = value.substr(1, close - 1);
    for (std::size_t at = value.find_first_not_of(' '); at < value.size(); at = value.find_first_not_of(" ,", at)) {
        std::int64_t size = 0;
        const auto [end, error] = std::from_chars(value.data() + at, value.data() + value.size(), size);
        if (error != std::errc() || size < 0 || header.shape.size() == kMostAxes)
            return malformed(fmt::format("'shape' is ({}); wanted at most {} sizes from 0", value.substr(0, 60), kMostAxes));
        header.shape.push_back(size);
        at = static_cast<std::size_t>(end - value.data());
    }
    return success();
}

Result<Header> readHeader(std::span<const std::byte> bytes)
{
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()), bytes.size());
    if (!text.starts_with("\x93NUMPY") || text.size() < 12)
        return malformed("is no NPY array");
    const auto byteAt = [&](std::size_t at) { return std::to_integer<std::size_t>(bytes[at]); };
    const std::size_t major = byteAt(6);
    if (major < 1 || major > 3)
        return malformed(fmt::format("is version {}; wanted 1 to 3", major));
    const std::size_t dictionaryAt = major == 1 ? 10 : 12;
    const std::size_t length = major == 1 ? byteAt(8) | byteAt(9) << 8 : byteAt(8) | byteAt(9) << 8 | byteAt(10) << 16 | byteAt(11) << 24;
    if (length > text.size() - dictionaryAt)
        return malformed(fmt::format("claims {} bytes; {} are left", length, text.size() - dictionaryAt));
    const std::string_view dictionary = text.substr(dictionaryAt, length);
    Header header;
    header.elementsAt = dictionaryAt + length;
    CORE_TRY(readType(dictionary, header));
    CORE_TRY(const std::string_view order, valueOf(dictionary, "fortran_order"));
    header.fortranOrder = order.starts_with("True");
    CORE_TRY(readShape(dictionary, header));
    return header;
}

/// Fortran order counts the first axis fastest; ours counts the last.
Tensor inRowMajorOrder(const Tensor& fortran)
{
    Tensor result = Tensor::uninitialized(fortran.type(), fortran.shape());
    const std::size_t width = byteSize(fortran.type());
    std::vector<std::int64_t> index(fortran.rank(), 0);
    std::byte* out = result.editBytes().data();
    for (std::int64_t i = 0; i < result.size(); ++i, out += width) {
        std::int64_t from = 0;
        for (std::size_t axis = fortran.rank(); axis-- > 0;)
            from = from * fortran.dimension(axis) + index[axis];
        std::memcpy(out, fortran.bytes().data() + static_cast<std::size_t>(from) * width, width);
        for (std::size_t axis = fortran.rank(); axis-- > 0 && ++index[axis] == fortran.dimension(axis);)
            index[axis] = 0;
    }
    return result;
}

}  // namespace

Result<Tensor> npyFromBytes(std::span<const std::byte> bytes)
{
    CORE_TRY(const Header header, readHeader(bytes));
    const std::size_t left = bytes.size() - header.elementsAt, width = byteSize(header.type);
    // Sizes are multiplied only as long as the product fits what is left; an axis of 0 makes the whole empty.
    const bool isEmpty = std::find(header.shape.begin(), header.shape.end(), 0) != header.shape.end();
    std::uint64_t wanted = isEmpty ? 0 : width;
    for (const std::int64_t size : header.shape) {
        if (wanted > left || (wanted != 0 && static_cast<std::uint64_t>(size) > left / wanted))
            return Problem{"elements", fmt::format("{} of {} do not fit the {} bytes that follow", shapeText(header.shape),
                                                   dataTypeName(header.type), left)};
        wanted *= static_cast<std::uint64_t>(size);
    }
    if (wanted != left)
        return Problem{"elements",
                       fmt::format("{} of {} take {} bytes; {} follow", shapeText(header.shape), dataTypeName(header.type), wanted, left)};
    Tensor tensor = Tensor::uninitialized(header.type, header.shape);
    const std::span<std::byte> elements = tensor.editBytes();
    std::copy(bytes.begin() + static_cast<std::ptrdiff_t>(header.elementsAt), bytes.end(), elements.begin());
    for (std::size_t at = 0; header.reversed && at < elements.size(); at += width)
        std::reverse(elements.begin() + static_cast<std::ptrdiff_t>(at), elements.begin() + static_cast<std::ptrdiff_t>(at + width));
    if (header.type == DataType::Bool)  // any byte but 0 is true; a C++ bool must be 0 or 1
        std::transform(elements.begin(), elements.end(), elements.begin(), [](std::byte b) { return std::byte{b != std::byte{0}}; });
    return header.fortranOrder ? inRowMajorOrder(tensor) : tensor;
}

}  // namespace core
