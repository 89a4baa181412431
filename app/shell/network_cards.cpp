// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/network_cards.h"

#include "app/exploration/sensitivity_study.h"

#include <QCoreApplication>

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

void showSensitivity(std::vector<LayerCard>& cards, const Exploration& exploration, const LayerSensitivities& found,
                     SensitivityMetric metric)
{
    if (!found.answer || (metric == SensitivityMetric::Curvature && !found.answer->withCurvature))
        return;
    double largest = 0;
    for (const core::LayerSensitivity& layer : found.answer->layers)
        largest = std::max(largest, sensitivityOf(layer, metric));
    for (const core::WeightedLayer& layer : exploration.layers()) {
        if (layer.index.value() >= found.answer->layers.size())
            continue;
        LayerCard& card = cards.at(layer.node.value());
        card.sensitivity = sensitivityOf(found.answer->layers[layer.index.value()], metric);
        card.sensitivityShare = largest > 0 ? *card.sensitivity / largest : 0.0;
        card.sensitivityIsOld = found.isOld;
    }
}

MetricWords wordsOf(SensitivityMetric metric, std::optional<core::LossTarget> loss)
{
    const auto say = [](const char* words) { return QCoreApplication::translate("NetworkCards", words); };
    const bool isEntropy = loss && *loss != core::LossTarget::OwnInput;  // in natural logarithms
    const QString unit = isEntropy ? QStringLiteral("nats") : QString();
    switch (metric) {
    case SensitivityMetric::Taylor:
        return {say("1 first order"),
                say("Mean over samples of Σ |g·Δy|: g the loss's gradient in each output of the layer, Δy what the plan does to it. "
                    "Candidate 1 for the sensitivity metric of Neural Precision Polarization (arXiv 2411.05845)."),
                unit};
    case SensitivityMetric::Fisher:
        return {
            say("2 Fisher"),
            say("Mean over samples of Σ s·Δy², s the mean squared gradient of the output's row (Fisher information): the second order of "
                "the loss, and the measure that the method \"the loss\" fits recovery by."),
            isEntropy ? QStringLiteral("nats²") : QString()};
    case SensitivityMetric::Probe:
        return {say("3 probe"),
                say("The loss with this layer alone as the plan has it, minus the FP32 network's: measured, not estimated. Below zero the "
                    "degraded layer does better on these samples."),
                unit};
    case SensitivityMetric::Curvature: break;
    }
    return {say("4 curvature"),
            say("Largest eigenvalue of the loss's Hessian in the layer's weights times the squared change of the weights |ΔW|² (HAWQ, "
                "arXiv 1905.03696). Takes tens of gradients a layer."),
            unit};
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
