// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/palette_edit.h"

#include <algorithm>
#include <array>

namespace app {
namespace {

using Choices = std::vector<std::uint8_t>;

constexpr std::size_t kLargestPalette = 256; // an index is a byte

Choices& choicesOf(core::WeightPlan& weights, PaletteAxis axis) { return axis == PaletteAxis::Rows ? weights.rows : weights.channels; }

/// The entry that is taken most, whatever the axis.
std::uint8_t commonest(const core::WeightPlan& weights)
{
    std::array<std::size_t, kLargestPalette> votes{};
    for (const Choices* choices : {&weights.rows, &weights.channels})
        for (const std::uint8_t choice : *choices)
            ++votes.at(choice);
    const auto most = static_cast<std::size_t>(std::ranges::max_element(votes) - votes.begin());
    return static_cast<std::uint8_t>(std::min(most, weights.palette.size() - 1));
}

/// Entries that are equal become one, those that nobody takes leave, and a palette of one says nothing about stripes.
void tidy(core::WeightPlan& weights)
{
    Choices& choices = weights.rows.empty() ? weights.channels : weights.rows;
    if (choices.empty())
        return;
    std::vector<core::Treatment> palette;
    std::vector<std::uint8_t> renamed(weights.palette.size(), 0);
    for (std::size_t entry = 0; entry < weights.palette.size(); ++entry) {
        if (std::ranges::find(choices, static_cast<std::uint8_t>(entry)) == choices.end())
            continue;
        const auto known = std::ranges::find(palette, weights.palette[entry]);
        renamed[entry] = static_cast<std::uint8_t>(known - palette.begin());
        if (known == palette.end())
            palette.push_back(weights.palette[entry]);
    }
    for (std::uint8_t& choice : choices)
        choice = renamed.at(choice);
    weights.palette = std::move(palette);
    if (weights.palette.size() == 1)
        choices.clear();
}

} // namespace

std::optional<Choices> choicesAlong(const core::WeightPlan& weights, PaletteAxis axis, int stripes)
{
    const Choices& own = axis == PaletteAxis::Rows ? weights.rows : weights.channels;
    const Choices& other = axis == PaletteAxis::Rows ? weights.channels : weights.rows;
    if (!other.empty())
        return {};
    Choices choices = own;
    choices.resize(static_cast<std::size_t>(stripes), 0); // nothing said: all the first
    for (std::uint8_t& choice : choices)
        if (choice >= weights.palette.size())
            choice = 0;
    return choices;
}

core::WeightPlan withPaint(const core::WeightPlan& weights, PaletteAxis axis, int stripes, const std::vector<int>& painted,
                           const core::Treatment& treatment)
{
    core::WeightPlan result = weights;
    const auto along = choicesAlong(weights, axis, stripes);
    Choices choices = along ? *along : Choices(static_cast<std::size_t>(stripes), commonest(weights));
    const auto known = std::ranges::find(result.palette, treatment);
    const auto entry = static_cast<std::size_t>(known - result.palette.begin());
    if (entry >= kLargestPalette)
        return weights;
    if (known == result.palette.end())
        result.palette.push_back(treatment);
    for (const int stripe : painted)
        if (stripe >= 0 && stripe < stripes)
            choices[static_cast<std::size_t>(stripe)] = static_cast<std::uint8_t>(entry);
    result.rows.clear();
    result.channels.clear();
    choicesOf(result, axis) = std::move(choices);
    tidy(result);
    return result;
}

core::WeightPlan withExchange(const core::WeightPlan& weights, const core::Treatment& before, const core::Treatment& after)
{
    core::WeightPlan result = weights;
    std::ranges::replace(result.palette, before, after);
    tidy(result);
    return result;
}

const core::Treatment& treatmentAt(const core::WeightPlan& weights, int row, int channel)
{
    const auto entryIn = [&](const Choices& choices, int stripe) {
        const auto place = static_cast<std::size_t>(stripe);
        const std::size_t entry = place < choices.size() ? choices[place] : 0;
        return entry < weights.palette.size() ? entry : 0;
    };
    if (!weights.rows.empty())
        return weights.palette[entryIn(weights.rows, row)];
    return weights.palette[entryIn(weights.channels, channel)];
}

core::WeightPlan withoutLostFlips(const core::WeightPlan& weights, int columnsPerChannel)
{
    core::WeightPlan result = weights;
    std::erase_if(result.flips, [&](const core::CodeFlip& flip) {
        const core::Treatment& treatment = treatmentAt(weights, flip.row, flip.column / std::max(1, columnsPerChannel));
        return flip.bit >= static_cast<int>(treatment.format.storageBits()) * std::max(1, treatment.points);
    });
    return result;
}

} // namespace app
