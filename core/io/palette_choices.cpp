// SPDX-License-Identifier: Apache-2.0
#include "core/io/palette_choices.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace core {

namespace {

constexpr std::size_t kMostChoices = 1 << 20, kLargestIndex = 255;

std::optional<std::size_t> wholeNumber(std::string_view text)
{
    std::size_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    return error == std::errc() && end == text.data() + text.size() ? std::optional(value) : std::nullopt;
}

Result<std::vector<std::uint8_t>> fromRuns(std::string_view text, const std::string& path, std::string_view chooser)
{
    std::vector<std::uint8_t> choices;
    while (true) {
        const std::size_t comma = text.find(',');
        const std::string_view run = text.substr(0, comma);
        const std::size_t star = run.find('*');
        const auto index = wholeNumber(run.substr(0, star));
        const auto count = star == std::string_view::npos ? std::optional<std::size_t>(1) : wholeNumber(run.substr(star + 1));
        if (!index || *index > kLargestIndex || !count || *count == 0)
            return Problem{path, fmt::format("found the run \"{}\"; wanted INDEX*COUNT, as in \"0*12,2*4\"", run.substr(0, 40))};
        if (*count > kMostChoices - choices.size())
            return Problem{path, fmt::format("the runs add up to more than {} {}s", kMostChoices, chooser)};
        choices.insert(choices.end(), *count, static_cast<std::uint8_t>(*index));
        if (comma == std::string_view::npos)
            return choices;
        text.remove_prefix(comma + 1);
    }
}

std::string runsOf(const std::vector<std::uint8_t>& choices)
{
    std::string text;
    for (std::size_t begin = 0; begin < choices.size();) {
        std::size_t end = begin + 1;
        while (end < choices.size() && choices[end] == choices[begin])
            ++end;
        text += fmt::format("{}{}", begin == 0 ? "" : ",", choices[begin]);
        if (end - begin > 1)
            text += fmt::format("*{}", end - begin);
        begin = end;
    }
    return text;
}

}  // namespace

Result<std::vector<std::uint8_t>> paletteChoicesFrom(const Json& value, const std::string& path, std::string_view chooser)
{
    if (value.is_string())
        return fromRuns(value.get_ref<const std::string&>(), path, chooser);
    if (!value.is_array())
        return Problem{path, fmt::format("found {}; wanted a list of palette indices, or runs such as \"0*12,2*4\"", excerpt(value))};
    std::vector<std::uint8_t> choices;
    for (const Json& element : value) {
        CORE_TRY(const auto index, integerFrom(element, fmt::format("{}[{}]", path, choices.size()), {0, kLargestIndex}));
        choices.push_back(static_cast<std::uint8_t>(index));
    }
    if (choices.empty())
        return Problem{path, fmt::format("is an empty list; wanted one palette index per {}", chooser)};
    return choices;
}

Json paletteChoicesToJson(const std::vector<std::uint8_t>& choices)
{
    const Json list = choices, runs = runsOf(choices);
    return runs.dump().size() < list.dump().size() ? runs : list;
}

}  // namespace core
