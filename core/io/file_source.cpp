// SPDX-License-Identifier: Apache-2.0
#include "core/io/file_source.h"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace core {

namespace {

constexpr std::uint64_t kDeflateLimit = 1032;  // bytes out per byte in, https://zlib.net/zlib_tech.html
constexpr unsigned kBufferBytes = 1 << 18;

gzFile handle(const std::unique_ptr<void, auto>& file) { return static_cast<gzFile>(file.get()); }

}  // namespace

void FileSource::Close::operator()(void* file) const { gzclose_r(static_cast<gzFile>(file)); }

Result<FileSource> FileSource::open(const std::filesystem::path& file)
{
    std::error_code error;
    const auto status = std::filesystem::status(file, error);
    if (!std::filesystem::exists(status))
        return Problem{"", "there is no such file"};
    if (!std::filesystem::is_regular_file(status))
        return Problem{"", std::filesystem::is_directory(status) ? "is a folder; wanted a file" : "is a device or pipe; wanted a file"};
    const std::uintmax_t size = std::filesystem::file_size(file, error);
    if (error)
        return Problem{"", "cannot be read: " + error.message()};
    FileSource source;
    errno = 0;
    source.m_file.reset(gzopen(file.c_str(), "rb"));
    if (!source.m_file)
        return Problem{"", std::string("cannot be opened: ") + std::strerror(errno)};
    gzbuffer(handle(source.m_file), kBufferBytes);
    source.m_mostBytes = gzdirect(handle(source.m_file)) ? size : size * kDeflateLimit;
    return source;
}

Result<std::size_t> FileSource::read(std::span<std::byte> target)
{
    std::size_t done = 0;
    while (done < target.size()) {
        const auto wanted = static_cast<unsigned>(std::min<std::size_t>(target.size() - done, 1u << 30));
        const int got = gzread(handle(m_file), target.data() + done, wanted);
        int code = Z_OK;
        const char* text = gzerror(handle(m_file), &code);
        if (got < 0 || (code != Z_OK && code != Z_STREAM_END))
            return Problem{"", fmt::format("the gzip data is damaged or cut off ({})", code == Z_ERRNO ? std::strerror(errno) : text)};
        if (got == 0)
            break;
        done += static_cast<std::size_t>(got);
    }
    return done;
}

Result<std::string> FileSource::readAll(std::size_t limit)
{
    constexpr std::size_t kStep = 1 << 20;
    const auto tooLarge = [limit] {
        return Problem{"", fmt::format("holds more than {} MB, which is more than is read of such a file", limit >> 20)};
    };
    if (gzdirect(handle(m_file)) && m_mostBytes > limit + static_cast<std::uint64_t>(gztell(handle(m_file))))
        return tooLarge();   // its size says so; only a packed file must be read to know
    std::string all;
    for (std::size_t size = 0;;) {
        all.resize(size + kStep);
        CORE_TRY(auto got, read(std::as_writable_bytes(std::span(all).subspan(size))));
        size += got;
        if (size > limit)
            return tooLarge();
        if (got < kStep) {
            all.resize(size);
            return all;
        }
    }
}

Result<bool> FileSource::atEnd()
{
    std::byte one{};
    CORE_TRY(auto got, read(std::span(&one, 1)));
    return got == 0;
}

Result<std::string> readText(const std::filesystem::path& file, std::size_t limit)
{
    CORE_TRY(auto source, FileSource::open(file));
    return source.readAll(limit);
}

}  // namespace core
