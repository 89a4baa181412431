// SPDX-License-Identifier: Apache-2.0
// Einstein's summation: "ij,jk->ik". Every letter is an axis walked by all operands that name it; letters the result does
// not name are summed, in alphabetical order of the letters, the last one fastest.
#include "core/network/operations/integer_arithmetic.h"
#include "core/network/operations/registry.h"
#include "core/network/operations/strided_loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

namespace core {

namespace {

constexpr std::size_t kMostOperands = 4;

struct Subscripts {
    std::vector<std::string> operands;
    std::string result;
};

/// The axes an ellipsis stands for become the capitals up to Z, aligned at the last one; so the last ten capitals are taken.
std::string withoutEllipsis(const std::string& term, std::size_t axes)
{
    const std::size_t at = term.find("...");
    if (at == std::string::npos)
        return term;
    std::string letters;
    for (std::size_t i = 0; i < axes; ++i)
        letters.push_back(static_cast<char>('Z' - (axes - 1 - i)));
    return term.substr(0, at) + letters + term.substr(at + 3);
}

bool isTerm(const std::string& term)
{
    return std::all_of(term.begin(), term.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); });
}

Result<Subscripts> subscriptsOf(const Call& call)
{
    std::string equation = call.attributes().text("equation", "");
    std::erase(equation, ' ');
    const std::size_t arrow = equation.find("->");
    std::vector<std::string> terms(1);
    for (const char c : equation.substr(0, arrow))
        c == ',' ? terms.emplace_back().clear() : terms.back().push_back(c);
    const Problem malformed = call.problem(fmt::format("equation is '{}' for {} operands; letters, one for each axis, are wanted", equation, call.inputCount()));
    if (terms.size() != call.inputCount() || terms.size() > kMostOperands)
        return malformed;
    Subscripts subscripts;
    std::size_t ellipsisAxes = 0;
    for (std::size_t i = 0; i < terms.size(); ++i) {
        const bool hasEllipsis = terms[i].find("...") != std::string::npos;
        const std::size_t named = terms[i].size() - (hasEllipsis ? 3 : 0), rank = call.rank(i);
        if (named > rank || (!hasEllipsis && named != rank) || rank - named > 10 || std::any_of(terms[i].begin(), terms[i].end(), [](char c) { return c > 'P' && c <= 'Z'; }))
            return malformed;
        subscripts.operands.push_back(withoutEllipsis(terms[i], rank - named));
        ellipsisAxes = std::max(ellipsisAxes, rank - named);
        if (!isTerm(subscripts.operands.back()))
            return malformed;
    }
    if (arrow != std::string::npos) {
        subscripts.result = withoutEllipsis(equation.substr(arrow + 2), ellipsisAxes);
    } else {
        // Without an arrow: the ellipsis, then every letter that occurs once, in alphabetical order.
        std::map<char, int> uses;
        for (const std::string& term : subscripts.operands)
            for (const char letter : term)
                ++uses[letter];
        const std::string shared = withoutEllipsis("...", ellipsisAxes);
        subscripts.result = shared;
        for (const auto& [letter, count] : uses)
            if (count == 1 && shared.find(letter) == std::string::npos)
                subscripts.result.push_back(letter);
    }
    std::string sorted = subscripts.result;
    std::sort(sorted.begin(), sorted.end());
    if (!isTerm(sorted) || std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
        return malformed;
    return subscripts;
}

/// Letter -> size; a size of 1 broadcasts.
Result<std::map<char, std::int64_t>> letterSizes(const Call& call, const Subscripts& subscripts)
{
    std::map<char, std::int64_t> sizes;
    for (std::size_t i = 0; i < subscripts.operands.size(); ++i)
        for (std::size_t axis = 0; axis < subscripts.operands[i].size(); ++axis) {
            const std::int64_t size = call.shape(i)[axis];
            const auto [entry, isNew] = sizes.emplace(subscripts.operands[i][axis], size);
            if (!isNew && entry->second != size && entry->second != 1 && size != 1)
                return call.problem(fmt::format("{}; letter {} has size {} elsewhere", call.inputText(i), subscripts.operands[i][axis], entry->second));
            if (entry->second == 1)
                entry->second = size;
        }
    for (const char letter : subscripts.result)
        if (!sizes.contains(letter))
            return call.problem(fmt::format("the result names {}, which no operand has", letter));
    return sizes;
}

Result<Descriptions> describeEinsum(const Call& call)
{
    CORE_TRY(const Subscripts subscripts, subscriptsOf(call));
    CORE_TRY(const auto sizes, letterSizes(call, subscripts));
    Shape shape;
    for (const char letter : subscripts.result)
        shape.push_back(sizes.at(letter));
    return oneOutput(call.type(0), std::move(shape));
}

/// How far a tensor moves for each letter; an axis of size 1 stands still, a letter named twice walks the diagonal.
Shape letterStrides(const std::string& letters, const std::string& term, const Shape& shape)
{
    const Shape own = contiguousStrides(shape);
    Shape strides(letters.size(), 0);
    for (std::size_t axis = 0; axis < term.size(); ++axis)
        strides[letters.find(term[axis])] += shape[axis] == 1 ? 0 : own[axis];
    return strides;
}

Result<void> runEinsum(const Call& call, Outputs& outputs)
{
    CORE_TRY(const Subscripts subscripts, subscriptsOf(call));
    CORE_TRY(const auto sizes, letterSizes(call, subscripts));
    std::string letters = subscripts.result;
    for (const auto& [letter, size] : sizes)
        if (letters.find(letter) == std::string::npos)
            letters.push_back(letter);
    Shape extents;
    for (const char letter : letters)
        extents.push_back(sizes.at(letter));
    std::array<Shape, kMostOperands + 1> strides;
    strides.fill(Shape(letters.size(), 0));
    for (std::size_t i = 0; i < subscripts.operands.size(); ++i)
        strides[i] = letterStrides(letters, subscripts.operands[i], call.shape(i));
    strides[kMostOperands] = letterStrides(letters, subscripts.result, outputs.shape(0));
    const StridedLoop<kMostOperands + 1> loop(extents, strides);
    visitNumber(call.type(0), [&]<class T>() {
        const T one = 1;   // operands that are not there multiply by it
        std::array<const T*, kMostOperands> in;
        in.fill(&one);
        for (std::size_t i = 0; i < subscripts.operands.size(); ++i)
            in[i] = call.values<T>(i).data();
        const auto out = outputs.edit<T>(0);
        std::fill(out.begin(), out.end(), T{0});
        loop.forEachRun([&](const auto& offsets, std::int64_t count, const auto& steps) {
            for (std::int64_t i = 0; i < count; ++i) {
                T term = in[0][offsets[0] + i * steps[0]];
                for (std::size_t k = 1; k < subscripts.operands.size(); ++k)
                    term = wrapping(term, in[k][offsets[k] + i * steps[k]], std::multiplies<>());
                T& sum = out[static_cast<std::size_t>(offsets[kMostOperands] + i * steps[kMostOperands])];
                sum = wrapping(sum, term, std::plus<>());
            }
        });
    });
    return success();
}

constexpr Operation kOperations[] = {
    {"Einsum", "Inputs:N*", Nature::Computes, describeEinsum, runEinsum},
};

}  // namespace

std::span<const Operation> einsumOperations() { return kOperations; }

}  // namespace core
