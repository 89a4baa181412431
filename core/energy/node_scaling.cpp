// SPDX-License-Identifier: Apache-2.0
#include "core/energy/node_scaling.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

namespace core {

namespace {

/// Energy ~ a V^2 + b V + c; area relative to 130 nm. As tabulated from the paper in Accelergy's library of components.
struct Node {
    double nanometres, a, b, c, area;
};
constexpr std::array kNodes{Node{130, 7.171, -6.709, 2.904, 1.0},       Node{90, 4.762, -4.781, 2.092, 0.44},
                            Node{65, 3.755, -4.398, 1.975, 0.23},       Node{45, 1.103, -0.362, 0.2767, 0.16},
                            Node{32, 0.9559, -0.7823, 0.471, 0.072},    Node{20, 0.373, -0.1582, 0.04104, 0.033},
                            Node{16, 0.2958, -0.1241, 0.03024, 0.03},   Node{14, 0.2363, -0.09675, 0.02239, 0.027},
                            Node{10, 0.2068, -0.09311, 0.02375, 0.016}, Node{7, 0.1776, -0.09097, 0.02447, 0.0092}};
constexpr double kLowestVoltage = 0.5, kHighestVoltage = 1.3;

Result<void> check(const ProcessPoint& point)
{
    if (!(point.nanometres >= kNodes.back().nanometres && point.nanometres <= kNodes.front().nanometres))
        return Problem{"node", fmt::format("{:g} nm; the scaling knows {:g} to {:g} nm", point.nanometres, kNodes.back().nanometres,
                                           kNodes.front().nanometres)};
    if (!(point.voltage >= kLowestVoltage && point.voltage <= kHighestVoltage))
        return Problem{"supply", fmt::format("{:g} V; the scaling knows {:g} to {:g} V", point.voltage, kLowestVoltage, kHighestVoltage)};
    return success();
}

/// The value at a node from those at its listed neighbours, `share` of the way to the smaller one.
template <class ValueOf>
double between(double nanometres, ValueOf&& valueOf)
{
    const auto smaller = std::find_if(kNodes.begin(), kNodes.end(), [&](const Node& node) { return node.nanometres <= nanometres; });
    if (smaller->nanometres == nanometres)
        return valueOf(*smaller);
    const Node& larger = *(smaller - 1);
    const double share = (larger.nanometres - nanometres) / (larger.nanometres - smaller->nanometres);
    return valueOf(larger) * (1 - share) + valueOf(*smaller) * share;
}

double relativeEnergy(const ProcessPoint& point)
{
    return between(point.nanometres, [&](const Node& node) { return (node.a * point.voltage + node.b) * point.voltage + node.c; });
}

}  // namespace

Result<double> energyScale(const ProcessPoint& from, const ProcessPoint& to)
{
    CORE_TRY(check(from));
    CORE_TRY(check(to));
    return relativeEnergy(to) / relativeEnergy(from);
}

Result<double> areaScale(double fromNanometres, double toNanometres)
{
    CORE_TRY(check({fromNanometres, kHighestVoltage}));
    CORE_TRY(check({toNanometres, kHighestVoltage}));
    const auto logarithm = [](const Node& node) { return std::log(node.area); };
    return std::exp(between(toNanometres, logarithm) - between(fromNanometres, logarithm));
}

Result<PriceTable> scaledTo(const PriceTable& table, const ProcessPoint& point)
{
    PriceTable scaled = table;
    scaled.name = fmt::format("{}@{:g}nm,{:g}V", table.name, point.nanometres, point.voltage);
    scaled.title = fmt::format("{}, scaled to {:g} nm, {:g} V", table.title, point.nanometres, point.voltage);
    scaled.nodeNanometres = point.nanometres;
    scaled.voltage = point.voltage;
    for (Price& price : scaled.prices) {
        if (price.operation == LedgerOperation::DramBits)
            continue;
        const ProcessPoint own{price.nodeNanometres > 0 ? price.nodeNanometres : table.nodeNanometres,
                               price.voltage > 0 ? price.voltage : table.voltage};
        auto factor = energyScale(own, point);
        if (!factor)
            return factor.error().within("price table " + table.name);
        const PriceRange ends = rangeOf(price);  // an extrapolation is no surer than what it starts from
        const Picojoules before = price.perOperation;
        price.perOperation = before * factor.value();
        const Picojoules high = std::max(before, price.perOperation * 2);
        price.range = PriceRange{std::min(price.perOperation / 2, ends.low * factor.value()), std::max(high, ends.high * factor.value())};
        price.source +=
            fmt::format("; times {:.3g} from {:g} nm, {:g} V (Stillmaker and Baas 2017)", factor.value(), own.nanometres, own.voltage);
        if (price.confidence != Confidence::Estimated)
            price.confidence = Confidence::Model;
        price.nodeNanometres = price.voltage = 0;
    }
    if (scaled.device) {
        CORE_TRY(const double area, areaScale(table.nodeNanometres, point.nanometres));
        scaled.device->areas.multiplier *= area;
        scaled.device->areas.arrayCell *= area;
        scaled.device->areas.memoryBit *= area;
        scaled.device->source +=
            fmt::format("; digital areas times {:.3g} from {:g} nm (Stillmaker and Baas 2017), converters and clock as they were", area,
                        table.nodeNanometres);
    }
    return scaled;
}

}  // namespace core
