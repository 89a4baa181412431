// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/bench_panels.h"

#include "app/views/accuracy_view.h"

#include <QVBoxLayout>

namespace app {

AccuracyPanel::AccuracyPanel(Exploration& exploration, QWidget* parent)
    : BenchPanel(exploration, Plan | Report, QStringLiteral("accuracyPanel"), parent)
{
    m_view = new AccuracyView(this);
    auto* layout = new QVBoxLayout(this);
    layout->setContentsMargins(0, 0, 0, 0);
    layout->addWidget(m_view);
    connect(&exploration, &Exploration::questionAsked, this, [this] {
        if (this->exploration().plan() != m_settledPlan)
            m_before = m_settled;
        if (isVisible())
            m_view->beginRun();
    });
    // Also while nobody looks: a comparison is with the plan before, not with the last one that was seen.
    connect(&exploration, &Exploration::reportChanged, this, [this] {
        if (const core::ReportPtr report = this->exploration().report(); report && !report->partial && this->exploration().isReportCurrent()) {
            m_settled = report;
            m_settledPlan = this->exploration().plan();
        }
    });
    connect(&exploration, &Exploration::subjectChanged, this, [this] { m_before = m_settled = nullptr; });
    connect(m_view, &FigureView::problemOccurred, &exploration, [&exploration](const QString& text) {
        exploration.tellProblem({"", text.toStdString()});
    });
}

FigureView* AccuracyPanel::figure() const { return m_view; }

void AccuracyPanel::refresh(Changes changes)
{
    m_view->setEmptyHint(exploration().flaws().empty()
                             ? tr("Open a network and a dataset: accuracy appears here as soon as the first samples are scored.")
                             : tr("The plan has a flaw; mend it, and accuracy appears here."));
    if (changes & Subject && !exploration().report())
        m_view->clear();
    if (changes & (Subject | Report) && exploration().report() && exploration().isReportCurrent())
        m_view->showEstimate(accuracyFigure(*exploration().report(), m_before.get()));
}

}  // namespace app
