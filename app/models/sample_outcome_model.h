// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The scored samples: label, both networks' answers and margins; and the filters a person asks for.

#include "core/eval/report.h"

#include <QAbstractTableModel>
#include <QSortFilterProxyModel>
#include <QStringList>

namespace app {

class SampleOutcomeModel : public QAbstractTableModel {
    Q_OBJECT
public:
    enum Column { Sample, Label, Reference, Answer, Margin, ReferenceMargin, Fate, ColumnCount };

    using QAbstractTableModel::QAbstractTableModel;

    void show(core::ReportPtr report, const std::vector<std::string>& classes);
    const core::SampleOutcome& outcome(int row) const { return m_report->outcomes.at(static_cast<std::size_t>(row)); }
    /// The name of a class, its number where it has none; empty for "not known" (-1).
    QString className(std::int32_t label) const;

    int rowCount(const QModelIndex& parent = {}) const override;
    int columnCount(const QModelIndex& parent = {}) const override;
    QVariant data(const QModelIndex& index, int role) const override;
    QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

private:
    core::ReportPtr m_report;
    QStringList m_classes;
};

/// The polarized answer is not the reference's.
bool isFlipped(const core::SampleOutcome& outcome);
/// The polarized answer is not the label; never where the label is not known.
bool isWrong(const core::SampleOutcome& outcome);
/// "right", "wrong", "flipped to wrong", "flipped to right", "flipped".
QString fateText(const core::SampleOutcome& outcome);

class SampleFilter : public QSortFilterProxyModel {
    Q_OBJECT
public:
    enum class Show { All, Flipped, Wrong, LowMargin };

    explicit SampleFilter(QObject* parent = nullptr);
    void setShow(Show what);
    Show show() const { return m_show; }
    /// Low is a margin below this: top logit minus second.
    void setMarginLimit(double limit);

protected:
    bool filterAcceptsRow(int sourceRow, const QModelIndex& sourceParent) const override;

private:
    Show m_show = Show::All;
    double m_marginLimit = 1.0;
};

} // namespace app
