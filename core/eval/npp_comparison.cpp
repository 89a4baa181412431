// SPDX-License-Identifier: Apache-2.0
#include "core/eval/npp_comparison.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <limits>

namespace core {

namespace {

/// The calibrated model's two prices on every layer of the report.
double modelOn(const Report& report)
{
    EnergyBill all;
    Picojoules energy;
    for (const LayerReport& layer : report.layers) {
        const double positions = static_cast<double>(layer.macs) / std::max(1.0, static_cast<double>(layer.rows) * layer.columns);
        const EnergyBill one = modelBill({layer.rows, layer.columns}, layer.surrogate ? layer.surrogate->rank : 0);
        energy += one.total() * positions;
        all.macs += one.macs * positions;
    }
    return all.topsPerWatt(energy);
}

/// Products of a path for one of the main path.
double pathShare(const LayerShape& shape, int rank) { return rank * (1.0 / shape.rows + 1.0 / shape.columns); }
double pathShare(const LayerReport& layer) { return pathShare({layer.rows, layer.columns}, layer.surrogate ? layer.surrogate->rank : 0); }

std::vector<LedgerPart> partsByCost(const EnergyBill& bill)
{
    std::vector<LedgerPart> parts(kLedgerParts.begin(), kLedgerParts.end());
    std::erase_if(parts, [&](LedgerPart part) { return bill.ofPart(part).value() <= 0; });
    std::stable_sort(parts.begin(), parts.end(), [&](LedgerPart a, LedgerPart b) { return bill.ofPart(a) > bill.ofPart(b); });
    return parts;
}

std::string reasonOf(const Report& report, const NppComparison& comparison, const std::vector<LedgerPart>& parts)
{
    const EnergyBill& bill = report.energy;
    std::string text;
    for (const LedgerPart part : parts)
        if (const double share = bill.ofPart(part) / bill.total(); share >= 0.05)
            text += fmt::format("{}{:.0f} % {}", text.empty() ? "the bill is " : ", ", 100 * share, ledgerPartName(part));
    double lowest = std::numeric_limits<double>::infinity();
    const LayerReport* narrow = nullptr;
    double recovery = 0, products = 0;
    for (const LayerReport& layer : report.layers)
        if (const auto ceiling = rankCeilingOf(layer, bill); ceiling && *ceiling < lowest) {
            lowest = *ceiling;
            narrow = &layer;
        }
    for (const BillLine& line : bill.lines)
        if (line.entry.part == LedgerPart::Recovery) {
            recovery += line.energy.value();
            products += line.entry.count;
        }
    if (narrow)
        text += fmt::format("; recovery costs {:.3g} fJ an operation here, {:g} in the model{}: the path of {} ({} x {}) alone allows "
                            "{:.3g} TOPS/W",
                            1000 * recovery / products, RecoveryModel{}.recoveryFemtojoulesPerOperation,
                            pathShare(*narrow) > pathShare({512, 512}, 8) ? ", and its layers are narrow" : "", narrow->name, narrow->rows,
                            narrow->columns, lowest);
    std::vector<std::string> missing;
    if (bill.ofPart(LedgerPart::Memory).value() > 0)
        missing.push_back("memory");
    if (bill.ofPart(LedgerPart::Converter).value() > 0)
        missing.push_back("converters");
    if (!missing.empty())
        text += fmt::format("; the model has no {}", fmt::join(missing, " and no "));
    if (comparison.modelHere < 0.9 * comparison.model)
        text += fmt::format("; with the model's own prices these layers would reach {:.3g}", comparison.modelHere);
    return text;
}

}  // namespace

std::optional<double> rankCeilingOf(const LayerReport& layer, const EnergyBill& bill)
{
    const double recovery = bill.ofLayer(layer.index, LedgerPart::Recovery).value();
    return recovery > 0 ? std::optional(2.0 * static_cast<double>(layer.macs) / recovery) : std::nullopt;
}

std::optional<NppComparison> compareWithNpp(const Report& report)
{
    const EnergyBill& bill = report.energy;
    if (bill.lines.empty())
        return std::nullopt;
    NppComparison comparison;
    comparison.model = modelBill({}, 8).topsPerWatt();
    comparison.modelHere = modelOn(report);
    comparison.own = bill.topsPerWatt();
    comparison.ownRange = bill.range();
    const std::vector<LedgerPart> parts = partsByCost(bill);
    Picojoules left = bill.total();
    for (std::size_t gone = 0; gone < parts.size(); ++gone) {
        left = left - bill.ofPart(parts[gone]);
        const bool isNothing = gone + 1 == parts.size();
        comparison.steps.push_back({fmt::format("{} {}", gone == 0 ? "without" : "and without", ledgerPartName(parts[gone])),
                                    isNothing ? std::numeric_limits<double>::infinity() : bill.topsPerWatt(left)});
    }
    comparison.reason = reasonOf(report, comparison, parts);
    return comparison;
}

}  // namespace core
