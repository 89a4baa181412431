// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/array_study.h"

namespace app {

ArrayStudy::ArrayStudy(Exploration& exploration, QObject* parent) : QObject(parent), m_exploration(exploration)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRest);
    const auto moved = [this] {
        m_rest.start();
        look();
    };
    connect(&m_rest, &QTimer::timeout, this, &ArrayStudy::look);
    connect(&exploration, &Exploration::planChanged, this, moved);
    connect(&exploration, &Exploration::subjectChanged, this, moved);
    connect(&exploration, &Exploration::settingsChanged, this, moved);
    connect(&exploration, &Exploration::selectionChanged, this, &ArrayStudy::look);
    connect(&exploration, &Exploration::jobStateChanged, this, &ArrayStudy::look);
    connect(&m_asking, &JobRunner::stateChanged, this, &ArrayStudy::look);
    connect(&m_asking, &JobRunner::failed, this, [this](const core::Problem& problem) {
        if (m_found.state == StudyState::Running)
            show(StudyState::Failed, QString::fromStdString(problem.text()));
    });
}

ArrayStudy::~ArrayStudy() = default;

void ArrayStudy::watch()
{
    m_isWatched = true;
    look();
}

void ArrayStudy::unwatch()
{
    m_isWatched = false;
    m_asking.stop();
    if (isUnderWay(m_found.state))
        show(StudyState::Nothing);
}

void ArrayStudy::setTile(std::int64_t tile)
{
    m_tile = std::max<std::int64_t>(0, tile);
    look();
}

ArrayStudy::Key ArrayStudy::key() const
{
    Key key;
    key.layers = m_exploration.source().layers;
    key.layer = m_exploration.currentLayer();
    key.tile = m_tile;
    key.seed = m_exploration.settings().seed;
    if (key.layer.isValid() && key.layers)
        key.treatment = m_exploration.treatment(key.layer);
    return key;
}

void ArrayStudy::look()
{
    if (!m_isWatched)
        return;
    const Key wanted = key();
    const bool hasArray = m_exploration.isOpen() && wanted.layer.isValid() && wanted.treatment.cim.has_value();
    if (!hasArray) {
        m_asking.stop();
        m_found.view.reset();
        m_key = wanted;
        if (m_found.state != StudyState::Nothing)
            show(StudyState::Nothing);
        return;
    }
    if (wanted != m_key || m_found.state == StudyState::Nothing) {
        m_asking.stop();
        if (wanted.layers != m_key.layers || wanted.layer != m_key.layer)
            m_found.view.reset();
        m_found.isOld = m_found.view != nullptr;
        m_key = wanted;
        show(StudyState::Waiting);
    }
    // What a person turns comes before what a person reads.
    const bool isQuiet = !m_rest.isActive() && !m_asking.isRunning() && m_exploration.flaws().empty() && m_exploration.jobState().isIdle();
    if (m_found.state == StudyState::Waiting && isQuiet)
        ask();
}

void ArrayStudy::ask()
{
    const EvaluationSource& source = m_exploration.source();
    if (!source.arrayAt)
        return show(StudyState::Failed, tr("What is open here cannot answer this question."));
    show(StudyState::Running);
    m_asking.start([this, question = source.arrayAt, plan = m_exploration.plan(), asked = m_key](const core::RunControl& control,
                                                                                                 const JobRunner::Tell&) -> JobRunner::Answer {
        auto answer = question(plan, asked.layer, asked.tile, asked.seed, control);
        return [this, asked, isWhole = !control.stopped(), answer = std::move(answer)] {
            if (!isWhole || m_found.state != StudyState::Running || asked != m_key)
                return;   // stopped, or the plan has moved on
            m_found.isOld = false;
            if (!answer) {
                m_found.view.reset();
                return show(StudyState::Failed, QString::fromStdString(answer.error().text()));
            }
            m_found.view = std::make_shared<const core::ArrayView>(answer.value());
            show(StudyState::Done);
        };
    });
}

void ArrayStudy::show(StudyState state, const QString& problem)
{
    m_found.state = state;
    m_found.problem = problem;
    emit changed();
}

}  // namespace app
