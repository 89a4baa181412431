// SPDX-License-Identifier: Apache-2.0
#include "core/formats/weight_parts.h"

#include "core/formats/rounding.h"

#include <algorithm>
#include <cassert>
#include <limits>
#include <numeric>

namespace core {

namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

std::vector<Eigen::Index> all(Eigen::Index count)
{
    std::vector<Eigen::Index> indices(static_cast<std::size_t>(count));
    std::iota(indices.begin(), indices.end(), Eigen::Index{0});
    return indices;
}

std::size_t pointsOf(const Treatment& treatment) { return static_cast<std::size_t>(std::max(1, treatment.points)); }

class Builder {
public:
    Builder(const std::vector<Treatment>& palette, Eigen::Index rows) : m_palette(palette), m_rows(rows) {}

    /// One part for each point of these columns, for the rows that have so many.
    void add(std::vector<Eigen::Index> columns, const std::vector<std::uint8_t>& entries)
    {
        for (std::size_t point = 0;; ++point) {
            WeightPart part;
            for (Eigen::Index row = 0; row < m_rows; ++row)
                if (const std::uint8_t entry = entries[static_cast<std::size_t>(row)]; pointsOf(m_palette[entry]) > point) {
                    part.rows.push_back(row);
                    part.entries.push_back(entry);
                }
            if (part.rows.empty())
                return;
            part.columns = columns;
            part.point = point;
            number(part);
            m_result.pointCount = std::max(m_result.pointCount, point + 1);
            m_result.parts.push_back(std::move(part));
        }
    }

    WeightParts take() { return std::move(m_result); }

private:
    void number(WeightPart& part)
    {
        std::vector<std::size_t> sharedScales(m_palette.size(), kNone), sharedUnits(m_palette.size(), kNone);
        for (const std::uint8_t entry : part.entries) {
            const Treatment& treatment = m_palette[entry];
            if (treatment.scale.kind == ScaleRule::Kind::Tensor) {
                if (sharedScales[entry] == kNone)
                    sharedScales[entry] = m_result.scaleCount++;
                part.firstScales.push_back(sharedScales[entry]);
            } else {
                part.firstScales.push_back(m_result.scaleCount);
                m_result.scaleCount += scalesPerRow(treatment.scale, part.columns.size());
            }
            const UnitKind units = unitKindOf(treatment);
            if (units == UnitKind::OfEntry && sharedUnits[entry] == kNone)
                sharedUnits[entry] = m_result.unitCount++;
            part.firstUnits.push_back(units == UnitKind::OfEntry ? sharedUnits[entry] : m_result.unitCount);
            m_result.unitCount += units == UnitKind::OfRow ? 1 : 0;
        }
    }

    const std::vector<Treatment>& m_palette;
    Eigen::Index m_rows;
    WeightParts m_result;
};

}  // namespace

std::size_t groupLengthOf(const ScaleRule& rule, std::size_t columns)
{
    const bool isWhole = rule.kind == ScaleRule::Kind::Tensor || rule.kind == ScaleRule::Kind::Row;
    return std::max<std::size_t>(1, isWhole ? columns : static_cast<std::size_t>(std::max(1, rule.length)));
}

UnitKind unitKindOf(const Treatment& treatment)
{
    if (isWideFloat(treatment.format.spec()))
        return UnitKind::None;
    if (treatment.scale.kind == ScaleRule::Kind::Vector)
        return UnitKind::OfRow;
    return treatment.scale.kind == ScaleRule::Kind::Block && treatment.scale.blockScale == ScaleRule::BlockScale::E4m3 ? UnitKind::OfEntry : UnitKind::None;
}

double storedBitsOf(const WeightPart& part, const std::vector<Treatment>& palette)
{
    double bits = 0;
    for (std::size_t entry = 0; entry < palette.size(); ++entry) {
        Treatment onePoint = palette[entry];
        onePoint.points = 1;
        bits += storedBits(onePoint, static_cast<std::size_t>(std::count(part.entries.begin(), part.entries.end(), entry)), part.columns.size());
    }
    return bits;
}

WeightParts weightParts(const std::vector<Treatment>& palette, const PaletteChoices& choices, Eigen::Index rows, Eigen::Index columns)
{
    assert(!palette.empty());
    assert(choices.rows.empty() || choices.channels.empty());
    assert(choices.rows.empty() || static_cast<Eigen::Index>(choices.rows.size()) == rows);
    assert(choices.channels.empty() || static_cast<Eigen::Index>(choices.channels.size() * choices.columnsPerChannel) == columns);
    Builder builder(palette, rows);
    const auto rowCount = static_cast<std::size_t>(rows);
    if (choices.channels.empty()) {
        builder.add(all(columns), choices.rows.empty() ? std::vector<std::uint8_t>(rowCount) : std::vector(choices.rows.begin(), choices.rows.end()));
        return builder.take();
    }
    for (std::size_t entry = 0; entry < palette.size(); ++entry) {
        std::vector<Eigen::Index> own;
        for (Eigen::Index column = 0; column < columns; ++column)
            if (choices.channels[static_cast<std::size_t>(column) / choices.columnsPerChannel] == entry)
                own.push_back(column);
        if (!own.empty())
            builder.add(std::move(own), std::vector(rowCount, static_cast<std::uint8_t>(entry)));
    }
    return builder.take();
}

}  // namespace core
