// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// All rows (or input channels) of the edited layers as one strip, numbered through, with the palette they choose from:
// what the rows dock shows and paints. What it shows is the plan; beside it stands only what a plan does not say: spare
// paints, protected and selected stripes.

#include "app/exploration/evaluation_source.h"
#include "app/exploration/plan_edit.h"
#include "app/models/stripe_measures.h"

#include <map>
#include <set>

namespace app {

class StripeBoard {
public:
    struct Stripe {
        core::LayerIndex layer;
        int place = 0;  // row or channel within the layer
    };

    /// New layers or another axis: selected stripes are forgotten, spare paints and protected stripes stay.
    void show(LayersPtr layers, std::vector<core::LayerIndex> edited, PaletteAxis axis);
    /// The same layers under another plan.
    void takePlan(const core::PrecisionPlan& plan);

    bool isOf(const LayersPtr& layers, const std::vector<core::LayerIndex>& edited) const { return layers == m_layers && edited == m_edited; }

    PaletteAxis axis() const { return m_axis; }
    const std::vector<core::LayerIndex>& layers() const { return m_edited; }
    const core::WeightedLayer& layer(core::LayerIndex index) const { return m_layers->at(index.value()); }
    int size() const { return static_cast<int>(m_stripes.size()); }
    const std::vector<Stripe>& stripes() const { return m_stripes; }

    /// Entries the plan uses and spare ones; an entry keeps its place as long as it is there.
    const std::vector<core::Treatment>& palette() const { return m_palette; }
    /// Per stripe an index into palette(); palette().size(): the layer is mixed along the other axis.
    const std::vector<std::uint8_t>& choices() const { return m_choices; }
    bool isMixedAcross() const;  // some layer is
    std::size_t entryOf(const core::Treatment& treatment) const;  // palette().size(): not there
    std::int64_t timesTaken(std::size_t entry) const;

    /// A spare paint; the entry it is (there already, or new at the end).
    std::size_t addSpare(const core::Treatment& treatment);
    void dropSpare(const core::Treatment& treatment);

    const std::vector<int>& selected() const { return m_selected; }  // ascending
    void select(std::vector<int> stripes);
    std::vector<int> protectedStripes() const;
    bool isProtected(int stripe) const;
    void protect(const std::vector<int>& stripes, bool on);

    /// Edits of the plan, for Exploration::editLayers. Painting passes over protected stripes and those that have the entry
    /// already; nothing is left to paint where the list is empty.
    std::vector<int> paintable(const std::vector<int>& stripes, std::size_t entry) const;
    TreatmentChange paint(const std::vector<int>& stripes, std::size_t entry);
    /// Wherever an entry is taken, `after` is taken instead, protected or not: the entry itself changes.
    TreatmentChange exchange(std::size_t entry, const core::Treatment& after);

private:
    using Places = std::map<std::size_t, std::vector<int>>;  // by layer
    std::set<int>& protectedOf(core::LayerIndex layer) { return m_protected[{layer.value(), m_axis}]; }

    LayersPtr m_layers;
    std::vector<core::LayerIndex> m_edited;
    PaletteAxis m_axis = PaletteAxis::Rows;
    std::vector<Stripe> m_stripes;
    std::vector<core::Treatment> m_palette, m_spares;
    std::vector<std::uint8_t> m_choices;
    std::vector<int> m_selected;
    std::map<std::pair<std::size_t, PaletteAxis>, std::set<int>> m_protected;
};

}  // namespace app
