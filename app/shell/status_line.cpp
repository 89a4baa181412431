// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/status_line.h"

#include "app/models/number_text.h"

#include <QLabel>
#include <QProgressBar>

#include <thread>

namespace app {
namespace {

QString say(const char* words) { return StatusLine::tr(words); }

} // namespace

QString progressText(const Exploration& exploration)
{
    const JobState job = exploration.jobState();
    if (job.opening)
        return job.stage.isEmpty() ? say("opening …") : say("opening: %1 …").arg(job.stage);
    if (!exploration.isOpen())
        return say("nothing is open");
    if (!exploration.flaws().empty())
        return say("not evaluated: the plan has flaws, each is marked where it is");
    const core::ReportPtr report = exploration.report();
    if (job.evaluating) {
        if (!report || !exploration.isReportCurrent())
            return job.stage.isEmpty() ? say("evaluating …") : say("%1 …").arg(job.stage);
        return say("%1 of %2 …").arg(countText(report->samples), countText(report->requested));
    }
    if (!report || !exploration.isReportCurrent())
        return say("the plan has changed: F5 evaluates it");
    if (report->partial)
        return say("stopped at %1 of %2").arg(countText(report->samples), countText(report->requested));
    return say("settled: %1 of %2 in %3 s")
        .arg(countText(report->samples), countText(report->requested))
        .arg(report->seconds.count(), 0, 'f', 2);
}

StatusLine::StatusLine(const Exploration& exploration, QWidget* parent) : QStatusBar(parent), m_exploration(exploration)
{
    setObjectName(QStringLiteral("statusLine"));
    setSizeGripEnabled(false);
    const auto label = [this](const char* name, const QString& tip) {
        auto* made = new QLabel(this);
        made->setObjectName(QString::fromLatin1(name));
        made->setToolTip(tip);
        made->setContentsMargins(6, 0, 6, 0);
        return made;
    };
    m_progress = label("progressText", tr("How many samples the figures on show rest on"));
    m_chips = label("chipsText", tr("Chips that were scored; each has its own cells"));
    m_reference = label("referenceText", tr("Accuracy of the same network in FP32 on the same samples"));
    m_threads = label("threadsText", tr("Threads that score samples"));
    m_bar = new QProgressBar(this);
    m_bar->setObjectName(QStringLiteral("progressBar"));
    m_bar->setRange(0, 1000);
    m_bar->setTextVisible(false);
    m_bar->setFixedSize(120, 8);
    addWidget(m_progress);
    for (QWidget* part : std::initializer_list<QWidget*>{m_bar, m_chips, m_reference, m_threads})
        addPermanentWidget(part);
    m_threads->setText(tr("threads %1").arg(std::max(1U, std::thread::hardware_concurrency())));
    connect(&exploration, &Exploration::jobStateChanged, this, &StatusLine::show);
    connect(&exploration, &Exploration::reportChanged, this, &StatusLine::show);
    connect(&exploration, &Exploration::planChanged, this, &StatusLine::show);
    connect(&exploration, &Exploration::subjectChanged, this, &StatusLine::show);
    show();
}

void StatusLine::show()
{
    m_progress->setText(progressText(m_exploration));
    const core::ReportPtr report = m_exploration.report();
    const bool told = report && m_exploration.isReportCurrent();
    m_reference->setText(told && report->referenceTop1.trials > 0 ? tr("reference %1").arg(percentText(report->referenceTop1.value()))
                                                                  : QString());
    m_chips->setText(told && report->chips.count > 1 ? tr("%1 chips").arg(report->chips.count) : QString());
    const JobState job = m_exploration.jobState();
    double fraction = job.fraction;
    if (job.evaluating && told && report->requested > 0)
        fraction = std::max(fraction, static_cast<double>(report->samples) / static_cast<double>(report->requested));
    m_bar->setVisible(!job.isIdle());
    m_bar->setValue(static_cast<int>(fraction * 1000));
}

} // namespace app
