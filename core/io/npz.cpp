// SPDX-License-Identifier: Apache-2.0
#include "core/io/npz.h"

#include "core/io/npy_bytes.h"

#include <fmt/format.h>
#include <zip.h>

namespace core {

namespace {

constexpr std::uint64_t kMostBytes = std::uint64_t{1} << 32;  // of one array
constexpr std::uint64_t kDeflateLimit = 1032;                 // bytes out per byte in
constexpr std::string_view kSuffix = ".npy";

struct CloseEntry {
    void operator()(zip_file_t* entry) const { zip_fclose(entry); }
};

std::string wordsOf(int code)
{
    zip_error_t error;
    zip_error_init_with_code(&error, code);
    std::string words = zip_error_strerror(&error);
    zip_error_fini(&error);
    return words;
}

}  // namespace

void NpzArchive::Discard::operator()(zip* archive) const { zip_discard(archive); }

Result<NpzArchive> NpzArchive::open(const std::filesystem::path& file)
{
    int code = 0;
    NpzArchive archive;
    archive.m_zip.reset(zip_open(file.c_str(), ZIP_RDONLY, &code));
    if (!archive.m_zip)
        return Problem{"", "is no NPZ archive (zip): " + wordsOf(code)};
    return archive;
}

Result<std::optional<Tensor>> NpzArchive::array(const std::string& name) const
{
    const std::string entryName = name + std::string(kSuffix);
    const zip_int64_t at = zip_name_locate(m_zip.get(), entryName.c_str(), 0);
    if (at < 0)
        return std::optional<Tensor>{};
    auto tensor = read(static_cast<zip_uint64_t>(at));
    if (!tensor)
        return tensor.error().within(entryName);
    return std::optional<Tensor>{std::move(tensor).value()};
}

std::vector<std::string> NpzArchive::arrays() const
{
    std::vector<std::string> found;
    for (zip_int64_t i = 0; i < zip_get_num_entries(m_zip.get(), 0); ++i) {
        const char* const entry = zip_get_name(m_zip.get(), static_cast<zip_uint64_t>(i), 0);
        const std::string_view name = entry ? entry : "";
        if (name.ends_with(kSuffix))
            found.emplace_back(name.substr(0, name.size() - kSuffix.size()));
    }
    return found;
}

std::string NpzArchive::names() const
{
    constexpr zip_int64_t kMostShown = 10;
    std::string all;
    for (zip_int64_t i = 0; i < zip_get_num_entries(m_zip.get(), 0) && i < kMostShown; ++i) {
        const char* name = zip_get_name(m_zip.get(), static_cast<zip_uint64_t>(i), 0);
        all += fmt::format("{}{}", all.empty() ? "" : ", ", name ? name : "?");
    }
    return all.empty() ? "no arrays" : all;
}

Result<Tensor> NpzArchive::read(std::uint64_t at) const
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

Result<void> writeNpz(const std::map<std::string, Tensor>& arrays, const std::filesystem::path& file)
{
    int code = 0;
    zip_t* const archive = zip_open(file.c_str(), ZIP_CREATE | ZIP_TRUNCATE, &code);
    if (!archive)
        return Problem{file.string(), "cannot be written: " + wordsOf(code)};
    std::vector<std::vector<std::byte>> contents;  // read when the archive is closed
    contents.reserve(arrays.size());
    for (const auto& [name, tensor] : arrays) {
        const std::vector<std::byte>& bytes = contents.emplace_back(npyToBytes(tensor));
        zip_source_t* const source = zip_source_buffer(archive, bytes.data(), bytes.size(), 0);
        const zip_int64_t at = source ? zip_file_add(archive, (name + std::string(kSuffix)).c_str(), source, ZIP_FL_ENC_UTF_8) : -1;
        // The same arrays give the same file on any day.
        if (at < 0 || zip_file_set_dostime(archive, static_cast<zip_uint64_t>(at), 0, 0x21, 0) != 0) {
            const std::string words = zip_strerror(archive);
            if (source && at < 0)
                zip_source_free(source);
            zip_discard(archive);
            return Problem{file.string(), "cannot be written: " + words};
        }
    }
    if (zip_close(archive) != 0) {
        const std::string words = zip_strerror(archive);
        zip_discard(archive);
        return Problem{file.string(), "cannot be written: " + words};
    }
    return success();
}

}  // namespace core
