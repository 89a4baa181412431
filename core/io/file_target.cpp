// SPDX-License-Identifier: Apache-2.0
#include "core/io/file_target.h"

#include <cerrno>
#include <cstring>
#include <fstream>

namespace core {

Result<void> replaceFile(const std::filesystem::path& file, const std::function<bool(std::ostream&)>& write)
{
    std::filesystem::path beside = file;
    beside += ".part";
    errno = 0;
    std::ofstream out(beside, std::ios::binary | std::ios::trunc);
    const bool isWritten = write(out);
    out.close();
    std::error_code error;
    if (!isWritten || !out) {
        const std::string reason = errno != 0 ? std::strerror(errno) : "the disk may be full";
        std::filesystem::remove(beside, error);
        return Problem{file.string(), "cannot be written: " + reason};
    }
    std::filesystem::rename(beside, file, error);
    if (error)
        return Problem{file.string(), "cannot be written: " + error.message()};
    return success();
}

}  // namespace core
