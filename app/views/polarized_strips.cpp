// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/polarized_strips.h"

#include "app/models/number_text.h"
#include "app/views/heat_map_view.h"
#include "app/views/polarized_canvas.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {

std::span<const float> partOf(const core::PolarizedSample& sample, PolarizedPart part)
{
    switch (part) {
    case PolarizedPart::Main: return sample.main;
    case PolarizedPart::Recovery: return sample.recovery;
    case PolarizedPart::Sum: return sample.sum;
    case PolarizedPart::Target: return sample.target;
    case PolarizedPart::Residual: break;
    }
    return sample.residual;
}

double rootMeanSquare(std::span<const float> values)
{
    double sum = 0;
    for (const float value : values)
        sum += static_cast<double>(value) * static_cast<double>(value);
    return values.empty() ? 0 : std::sqrt(sum / static_cast<double>(values.size()));
}

double sampleSqnr(const core::PolarizedSample& sample)
{
    const double error = rootMeanSquare(sample.residual);
    return error > 0 ? 20 * std::log10(rootMeanSquare(sample.target) / error) : std::numeric_limits<double>::infinity();
}

ColourRange polarizedRange(const core::PolarizedSample& sample, double gain)
{
    double reach = 0;
    for (const PolarizedPart part : kPolarizedParts)
        for (const float value : partOf(sample, part))
            if (std::isfinite(value))
                reach = std::max(reach, static_cast<double>(std::abs(value)));
    reach = reach > 0 ? reach / gain : 1;
    return {-reach, reach};
}

QImage stripImage(const core::PolarizedSample& sample, PolarizedPart part, const ColourRange& range, QSize room)
{
    const std::span<const float> values = partOf(sample, part);
    const auto positions = static_cast<Eigen::Index>(sample.positions);
    const bool isDense = positions == 1;
    const Eigen::Index down = isDense ? 1 : sample.rows, across = isDense ? sample.rows : positions;
    if (room.isEmpty() || static_cast<Eigen::Index>(values.size()) != down * across || values.empty())
        return {};
    const core::RowMatrix cells = Eigen::Map<const core::RowMatrix>(values.data(), down, across);
    return heatMapImage(pooled(cells, room.height(), room.width()), ColourMap::Difference, range);
}

PolarizedStrips::PolarizedStrips(QWidget* parent)
    : FigureView(QStringLiteral("polarizedStrips"),
                 tr("One sample at one layer: main path, recovery path, sum, target and what is left wrong"), parent),
      m_canvas(new PolarizedCanvas)
{
    m_canvas->setToolTip(
        tr("<p>This layer's output for one sample, before its activation: rows down, positions across; a dense layer's rows "
           "stand side by side. Cells smaller than a pixel are averaged, so the strips still add up: main + recovery = sum, "
           "target − sum = left wrong.</p>"));
    setPicture(m_canvas);
}

void PolarizedStrips::showFigure(PolarizedFigure figure)
{
    m_figure = std::move(figure);
    m_canvas->showFigure(m_figure);
    const bool empty = !m_figure.values || m_figure.values->rows < 1;
    QStringList parts;
    if (!empty)
        for (const PolarizedPart part : kPolarizedParts)
            parts << tr("%1 rms %2").arg(polarizedPartName(part), shortNumberText(rootMeanSquare(partOf(*m_figure.values, part))));
    numbersChanged(empty, empty ? QString()
                                : tr("%1, sample %2: %3; signal over what is left wrong %4")
                                      .arg(m_figure.layer, QString::number(m_figure.sample), parts.join(QStringLiteral(", ")),
                                           decibelText(sampleSqnr(*m_figure.values))));
}

QRect PolarizedStrips::stripRect(PolarizedPart part) const
{
    return m_canvas->stripRect(part).translated(m_canvas->mapTo(this, QPoint(0, 0)));
}

QString PolarizedStrips::textAt(QPoint place) const { return m_canvas->textAt(m_canvas->mapFrom(this, place)); }

NumberTable PolarizedStrips::numbers() const
{
    NumberTable table;
    table.header = {tr("row"), tr("position")};
    for (const PolarizedPart part : kPolarizedParts)
        table.header << polarizedPartName(part);
    if (!m_figure.values)
        return table;
    const core::PolarizedSample& sample = *m_figure.values;
    for (std::int64_t row = 0; row < sample.rows; ++row)
        for (std::int64_t position = 0; position < sample.positions; ++position) {
            QStringList line{QString::number(row), QString::number(position)};
            for (const PolarizedPart part : kPolarizedParts)
                line << QString::number(
                    static_cast<double>(partOf(sample, part)[static_cast<std::size_t>(row * sample.positions + position)]), 'g', 6);
            table.rows.push_back(std::move(line));
        }
    return table;
}

}  // namespace app
