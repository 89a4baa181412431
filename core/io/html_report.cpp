// SPDX-License-Identifier: Apache-2.0
#include "core/io/html_report.h"

#include "core/base/quantity_text.h"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <cmath>
#include <optional>

namespace core {
namespace {

using nlohmann::ordered_json;

constexpr const char* kStyle = R"(
:root { color-scheme: light dark; --ink: #1b1f24; --quiet: #5b6570; --line: #d5dae0; --plan: #0072b2; --reference: #8a8f98; --sheet: #ffffff; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8eaed; --quiet: #a0a8b2; --line: #3a4149; --plan: #56b4e9; --reference: #8a8f98; --sheet: #16191d; } }
body { font: 16px/1.5 system-ui, "DejaVu Sans", sans-serif; color: var(--ink); background: var(--sheet); max-width: 72rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.4rem; margin-bottom: 0; } h2 { font-size: 1.1rem; margin-top: 2rem; } p.plan { color: var(--quiet); margin-top: 0; }
p.figure { font-size: 3rem; line-height: 1.1; margin: .5rem 0 0; font-variant-numeric: tabular-nums; } p.figure small { font-size: 1rem; color: var(--quiet); }
p.partial { border: 2px dashed currentColor; padding: .5rem; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th, td { text-align: right; padding: .25rem .6rem; border-bottom: 1px solid var(--line); } th { color: var(--quiet); font-weight: normal; }
th:first-child, td:first-child, th.words, td.words { text-align: left; }
svg text { font: 12px system-ui, "DejaVu Sans", sans-serif; fill: currentColor; } footer, .quiet { color: var(--quiet); }
)";

std::string escaped(const std::string& text)
{
    std::string safe;
    for (const char c : text)
        switch (c) {
        case '&': safe += "&amp;"; break;
        case '<': safe += "&lt;"; break;
        case '>': safe += "&gt;"; break;
        case '"': safe += "&quot;"; break;
        default: safe += c;
        }
    return safe;
}

const ordered_json& member(const ordered_json& object, const char* key)
{
    static const ordered_json nothing;
    const auto found = object.is_object() ? object.find(key) : object.end();
    return object.is_object() && found != object.end() ? *found : nothing;
}

std::string text(const ordered_json& object, const char* key)
{
    const ordered_json& value = member(object, key);
    return value.is_string() ? escaped(value.get<std::string>()) : std::string();
}

std::optional<double> number(const ordered_json& object, const char* key)
{
    const ordered_json& value = member(object, key);
    return value.is_number() ? std::optional(value.get<double>()) : std::nullopt;
}

bool isTrue(const ordered_json& object, const char* key)
{
    const ordered_json& value = member(object, key);
    return value.is_boolean() && value.get<bool>();
}

std::string figure(std::optional<double> value, const char* format)
{
    return value ? fmt::format(fmt::runtime(format), *value) : "&ndash;";
}

std::string percent(std::optional<double> share) { return share ? percentText(*share) : "&ndash;"; }

std::string energy(std::optional<double> picojoules) { return picojoules ? energyText(Picojoules(*picojoules)) : "&ndash;"; }

struct Share {
    std::string name;
    std::optional<double> value, low, high;
};

Share share(const ordered_json& report, const char* key, const char* name)
{
    const ordered_json& value = member(report, key);
    if (value.is_number())
        return {name, value.get<double>(), std::nullopt, std::nullopt};
    return {name, number(value, "value"), number(value, "low"), number(value, "high")};
}

/// Shares with their intervals on one axis that starts a little below the lowest.
std::string intervals(const std::vector<Share>& shares)
{
    double lowest = 1.0;
    for (const Share& s : shares)
        if (s.value)
            lowest = std::min(lowest, s.low.value_or(*s.value));
    const double from = std::clamp(std::floor(20.0 * lowest - 0.5) / 20.0, 0.0, 0.95);
    constexpr double kLeft = 110.0, kWidth = 560.0, kStep = 30.0;
    const auto x = [&](double value) { return kLeft + kWidth * (value - from) / (1.0 - from); };
    const double bottom = kStep * static_cast<double>(shares.size()) + 10.0;
    std::string svg = fmt::format(
        R"(<svg viewBox="0 0 720 {:.0f}" width="720" role="img" aria-label="accuracies with their 95 % intervals">)", bottom + 30);
    double y = 20.0;
    for (const Share& s : shares) {
        const char* colour = &s == shares.data() ? "var(--plan)" : "var(--reference)";
        svg += fmt::format(R"(<text x="0" y="{:.0f}">{}</text>)", y + 4, s.name);
        if (s.value)
            svg += fmt::format(
                R"svg(<line x1="{:.1f}" x2="{:.1f}" y1="{:.0f}" y2="{:.0f}" stroke="{}" stroke-width="6" opacity=".45"/><circle cx="{:.1f}" cy="{:.0f}" r="5" fill="{}"/>)svg",
                x(s.low.value_or(*s.value)), x(s.high.value_or(*s.value)), y, y, colour, x(*s.value), y, colour);
        y += kStep;
    }
    for (int i = 0; i <= 4; ++i) {
        const double value = from + (1.0 - from) * i / 4.0;
        svg += fmt::format(
            R"svg(<line x1="{0:.1f}" x2="{0:.1f}" y1="5" y2="{1:.0f}" stroke="var(--line)"/><text x="{0:.1f}" y="{2:.0f}" text-anchor="middle">{3:.4g} %</text>)svg",
            x(value), bottom, bottom + 18, 100.0 * value);
    }
    return svg + "</svg>\n";
}

std::string accuracy(const ordered_json& report)
{
    const Share top1 = share(report, "top1", "this plan");
    const Share reference = share(report, "reference_top1", "FP32 reference");
    std::string page = fmt::format("<h2>Accuracy</h2>\n<p class=\"figure\">{} <small>[{}, {}] at 95 %, {} samples</small></p>\n",
                                   percent(top1.value), percent(top1.low), percent(top1.high), figure(number(report, "samples"), "{:.0f}"));
    page += intervals({top1, reference});
    page += fmt::format("<p>FP32 reference {}; the same answer as the reference in {} of the samples.</p>\n", percent(reference.value),
                        percent(share(report, "agreement", "").value));
    const ordered_json& chips = member(report, "chips");
    if (number(chips, "count").value_or(1) > 1)
        page += fmt::format("<p>Over {:.0f} chips: mean {}, standard deviation {}, 5th to 95th percentile {} to {}.</p>\n",
                            *number(chips, "count"), percent(number(chips, "mean")), percent(number(chips, "std")),
                            percent(number(chips, "p5")), percent(number(chips, "p95")));
    return page;
}

/// Null says one of two things: an SQNR without any error, which is infinite, or one that was not measured.
std::string decibels(const ordered_json& layer, const char* key, bool isExact)
{
    const auto value = number(layer, key);
    return value ? fmt::format("{:.1f}", *value) : isExact ? "exact" : "&ndash;";
}

std::string bar(double share)
{
    return fmt::format(
        R"svg(<svg width="84" height="10" aria-hidden="true"><rect width="{:.1f}" height="10" fill="var(--plan)"/></svg>)svg",
        80.0 * std::clamp(share, 0.0, 1.0));
}

std::string layers(const ordered_json& report)
{
    const ordered_json& all = member(report, "layers");
    double total = 0.0;
    for (const ordered_json& layer : all)
        total += number(layer, "energy_pj").value_or(0.0);
    std::string page = "<h2>Layers</h2>\n<table><thead><tr><th>layer</th><th>rows &times; columns</th><th>MACs</th><th>local error "
                       "[dB]</th><th>what arrives [dB]</th>"
                       "<th>energy</th><th class=\"words\">share</th><th class=\"words\">treatment</th></tr></thead><tbody>\n";
    for (const ordered_json& layer : all) {
        const double part = total > 0.0 ? number(layer, "energy_pj").value_or(0.0) / total : 0.0;
        page += fmt::format("<tr><td>{}</td><td>{} &times; {}</td><td>{}</td><td>{}</td><td>{}</td><td>{}</td><td class=\"words\">{} "
                            "{:.0f}&thinsp;%</td><td class=\"words\">{}</td></tr>\n",
                            text(layer, "name"), figure(number(layer, "rows"), "{:.0f}"), figure(number(layer, "columns"), "{:.0f}"),
                            figure(number(layer, "macs"), "{:.0f}"), decibels(layer, "sqnr_db", isTrue(layer, "exact")),
                            decibels(layer, "propagated_sqnr_db", false), energy(number(layer, "energy_pj")), bar(part), 100.0 * part,
                            text(layer, "treatment"));
    }
    return page + "</tbody></table>\n<p class=\"quiet\">Signal over error at the layer's output: <em>local</em> when the layer reads the "
                  "reference's inputs, "
                  "<em>what arrives</em> when it reads what the layers before it really gave. A dash: not measured, or no error that "
                  "arrives.</p>\n";
}

std::string bill(const ordered_json& report)
{
    const ordered_json& energies = member(report, "energy");
    std::string page = fmt::format(
        "<h2>Energy</h2>\n<p class=\"figure\">{} <small>an inference, {}&thinsp;TOPS/W</small></p>\n<p class=\"quiet\">{} {}</p>\n",
        energy(number(energies, "per_inference_pj")), figure(number(energies, "tops_per_watt"), "{:.3g}"), text(energies, "technology"),
        text(energies, "convention"));
    const ordered_json& parts = member(energies, "parts_pj");
    if (!parts.is_object() || parts.empty())
        return page;
    page += "<table><thead><tr><th>part</th><th>energy</th></tr></thead><tbody>\n";
    for (const auto& [name, value] : parts.items())
        page += fmt::format("<tr><td>{}</td><td>{}</td></tr>\n", escaped(name),
                            energy(value.is_number() ? std::optional(value.get<double>()) : std::nullopt));
    return page + "</tbody></table>\n";
}

std::string footer(const ordered_json& report)
{
    std::string page = "<footer>\n";
    const ordered_json& remarks = member(report, "remarks");
    if (remarks.is_array())
        for (const ordered_json& remark : remarks)
            if (remark.is_string())
                page += "<p>" + escaped(remark.get<std::string>()) + "</p>\n";
    return page + fmt::format("<p>Measured in {} s. Hash of every figure but the times: <code>{}</code></p>\n</footer>\n",
                              figure(number(report, "seconds"), "{:.2f}"), text(report, "hash"));
}

}  // namespace

Result<std::string> htmlReport(const ordered_json& report)
{
    for (const char* key : {"top1", "layers", "energy"})
        if (member(report, key).is_null())
            return Problem{fmt::format("key '{}'", key), "is missing; a report has the keys of polar evaluate --json"};
    if (!member(report, "layers").is_array())
        return Problem{"key 'layers'", fmt::format("is {}; wanted an array", member(report, "layers").type_name())};

    const std::string title = fmt::format("{} on {}", text(report, "network"), text(report, "dataset"));
    return fmt::format("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" "
                       "content=\"width=device-width\">\n"
                       "<title>{0}</title>\n<style>{1}</style>\n</head>\n<body>\n<h1>{0}</h1>\n<p class=\"plan\">plan: {2}</p>\n{3}",
                       title, kStyle, text(report, "plan"),
                       isTrue(report, "partial") ? "<p class=\"partial\">Partial: the evaluation was stopped before its last sample.</p>\n"
                                                 : "") +
           accuracy(report) + layers(report) + bill(report) + footer(report) + "</body>\n</html>\n";
}

}  // namespace core
