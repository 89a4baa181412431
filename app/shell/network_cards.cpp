// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/network_cards.h"

#include <algorithm>
#include <set>

namespace app {
namespace {

void describe(LayerCard& card, const core::WeightedLayer& layer, const core::LayerTreatment& treatment)
{
    card.weighted = true;
    card.rows = layer.rows;
    card.columns = layer.columns;
    for (const core::Treatment& entry : treatment.weights.palette)
        card.formats << QString::fromStdString(entry.format.name());
    card.overChannels = !treatment.weights.channels.empty();
    card.rowFormats = card.overChannels ? treatment.weights.channels : treatment.weights.rows;
    card.rank = effectiveRank(layer, treatment);
    card.substrate = treatment.cim ? Substrate::Array : Substrate::Digital;
}

} // namespace

bool hasLayerErrors(const core::ReportPtr& report)
{
    return report && std::ranges::any_of(report->layers, [](const core::LayerReport& layer) { return layer.sqnrDecibels.has_value(); });
}

std::vector<LayerCard> networkCards(const Exploration& exploration, const core::ReportPtr& before)
{
    std::vector<LayerCard> cards;
    if (!exploration.isOpen())
        return cards;
    const core::Network& network = *exploration.subject()->network;
    for (const core::Node& node : network.nodes) {
        LayerCard card;
        card.name = QString::fromStdString(node.name);
        card.operation = QString::fromStdString(node.operation);
        cards.push_back(std::move(card));
    }
    const PlanProblems problems(exploration.flaws());
    const core::ReportPtr report = exploration.report();
    const bool fromBefore = !hasLayerErrors(report) && hasLayerErrors(before);
    const bool isOld = fromBefore || !exploration.isReportCurrent();
    const double total = report ? report->energy.total().value() : 0;
    for (const core::WeightedLayer& layer : exploration.layers()) {
        LayerCard& card = cards.at(layer.node.value());
        describe(card, layer, exploration.treatment(layer.index));
        card.problem = problems.ofLayer(layer.name);
        if (!report || layer.index.value() >= report->layers.size())
            continue;
        const core::LayerReport& figures = report->layers.at(layer.index.value());
        const core::LayerReport& errors = fromBefore && layer.index.value() < before->layers.size() ? before->layers.at(layer.index.value()) : figures;
        card.localSqnr = errors.sqnrDecibels;
        card.propagatedSqnr = errors.propagatedSqnrDecibels;
        if (card.rank > 0 && errors.surrogate && errors.surrogate->signalEnergy > 0)
            card.localSqnrWithoutRecovery = errors.surrogate->predictedSqnr(0);
        card.errorsAreOld = isOld && errors.sqnrDecibels.has_value();
        if (total > 0)
            card.energyShare = figures.energy.value() / total;
    }
    return cards;
}

std::vector<CardEdge> networkEdges(const core::Network& network)
{
    std::vector<int> producer(network.values.size(), -1);
    std::set<std::pair<int, int>> edges; // a node that reads a value twice still hangs on one edge
    for (std::size_t node = 0; node < network.nodes.size(); ++node) {
        for (const core::ValueIndex input : network.nodes[node].inputs)
            if (input.isValid() && producer.at(input.value()) >= 0)
                edges.emplace(producer.at(input.value()), static_cast<int>(node));
        for (const core::ValueIndex output : network.nodes[node].outputs)
            if (output.isValid())
                producer.at(output.value()) = static_cast<int>(node);
    }
    std::vector<CardEdge> result;
    std::ranges::transform(edges, std::back_inserter(result), [](const auto& edge) { return CardEdge{edge.first, edge.second}; });
    return result;
}

} // namespace app
