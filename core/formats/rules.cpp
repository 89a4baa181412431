// SPDX-License-Identifier: Apache-2.0
#include "core/formats/treatment.h"

#include <fmt/format.h>

#include <charconv>
#include <optional>

namespace core {

namespace {

constexpr int kLongestGroup = 1 << 20;

template <class Number>
std::optional<Number> parseNumber(std::string_view text)
{
    Number number{};
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || stop != text.data() + text.size())
        return std::nullopt;
    return number;
}

constexpr std::string_view kE4m3 = ":e4m3";

struct LengthWord { std::string_view word; ScaleRule::Kind kind; };
constexpr LengthWord kLengthWords[] = {{"group:", ScaleRule::Kind::Group}, {"vector:", ScaleRule::Kind::Vector}, {"block:", ScaleRule::Kind::Block}};

}  // namespace

std::string ScaleRule::text() const
{
    switch (kind) {
    case Kind::Tensor: return "tensor";
    case Kind::Row: return "row";
    case Kind::Group: return fmt::format("group:{}", length);
    case Kind::Vector: return scaleBits == ScaleRule{}.scaleBits ? fmt::format("vector:{}", length) : fmt::format("vector:{}:{}", length, scaleBits);
    case Kind::Block: return fmt::format("block:{}{}", length, blockScale == BlockScale::E4m3 ? kE4m3 : "");
    }
    return {};
}

Result<ScaleRule> ScaleRule::parse(std::string_view text)
{
    const auto unknown = [&] {
        return Problem{{}, fmt::format("scale \"{}\" is unknown; wanted tensor, row, group:N, vector:N, vector:N:BITS (3 ... 10), block:N or block:N:e4m3, N from 1 to {}",
                                       text.substr(0, 40), kLongestGroup)};
    };
    if (text == "tensor")
        return ScaleRule{Kind::Tensor, 0};
    if (text == "row")
        return ScaleRule{Kind::Row, 0};
    for (const LengthWord& entry : kLengthWords) {
        if (!text.starts_with(entry.word))
            continue;
        ScaleRule rule{entry.kind, 0};
        std::string_view number = text.substr(entry.word.size());
        if (const std::size_t colon = number.find(':'); entry.kind == Kind::Vector && colon != std::string_view::npos) {
            const auto bits = parseNumber<int>(number.substr(colon + 1));
            if (!bits || *bits < 3 || *bits > 10)
                return unknown();
            rule.scaleBits = *bits;
            number = number.substr(0, colon);
        }
        if (entry.kind == ScaleRule::Kind::Block && number.ends_with(kE4m3)) {
            rule.blockScale = BlockScale::E4m3;
            number.remove_suffix(kE4m3.size());
        }
        const auto length = parseNumber<int>(number);
        if (!length || *length < 1 || *length > kLongestGroup)
            return unknown();
        rule.length = *length;
        return rule;
    }
    return unknown();
}

std::string ClipRule::text() const
{
    switch (kind) {
    case Kind::AbsMax: return "absmax";
    case Kind::Mse: return "mse";
    case Kind::Percentile: return fmt::format("percentile:{}", percentile);
    }
    return {};
}

Result<ClipRule> ClipRule::parse(std::string_view text)
{
    constexpr std::string_view kPercentile = "percentile:";
    if (text == "absmax")
        return ClipRule{Kind::AbsMax};
    if (text == "mse")
        return ClipRule{Kind::Mse};
    if (text.starts_with(kPercentile))
        if (const auto share = parseNumber<double>(text.substr(kPercentile.size())); share && *share > 0 && *share <= 100)
            return ClipRule{Kind::Percentile, *share};
    return Problem{{}, fmt::format("clip \"{}\" is unknown; wanted absmax, mse or percentile:P with P above 0 and at most 100", text.substr(0, 40))};
}

}  // namespace core
