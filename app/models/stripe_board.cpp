// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/stripe_board.h"

#include <algorithm>

namespace app {
namespace {

constexpr std::size_t kLargestPalette = 64;  // more than anybody tells apart

}  // namespace

void StripeBoard::show(LayersPtr layers, std::vector<core::LayerIndex> edited, PaletteAxis axis)
{
    if (layers != m_layers) {
        m_protected.clear();
        m_spares.clear();
    }
    m_layers = std::move(layers);
    m_edited = std::move(edited);
    m_axis = axis;
    m_palette.clear();
    m_choices.clear();
    m_selected.clear();
    m_stripes.clear();
    for (const core::LayerIndex index : m_edited)
        for (int place = 0; place < stripeCount(layer(index), axis); ++place)
            m_stripes.push_back({index, place});
}

void StripeBoard::takePlan(const core::PrecisionPlan& plan)
{
    std::vector<core::Treatment> used;
    std::vector<core::WeightPlan> orders;
    for (const core::LayerIndex index : m_edited) {
        orders.push_back(core::resolve(plan, layer(index).name).weights);
        for (const core::Treatment& entry : orders.back().palette)
            if (std::ranges::find(used, entry) == used.end() && used.size() < kLargestPalette)
                used.push_back(entry);
    }
    // Entries that go leave their places to entries that come, so that a changed entry stays where it was.
    const auto isKept = [&](const core::Treatment& entry) {
        return std::ranges::find(used, entry) != used.end() || std::ranges::find(m_spares, entry) != m_spares.end();
    };
    std::vector<core::Treatment> coming;
    for (const std::vector<core::Treatment>* list : {&used, &m_spares})
        for (const core::Treatment& entry : *list)
            if (std::ranges::find(m_palette, entry) == m_palette.end() && std::ranges::find(coming, entry) == coming.end())
                coming.push_back(entry);
    auto next = coming.begin();
    for (core::Treatment& entry : m_palette)
        if (!isKept(entry) && next != coming.end())
            entry = *next++;
    std::erase_if(m_palette, [&](const core::Treatment& entry) { return !isKept(entry); });
    m_palette.insert(m_palette.end(), next, coming.end());

    m_choices.clear();
    m_choices.reserve(m_stripes.size());
    for (std::size_t i = 0; i < m_edited.size(); ++i) {
        const core::WeightPlan& weights = orders[i];
        const int stripes = stripeCount(layer(m_edited[i]), m_axis);
        const auto along = choicesAlong(weights, m_axis, stripes);
        for (int stripe = 0; stripe < stripes; ++stripe)
            m_choices.push_back(static_cast<std::uint8_t>(
                along ? entryOf(weights.palette[(*along)[static_cast<std::size_t>(stripe)]]) : m_palette.size()));
    }
}

bool StripeBoard::isMixedAcross() const
{
    return std::ranges::any_of(m_choices, [this](std::uint8_t choice) { return choice == m_palette.size(); });
}

std::size_t StripeBoard::entryOf(const core::Treatment& treatment) const
{
    return static_cast<std::size_t>(std::ranges::find(m_palette, treatment) - m_palette.begin());
}

std::int64_t StripeBoard::timesTaken(std::size_t entry) const
{
    return std::ranges::count(m_choices, static_cast<std::uint8_t>(entry));
}

std::size_t StripeBoard::addSpare(const core::Treatment& treatment)
{
    if (std::ranges::find(m_spares, treatment) == m_spares.end() && m_palette.size() < kLargestPalette)
        m_spares.push_back(treatment);
    const std::size_t entry = entryOf(treatment);
    if (entry == m_palette.size() && m_palette.size() < kLargestPalette) {
        for (std::uint8_t& choice : m_choices)  // "mixed along the other axis" stays one behind the last
            if (choice == m_palette.size())
                ++choice;
        m_palette.push_back(treatment);
    }
    return entry;
}

void StripeBoard::dropSpare(const core::Treatment& treatment) { std::erase(m_spares, treatment); }

void StripeBoard::select(std::vector<int> stripes)
{
    std::ranges::sort(stripes);
    const auto repeated = std::ranges::unique(stripes);
    stripes.erase(repeated.begin(), repeated.end());
    std::erase_if(stripes, [this](int stripe) { return stripe < 0 || stripe >= size(); });
    m_selected = std::move(stripes);
}

bool StripeBoard::isProtected(int stripe) const
{
    const Stripe& named = m_stripes.at(static_cast<std::size_t>(stripe));
    const auto own = m_protected.find({named.layer.value(), m_axis});
    return own != m_protected.end() && own->second.contains(named.place);
}

std::vector<int> StripeBoard::protectedStripes() const
{
    std::vector<int> stripes;
    if (!m_protected.empty())
        for (int stripe = 0; stripe < size(); ++stripe)
            if (isProtected(stripe))
                stripes.push_back(stripe);
    return stripes;
}

void StripeBoard::protect(const std::vector<int>& stripes, bool on)
{
    for (const int stripe : stripes) {
        const Stripe& named = m_stripes.at(static_cast<std::size_t>(stripe));
        if (on)
            protectedOf(named.layer).insert(named.place);
        else
            protectedOf(named.layer).erase(named.place);
    }
}

std::vector<int> StripeBoard::paintable(const std::vector<int>& stripes, std::size_t entry) const
{
    std::vector<int> rest;
    for (const int stripe : stripes)
        if (!isProtected(stripe) && m_choices.at(static_cast<std::size_t>(stripe)) != entry)
            rest.push_back(stripe);
    return rest;
}

TreatmentChange StripeBoard::paint(const std::vector<int>& stripes, std::size_t entry)
{
    // A paint that is painted over entirely stays on the palette.
    for (const core::Treatment& each : m_palette)
        addSpare(each);
    Places places;
    for (const int stripe : paintable(stripes, entry)) {
        const Stripe& named = m_stripes.at(static_cast<std::size_t>(stripe));
        places[named.layer.value()].push_back(named.place);
    }
    return [places = std::move(places), treatment = m_palette.at(entry), axis = m_axis](const core::WeightedLayer& layer,
                                                                                       core::LayerTreatment& orders) {
        const auto own = places.find(layer.index.value());
        if (own != places.end())
            orders.weights = withoutLostFlips(withPaint(orders.weights, axis, stripeCount(layer, axis), own->second, treatment),
                                              layer.columnsPerChannel);
    };
}

TreatmentChange StripeBoard::exchange(std::size_t entry, const core::Treatment& after)
{
    const core::Treatment before = m_palette.at(entry);
    if (const auto spare = std::ranges::find(m_spares, before); spare != m_spares.end()) {
        if (std::ranges::find(m_spares, after) == m_spares.end())
            *spare = after;
        else
            m_spares.erase(spare);
    }
    return [before, after](const core::WeightedLayer& layer, core::LayerTreatment& orders) {
        orders.weights = withoutLostFlips(withExchange(orders.weights, before, after), layer.columnsPerChannel);
    };
}

}  // namespace app
