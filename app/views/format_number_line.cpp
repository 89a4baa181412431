// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/format_number_line.h"

#include "app/models/number_text.h"
#include "app/views/number_line_canvas.h"

#include <QAction>

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace app {

namespace {

QString bitsText(std::uint64_t code, int bits) { return QStringLiteral("%1").arg(code, bits, 2, QLatin1Char('0')); }

int bitsFor(std::size_t levels)
{
    int bits = 1;
    while ((std::size_t{1} << bits) < levels)
        ++bits;
    return bits;
}

/// Sign, exponent and mantissa. Codes of one sign rise with the magnitude, so a level's code is its rank from zero.
QString minifloatCode(const core::MinifloatFormat& format, std::size_t level, const std::vector<float>& levels)
{
    const auto zero = std::lower_bound(levels.begin(), levels.end(), 0.0f) - levels.begin();
    const auto place = static_cast<std::ptrdiff_t>(level);
    const bool isNegative = place < zero;
    const auto magnitude = static_cast<std::uint64_t>(isNegative ? zero - place : place - zero);
    const std::uint64_t mantissa = magnitude & ((std::uint64_t{1} << format.mantissaBits) - 1);
    QString text =
        (isNegative ? QStringLiteral("1 ") : QStringLiteral("0 ")) + bitsText(magnitude >> format.mantissaBits, format.exponentBits);
    if (format.mantissaBits > 0)
        text += u' ' + bitsText(mantissa, format.mantissaBits);
    return text;
}

}  // namespace

QString codeText(const core::NumberFormat& format, std::size_t level, const std::vector<float>& levels)
{
    if (level >= levels.size())
        return {};
    if (const auto* integer = std::get_if<core::IntegerFormat>(&format.spec())) {
        const auto code = static_cast<std::int64_t>(std::lround(levels[level]));
        const std::uint64_t mask = (std::uint64_t{1} << integer->bits) - 1;
        return bitsText(static_cast<std::uint64_t>(code) & mask, integer->bits);
    }
    if (const auto* minifloat = std::get_if<core::MinifloatFormat>(&format.spec()))
        return minifloatCode(*minifloat, level, levels);
    return bitsText(level, bitsFor(levels.size()));
}

FormatNumberLine::FormatNumberLine(QWidget* parent)
    : FigureView(QStringLiteral("formatNumberLine"), tr("Levels of the format over the layer's weights"), parent),
      m_canvas(new NumberLineCanvas)
{
    setPicture(m_canvas);
    setEmptyHint(tr("No weights to show. Select a layer with weights in the network."));
    connect(m_canvas, &NumberLineCanvas::levelHovered, this, &FormatNumberLine::levelHovered);
    m_logCounts = new QAction(tr("&Logarithmic Counts"), this);
    m_logCounts->setObjectName(QStringLiteral("formatNumberLineLogAction"));
    m_logCounts->setCheckable(true);
    m_logCounts->setShortcut(QKeySequence(Qt::Key_L));
    m_logCounts->setShortcutContext(Qt::WidgetWithChildrenShortcut);
    m_logCounts->setToolTip(tr("Draw the histogram by the logarithm of the counts, so that the few weights far out are seen"));
    connect(m_logCounts, &QAction::toggled, m_canvas, &NumberLineCanvas::setLogCounts);
    addAction(m_logCounts);
}

void FormatNumberLine::setLogCounts(bool logarithmic) { m_logCounts->setChecked(logarithmic); }

void FormatNumberLine::setMarker(std::optional<NumberLineMarker> marker) { m_canvas->setMarker(std::move(marker)); }

void FormatNumberLine::showFormat(NumberLineFigure figure)
{
    m_canvas->showFigure(std::move(figure));
    const NumberLineFigure& shown = m_canvas->figure();
    numbersChanged(shown.normalised.empty() && m_canvas->levels().empty(),
                   tr("%1: %2 with %3 levels over %4 weights, %5 clipped")
                       .arg(shown.layer, QString::fromStdString(shown.format.name()),
                            countText(static_cast<std::int64_t>(m_canvas->levels().size())),
                            countText(static_cast<std::int64_t>(shown.normalised.size())), percentText(clippedShare(), 2)));
}

void FormatNumberLine::clear() { showFormat({}); }

double FormatNumberLine::clippedShare() const { return m_canvas->clippedShare(); }

QString FormatNumberLine::levelText(std::size_t level) const { return m_canvas->levelText(level); }

NumberTable FormatNumberLine::numbers() const
{
    NumberTable table;
    table.header = {tr("level"), tr("value / scale"), tr("code"), tr("weights")};
    const std::vector<float>& levels = m_canvas->levels();
    const std::vector<std::size_t>& counts = m_canvas->counts();
    for (std::size_t i = 0; i < levels.size(); ++i)
        table.rows.push_back({QString::number(i), QString::number(levels[i], 'g', 9), codeText(m_canvas->figure().format, i, levels),
                              QString::number(counts[i])});
    return table;
}

}  // namespace app
