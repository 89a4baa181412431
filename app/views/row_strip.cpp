// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/row_strip.h"

#include "app/views/format_style.h"
#include "app/views/row_strip_canvas.h"

#include <QPainter>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

namespace app {

int RowStripFigure::rowCount() const { return static_cast<int>(std::max(values.size(), rowFormats.size())); }

QString RowStripFigure::formatWords(int row) const
{
    const std::uint8_t format = rowFormats.at(static_cast<std::size_t>(row));
    const QString name = formats.value(format, RowStrip::tr("unknown format"));
    return labels.value(format, name);
}

void paintRowFormats(QPainter& painter, const QRectF& area, const QStringList& formats, const std::vector<std::uint8_t>& rowFormats,
                     const QPalette& palette)
{
    std::vector<FormatStyle> styles;
    for (const QString& name : formats)
        styles.push_back(formatStyle(name, palette));
    if (styles.empty())
        styles.push_back(formatStyle(QStringLiteral("fp32"), palette));
    const auto styleOf = [&](std::uint8_t choice) { return choice < styles.size() ? styles[choice] : formatStyle(QString(), palette); };
    if (rowFormats.empty()) {
        fillFormat(painter, area, styles.front());
        return;
    }
    const std::size_t rows = rowFormats.size();
    const std::size_t places = std::min(rows, static_cast<std::size_t>(std::max(1.0, area.width())));
    const auto choiceOf = [&](std::size_t place) {
        const std::size_t begin = place * rows / places, end = (place + 1) * rows / places;
        std::array<std::size_t, 256> votes{};
        for (std::size_t row = begin; row < end; ++row)
            ++votes[rowFormats[row]];
        return static_cast<std::uint8_t>(std::max_element(votes.begin(), votes.end()) - votes.begin());
    };
    // Neighbours of one format are filled as one area, so that its pattern runs through.
    std::size_t begin = 0;
    while (begin < places) {
        const std::uint8_t choice = choiceOf(begin);
        std::size_t end = begin + 1;
        while (end < places && choiceOf(end) == choice)
            ++end;
        const double unit = area.width() / static_cast<double>(places);
        const double left = std::round(area.left() + static_cast<double>(begin) * unit);
        const double right = std::round(area.left() + static_cast<double>(end) * unit);
        fillFormat(painter, QRectF(left, area.top(), right - left, area.height()), styleOf(choice));
        begin = end;
    }
}

RowStrip::RowStrip(QWidget* parent) : FigureView(QStringLiteral("rowStrip"), tr("Rows"), parent), m_canvas(new RowStripCanvas)
{
    setPicture(m_canvas);
    setEmptyHint(tr("No rows to show. Select a layer with weights in the network."));
    connect(m_canvas, &RowStripCanvas::rowHovered, this, &RowStrip::rowHovered);
    connect(m_canvas, &RowStripCanvas::rowsSwept, this, &RowStrip::rowsSwept);
    connect(m_canvas, &RowStripCanvas::gestureBegun, this, &RowStrip::gestureBegun);
    connect(m_canvas, &RowStripCanvas::gestureEnded, this, &RowStrip::gestureEnded);
    connect(m_canvas, &RowStripCanvas::rowActivated, this, &RowStrip::rowActivated);
    connect(m_canvas, &RowStripCanvas::digitTyped, this, &RowStrip::digitTyped);
}

void RowStrip::showRows(RowStripFigure figure)
{
    const int rows = figure.rowCount();
    // Lists of unlike length: what is missing is unknown, not somebody else's.
    if (!figure.values.empty())
        figure.values.resize(static_cast<std::size_t>(rows), std::numeric_limits<float>::quiet_NaN());
    if (!figure.rowFormats.empty())
        figure.rowFormats.resize(static_cast<std::size_t>(rows), std::numeric_limits<std::uint8_t>::max());
    // An order that is not one place per row would show rows that are not there.
    const bool ordered = static_cast<int>(figure.order.size()) == rows &&
                         std::all_of(figure.order.begin(), figure.order.end(), [rows](int row) { return row >= 0 && row < rows; });
    if (!ordered)
        figure.order.clear();
    const QString summary = tr("%1: %2 %3s").arg(figure.layer).arg(rows).arg(figure.stripeName.isEmpty() ? tr("row") : figure.stripeName);
    m_canvas->showRows(std::move(figure));
    numbersChanged(rows == 0, summary);
}

void RowStrip::clear() { showRows({}); }

int RowStrip::currentRow() const { return m_canvas->currentRow(); }

QString RowStrip::rowText(int row) const { return m_canvas->rowText(row); }

NumberTable RowStrip::numbers() const
{
    const RowStripFigure& figure = m_canvas->figure();
    NumberTable table;
    const bool hasLayers = figure.sections.size() > 1;
    if (hasLayers)
        table.header << tr("layer");
    table.header << (figure.stripeName.isEmpty() ? tr("row") : figure.stripeName);
    if (!figure.rowFormats.empty())
        table.header << tr("format");
    if (!figure.values.empty())
        table.header << (figure.unit.isEmpty() ? figure.valueName : figure.valueName + QStringLiteral(" / ") + figure.unit);
    if (!figure.protectedRows.empty())
        table.header << tr("protected");
    std::vector<bool> isProtected(static_cast<std::size_t>(figure.rowCount()), false);
    for (const int row : figure.protectedRows)
        if (row >= 0 && row < figure.rowCount())
            isProtected[static_cast<std::size_t>(row)] = true;
    auto section = figure.sections.begin();
    for (int row = 0; row < figure.rowCount(); ++row) {
        const std::size_t r = static_cast<std::size_t>(row);
        QStringList line;
        while (hasLayers && section + 1 != figure.sections.end() && (section + 1)->first <= row)
            ++section;
        if (hasLayers)
            line << section->layer;
        line << QString::number(hasLayers ? row - section->first : row);
        if (!figure.rowFormats.empty())
            line << (r < figure.rowFormats.size() ? figure.formatWords(row) : QString());
        if (!figure.values.empty())
            line << (r < figure.values.size() ? QString::number(figure.values[r], 'g', 6) : QString());
        if (!figure.protectedRows.empty())
            line << (isProtected[r] ? tr("yes") : QString());
        table.rows.push_back(line);
    }
    return table;
}

}  // namespace app
