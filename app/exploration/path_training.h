// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// Training the edited layers' recovery paths by gradient, off the GUI thread: epochs as they end, and when it has ended one
// undo step to the plan that holds the paths. A plan that moves on meanwhile gives the training up.

#include "app/exploration/exploration.h"
#include "app/exploration/study_state.h"

namespace app {

class PathTraining : public QObject {
    Q_OBJECT
public:
    explicit PathTraining(Exploration& exploration, QObject* parent = nullptr);
    ~PathTraining() override;

    /// The paths of exploration.editedLayers(); a layer without one gets the usual rank first.
    void start();
    /// The best of the epochs that were finished is taken.
    void stop();
    /// Nothing of it is taken.
    void cancel();

    StudyState state() const { return m_state; }
    bool isBusy() const { return isUnderWay(m_state); }
    const std::vector<core::EpochReport>& history() const { return m_history; }
    int epochs() const { return m_request.orders.epochs; }
    QString problem() const { return m_problem; }  // of Failed

signals:
    void changed();

private:
    void take(const core::TrainedPaths& trained);
    void show(StudyState state, const QString& problem = {});

    Exploration& m_exploration;
    StudyState m_state = StudyState::Nothing;
    core::PrecisionPlan m_plan;  // as it was when the training began
    LayersPtr m_layers;
    core::PathTrainingRequest m_request;
    std::vector<core::EpochReport> m_history;
    QString m_problem;
    JobRunner m_training;  // last: at rest before anything it answers to is gone
};

}  // namespace app
