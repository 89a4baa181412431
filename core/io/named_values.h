// SPDX-License-Identifier: Apache-2.0
#pragma once
// Enumerations by the names they have in files: one table reads and writes them.

#include "core/io/json_object.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <array>
#include <cassert>

namespace core {

/// The table of an enumeration that has a function for its names.
template <class T, std::size_t N>
std::array<std::pair<std::string_view, T>, N> byName(std::string_view (*name)(T), const std::array<T, N>& values)
{
    std::array<std::pair<std::string_view, T>, N> table{};
    for (std::size_t i = 0; i < N; ++i)
        table[i] = {name(values[i]), values[i]};
    return table;
}

template <class T, std::size_t N>
std::string nameOf(const std::array<std::pair<std::string_view, T>, N>& names, T value)
{
    for (const auto& [name, named] : names)
        if (named == value)
            return std::string(name);
    assert(false && "every value of the enumeration has a name");
    return {};
}

/// Reads the key where it is there; another text is a problem that lists the known ones.
template <class T, std::size_t N>
Result<void> readNamed(const JsonObject& object, std::string_view key, const std::array<std::pair<std::string_view, T>, N>& names,
                       T& target)
{
    std::string text;
    CORE_TRY(object.read(key, text));
    if (!object.has(key))
        return success();
    std::vector<std::string_view> known;
    for (const auto& [name, value] : names) {
        if (name == text) {
            target = value;
            return success();
        }
        known.push_back(name);
    }
    return object.problem(key, fmt::format("found \"{}\"; wanted one of {}", text, fmt::join(known, ", ")));
}

/// Reads a text by a parser of its own ("group:64"); its problem is told at the key's path.
template <class T>
Result<void> readParsed(const JsonObject& object, std::string_view key, Result<T> (*parse)(std::string_view), T& target)
{
    if (!object.has(key))
        return success();
    std::string text;
    CORE_TRY(object.read(key, text));
    auto value = parse(text);
    if (!value)
        return object.problem(key, value.error().message);
    target = std::move(value).value();
    return success();
}

/// Keys the schema knows and this version does not compute; they are never passed over in silence.
inline Result<void> refuseKeys(const JsonObject& object, std::initializer_list<std::string_view> keys, std::string_view known)
{
    for (const std::string_view key : keys)
        if (object.has(key))
            return object.problem(key, fmt::format("is not computed by this version; known: {}", known));
    return success();
}

}  // namespace core
