// SPDX-License-Identifier: Apache-2.0
#pragma once
// What a function answers when the world disappoints: a Problem that says where, what was found and what was wanted.
// Result<T> is Boost.Outcome's result; BOOST_OUTCOME_TRY hands a problem on to the caller.

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
