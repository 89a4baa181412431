// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a function answers when the world disappoints: a Problem that says where, what was found and what was wanted.
// Result<T> is Boost.Outcome's result; CORE_TRY hands a problem on to the caller.

#include <boost/outcome/result.hpp>
#include <boost/outcome/try.hpp>

#include <string>
#include <vector>

namespace core {

struct Problem {
    std::string place;    // "plan.json, key layers.conv1.weights.scale" or "conv2, row 17"
    std::string message;  // "scale is 0; a row needs a positive scale"

    std::string text() const { return place.empty() ? message : place + ": " + message; }
    /// The same problem seen from further out: "FILE: place".
    Problem within(const std::string& outer) const { return {place.empty() ? outer : outer + ": " + place, message}; }
    bool operator==(const Problem&) const = default;
};

using Problems = std::vector<Problem>;

template <class T>
using Result = BOOST_OUTCOME_V2_NAMESPACE::result<T, Problem, BOOST_OUTCOME_V2_NAMESPACE::policy::terminate>;

inline auto success() { return BOOST_OUTCOME_V2_NAMESPACE::success(); }

}  // namespace core

// CORE_TRY(expression) ends the calling function with the expression's problem, if it has one.
// CORE_TRY(target, expression) also puts the value into `target`, which declares something ("const auto image") or
// names something that is there. (Debian 12's Boost 1.74 has only the form that declares, always as auto&&.)
#define CORE_TRY_UNIQUE2(line) coreTry##line
#define CORE_TRY_UNIQUE(line) CORE_TRY_UNIQUE2(line)
#define CORE_TRY_FORWARD(unique) static_cast<decltype(unique)&&>(unique)
#define CORE_TRY_CHECK(unique, ...)                                                                                                        \
    auto&& unique = (__VA_ARGS__);                                                                                                         \
    if (!unique.has_value())                                                                                                               \
        return CORE_TRY_FORWARD(unique).error()
#define CORE_TRY_VALUE(unique, target, ...)                                                                                                \
    CORE_TRY_CHECK(unique, __VA_ARGS__);                                                                                                   \
    target = CORE_TRY_FORWARD(unique).value()
#define CORE_TRY_ALONE(unique, ...)                                                                                                        \
    do {                                                                                                                                   \
        CORE_TRY_CHECK(unique, __VA_ARGS__);                                                                                               \
    } while (false)
#define CORE_TRY_1(a) CORE_TRY_ALONE(CORE_TRY_UNIQUE(__LINE__), a)
#define CORE_TRY_N(a, ...) CORE_TRY_VALUE(CORE_TRY_UNIQUE(__LINE__), a, __VA_ARGS__)
#define CORE_TRY_PICK(_1, _2, _3, _4, _5, _6, _7, _8, name, ...) name
#define CORE_TRY(...)                                                                                                                      \
    CORE_TRY_PICK(__VA_ARGS__, CORE_TRY_N, CORE_TRY_N, CORE_TRY_N, CORE_TRY_N, CORE_TRY_N, CORE_TRY_N, CORE_TRY_N, CORE_TRY_1, )(__VA_ARGS__)
