// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/sensitivity_study.h"

namespace app {
namespace {

/// But for metric 4, which costs more and is asked for by itself.
bool isSamePlan(const SensitivityQuestion& a, const SensitivityQuestion& b)
{
    return a.layers == b.layers && a.seed == b.seed && a.treatments == b.treatments;
}

}  // namespace

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

SensitivityStudy::SensitivityStudy(Exploration& exploration, QObject* parent) : WatchedSensitivities(exploration, parent)
{
    connect(&exploration, &Exploration::stopAsked, this, &SensitivityStudy::stop);
    connect(this, &Study::progressed, this, [this] { this->exploration().setBeside(this, isAsking()); });
}

void SensitivityStudy::watch(SensitivityMetric metric)
{
    m_wantsCurvature = metric == SensitivityMetric::Curvature;
    WatchedSensitivities::watch();
}

void SensitivityStudy::stop()
{
    if (!isUnderWay(found().state))
        return;
    stopAsking();
    show(StudyState::Stopped);
}

void SensitivityStudy::askAgain()
{
    show(StudyState::Nothing);
    look();
}

std::optional<SensitivityQuestion> SensitivityStudy::question() const
{
    if (!exploration().isOpen())
        return {};
    SensitivityQuestion question{exploration().source().layers, exploration().settings().seed, {}, m_wantsCurvature};
    for (const core::WeightedLayer& layer : exploration().layers())
        question.treatments.push_back(exploration().treatment(layer.index));
    if (asked() && isSamePlan(*asked(), question))
        question.withCurvature |= asked()->withCurvature;  // what is there need not be measured again without it
    return question;
}

SensitivityStudy::Ask SensitivityStudy::asking(const SensitivityQuestion& question) const
{
    const auto measure = exploration().source().sensitivities;
    if (!measure)
        return {};
    core::PlanSensitivityRequest request;
    request.plan = exploration().plan();
    request.withCurvature = question.withCurvature;
    request.seed = question.seed;
    return [measure, request](const core::RunControl& control) -> core::Result<MeasuredSensitivities> {
        CORE_TRY(core::Sensitivities measured, measure(request, control));
        return MeasuredSensitivities{std::move(measured), request.withCurvature};
    };
}

SensitivityStudy::Worth SensitivityStudy::worth(const SensitivityQuestion& before, const SensitivityQuestion& now) const
{
    if (before.layers != now.layers)
        return Worth::None;
    return isSamePlan(before, now) ? Worth::Same : Worth::Old;
}

}  // namespace app
