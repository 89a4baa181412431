// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/sum_words.h"

#include "app/models/number_text.h"

#include <QCoreApplication>
#include <QStringList>

#include <algorithm>

namespace app {
namespace {

constexpr double kHardlyAnything = 0.005;  // of what the high format costs: less is 0 % in words

QString say(const char* words) { return QCoreApplication::translate("SumWords", words); }

QString nameOf(const core::NumberFormat& format) { return QString::fromStdString(format.name()); }

/// "118 cannot, 8 can, 2 do".
QString rowsText(const core::SumFigures& figures)
{
    const auto count = [&](core::OverflowVerdict verdict) { return std::ranges::count(figures.rows, verdict); };
    QStringList parts;
    if (const auto rows = count(core::OverflowVerdict::Cannot))
        parts << say("%1 cannot").arg(countText(rows));
    if (const auto rows = count(core::OverflowVerdict::Can))
        parts << say("%1 can").arg(countText(rows));
    if (const auto rows = count(core::OverflowVerdict::Does))
        parts << say("%1 do").arg(countText(rows));
    return parts.join(QStringLiteral(", "));
}

void tellRule(const core::SumFigures& figures, const core::MixedSum& mixed, std::vector<SumLine>& lines)
{
    QString share = percentText(figures.recomputedFraction);
    if (figures.middleFraction > 0 && mixed.middle)  // the figures may be of the plan before
        share +=
            say(", %1 of them in %2").arg(percentText(figures.middleFraction / figures.recomputedFraction), nameOf(mixed.middle->format));
    lines.push_back({mixed.isStatic() ? say("in %1").arg(nameOf(mixed.high)) : say("taken again"), share});
    lines.push_back({say("cost in low sums"),
                     say("%1; %2 throughout %3").arg(numberText(figures.cost, 2), nameOf(mixed.high), numberText(figures.uniformCost, 2))});
}

void tellWidths(const core::SumFigures& figures, std::vector<SumLine>& lines)
{
    if (figures.mostSafeBits == 0)
        return;  // of floats: of the plan before
    lines.push_back({say("safe from"), figures.leastSafeBits == figures.mostSafeBits
                                           ? say("%1 bits on").arg(figures.leastSafeBits)
                                           : say("%1 to %2 bits on, by row").arg(figures.leastSafeBits).arg(figures.mostSafeBits)});
    if (figures.safeBits.empty())
        return;
    const auto most = [&](int core::SafeBits::*bound) { return std::ranges::max(figures.safeBits, {}, bound).*bound; };
    lines.push_back(
        {say("by A2Q, by data types"), say("%1, %2 bits").arg(most(&core::SafeBits::weights)).arg(most(&core::SafeBits::types))});
}

void tellBound(const core::SumFigures& figures, std::vector<SumLine>& lines)
{
    lines.push_back({say("n u, roundings × unit"), shortNumberText(figures.perturbation)});
    if (figures.perturbation >= 1) {
        lines.push_back({QString(), say("the bound says nothing; rank correlation of κ′ and error: %1")
                                        .arg(figures.rankCorrelation ? numberText(*figures.rankCorrelation, 2) : QStringLiteral("–"))});
        return;
    }
    lines.push_back({say("bound / error"),
                     figures.boundOverError ? say("%1 (median)").arg(shortNumberText(*figures.boundOverError)) : say("no error seen")});
    if (figures.beyondBound > 0)
        lines.push_back({say("beyond the bound"), percentText(figures.beyondBound, 3)});
}

}  // namespace

std::vector<SumLine> sumLines(const core::SumFigures& figures, const core::AccumulatorPlan& plan)
{
    std::vector<SumLine> lines;
    if (plan.mixed)
        tellRule(figures, *plan.mixed, lines);
    lines.push_back({say("overflow"), say("%1 of sums").arg(percentText(figures.overflowRate, 2))});
    lines.push_back({say("rows that overflow"), rowsText(figures)});
    if (plan.integer)
        tellWidths(figures, lines);
    const core::ConditionQuantiles& condition = figures.condition;
    lines.push_back({say("κ median, 90 %, 99 %"),
                     QStringLiteral("%1, %2, %3")
                         .arg(shortNumberText(condition.median), shortNumberText(condition.p90), shortNumberText(condition.p99))});
    if (!plan.integer)
        tellBound(figures, lines);
    return lines;
}

QString sumVerdict(const core::SumFigures& figures, const core::AccumulatorPlan& plan)
{
    if (!plan.mixed)
        return {};
    const QString high = nameOf(plan.mixed->high);
    const double saved = 1 - figures.cost / figures.uniformCost;
    if (saved < kHardlyAnything)
        return (saved > 0 ? say("✗ Hardly pays: %1 low sums a component, and %2 throughout costs %3.")
                          : say("✗ Does not pay: %1 low sums a component, and %2 throughout costs %3."))
            .arg(numberText(figures.cost, 2), high, numberText(figures.uniformCost, 2));
    return say("✓ Costs %1 less than %2 throughout.").arg(percentText(saved, 0), high);
}

QString sumFiguresPage(const QString& layer, const core::SumFigures& figures, const core::AccumulatorPlan& plan)
{
    QString page = QStringLiteral("<b>%1</b>: %2<table width='100%' cellspacing='0'>")
                       .arg(layer.toHtmlEscaped(), QString::fromStdString(core::text(plan)).toHtmlEscaped());
    for (const SumLine& line : sumLines(figures, plan))
        page += line.name.isEmpty() ? QStringLiteral("<tr><td colspan='2'><i>%1</i></td></tr>").arg(line.value.toHtmlEscaped())
                                    : QStringLiteral("<tr><td>%1</td><td align='right'>%2</td></tr>")
                                          .arg(line.name.toHtmlEscaped(), line.value.toHtmlEscaped());
    return page + QStringLiteral("</table>");
}

QString sumFiguresTip()
{
    return say(
        "<p>On samples that really arrived at the layer.</p><p><b>taken again</b>: share of the sums above the tolerance. "
        "<b>cost</b>: a format costs as its bits, a sum in the low one is 1. <b>rows that overflow</b>: cannot, whatever arrives; can; "
        "do, on these samples. "
        "<b>safe from</b>: the width no input overflows; A2Q asks the weights' magnitudes only, data types not even those. <b>κ</b>: (|W| "
        "|x| + |b|) / |W x + b|, by how much a sum magnifies the roundings of its terms. "
        "<b>n u</b>: the longest chain of roundings times the unit roundoff; from 1 on the error has no bound. "
        "<b>κ′</b>: what the rule takes for κ.</p><p>arXiv 2503.15568; Higham, Accuracy and Stability of Numerical "
        "Algorithms, 4.2; A2Q, arXiv 2308.13504.</p>");
}

}  // namespace app
