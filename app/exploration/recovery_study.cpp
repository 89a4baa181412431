// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/recovery_study.h"

#include <algorithm>

namespace app {
namespace {

QString notOffered() { return RecoveryStudy::tr("What is open here cannot answer this question."); }

QString textOf(const core::Problem& problem) { return QString::fromStdString(problem.text()); }

/// With a path on this layer, of no more rank than the layer has: a rank that defaults ask of all layers may be too large.
core::PrecisionPlan withPathOn(const core::PrecisionPlan& plan, const std::vector<core::WeightedLayer>& layers, core::LayerIndex layer)
{
    return withTreatment(plan, layers, {layer}, [](const core::WeightedLayer& edited, core::LayerTreatment& treatment) {
        core::SurrogatePlan path = treatment.surrogate.value_or(core::SurrogatePlan{});
        path.rank = std::min(path.rank > 0 ? path.rank : core::SurrogatePlan{}.rank, largestRank(edited));
        treatment.surrogate = path;
    });
}

}  // namespace

RecoveryStudy::RecoveryStudy(Exploration& exploration, QObject* parent) : QObject(parent), m_exploration(exploration)
{
    m_rest.setSingleShot(true);
    m_rest.setInterval(kRest);
    connect(&m_rest, &QTimer::timeout, this, &RecoveryStudy::look);
    connect(&exploration, &Exploration::planChanged, this, &RecoveryStudy::planMoved);
    connect(&exploration, &Exploration::subjectChanged, this, &RecoveryStudy::planMoved);
    connect(&exploration, &Exploration::questionAsked, this, &RecoveryStudy::stopCost);  // the accuracy of the plan comes first
    connect(&exploration, &Exploration::stopAsked, this, &RecoveryStudy::stopCost);
    connect(&m_askingCost, &JobRunner::stateChanged, this, [this] { m_exploration.setBeside(this, m_askingCost.isRunning()); });
    connect(&exploration, &Exploration::selectionChanged, this, &RecoveryStudy::look);
    connect(&exploration, &Exploration::jobStateChanged, this, &RecoveryStudy::look);
    for (JobRunner* runner : {&m_askingMethods, &m_askingSample, &m_askingCost})
        connect(runner, &JobRunner::stateChanged, this, &RecoveryStudy::look);
    connect(&m_askingMethods, &JobRunner::failed, this, [this](const core::Problem& problem) { failMethods(textOf(problem)); });
    connect(&m_askingSample, &JobRunner::failed, this, [this](const core::Problem& problem) { failSample(textOf(problem)); });
    connect(&m_askingCost, &JobRunner::failed, this, [this](const core::Problem& problem) {
        if (m_cost.state == StudyState::Running)
            showCost(m_cost.contenders, StudyState::Failed, textOf(problem));
    });
}

RecoveryStudy::~RecoveryStudy() = default;

void RecoveryStudy::watch(Question question)
{
    (question == Question::Methods ? m_watchesMethods : m_watchesSample) = true;
    look();
}

void RecoveryStudy::unwatch(Question question)
{
    (question == Question::Methods ? m_watchesMethods : m_watchesSample) = false;
    look();
}

bool RecoveryStudy::isBusy() const
{
    return isUnderWay(m_cost.state) || (m_watchesMethods && isUnderWay(m_methods.state)) || (m_watchesSample && isUnderWay(m_sample.state));
}

std::int64_t RecoveryStudy::wantedSample() const
{
    const std::vector<std::int64_t> samples = m_exploration.currentSamples();
    return samples.empty() ? -1 : samples.front();
}

core::PrecisionPlan RecoveryStudy::unnamedPlan() const
{
    core::PrecisionPlan plan = m_exploration.plan();
    plan.name.clear();
    return plan;
}

RecoveryStudy::Key RecoveryStudy::key() const
{
    Key key;
    key.layers = m_exploration.source().layers;
    key.layer = m_exploration.currentLayer();
    key.seed = m_exploration.settings().seed;
    key.treatments = m_exploration.treatmentsUpTo(key.layer);
    return key;
}

/// One fit gives the figures of every method and every rank, so neither is part of the question.
RecoveryStudy::Key RecoveryStudy::methodsKey() const
{
    Key asked = key();
    if (!asked.treatments.empty()) {
        core::SurrogatePlan& own =
            asked.treatments.back().surrogate.emplace(asked.treatments.back().surrogate.value_or(core::SurrogatePlan{}));
        own.rank = core::SurrogatePlan{}.rank;
        own.method = core::SurrogatePlan{}.method;
        own.paths = {};
    }
    return asked;
}

RecoveryStudy::Key RecoveryStudy::sampleKey() const
{
    Key asked = key();
    asked.sample = wantedSample();
    return asked;
}

/// Nothing else is being computed: what a person turns comes before what a person reads.
bool RecoveryStudy::isQuiet() const
{
    const bool isAsking = m_askingMethods.isRunning() || m_askingSample.isRunning() || m_askingCost.isRunning();
    return !m_rest.isActive() && !isAsking && m_exploration.isOpen() && m_exploration.flaws().empty() && m_exploration.jobState().isIdle();
}

void RecoveryStudy::planMoved()
{
    m_rest.start();
    stopCost();
    look();
}

void RecoveryStudy::look()
{
    lookAtMethods();
    lookAtSample();
    lookAtCost();
    if (m_cost.state == StudyState::Waiting && isQuiet())
        askCost();
    if (m_watchesMethods && m_methods.state == StudyState::Waiting && isQuiet())
        askMethods();
    if (m_watchesSample && m_sample.state == StudyState::Waiting && isQuiet())
        askSample();
}

void RecoveryStudy::lookAtMethods()
{
    const Key asked = methodsKey();
    const bool isWanted = m_watchesMethods && asked.layer.isValid();
    if (asked == m_methodsKey && !(isWanted && m_methods.state == StudyState::Nothing))
        return;
    m_askingMethods.stop();
    if (asked.layers != m_methodsKey.layers || asked.layer != m_methodsKey.layer)
        m_methods = {};
    m_methodsKey = asked;
    m_methods.isOld = !m_methods.figures.empty();
    m_methods.layer = asked.layer;
    m_methods.problem.clear();
    m_methods.state = isWanted ? StudyState::Waiting : StudyState::Nothing;
    emit methodsChanged(m_methods);
}

void RecoveryStudy::lookAtSample()
{
    const Key asked = sampleKey();
    const bool isWanted = m_watchesSample && asked.layer.isValid() && asked.sample >= 0;
    if (asked == m_sampleKey && !(isWanted && m_sample.state == StudyState::Nothing))
        return;
    m_askingSample.stop();
    if (asked.layers != m_sampleKey.layers || asked.layer != m_sampleKey.layer)
        m_sample = {};
    m_sampleKey = asked;
    m_sample.isOld = m_sample.values != nullptr;
    if (!m_sample.isOld) {
        m_sample.layer = asked.layer;
        m_sample.sample = asked.sample;
    }
    m_sample.problem.clear();
    m_sample.state = isWanted ? StudyState::Waiting : StudyState::Nothing;
    emit sampleChanged(m_sample);
}

void RecoveryStudy::lookAtCost()
{
    if (m_cost.state == StudyState::Nothing)
        return;
    if (m_costLayers != m_exploration.source().layers) {  // another network: its contenders mean nothing here
        m_askingCost.stop();
        m_costLayers = m_exploration.source().layers;
        m_cost = {};
        emit costChanged(m_cost);
        return;
    }
    const bool isOld = m_costPlan != unnamedPlan() || m_costSettings != m_exploration.settings();
    if (isOld == m_cost.isOld)
        return;
    m_cost.isOld = isOld;
    emit costChanged(m_cost);
}

void RecoveryStudy::askMethods()
{
    const EvaluationSource& source = m_exploration.source();
    if (!source.compareMethods)
        return failMethods(notOffered());
    m_methods.state = StudyState::Running;
    emit methodsChanged(m_methods);
    m_askingMethods.start([this, ask = source.compareMethods,
                           plan = withPathOn(m_exploration.plan(), m_exploration.layers(), m_methodsKey.layer),
                           asked = m_methodsKey](const core::RunControl& control, const JobRunner::Tell&) -> JobRunner::Answer {
        auto answer = ask(plan, asked.layer, asked.seed, control);
        return [this, asked, answer = std::move(answer)] {
            if (asked != m_methodsKey || m_methods.state != StudyState::Running)
                return;  // the plan or the layer has moved on
            if (!answer)
                return failMethods(textOf(answer.error()));
            m_methods.isOld = false;
            m_methods.state = StudyState::Done;
            m_methods.figures = answer.value();
            emit methodsChanged(m_methods);
        };
    });
}

void RecoveryStudy::failMethods(const QString& problem)
{
    m_methods.isOld = false;
    m_methods.state = StudyState::Failed;
    m_methods.figures.clear();
    m_methods.problem = problem;
    emit methodsChanged(m_methods);
}

void RecoveryStudy::askSample()
{
    const EvaluationSource& source = m_exploration.source();
    if (!source.sampleAt)
        return failSample(notOffered());
    m_sample.state = StudyState::Running;
    emit sampleChanged(m_sample);
    m_askingSample.start([this, ask = source.sampleAt, plan = m_exploration.plan(),
                          asked = m_sampleKey](const core::RunControl& control, const JobRunner::Tell&) -> JobRunner::Answer {
        auto answer = ask(plan, asked.layer, asked.sample, asked.seed, control);
        return [this, asked, answer = std::move(answer)] {
            if (asked != m_sampleKey || m_sample.state != StudyState::Running)
                return;
            if (!answer)
                return failSample(textOf(answer.error()));
            m_sample.isOld = false;
            m_sample.layer = asked.layer;
            m_sample.sample = asked.sample;
            m_sample.state = StudyState::Done;
            m_sample.values = std::make_shared<const core::PolarizedSample>(answer.value());
            emit sampleChanged(m_sample);
        };
    });
}

void RecoveryStudy::failSample(const QString& problem)
{
    m_sample.isOld = false;
    m_sample.state = StudyState::Failed;
    m_sample.values.reset();
    m_sample.problem = problem;
    emit sampleChanged(m_sample);
}

void RecoveryStudy::compareCost(core::CostKind kind)
{
    if (!m_exploration.isOpen())
        return;
    m_askingCost.stop();
    m_cost = {};
    m_cost.kind = kind;
    m_cost.state = StudyState::Waiting;
    m_cost.baseName = m_exploration.plan().name;
    m_costPlan = unnamedPlan();
    m_costLayers = m_exploration.source().layers;
    m_costSettings = m_exploration.settings();
    emit costChanged(m_cost);
    look();
}

void RecoveryStudy::stopCost()
{
    if (!isUnderWay(m_cost.state))
        return;
    m_askingCost.stop();  // its answer arrives and finds nobody waiting
    showCost(m_cost.contenders, StudyState::Stopped);
}

void RecoveryStudy::showCost(std::vector<core::Contender> contenders, StudyState state, const QString& problem)
{
    m_cost.contenders = std::move(contenders);
    m_cost.state = state;
    m_cost.problem = problem;
    emit costChanged(m_cost);
}

void RecoveryStudy::askCost()
{
    const EvaluationSource& source = m_exploration.source();
    if (!source.compareCost) {
        showCost({}, StudyState::Failed, notOffered());
        return;
    }
    core::EqualCostRequest request;
    request.plan = m_exploration.plan();
    request.kind = m_cost.kind;
    request.samples = m_costSettings.samples;
    request.chips = m_costSettings.chips;
    request.seed = m_costSettings.seed;
    if (const core::PriceTable* table = m_exploration.technology())
        request.technology = *table;
    showCost({}, StudyState::Running);
    m_askingCost.start(
        [this, ask = source.compareCost, request](const core::RunControl& control, const JobRunner::Tell& tell) -> JobRunner::Answer {
            std::vector<core::Contender> known;
            auto answer = ask(request, control, [&](const core::Contender& contender) {
                if (control.stopped())
                    return;  // scored on what a stopped evaluation had, which may be nothing
                known.push_back(contender);
                tell([this, known] {
                    if (m_cost.state == StudyState::Running)
                        showCost(known, StudyState::Running);
                });
            });
            const bool isWhole = answer && !control.stopped();
            return [this, isWhole, answer = std::move(answer), known = std::move(known)] {
                if (m_cost.state != StudyState::Running)
                    return;  // stopped: what was told by then is on show
                if (isWhole)
                    showCost(answer.value(), StudyState::Done);
                else
                    showCost(known, StudyState::Failed, answer ? QString() : textOf(answer.error()));
            };
        });
}

}  // namespace app
