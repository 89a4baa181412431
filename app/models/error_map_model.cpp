// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/error_map_model.h"

#include "app/models/number_text.h"
#include "app/models/roles.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {
namespace {

constexpr float kNotMeasured = std::numeric_limits<float>::quiet_NaN();

float asFloat(const std::optional<double>& figure) { return figure ? static_cast<float>(*figure) : kNotMeasured; }

float rowFigure(const std::vector<float>& rowErrors, ErrorMapModel::Measure measure)
{
    std::vector<float> errors;
    std::ranges::copy_if(rowErrors, std::back_inserter(errors), [](float error) { return !std::isnan(error); });
    if (errors.empty())
        return kNotMeasured;
    const auto place =
        measure == ErrorMapModel::WorstRow ? errors.end() - 1 : errors.begin() + static_cast<std::ptrdiff_t>(errors.size() / 2);
    std::ranges::nth_element(errors, place);
    return static_cast<float>(decibelsOfRelativeError(*place));
}

/// What is left when the recovery path is as wide as it can be.
float floorFigure(const core::LayerReport& layer)
{
    if (!layer.surrogate || !(layer.surrogate->signalEnergy > 0))
        return kNotMeasured;
    const double floor = layer.surrogate->floorEnergy() / layer.surrogate->signalEnergy;
    return floor > 0 ? static_cast<float>(-10 * std::log10(floor)) : std::numeric_limits<float>::infinity();
}

} // namespace

double decibelsOfRelativeError(double relative)
{
    return relative > 0 ? -20 * std::log10(relative) : std::numeric_limits<double>::infinity();
}

void ErrorMapModel::show(core::ReportPtr report)
{
    const Eigen::Index layers = report ? static_cast<Eigen::Index>(report->layers.size()) : 0;
    QStringList names;
    core::RowMatrix values(layers, static_cast<Eigen::Index>(MeasureCount));
    for (Eigen::Index row = 0; row < layers; ++row) {
        const core::LayerReport& layer = report->layers.at(static_cast<std::size_t>(row));
        names << QString::fromStdString(layer.name);
        values(row, Local) = asFloat(layer.sqnrDecibels);
        values(row, Propagated) = asFloat(layer.propagatedSqnrDecibels);
        values(row, MedianRow) = rowFigure(layer.rowErrors, MedianRow);
        values(row, WorstRow) = rowFigure(layer.rowErrors, WorstRow);
        values(row, Floor) = floorFigure(layer);
    }
    const bool sameLayers = names == m_names && layers > 0;
    if (!sameLayers)
        beginResetModel();
    m_values = std::move(values);
    m_names = names;
    if (!sameLayers)
        endResetModel();
    else
        emit dataChanged(index(0, 0), index(rowCount() - 1, MeasureCount - 1));
}

QString ErrorMapModel::measureName(Measure measure)
{
    switch (measure) {
    case Local: return tr("local");
    case Propagated: return tr("propagated");
    case MedianRow: return tr("median row");
    case WorstRow: return tr("worst row");
    case Floor: return tr("recovery floor");
    case MeasureCount: break;
    }
    return {};
}

QString ErrorMapModel::measureMeaning(Measure measure)
{
    switch (measure) {
    case Local: return tr("Signal over error at the layer's output, fed with the reference's inputs: what this layer does wrong by itself");
    case Propagated:
        return tr("Signal over error at the layer's output, fed with what really arrives: its own error and everything before it");
    case MedianRow: return tr("Local signal over error of the middle row, half of the rows are better");
    case WorstRow: return tr("Local signal over error of the worst row: where a more careful format would help first");
    case Floor: return tr("The best a recovery path of any rank could reach on the calibration samples; what is left is not low-rank");
    case MeasureCount: break;
    }
    return {};
}

int ErrorMapModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : static_cast<int>(m_values.rows()); }
int ErrorMapModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : MeasureCount; }

QVariant ErrorMapModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const double value = static_cast<double>(m_values(index.row(), index.column()));
    switch (role) {
    case Qt::DisplayRole: return decibelText(value, QStringLiteral("–"));
    case SortRole: return std::isnan(value) ? -std::numeric_limits<double>::infinity() : value;
    case Qt::ToolTipRole: return measureMeaning(static_cast<Measure>(index.column()));
    case Qt::TextAlignmentRole: return QVariant::fromValue(Qt::Alignment(Qt::AlignRight | Qt::AlignVCenter));
    default: return {};
    }
}

QVariant ErrorMapModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole && section < m_names.size() ? QVariant(m_names.at(section)) : QVariant();
    if (section >= MeasureCount)
        return {};
    if (role == Qt::DisplayRole)
        return measureName(static_cast<Measure>(section));
    return role == Qt::ToolTipRole ? QVariant(measureMeaning(static_cast<Measure>(section))) : QVariant();
}

} // namespace app
