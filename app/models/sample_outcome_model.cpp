// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/models/sample_outcome_model.h"

#include "app/models/roles.h"

#include <QCoreApplication>

namespace app {

bool isFlipped(const core::SampleOutcome& outcome) { return outcome.predicted != outcome.referencePredicted; }
bool isWrong(const core::SampleOutcome& outcome) { return outcome.label >= 0 && outcome.predicted != outcome.label; }

QString fateText(const core::SampleOutcome& outcome)
{
    const auto say = [](const char* words) { return QCoreApplication::translate("SampleOutcomeModel", words); };
    if (isFlipped(outcome))
        return isWrong(outcome) && outcome.referencePredicted == outcome.label ? say("flipped to wrong")
               : outcome.label >= 0 && outcome.predicted == outcome.label      ? say("flipped to right")
                                                                               : say("flipped");
    return isWrong(outcome) ? say("wrong") : say("right");
}

void SampleOutcomeModel::show(core::ReportPtr report, const std::vector<std::string>& classes)
{
    beginResetModel();
    m_report = std::move(report);
    m_classes.clear();
    for (const std::string& name : classes)
        m_classes << QString::fromStdString(name);
    endResetModel();
}

QString SampleOutcomeModel::className(std::int32_t label) const
{
    if (label < 0)
        return {};
    return label < m_classes.size() ? m_classes.at(label) : QString::number(label);
}

int SampleOutcomeModel::rowCount(const QModelIndex& parent) const
{
    return parent.isValid() || !m_report ? 0 : static_cast<int>(m_report->outcomes.size());
}

int SampleOutcomeModel::columnCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : ColumnCount; }

QVariant SampleOutcomeModel::data(const QModelIndex& index, int role) const
{
    if (!checkIndex(index, CheckIndexOption::IndexIsValid))
        return {};
    const core::SampleOutcome& sample = outcome(index.row());
    const auto column = static_cast<Column>(index.column());
    if (role == Qt::TextAlignmentRole)
        return QVariant::fromValue(Qt::Alignment(column == Sample || column == Margin || column == ReferenceMargin
                                                     ? Qt::AlignRight | Qt::AlignVCenter
                                                     : Qt::AlignLeft | Qt::AlignVCenter));
    if (role != Qt::DisplayRole && role != SortRole)
        return {};
    const bool sort = role == SortRole;
    switch (column) {
    case Sample: return sample.sample;
    case Label: return sort ? QVariant(sample.label) : className(sample.label);
    case Reference: return sort ? QVariant(sample.referencePredicted) : className(sample.referencePredicted);
    case Answer: return sort ? QVariant(sample.predicted) : className(sample.predicted);
    case Margin: return sort ? QVariant(sample.margin) : QString::number(static_cast<double>(sample.margin), 'f', 2);
    case ReferenceMargin:
        return sort ? QVariant(sample.referenceMargin) : QString::number(static_cast<double>(sample.referenceMargin), 'f', 2);
    case Fate: return fateText(sample);
    case ColumnCount: break;
    }
    return {};
}

QVariant SampleOutcomeModel::headerData(int section, Qt::Orientation orientation, int role) const
{
    if (orientation == Qt::Vertical)
        return role == Qt::DisplayRole ? QVariant(section + 1) : QVariant();
    if (role != Qt::DisplayRole)
        return {};
    switch (static_cast<Column>(section)) {
    case Sample: return tr("Sample");
    case Label: return tr("Label");
    case Reference: return tr("Reference");
    case Answer: return tr("Polarized");
    case Margin: return tr("Margin");
    case ReferenceMargin: return tr("Reference margin");
    case Fate: return tr("Fate");
    case ColumnCount: break;
    }
    return {};
}

SampleFilter::SampleFilter(QObject* parent) : QSortFilterProxyModel(parent)
{
    setSortRole(SortRole);
    setDynamicSortFilter(true);
}

void SampleFilter::setShow(Show what)
{
    if (what == m_show)
        return;
    m_show = what;
    invalidateFilter();
}

void SampleFilter::setMarginLimit(double limit)
{
    m_marginLimit = limit;
    if (m_show == Show::LowMargin)
        invalidateFilter();
}

bool SampleFilter::filterAcceptsRow(int sourceRow, const QModelIndex&) const
{
    const auto* samples = qobject_cast<const SampleOutcomeModel*>(sourceModel());
    if (!samples)
        return true;
    const core::SampleOutcome& sample = samples->outcome(sourceRow);
    switch (m_show) {
    case Show::All: return true;
    case Show::Flipped: return isFlipped(sample);
    case Show::Wrong: return isWrong(sample);
    case Show::LowMargin: return static_cast<double>(sample.margin) < m_marginLimit;
    }
    return true;
}

} // namespace app
