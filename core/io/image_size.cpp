// SPDX-License-Identifier: Apache-2.0
#include "core/io/image_size.h"

#include <algorithm>
#include <cctype>
#include <charconv>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

namespace core {

namespace {

std::uint32_t bigEndian(std::string_view bytes, std::size_t at, std::size_t count)
{
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < count; ++i)
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return value;
}

std::int32_t littleEndian(std::string_view bytes, std::size_t at)
{
    std::uint32_t value = 0;
    for (std::size_t i = 4; i-- > 0;)
        value = value << 8 | static_cast<std::uint8_t>(bytes[at + i]);
    return static_cast<std::int32_t>(value);
}

std::uint32_t magnitude(std::int32_t value)
{
    return value < 0 ? 0u - static_cast<std::uint32_t>(value) : static_cast<std::uint32_t>(value);
}

/// Walks JPEG's segments to the frame header (SOF0 ... SOF15 without DHT, JPG and DAC): ff, marker, length, precision, rows, columns.
std::optional<ImageSize> jpegSize(std::string_view bytes)
{
    for (std::size_t at = 2; at + 9 <= bytes.size() && bytes[at] == '\xff';) {
        const auto marker = static_cast<std::uint8_t>(bytes[at + 1]);
        if (marker == 0xff) {  // fill byte
            ++at;
            continue;
        }
        if (marker >= 0xc0 && marker <= 0xcf && marker != 0xc4 && marker != 0xc8 && marker != 0xcc)
            return ImageSize{bigEndian(bytes, at + 7, 2), bigEndian(bytes, at + 5, 2)};
        at += 2 + bigEndian(bytes, at + 2, 2);
    }
    return std::nullopt;
}

/// "P5", then columns and rows in decimal, divided by white space and comment lines.
std::optional<ImageSize> portableMapSize(std::string_view bytes)
{
    std::uint32_t numbers[2] = {};
    std::size_t at = 2;
    for (std::uint32_t& number : numbers) {
        while (at < bytes.size() && (std::isspace(static_cast<unsigned char>(bytes[at])) || bytes[at] == '#'))
            at = bytes[at] == '#' ? std::min(bytes.find('\n', at), bytes.size()) : at + 1;
        const auto [end, error] = std::from_chars(bytes.data() + at, bytes.data() + bytes.size(), number);
        if (error != std::errc())
            return std::nullopt;
        at = static_cast<std::size_t>(end - bytes.data());
    }
    return ImageSize{numbers[0], numbers[1]};
}

std::optional<ImageSize> sizeIn(std::string_view bytes)
{
    if (bytes.starts_with("\x89PNG\r\n\x1a\n") && bytes.size() >= 24)
        return ImageSize{bigEndian(bytes, 16, 4), bigEndian(bytes, 20, 4)};
    if (bytes.starts_with("\xff\xd8"))
        return jpegSize(bytes);
    if (bytes.starts_with("BM") && bytes.size() >= 26)
        return ImageSize{magnitude(littleEndian(bytes, 18)), magnitude(littleEndian(bytes, 22))};
    if (bytes.size() > 2 && bytes[0] == 'P' && std::string_view("2356").find(bytes[1]) != std::string_view::npos)
        return portableMapSize(bytes);
    return std::nullopt;
}

}  // namespace

Result<ImageSize> claimedImageSize(const std::filesystem::path& file)
{
    constexpr std::size_t kLongestHeader = 1 << 18;  // a JPEG may carry a profile and a preview in front of its frame
    std::ifstream in(file, std::ios::binary);
    std::string bytes(kLongestHeader, '\0');
    in.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
    bytes.resize(static_cast<std::size_t>(in.gcount()));
    const std::optional<ImageSize> size = sizeIn(bytes);
    if (!size || size->rows == 0 || size->columns == 0)
        return Problem{"", "is no image we read; wanted PNG, JPEG, BMP, PGM or PPM"};
    return *size;
}

}  // namespace core
