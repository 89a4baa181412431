// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// What each imperfection of the plan's arrays costs, asked off the GUI thread when a person wants to know. A plan that moves on
// comes first: the question is stopped, and what was known stays, marked.

#include "app/exploration/exploration.h"

namespace app {

struct NoiseStudy {
    enum class State { Nothing, Waiting, Running, Done, Stopped, Failed };
    State state = State::Nothing;
    bool isOld = false;                                   // the plan is not the one that was measured any more
    std::shared_ptr<const core::NoiseWaterfall> figures;  // as far as known; null: nothing yet
    QString problem;                                      // of Failed
    bool isUnderWay() const { return state == State::Waiting || state == State::Running; }
};

class WaterfallStudy : public QObject {
    Q_OBJECT
public:
    /// Enough to tell effects of a point from luck, few enough to wait for.
    static constexpr std::int64_t kSamples = 1000;
    static constexpr int kFewestChips = 4;

    explicit WaterfallStudy(Exploration& exploration, QObject* parent = nullptr);
    ~WaterfallStudy() override;

    /// Waits for the evaluation's end, then asks; an older question is dropped.
    void measure();
    /// What is known so far stays, marked partial.
    void stop();

    const NoiseStudy& study() const { return m_study; }
    double fraction() const { return m_asking.progress().fraction; }  // of the work, 0 ... 1
    /// Some layer of the present plan is computed in an array.
    bool hasArrays() const;
    /// The chips and samples that measure() would ask for.
    core::WaterfallRequest request() const;

signals:
    void studyChanged();
    void progressed();

private:
    core::PrecisionPlan unnamedPlan() const;
    void look();
    void ask();
    void show(NoiseStudy::State state, std::shared_ptr<const core::NoiseWaterfall> figures, const QString& problem = {});

    Exploration& m_exploration;
    NoiseStudy m_study;
    core::PrecisionPlan m_plan;
    LayersPtr m_layers;
    EvaluationSettings m_settings;
    JobRunner m_asking;  // last, so that its thread is at rest before anything it answers to is gone
};

}  // namespace app
