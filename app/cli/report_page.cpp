// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/cli/report_page.h"

#include "app/cli/table.h"

#include "core/base/quantity_text.h"
#include "core/eval/npp_comparison.h"

#include <fmt/format.h>

#include <algorithm>

namespace app {
namespace {

std::string headline(const core::Report& report)
{
    std::string text = fmt::format("{} on {}#{}, plan \"{}\"\n", report.network, report.dataset, report.split, report.plan);
    if (report.partial)
        text +=
            fmt::format("PARTIAL: stopped after {} of {} samples\n", core::countText(report.samples), core::countText(report.requested));
    return text;
}

std::string accuracy(const core::Report& report)
{
    std::string text = fmt::format("top 1       {}, {} samples\n", proportionText(report.top1), core::countText(report.samples));
    text += fmt::format("reference   {}\n", proportionText(report.referenceTop1));
    text += fmt::format("agreement   {}\n", proportionText(report.agreement));
    const core::ChipStatistics& chips = report.chips;
    if (chips.count > 1)
        text += fmt::format("chips       {}: mean {}, standard deviation {}, {} to {}; 5th to 95th percentile {} to {}\n", chips.count,
                            core::percentText(chips.mean), core::percentText(chips.standardDeviation), core::percentText(chips.min),
                            core::percentText(chips.max), core::percentText(chips.low), core::percentText(chips.high));
    if (chips.reads > 1)
        text += fmt::format("reads       {} of every chip: standard deviation {} from read to read, {} from chip to chip\n", chips.reads,
                            core::percentText(chips.readDeviation), core::percentText(chips.chipDeviation));
    if (report.answers)
        text += fmt::format("to FP32     {}\n", differenceText(core::differenceToReference(*report.answers)));
    return text;
}

std::string layers(const core::Report& report)
{
    using enum Table::Align;
    Table table({{"LAYER"},
                 {"rows x columns", Right},
                 {"MACs", Right},
                 {"bits/weight", Right},
                 {"local dB", Right},
                 {"arrives dB", Right},
                 {"energy", Right},
                 {"treatment"}});
    for (const core::LayerReport& layer : report.layers) {
        const double weights = static_cast<double>(layer.rows) * layer.columns;
        table.add({layer.name, fmt::format("{} x {}", layer.rows, layer.columns), core::countText(layer.macs),
                   weights > 0 ? fmt::format("{:.2f}", layer.storedBits / weights) : "", core::decibelText(layer.sqnrDecibels),
                   core::decibelText(layer.propagatedSqnrDecibels), core::energyText(layer.energy), layer.treatment});
    }
    return table.text();
}

/// "time 12 us, area 3 mm2 on ...": models, so named.
std::string estimates(const core::Estimates& estimates)
{
    std::string text;
    if (estimates.latency)
        text += paragraph("estimates", fmt::format("{:.4g} us an inference, {:.3g} mm2, on {} ({})",
                                                   1e6 * estimates.latency->time().count(), estimates.area ? estimates.area->total() : 0.0,
                                                   estimates.latency->device, core::confidenceName(estimates.latency->confidence)));
    for (const core::ShiftMachineEstimate& machine : estimates.shiftMachines)
        text += paragraph("", fmt::format("{:.3g} times 4-bit multipliers alone on {}, {:.4g} us (shifts and multipliers at once; a model)",
                                          machine.speedUp(), machine.machine, 1e6 * machine.time.count()));
    return text;
}

/// What the accumulators of the plan did, where there are any.
std::string sums(const core::Report& report)
{
    using enum Table::Align;
    Table table({{"SUMS"},
                 {"again", Right},
                 {"cost", Right},
                 {"all high", Right},
                 {"overflow", Right},
                 {"kappa", Right},
                 {"90 %", Right},
                 {"99 %", Right},
                 {"n u", Right},
                 {"bound/error", Right},
                 {"rows that overflow"}});
    bool isEmpty = true, isRanked = false;
    for (const core::LayerReport& layer : report.layers) {
        if (!layer.sums)
            continue;
        isEmpty = false;
        isRanked = isRanked || layer.sums->rankCorrelation.has_value();
        const core::SumFigures& figures = *layer.sums;
        const auto rows = [&](core::OverflowVerdict verdict) { return std::count(figures.rows.begin(), figures.rows.end(), verdict); };
        const bool isMixed = figures.uniformCost != 1;
        const std::string bound = figures.boundOverError    ? fmt::format("{:.3g}", *figures.boundOverError)
                                  : figures.rankCorrelation ? fmt::format("none; rank {:.2f}", *figures.rankCorrelation)
                                                            : "";
        table.add({layer.name, isMixed ? core::percentText(figures.recomputedFraction) : "",
                   isMixed ? fmt::format("{:.2f}", figures.cost) : "", isMixed ? fmt::format("{:.2f}", figures.uniformCost) : "",
                   core::percentText(figures.overflowRate), fmt::format("{:.3g}", figures.condition.median),
                   fmt::format("{:.3g}", figures.condition.p90), fmt::format("{:.3g}", figures.condition.p99),
                   fmt::format("{:.3g}", figures.perturbation), bound,
                   fmt::format("{} do, {} can, {} cannot", rows(core::OverflowVerdict::Does), rows(core::OverflowVerdict::Can),
                               rows(core::OverflowVerdict::Cannot))});
    }
    if (isEmpty)
        return {};
    return table.text() +
           (isRanked ? paragraph(
                           "", "none: from n u = 1 on the bound says nothing; rank is how well kappa' orders the errors (rank correlation)")
                     : "") +
           '\n';
}

/// What the logits of attentions were summed in, where the plan says so.
std::string scores(const core::Report& report)
{
    using enum Table::Align;
    Table table({{"ATTENTION SCORES"}, {"logits", Right}, {"again", Right}, {"error mass", Right}, {"all low", Right}});
    bool isEmpty = true;
    for (const core::LayerReport& layer : report.layers) {
        if (!layer.scores)
            continue;
        isEmpty = false;
        table.add({layer.name, core::countText(layer.scores->logits), core::percentText(layer.scores->recomputedFraction),
                   fmt::format("{:.4g}", layer.scores->errorMass), fmt::format("{:.4g}", layer.scores->lowErrorMass)});
    }
    return isEmpty ? std::string() : table.text() + '\n';
}

std::string bill(const core::EnergyBill& energy)
{
    std::string parts;
    for (const core::LedgerPart part : core::kLedgerParts)
        if (energy.ofPart(part).value() > 0.0)
            parts += fmt::format("{}{} {}", parts.empty() ? "" : ", ", core::ledgerPartName(part), core::energyText(energy.ofPart(part)));
    const core::EnergyRange range = energy.range();
    return paragraph("energy", fmt::format("{} an inference ({}), {} to {} by the ranges of its prices", core::energyText(range.typical),
                                           energy.technology, core::energyText(range.low), core::energyText(range.high))) +
           paragraph("", parts) +
           paragraph("", fmt::format("{:.3g} TOPS/W, {:.3g} to {:.3g}; {}", energy.topsPerWatt(), energy.topsPerWatt(range.high),
                                     energy.topsPerWatt(range.low), energy.convention()));
}

}  // namespace

std::string proportionText(const core::Proportion& share)
{
    return fmt::format("{} [{:.2f}, {:.2f}]", core::percentText(share.value()), 100.0 * share.low(), 100.0 * share.high());
}

std::string differenceText(const core::PairedDifference& difference)
{
    return fmt::format("{:+.2f} points [{:+.2f}, {:+.2f}], {} (p = {:.2g})", 100.0 * difference.difference, 100.0 * difference.low,
                       100.0 * difference.high, difference.isSignificant() ? "significant" : "not significant", difference.probability);
}

std::string reportPage(const core::Report& report)
{
    std::string page = headline(report) + '\n' + accuracy(report) + '\n' + layers(report) + '\n' + sums(report) + scores(report) + bill(report.energy);
    if (const auto comparison = core::compareWithNpp(report))
        page += paragraph(
            "", fmt::format("NPP: published {:g} TOPS/W, our model of it {:.4g}, on these layers {:.4g}, this network {:.3g}: {}",
                            comparison->published, comparison->model, comparison->modelHere, comparison->own, comparison->reason));
    page += estimates(report.estimates);
    for (const std::string& remark : report.remarks)
        page += paragraph("remark", remark);
    page += fmt::format("time        {:.2f} s, {} images/s\n", report.seconds.count(),
                        core::countText(static_cast<std::int64_t>(report.imagesPerSecond)));
    page += fmt::format("hash        {}\n", report.hash);
    return page;
}

}  // namespace app
