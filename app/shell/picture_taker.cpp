// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/shell/picture_taker.h"

#include "app/exploration/recovery_study.h"
#include "app/exploration/sensitivity_study.h"
#include "app/exploration/waterfall_study.h"
#include "app/shell/effects_panel.h"

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
    if (const auto* study = window.findChild<SensitivityStudy*>())
        connect(study, &SensitivityStudy::changed, this, &PictureTaker::look);
    if (auto* effects = window.findChild<EffectsPanel*>()) {
        connect(&effects->study(), &WaterfallStudy::studyChanged, this, &PictureTaker::look);
        connect(&effects->study(), &WaterfallStudy::progressed, this, &PictureTaker::look);
    }
    connect(&exploration, &Exploration::problemFound, this, [this](const core::Problem& problem) {
        if (!m_window.player().isPlaying())  // a replay goes on, and marks the line
            emit failed(problem);
    });
    look();
}

void PictureTaker::look()
{
    const JobState job = m_exploration.jobState();
    const bool shown = !m_window.player().isPlaying() && m_exploration.isOpen() && !job.opening && m_exploration.report() &&
                       m_exploration.isReportCurrent();
    const auto* study = m_window.findChild<RecoveryStudy*>();
    const auto* sensitivity = m_window.findChild<SensitivityStudy*>();
    const bool isAsking = (study && study->isBusy()) || (sensitivity && sensitivity->isBusy());
    const bool settledPlan = shown && job.isIdle() && !m_exploration.report()->partial && !isAsking;
    const bool settled = settledPlan && (m_when == When::Opened || !isMeasuringEffects());
    const bool ready = m_when == When::Opened ? shown : settled;
    if (!ready)
        m_repaint.stop();
    else if (!m_repaint.isActive())
        m_repaint.start(kRepaint);
}

/// A waterfall in front is part of the picture: it is measured once the plan has settled.
bool PictureTaker::isMeasuringEffects()
{
    auto* effects = m_window.findChild<EffectsPanel*>();
    if (!effects || !effects->isVisible() || !effects->study().hasArrays())
        return false;
    if (effects->study().study().state == NoiseStudy::State::Nothing)
        effects->study().measure();
    return effects->study().study().isUnderWay();
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
