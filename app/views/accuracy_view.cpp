// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/views/accuracy_view.h"

#include "app/views/accuracy_figure_label.h"
#include "app/views/chip_strip.h"
#include "app/views/convergence_chart.h"

#include <QVBoxLayout>

#include <cmath>

namespace app {

AccuracyFigure accuracyFigure(const core::Report& report, const core::Report* before)
{
    AccuracyFigure figure{report.top1, report.referenceTop1, report.samples, report.requested, report.partial, report.chips};
    if (!report.answers)
        return figure;
    if (report.chips.count > 1) {
        figure.fan = core::chipFan(*report.answers);
        figure.ofChips = core::meanAccuracy(*report.answers);
    } else if (!report.partial && report.answers->reads == 1) {
        for (const core::FanPoint& point : core::chipFan(*report.answers))
            figure.path.push_back({std::llround(point.first * static_cast<double>(point.samples)), point.samples});
    }
    figure.toReference = core::differenceToReference(*report.answers);
    if (before && before->answers)
        if (const auto difference = core::pairedDifference(*before->answers, *report.answers))
            figure.toBefore = difference.value();
    return figure;
}

AccuracyView::AccuracyView(QWidget* parent) : FigureView(QStringLiteral("accuracyView"), tr("Accuracy"), parent)
{
    auto* body = new QWidget(this);
    m_label = new AccuracyFigureLabel(body);
    m_chart = new ConvergenceChart(body);
    m_chips = new ChipStrip(body);
    m_chips->hide();
    auto* layout = new QVBoxLayout(body);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->setSpacing(4);
    layout->addWidget(m_label);
    layout->addWidget(m_chips);
    layout->addWidget(m_chart, 1);
    body->setFocusProxy(m_chart);
    setPicture(body);
    setEmptyHint(tr("No accuracy yet. Open a network and a dataset; the first estimate appears after 32 samples."));
    connect(m_chips, &ChipStrip::thresholdChanged, this, &AccuracyView::yieldThresholdChanged);
}

void AccuracyView::beginRun()
{
    m_chart->beginRun();
    m_run.clear();
    m_label->setOutdated(true);
}

void AccuracyView::showEstimate(const AccuracyFigure& figure)
{
    if (!m_run.empty() && figure.samples < m_run.back().samples)
        beginRun();
    if (!m_run.empty() && figure.samples == m_run.back().samples)
        m_run.back() = figure;
    else
        m_run.push_back(figure);
    m_label->showFigure(figure);
    m_chart->addEstimate(figure);
    m_chips->setVisible(figure.chips.count > 1);
    if (figure.chips.count > 1)
        m_chips->showChips(figure.chips);
    numbersChanged(false, m_label->accessibleDescription());
}

void AccuracyView::clear()
{
    m_run.clear();
    m_chart->clear();
    numbersChanged(true, {});
}

void AccuracyView::setSampleAxis(SampleAxis axis)
{
    m_axis = axis;
    m_chart->setSampleAxis(axis);
}

double AccuracyView::yieldThreshold() const { return m_chips->threshold(); }

void AccuracyView::setYieldThreshold(double share) { m_chips->setThreshold(share); }

NumberTable AccuracyView::numbers() const
{
    NumberTable table;
    const bool areMany = !m_run.empty() && m_run.back().chips.count > 1;
    table.header = {tr("samples"),
                    areMany ? tr("first chip / %") : tr("accuracy / %"),
                    tr("95 % low / %"),
                    tr("95 % high / %"),
                    tr("reference / %"),
                    tr("chips"),
                    tr("mean of chips / %"),
                    tr("mean, 95 % low / %"),
                    tr("mean, 95 % high / %"),
                    tr("5 % of chips / %"),
                    tr("95 % of chips / %")};
    const auto percent = [](double share) { return QString::number(100 * share, 'f', 3); };
    for (const AccuracyFigure& figure : m_run)
        table.rows.push_back(
            {QString::number(figure.samples), percent(figure.top1.value()), percent(figure.top1.low()), percent(figure.top1.high()),
             figure.reference.trials > 0 ? percent(figure.reference.value()) : QString(), QString::number(figure.chips.count),
             figure.chips.count > 1 ? percent(figure.chips.mean) : QString(), figure.ofChips ? percent(figure.ofChips->low) : QString(),
             figure.ofChips ? percent(figure.ofChips->high) : QString(), figure.chips.count > 1 ? percent(figure.chips.low) : QString(),
             figure.chips.count > 1 ? percent(figure.chips.high) : QString()});
    if (!m_run.empty())
        for (const core::FanPoint& point : m_run.back().fan)  // how the chips came to where they are
            table.rows.push_back({QString::number(point.samples), percent(point.first), QString(), QString(), QString(),
                                  QString::number(m_run.back().chips.count), percent(point.mean), QString(), QString(), percent(point.low),
                                  percent(point.high)});
    if (!m_run.empty())
        for (const core::Proportion& point : m_run.back().path)
            table.rows.push_back(
                QStringList{QString::number(point.trials), percent(point.value()), percent(point.low()), percent(point.high())} +
                QStringList(table.header.size() - 4));
    return table;
}

}  // namespace app
