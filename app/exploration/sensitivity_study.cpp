// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/sensitivity_study.h"

namespace app {

double sensitivityOf(const core::LayerSensitivity& layer, SensitivityMetric metric)
{
    switch (metric) {
    case SensitivityMetric::Taylor: return layer.taylor;
    case SensitivityMetric::Fisher: return layer.fisherError;
    case SensitivityMetric::Probe: return layer.probe;
    case SensitivityMetric::Curvature: break;
    }
    return layer.curvature;
}

SensitivityStudy::SensitivityStudy(Exploration& exploration, QObject* parent) : QObject(parent), m_exploration(exploration)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRest);
    const auto moved = [this] {
        m_rest.start();
        look();
    };
    connect(&m_rest, &QTimer::timeout, this, &SensitivityStudy::look);
    connect(&exploration, &Exploration::planChanged, this, moved);
    connect(&exploration, &Exploration::subjectChanged, this, moved);
    connect(&exploration, &Exploration::settingsChanged, this, moved);
    connect(&exploration, &Exploration::jobStateChanged, this, &SensitivityStudy::look);
    connect(&exploration, &Exploration::stopAsked, this, &SensitivityStudy::stop);
    connect(&m_asking, &JobRunner::stateChanged, this, [this] {
        m_exploration.setBeside(this, m_asking.isRunning());
        look();
    });
    connect(&m_asking, &JobRunner::failed, this, [this](const core::Problem& problem) {
        if (m_found.state == StudyState::Running)
            show(StudyState::Failed, QString::fromStdString(problem.text()));
    });
}

SensitivityStudy::~SensitivityStudy() = default;

void SensitivityStudy::watch(SensitivityMetric metric)
{
    m_isWatched = true;
    m_wantsCurvature = metric == SensitivityMetric::Curvature;
    look();
}

void SensitivityStudy::unwatch()
{
    m_isWatched = false;
    m_asking.stop();
    if (isUnderWay(m_found.state))
        show(StudyState::Nothing);
}

void SensitivityStudy::stop()
{
    if (!isUnderWay(m_found.state))
        return;
    m_asking.stop();
    show(StudyState::Stopped);
}

void SensitivityStudy::askAgain()
{
    show(StudyState::Nothing);
    look();
}

SensitivityStudy::Key SensitivityStudy::key() const
{
    Key key;
    key.layers = m_exploration.source().layers;
    key.seed = m_exploration.settings().seed;
    for (const core::WeightedLayer& layer : m_exploration.layers())
        key.treatments.push_back(m_exploration.treatment(layer.index));
    return key;
}

void SensitivityStudy::look()
{
    if (!m_isWatched)
        return;
    const Key wanted = key();
    const bool isAnswered = wanted == m_key && (m_keyCurvature || !m_wantsCurvature);
    if (m_exploration.isOpen() && (!isAnswered || m_found.state == StudyState::Nothing)) {
        m_asking.stop();
        if (wanted.layers != m_key.layers)
            m_found.measured.reset();
        m_found.isOld = m_found.measured && (m_found.isOld || wanted != m_key);
        m_key = wanted;
        m_keyCurvature = m_wantsCurvature;
        show(StudyState::Waiting);
    }
    // What a person turns comes before what a person reads.
    const bool isQuiet = !m_rest.isActive() && !m_asking.isRunning() && m_exploration.flaws().empty() && m_exploration.jobState().isIdle();
    if (m_found.state == StudyState::Waiting && isQuiet)
        ask();
}

void SensitivityStudy::ask()
{
    const EvaluationSource& source = m_exploration.source();
    if (!source.sensitivities)
        return show(StudyState::Failed, tr("What is open here cannot answer this question."));
    core::PlanSensitivityRequest request;
    request.plan = m_exploration.plan();
    request.withCurvature = m_keyCurvature;
    request.seed = m_key.seed;
    show(StudyState::Running);
    m_asking.start([this, question = source.sensitivities, request, asked = m_key](const core::RunControl& control,
                                                                                   const JobRunner::Tell&) -> JobRunner::Answer {
        auto answer = question(request, control);
        return [this, asked, withCurvature = request.withCurvature, isWhole = !control.stopped(), answer = std::move(answer)] {
            if (!isWhole || m_found.state != StudyState::Running || asked != m_key || withCurvature != m_keyCurvature)
                return;  // stopped, or the plan has moved on
            if (!answer) {
                m_found.measured.reset();
                return show(StudyState::Failed, QString::fromStdString(answer.error().text()));
            }
            m_found.isOld = false;
            m_found.withCurvature = withCurvature;
            m_found.measured = std::make_shared<const core::Sensitivities>(answer.value());
            show(StudyState::Done);
        };
    });
}

void SensitivityStudy::show(StudyState state, const QString& problem)
{
    m_found.state = state;
    m_found.problem = problem;
    emit changed();
}

}  // namespace app
