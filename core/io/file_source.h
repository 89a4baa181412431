// SPDX-License-Identifier: Apache-2.0
#pragma once
// A file read front to back; gzip is unpacked where the bytes say so. Sizes a file claims are checked against what it
// can hold before memory is taken.

#include "core/base/problem.h"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>

namespace core {

class FileSource {
public:
    /// Refuses what is not a regular file. Problems of all members have the place "" and name no file.
    static Result<FileSource> open(const std::filesystem::path& file);

    /// Fills `target` as far as the file reaches; fewer bytes mean the end of the file.
    Result<std::size_t> read(std::span<std::byte> target);
    /// Everything from here to the end; more than `limit` bytes are a problem.
    Result<std::string> readAll(std::size_t limit);
    /// True where nothing is left.
    Result<bool> atEnd();
    /// The most bytes this file can hold: its size, or 1032 times that for gzip (the limit of the deflate format).
    std::uint64_t mostBytes() const { return m_mostBytes; }

private:
    struct Close {
        void operator()(void* file) const;
    };
    std::unique_ptr<void, Close> m_file;  // a gzFile
    std::uint64_t m_mostBytes = 0;
};

/// The whole of a (possibly gzip) file as text. Problems have the place "".
Result<std::string> readText(const std::filesystem::path& file, std::size_t limit);

}  // namespace core
