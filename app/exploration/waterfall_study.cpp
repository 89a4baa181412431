// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/waterfall_study.h"

#include <algorithm>

namespace app {
namespace {

QString textOf(const core::Problem& problem) { return QString::fromStdString(problem.text()); }

using Figures = std::shared_ptr<const core::NoiseWaterfall>;

}  // namespace

WaterfallStudy::WaterfallStudy(Exploration& exploration, QObject* parent) : QObject(parent), m_exploration(exploration)
{
    connect(&exploration, &Exploration::planChanged, this, &WaterfallStudy::look);
    connect(&exploration, &Exploration::subjectChanged, this, &WaterfallStudy::look);
    connect(&exploration, &Exploration::settingsChanged, this, &WaterfallStudy::look);
    connect(&exploration, &Exploration::questionAsked, this, &WaterfallStudy::stop);  // the accuracy of the plan comes first
    connect(&exploration, &Exploration::jobStateChanged, this, &WaterfallStudy::look);
    connect(&m_asking, &JobRunner::stateChanged, this, [this] {
        emit progressed();
        look();
    });
    connect(&m_asking, &JobRunner::failed, this, [this](const core::Problem& problem) {
        if (m_study.state == NoiseStudy::State::Running)
            show(NoiseStudy::State::Failed, m_study.figures, textOf(problem));
    });
}

WaterfallStudy::~WaterfallStudy() = default;

bool WaterfallStudy::hasArrays() const
{
    const auto& layers = m_exploration.layers();
    return std::ranges::any_of(layers,
                               [this](const core::WeightedLayer& layer) { return m_exploration.treatment(layer.index).cim.has_value(); });
}

core::WaterfallRequest WaterfallStudy::request() const
{
    const EvaluationSettings& settings = m_exploration.settings();
    core::WaterfallRequest request;
    request.plan = m_exploration.plan();
    request.samples = settings.samples > 0 ? std::min(settings.samples, kSamples) : kSamples;
    request.chips = std::max(settings.chips, kFewestChips);
    request.seed = settings.seed;
    return request;
}

core::PrecisionPlan WaterfallStudy::unnamedPlan() const
{
    core::PrecisionPlan plan = m_exploration.plan();
    plan.name.clear();
    return plan;
}

void WaterfallStudy::measure()
{
    if (!m_exploration.isOpen())
        return;
    m_asking.stop();
    m_study = {};
    m_study.state = NoiseStudy::State::Waiting;
    m_plan = unnamedPlan();
    m_layers = m_exploration.source().layers;
    m_settings = m_exploration.settings();
    emit studyChanged();
    look();
}

void WaterfallStudy::stop()
{
    if (!m_study.isUnderWay())
        return;
    m_asking.stop();  // its answer arrives and finds nobody waiting
    show(NoiseStudy::State::Stopped, m_study.figures);
}

void WaterfallStudy::show(NoiseStudy::State state, Figures figures, const QString& problem)
{
    m_study.state = state;
    m_study.figures = std::move(figures);
    m_study.problem = problem;
    emit studyChanged();
}

void WaterfallStudy::look()
{
    if (m_study.state == NoiseStudy::State::Nothing)
        return;
    if (m_layers != m_exploration.source().layers) {  // another network: the figures mean nothing here
        m_asking.stop();
        m_study = {};
        emit studyChanged();
        return;
    }
    const bool isOld = m_plan != unnamedPlan() || m_settings != m_exploration.settings();
    if (isOld && m_study.isUnderWay())
        stop();
    if (isOld != m_study.isOld) {
        m_study.isOld = isOld;
        emit studyChanged();
    }
    if (m_study.state == NoiseStudy::State::Waiting && !m_asking.isRunning() && m_exploration.jobState().isIdle() &&
        m_exploration.flaws().empty())
        ask();
}

void WaterfallStudy::ask()
{
    const EvaluationSource& source = m_exploration.source();
    if (!source.waterfall) {
        show(NoiseStudy::State::Failed, {}, tr("What is open here cannot answer this question."));
        return;
    }
    show(NoiseStudy::State::Running, {});
    m_asking.start([this, measure = source.waterfall, asked = request()](const core::RunControl& control,
                                                                         const JobRunner::Tell& tell) -> JobRunner::Answer {
        auto answer = measure(asked, control, [&](const core::NoiseWaterfall& known) {
            tell([this, figures = std::make_shared<const core::NoiseWaterfall>(known)] {
                if (m_study.state == NoiseStudy::State::Running)
                    show(NoiseStudy::State::Running, figures);
            });
        });
        return [this, answer = std::move(answer)] {
            if (m_study.state != NoiseStudy::State::Running)
                return;  // stopped: what was told by then is on show
            if (!answer) {
                show(NoiseStudy::State::Failed, m_study.figures, textOf(answer.error()));
                return;
            }
            const auto figures = std::make_shared<const core::NoiseWaterfall>(answer.value());
            show(figures->isPartial ? NoiseStudy::State::Stopped : NoiseStudy::State::Done, figures);
        };
    });
}

}  // namespace app
