// SPDX-License-Identifier: Apache-2.0
#include "core/io/plan_formats.h"

#include "core/io/file_source.h"
#include "core/io/json_object.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>

namespace core {

namespace {

constexpr std::string_view kPrefix = "codebook:";
constexpr std::size_t kLargestFile = 4u << 20, kMostLevels = 65536;

std::string_view trimmed(std::string_view text)
{
    constexpr std::string_view kSpace = " \t\r";
    const std::size_t first = text.find_first_not_of(kSpace);
    return first == std::string_view::npos ? std::string_view() : text.substr(first, text.find_last_not_of(kSpace) - first + 1);
}

/// The levels found so far; each must be a finite float above the one before it.
class LevelList {
public:
    Result<void> add(double number, const std::string& place)
    {
        const float level = static_cast<float>(number) + 0.0f;  // + 0: a zero has no sign
        if (!std::isfinite(level))
            return Problem{place, fmt::format("found {}; wanted a finite 32-bit float", number)};
        if (!m_levels.empty() && level <= m_levels.back())
            return Problem{
                place, level == m_levels.back()
                           ? fmt::format("the level {} stands twice (as 32-bit floats); wanted each once", number)
                           : fmt::format("the level {} is below {} before it; wanted levels in ascending order", number, m_levels.back())};
        if (m_levels.size() == kMostLevels)
            return Problem{place, fmt::format("a level too many; wanted at most {}", kMostLevels)};
        m_levels.push_back(level);
        return success();
    }
    std::vector<float> take() { return std::move(m_levels); }

private:
    std::vector<float> m_levels;
};

Result<void> addLine(std::string_view line, const std::string& place, LevelList& levels)
{
    const std::string_view text = line.starts_with('+') ? line.substr(1) : line;
    double number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc::result_out_of_range)
        return Problem{place, fmt::format("found {}; wanted a finite 32-bit float", line.substr(0, 40))};
    if (error != std::errc() || end != text.data() + text.size())
        return Problem{place, fmt::format("found \"{}\"; wanted one number a line", line.substr(0, 40))};
    return levels.add(number, place);
}

Result<std::vector<float>> levelsFromLines(std::string_view text)
{
    LevelList levels;
    for (int number = 1; !text.empty(); ++number) {
        const std::size_t end = text.find('\n');
        const std::string_view line = trimmed(text.substr(0, end));
        text = end == std::string_view::npos ? std::string_view() : text.substr(end + 1);
        if (!line.empty() && !line.starts_with('#')) {
            CORE_TRY(addLine(line, fmt::format("line {}", number), levels));
        }
    }
    return levels.take();
}

Result<std::vector<float>> levelsFromList(std::string_view text)
{
    CORE_TRY(const Json list, parseJson(text));
    LevelList levels;
    std::size_t at = 0;
    for (const Json& element : list) {
        const std::string place = fmt::format("[{}]", at++);
        if (!element.is_number())
            return Problem{place, fmt::format("found {}; wanted a number", excerpt(element))};
        CORE_TRY(levels.add(element.get<double>(), place));
    }
    return levels.take();
}

Result<std::vector<float>> levelsFrom(const std::filesystem::path& file)
{
    CORE_TRY(const std::string text, readText(file, kLargestFile));
    const std::size_t first = text.find_first_not_of(" \t\r\n");
    if (first == std::string::npos)
        return Problem{"", "is empty; wanted levels, one a line or a JSON list"};
    CORE_TRY(auto levels, text[first] == '[' ? levelsFromList(text) : levelsFromLines(text));
    if (levels.size() < 2)
        return Problem{"", fmt::format("holds {}; wanted 2 to {} levels, one a line or a JSON list",
                                       levels.empty() ? "no level" : "one level", kMostLevels)};
    return levels;
}

}  // namespace

Result<NumberFormat> formatNamed(const std::string& name, const std::filesystem::path& folder)
{
    if (!name.starts_with(kPrefix))
        return NumberFormat::named(name);
    const std::string path = name.substr(kPrefix.size());
    if (path.empty())
        return Problem{"", fmt::format("\"{}\" names no file; wanted codebook:FILE", name)};
    const std::filesystem::path file = folder / path;
    auto levels = levelsFrom(file);
    if (!levels)
        return levels.error().within(file.string());
    return NumberFormat::fromLevels(name, std::move(levels).value());
}

}  // namespace core
