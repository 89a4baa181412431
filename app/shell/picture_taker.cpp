// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/picture_taker.h"

#include "app/exploration/recovery_study.h"
#include "app/exploration/study.h"
#include "app/models/plan_problems.h"
#include "app/shell/effects_panel.h"
#include "app/shell/sum_pages.h"

#include <algorithm>
#include <utility>

namespace app {

PictureTaker::PictureTaker(MainWindow& window, Exploration& exploration, QString path, When when, QObject* parent)
    : QObject(parent), m_window(window), m_exploration(exploration), m_path(std::move(path)), m_when(when)
{
    m_repaint.setSingleShot(true);
    connect(&m_repaint, &QTimer::timeout, this, &PictureTaker::take);
    connect(&exploration, &Exploration::jobStateChanged, this, &PictureTaker::look);
    connect(&exploration, &Exploration::reportChanged, this, &PictureTaker::look);
    connect(&m_window.player(), &ScriptPlayer::finished, this, &PictureTaker::look);
    if (const auto* study = window.findChild<RecoveryStudy*>()) {
        connect(study, &RecoveryStudy::methodsChanged, this, &PictureTaker::look);
        connect(study, &RecoveryStudy::sampleChanged, this, &PictureTaker::look);
    }
    for (const auto* study : window.findChildren<Study*>()) {
        connect(study, &Study::changed, this, &PictureTaker::look);
        connect(study, &Study::progressed, this, &PictureTaker::look);
    }
    connect(&exploration, &Exploration::problemFound, this, [this](const core::Problem& problem) {
        if (!m_window.player().isPlaying())  // a replay goes on, and marks the line
            fail(problem);
    });
    look();
}

/// Once: one line tells why, whatever goes wrong after it.
void PictureTaker::fail(const core::Problem& problem)
{
    m_repaint.stop();
    if (!std::exchange(m_hasFailed, true))
        emit failed(problem);
}

void PictureTaker::look()
{
    if (m_hasFailed)
        return;
    const bool isWaiting = m_window.player().isPlaying() || m_exploration.jobState().opening;
    if (!isWaiting && m_exploration.isOpen() && !m_exploration.flaws().empty())
        return fail({"plan", PlanProblems(m_exploration.flaws()).summary().toStdString()});
    const JobState job = m_exploration.jobState();
    const bool shown = !m_window.player().isPlaying() && m_exploration.isOpen() && !job.opening && m_exploration.report() &&
                       m_exploration.isReportCurrent();
    const bool settledPlan = shown && job.isIdle() && !m_exploration.report()->partial;
    if (settledPlan && m_when == When::Settled)
        measureWhatIsSeen();
    const bool settled = settledPlan && !isAsking();
    const bool ready = m_when == When::Opened ? shown : settled;
    if (!ready)
        m_repaint.stop();
    else if (!m_repaint.isActive())
        m_repaint.start(kRepaint);
}

/// What is measured on demand and in front is part of the picture: it is measured once the plan has settled.
void PictureTaker::measureWhatIsSeen()
{
    auto* effects = m_window.findChild<EffectsPanel*>();
    if (effects && effects->isVisible() && effects->study().hasArrays() && effects->study().study().state == StudyState::Nothing)
        effects->study().measure();
    if (auto* sums = m_window.findChild<SumCostPage*>())
        sums->measureIfSeen();
}

bool PictureTaker::isAsking() const
{
    const auto* recovery = m_window.findChild<RecoveryStudy*>();
    return (recovery && recovery->isBusy()) ||
           std::ranges::any_of(m_window.findChildren<Study*>(), [](const Study* study) { return study->isBusy(); });
}

void PictureTaker::take()
{
    const auto saved = m_window.savePicture(m_path);
    if (saved)
        emit finished();
    else
        emit failed(saved.error());
}

}  // namespace app
