// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/layer_table_model.h"

#include "app/exploration/plan_edit.h"
#include "app/models/number_text.h"
#include "app/models/roles.h"

#include <QFont>
#include <QStringList>

#include <algorithm>
#include <cmath>
#include <limits>

namespace app {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

bool isFigure(int column) { return column == LayerTableModel::Size || column == LayerTableModel::Macs || column >= LayerTableModel::Rank; }

/// What is not measured sorts below everything that is.
double sortable(const std::optional<double>& figure)
{
    return figure && !std::isnan(*figure) ? *figure : -std::numeric_limits<double>::infinity();
}

const char* fieldOf(int column)
{
    switch (column) {
    case LayerTableModel::Weights: return "weights";
    case LayerTableModel::Activations: return "activations";
    case LayerTableModel::Rank: return "surrogate";
    case LayerTableModel::Substrate: return "cim";
    default: return nullptr;
    }
}

} // namespace

QString weightsText(const core::WeightPlan& plan)
{
    QStringList names;
    for (const core::Treatment& treatment : plan.palette) {
        const QString name = QString::fromStdString(treatment.format.name());
        if (!names.contains(name))
            names << name;
    }
    const bool scaled = plan.palette.size() == 1 && !plan.palette.front().format.isFloat32();
    return names.join(QStringLiteral(" + ")) + (scaled ? u' ' + QString::fromStdString(plan.palette.front().scale.text()) : QString());
}

void LayerTableModel::show(LayerSnapshot snapshot)
{
    const bool sameLayers = snapshot.layers == m_snapshot.layers && snapshot.layers;
    if (!sameLayers)
        beginResetModel();
    m_snapshot = std::move(snapshot);
    m_treatments.clear();
    if (m_snapshot.layers)
        for (const core::WeightedLayer& layer : *m_snapshot.layers)
            m_treatments.push_back(core::resolve(m_snapshot.plan, layer.name));
    if (!sameLayers)
        endResetModel();
    else if (rowCount() > 0)
        emit dataChanged(index(0, 0), index(rowCount() - 1, ColumnCount - 1));
}

int LayerTableModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_snapshot.layers ? 0 : static_cast<int>(m_snapshot.layers->size());
}

int LayerTableModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

const core::LayerReport* LayerTableModel::reported(int row) const
{
    const auto place = static_cast<std::size_t>(row);
    if (!m_snapshot.report || place >= m_snapshot.report->layers.size())
        return nullptr;
    return &m_snapshot.report->layers.at(place);
}

double LayerTableModel::energyShare(int row) const
{
    const core::LayerReport* layer = reported(row);
    if (!layer)
        return kUnknown;
    const double total = m_snapshot.report->energy.total().value();
    return total > 0 ? layer->energy.value() / total : kUnknown;
}

std::optional<double> LayerTableModel::sensitivity(int row) const
{
    const auto place = static_cast<std::size_t>(row);
    return place < m_snapshot.sensitivities.size() ? std::optional(m_snapshot.sensitivities[place]) : std::nullopt;
}

QVariant LayerTableModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const int row = index.row();
    const auto place = static_cast<std::size_t>(row);
    const core::WeightedLayer& layer = m_snapshot.layers->at(place);
    const core::LayerTreatment& treatment = m_treatments.at(place);
    const core::LayerReport* report = reported(row);

    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(
            Qt::Alignment(isFigure(index.column()) ? Qt::AlignRight | Qt::AlignVCenter : Qt::AlignLeft | Qt::AlignVCenter));
    if (role == ProblemRole) {
        const char* field = fieldOf(index.column());
        const QString text = index.column() == Name ? m_snapshot.problems.ofLayer(layer.name)
                             : field                ? m_snapshot.problems.ofField(layer.name, field)
                                                    : QString();
        return text.isEmpty() ? QVariant() : text;
    }
    if (role == Qt::ToolTipRole) {
        const QString problem = data(index, ProblemRole).toString();
        return problem.isEmpty() ? QString::fromStdString(layer.name + ": " + core::treatmentText(treatment)) : problem;
    }
    if (role == ShareRole && index.column() == Energy) {
        const double share = energyShare(row);
        return std::isnan(share) ? QVariant() : share;
    }
    if (index.column() == Sensitivity && sensitivity(row)) {
        if (role == ShareRole) {
            const double largest = *std::ranges::max_element(m_snapshot.sensitivities);
            return largest > 0 ? QVariant(std::clamp(*sensitivity(row) / largest, 0.0, 1.0)) : QVariant();
        }
        if (role == Qt::FontRole && m_snapshot.sensitivitiesAreOld) {
            QFont slanted;
            slanted.setItalic(true);
            return slanted;
        }
    }
    if (role != Qt::DisplayRole && role != SortRole)
        return {};

    const bool sort = role == SortRole;
    switch (static_cast<Column>(index.column())) {
    case Name: return sort ? QVariant(row) : QString::fromStdString(layer.name); // data order is the name's order
    case Operation: return QString::fromStdString(layer.operation);
    case Size:
        return sort ? QVariant(static_cast<double>(layer.rows) * layer.columns)
                    : QStringLiteral("%1 × %2").arg(layer.rows).arg(layer.columns);
    case Macs: return sort ? QVariant(static_cast<double>(layer.macs())) : prefixedText(static_cast<double>(layer.macs()));
    case Weights: return sort ? QVariant(treatment.weights.palette.front().format.storageBits()) : weightsText(treatment.weights);
    case Activations:
        return sort ? QVariant(treatment.activations.format.storageBits()) : QString::fromStdString(treatment.activations.format.name());
    case Rank: {
        const int rank = effectiveRank(layer, treatment);
        return sort ? QVariant(rank) : rank > 0 ? QString::number(rank) : QStringLiteral("–");
    }
    case Substrate: return treatment.cim ? tr("array") : tr("digital");
    case LocalSqnr:
        return sort ? QVariant(sortable(report ? report->sqnrDecibels : std::nullopt))
                    : decibelText(report ? report->sqnrDecibels : std::nullopt, QStringLiteral("–"));
    case PropagatedSqnr:
        return sort ? QVariant(sortable(report ? report->propagatedSqnrDecibels : std::nullopt))
                    : decibelText(report ? report->propagatedSqnrDecibels : std::nullopt, QStringLiteral("–"));
    case Energy: {
        if (!report)
            return sort ? QVariant(-1.0) : QStringLiteral("–");
        return sort ? QVariant(report->energy.value()) : energyText(report->energy);
    }
    case Sensitivity:
        return sort ? QVariant(sortable(sensitivity(row))) : sensitivity(row) ? compactNumberText(*sensitivity(row)) : QStringLiteral("–");
    case ColumnCount: break;
    }
    return {};
}

QVariant LayerTableModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (role != Qt::DisplayRole && role != Qt::ToolTipRole)
        return {};
    const bool tip = role == Qt::ToolTipRole;
    switch (static_cast<Column>(section)) {
    case Name: return tip ? tr("The node's name; plans call the layer by it") : tr("Layer");
    case Operation: return tip ? tr("The ONNX operation") : tr("Operation");
    case Size: return tip ? tr("Rows (output channels) × columns (inputs of one row) of the weight matrix") : tr("Rows × columns");
    case Macs: return tip ? tr("Multiply-accumulates for one sample") : tr("MACs");
    case Weights: return tip ? tr("Number format of the weights and who shares a scale") : tr("Weights");
    case Activations: return tip ? tr("Number format of the layer's inputs") : tr("Inputs");
    case Rank: return tip ? tr("Rank of the low-rank recovery path beside the layer") : tr("Rank");
    case Substrate: return tip ? tr("Where the main path is computed") : tr("Where");
    case LocalSqnr: return tip ? tr("Signal over error at the layer's output when it is fed with the reference's inputs") : tr("Local");
    case PropagatedSqnr:
        return tip ? tr("Signal over error at the layer's output when it is fed with what really arrives") : tr("Propagated");
    case Energy: return tip ? tr("Energy of the layer for one sample") : tr("Energy");
    case Sensitivity: {
        const QString what = tr("How much the loss minds what the plan does to the layer");
        return !tip ? tr("Sensitivity") : m_snapshot.sensitivityTip.isEmpty() ? what : what + u'\n' + m_snapshot.sensitivityTip;
    }
    case ColumnCount: break;
    }
    return {};
}

} // namespace app
