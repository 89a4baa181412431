// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// The questions about recovery that go beyond one evaluation: how else a layer's path could be fitted, what it does to one
// sample, what else its cost could buy. Asked off the GUI thread, one at a time each; a plan that moves on comes first.

#include "app/exploration/exploration.h"
#include "app/exploration/study_state.h"

#include <QTimer>

namespace app {

/// Every fitting method's figures for one layer.
struct MethodStudy {
    StudyState state = StudyState::Nothing;
    bool isOld = false;  // of the plan before; the present one's are on their way
    core::LayerIndex layer;
    std::vector<core::MethodFigure> figures;
    QString problem;  // of Failed
};

/// One sample as one layer computes it.
struct SampleStudy {
    StudyState state = StudyState::Nothing;
    bool isOld = false;
    core::LayerIndex layer;
    std::int64_t sample = -1;
    std::shared_ptr<const core::PolarizedSample> values;
    QString problem;
};

/// What else the cost of recovery buys. Contenders come one by one; a stopped comparison keeps those it has.
struct CostStudy {
    StudyState state = StudyState::Nothing;
    bool isOld = false;  // the plan is not the one that was compared any more
    core::CostKind kind = core::CostKind::Bytes;
    std::string baseName;  // of the plan that was compared
    std::vector<core::Contender> contenders;
    QString problem;
    bool isPartial() const { return state != StudyState::Done; }
};

class RecoveryStudy : public QObject {
    Q_OBJECT
public:
    enum class Question { Methods, Sample };
    /// A knob that rests this long is settled; questions wait for that and for the evaluation's end.
    static constexpr std::chrono::milliseconds kRest{200};

    explicit RecoveryStudy(Exploration& exploration, QObject* parent = nullptr);
    ~RecoveryStudy() override;

    /// While somebody looks at a question's answer it is asked anew whenever what it follows from has changed.
    void watch(Question question);
    void unwatch(Question question);
    void compareCost(core::CostKind kind);
    /// What is known so far stays, marked partial.
    void stopCost();

    const MethodStudy& methods() const { return m_methods; }
    const SampleStudy& sample() const { return m_sample; }
    const CostStudy& cost() const { return m_cost; }
    /// Something is being asked, or waits to be.
    bool isBusy() const;
    /// The sample on show: the selected one, else the first that was scored; -1: none.
    std::int64_t wantedSample() const;

signals:
    void methodsChanged(const app::MethodStudy& study);
    void sampleChanged(const app::SampleStudy& study);
    void costChanged(const app::CostStudy& study);

private:
    /// What an answer follows from; a question whose key has changed is another question.
    struct Key {
        LayersPtr layers;
        core::LayerIndex layer;
        std::int64_t sample = -1;
        std::uint64_t seed = 0;
        std::vector<core::LayerTreatment> treatments;  // of this layer and those before it
        bool operator==(const Key&) const = default;
    };
    Key key() const;
    Key methodsKey() const;
    Key sampleKey() const;
    core::PrecisionPlan unnamedPlan() const;
    bool isQuiet() const;
    void look();
    void lookAtMethods();
    void lookAtSample();
    void lookAtCost();
    void planMoved();
    void askMethods();
    void askSample();
    void askCost();
    void failMethods(const QString& problem);
    void failSample(const QString& problem);
    void showCost(std::vector<core::Contender> contenders, StudyState state, const QString& problem = {});

    Exploration& m_exploration;
    MethodStudy m_methods;
    SampleStudy m_sample;
    CostStudy m_cost;
    bool m_watchesMethods = false, m_watchesSample = false;
    Key m_methodsKey, m_sampleKey;  // of the answers on show or under way
    core::PrecisionPlan m_costPlan;
    LayersPtr m_costLayers;
    EvaluationSettings m_costSettings;
    QTimer m_rest;
    // Last, so that they are gone (and their threads at rest) before anything they answer to.
    JobRunner m_askingMethods, m_askingSample, m_askingCost;
};

}  // namespace app
