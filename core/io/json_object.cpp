// SPDX-License-Identifier: Apache-2.0
#include "core/io/json_object.h"

#include "core/io/file_source.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <iterator>
#include <set>

namespace core {

namespace {

constexpr std::size_t kLargestDocument = 64u << 20;
constexpr int kDeepest = 64;
constexpr std::size_t kLongestNumber = 40;  // of what a message repeats
constexpr std::size_t kMostKeys = 20'000;  // of one object; ordered_json finds keys by walking

struct Refusal {
    enum class Place { Here, Key };
    std::string message;
    Place place = Place::Here;
};

std::string placeOf(std::string_view text, std::size_t byte)
{
    const std::string_view before = text.substr(0, std::min(byte == 0 ? 0 : byte - 1, text.size()));
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    const std::size_t lastBreak = before.rfind('\n');
    const std::size_t column = lastBreak == std::string_view::npos ? before.size() + 1 : before.size() - lastBreak;
    return fmt::format("line {}, column {}", line, column);
}

/// The words of a parser's message behind its "[json.exception...] parse error at line 1, column 2: ".
std::string words(const std::string& message)
{
    const std::size_t at = message.find("parse error");
    const std::size_t colon = at == std::string::npos ? at : message.find(": ", at);
    return colon == std::string::npos ? message : message.substr(colon + 2);
}

/// Text that remembers how far it was read: the parser does not say where a callback's key or an absurd number stood.
class CountedLetters {
public:
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    CountedLetters(std::string_view text, std::size_t at, std::size_t& read) : m_text(text), m_at(at), m_read(&read) {}
    const char& operator*() const { return m_text[m_at]; }
    CountedLetters& operator++()
    {
        *m_read = std::max(*m_read, ++m_at);
        return *this;
    }
    CountedLetters operator++(int)
    {
        CountedLetters before = *this;
        ++*this;
        return before;
    }
    bool operator==(const CountedLetters& other) const { return m_at == other.m_at; }

private:
    std::string_view m_text;
    std::size_t m_at;
    std::size_t* m_read;
};

/// Where the text that ends at `end` with a quote opens it.
std::size_t openingQuote(std::string_view text, std::size_t end)
{
    const auto isEscaped = [&](std::size_t quote) {
        std::size_t backslashes = 0;
        while (backslashes < quote && text[quote - 1 - backslashes] == '\\')
            ++backslashes;
        return backslashes % 2 == 1;
    };
    std::size_t quote = end < 2 ? std::string_view::npos : text.rfind('"', end - 2);
    while (quote != std::string_view::npos && quote > 0 && isEscaped(quote))
        quote = text.rfind('"', quote - 1);
    return quote == std::string_view::npos ? 0 : quote;
}

/// The number in "number overflow parsing '1e400'".
std::string numberIn(const std::string& message)
{
    const std::size_t begin = message.find('\''), end = message.rfind('\'');
    return begin < end ? message.substr(begin + 1, end - begin - 1) : std::string();
}

}  // namespace

Result<Json> parseJson(std::string_view text)
{
    std::size_t read = 0;  // letters that the parser has seen
    std::vector<std::set<std::string>> keys;  // of the objects we are inside of
    const Json::parser_callback_t watch = [&keys](int depth, Json::parse_event_t event, Json& parsed) {
        if (depth > kDeepest)
            throw Refusal{fmt::format("nested deeper than {} levels", kDeepest)};
        if (event == Json::parse_event_t::object_start)
            keys.emplace_back();
        else if (event == Json::parse_event_t::object_end)
            keys.pop_back();
        else if (event == Json::parse_event_t::key) {
            if (!keys.back().insert(parsed.get<std::string>()).second)
                throw Refusal{fmt::format("the key \"{}\" is written twice in one object", parsed.get<std::string>()), Refusal::Place::Key};
            if (keys.back().size() > kMostKeys)
                throw Refusal{fmt::format("an object has more than {} keys", kMostKeys), Refusal::Place::Key};
        }
        return true;
    };
    if (text.find_first_not_of(" \t\r\n") == std::string_view::npos)
        return Problem{"", "is empty; wanted a JSON document"};
    try {
        return Json::parse(CountedLetters(text, 0, read), CountedLetters(text, text.size(), read), watch);
    } catch (const Json::parse_error& error) {
        return Problem{placeOf(text, error.byte), "is not JSON: " + words(error.what())};
    } catch (const Json::out_of_range& error) {  // a number beyond the range of double
        const std::string number = numberIn(error.what());
        const std::size_t at = number.empty() ? read : text.rfind(number, read);
        return Problem{placeOf(text, at + 1), fmt::format("found {}; wanted a number of at most 1.8e308", number.substr(0, kLongestNumber))};
    } catch (const Json::exception& error) {
        return Problem{placeOf(text, read), std::string("is not JSON: ") + error.what()};
    } catch (const Refusal& refusal) {
        return Problem{placeOf(text, refusal.place == Refusal::Place::Key ? openingQuote(text, read) + 1 : read), refusal.message};
    }
}

Result<Json> readJson(const std::filesystem::path& file)
{
    const Result<std::string> text = readText(file, kLargestDocument);
    if (!text)
        return text.error().within(file.string());
    Result<Json> document = parseJson(text.value());
    if (!document)
        return document.error().within(file.string());
    return document;
}

std::string excerpt(const Json& value)
{
    constexpr std::size_t kLongest = 40;
    if (value.is_object())
        return "an object";
    if (value.is_array())
        return fmt::format("a list of {}", value.size());
    std::string text = value.dump(-1, ' ', false, Json::error_handler_t::replace);
    if (text.size() <= kLongest)
        return text;
    std::size_t end = kLongest - 3;
    while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0u) == 0x80u)  // not in the middle of a character
        --end;
    return text.substr(0, end) + "...";
}

Result<JsonObject> JsonObject::of(const Json& value, std::string path)
{
    if (!value.is_object())
        return Problem{std::move(path), fmt::format("found {}; wanted an object", excerpt(value))};
    return JsonObject(value, std::move(path));
}

std::string JsonObject::pathOf(std::string_view key) const { return m_path.empty() ? std::string(key) : fmt::format("{}.{}", m_path, key); }

const Json* JsonObject::find(std::string_view key) const
{
    const auto found = m_json->find(key);
    return found == m_json->end() ? nullptr : &*found;
}

Problem JsonObject::misfit(std::string_view key, std::string_view wanted) const
{
    return problem(key, fmt::format("found {}; wanted {}", excerpt(*find(key)), wanted));
}

Result<void> JsonObject::require(std::initializer_list<std::string_view> keys) const
{
    for (const std::string_view key : keys)
        if (!has(key))
            return problem(key, "missing");
    return success();
}

Result<void> JsonObject::onlyKeys(std::initializer_list<std::string_view> known) const
{
    for (const auto& [key, value] : m_json->items())
        if (std::find(known.begin(), known.end(), key) == known.end())
            return problem(key, fmt::format("unknown key; wanted one of {}", fmt::join(known, ", ")));
    return success();
}

Result<void> JsonObject::read(std::string_view key, std::string& target) const
{
    if (!has(key))
        return success();
    if (!find(key)->is_string())
        return misfit(key, "text");
    target = find(key)->get<std::string>();
    return success();
}

Result<void> JsonObject::read(std::string_view key, bool& target) const
{
    if (!has(key))
        return success();
    if (!find(key)->is_boolean())
        return misfit(key, "true or false");
    target = find(key)->get<bool>();
    return success();
}

Result<void> JsonObject::read(std::string_view key, double& target, RealBounds bounds) const
{
    if (!has(key))
        return success();
    const Json& value = *find(key);
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!(number >= bounds.low && number <= bounds.high))
        return misfit(key, fmt::format("a number of {} to {}", bounds.low, bounds.high));
    target = number;
    return success();
}

Result<std::int64_t> integerFrom(const Json& value, const std::string& path, IntegerBounds bounds)
{
    const bool isWhole =
        value.is_number_integer() && !(value.is_number_unsigned() && value.get<std::uint64_t>() > std::uint64_t{INT64_MAX});
    if (!isWhole || value.get<std::int64_t>() < bounds.low || value.get<std::int64_t>() > bounds.high)
        return Problem{path, fmt::format("found {}; wanted a whole number of {} to {}", excerpt(value), bounds.low, bounds.high)};
    return value.get<std::int64_t>();
}

Result<void> JsonObject::read(std::string_view key, std::int64_t& target, IntegerBounds bounds) const
{
    if (!has(key))
        return success();
    CORE_TRY(auto number, integerFrom(*find(key), pathOf(key), bounds));
    target = number;
    return success();
}

Result<void> JsonObject::read(std::string_view key, int& target, IntegerBounds bounds) const
{
    std::int64_t wide = target;
    CORE_TRY(read(key, wide, bounds));
    target = static_cast<int>(wide);
    return success();
}

Result<void> JsonObject::read(std::string_view key, std::uint64_t& target) const
{
    if (!has(key))
        return success();
    if (!find(key)->is_number_unsigned())
        return misfit(key, "a whole number from 0");
    target = find(key)->get<std::uint64_t>();
    return success();
}

Result<void> JsonObject::read(std::string_view key, std::vector<double>& target) const
{
    if (!has(key))
        return success();
    if (!find(key)->is_array())
        return misfit(key, "a list of numbers");
    std::vector<double> numbers;
    for (const Json& value : *find(key)) {
        if (!value.is_number() || !std::isfinite(value.get<double>()))
            return Problem{fmt::format("{}[{}]", pathOf(key), numbers.size()), fmt::format("found {}; wanted a number", excerpt(value))};
        numbers.push_back(value.get<double>());
    }
    target = std::move(numbers);
    return success();
}

Result<void> JsonObject::read(std::string_view key, std::vector<std::string>& target) const
{
    if (!has(key))
        return success();
    if (!find(key)->is_array())
        return misfit(key, "a list of texts");
    std::vector<std::string> texts;
    for (const Json& value : *find(key)) {
        if (!value.is_string())
            return Problem{fmt::format("{}[{}]", pathOf(key), texts.size()), fmt::format("found {}; wanted text", excerpt(value))};
        texts.push_back(value.get<std::string>());
    }
    target = std::move(texts);
    return success();
}

Result<JsonObject> JsonObject::object(std::string_view key) const
{
    CORE_TRY(require({key}));
    return of(*find(key), pathOf(key));
}

}  // namespace core
