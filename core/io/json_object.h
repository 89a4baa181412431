// SPDX-License-Identifier: Apache-2.0
#pragma once
// JSON read key by key: every problem names the path of the key, the value found and the value wanted.
// What is absent leaves the target as it was, so a target's first value is the key's default.

#include "core/base/problem.h"

#include <nlohmann/json.hpp>

#include <cstdint>
#include <filesystem>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace core {

using Json = nlohmann::ordered_json;

/// Parses a document. Refuses syntax errors, a key written twice, numbers beyond double, and nesting deeper than 64; place
/// "line 3, column 7".
Result<Json> parseJson(std::string_view text);
/// The same from a file of at most 64 MB; place "FILE: line 3, column 7".
Result<Json> readJson(const std::filesystem::path& file);

/// A short rendering of a value for messages: at most 40 characters.
std::string excerpt(const Json& value);

struct RealBounds {
    double low, high;
};
struct IntegerBounds {
    std::int64_t low, high;
};

class JsonObject {
public:
    /// `value` must live as long as this. `path` is where it stands in its document, "" for the whole.
    static Result<JsonObject> of(const Json& value, std::string path);

    const std::string& path() const { return m_path; }
    std::string pathOf(std::string_view key) const;
    const Json& json() const { return *m_json; }
    bool has(std::string_view key) const { return m_json->contains(key); }
    const Json* find(std::string_view key) const;  // nullptr where absent
    bool isNull(std::string_view key) const { return has(key) && find(key)->is_null(); }

    Problem problem(std::string_view key, std::string message) const { return {pathOf(key), std::move(message)}; }
    Result<void> require(std::initializer_list<std::string_view> keys) const;
    Result<void> onlyKeys(std::initializer_list<std::string_view> known) const;

    Result<void> read(std::string_view key, std::string& target) const;
    Result<void> read(std::string_view key, bool& target) const;
    Result<void> read(std::string_view key, double& target, RealBounds bounds) const;
    Result<void> read(std::string_view key, int& target, IntegerBounds bounds) const;
    Result<void> read(std::string_view key, std::int64_t& target, IntegerBounds bounds) const;
    Result<void> read(std::string_view key, std::uint64_t& target) const;
    Result<void> read(std::string_view key, std::vector<double>& target) const;
    Result<void> read(std::string_view key, std::vector<std::string>& target) const;
    Result<JsonObject> object(std::string_view key) const;  // must be there

private:
    JsonObject(const Json& value, std::string path) : m_json(&value), m_path(std::move(path)) {}
    Problem misfit(std::string_view key, std::string_view wanted) const;

    const Json* m_json;
    std::string m_path;
};

/// The whole number a value holds, or a problem at `path` that names the bounds.
Result<std::int64_t> integerFrom(const Json& value, const std::string& path, IntegerBounds bounds);

}  // namespace core
