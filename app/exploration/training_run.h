// SPDX-License-Identifier: GPL-3.0-or-later
#pragma once
// One training of a network's weights in a plan's precision, off the GUI thread: epochs as they end, and an outcome that can
// be written to a folder. It keeps the plan it was asked with, whatever is opened or edited meanwhile.

#include "app/exploration/evaluation_source.h"
#include "app/exploration/job_runner.h"

#include <QObject>

namespace app {

/// What is trained, and where its plan can be had from for `polar train` ("int2-rank8", or edited.plan.json).
struct TrainingQuestion {
    EvaluationSource source;
    core::PrecisionPlan plan;
    QString planOrigin;
    core::TrainingOrders orders;
};

/// The same as a command; `folder` empty: it writes nothing.
QString commandText(const TrainingQuestion& question, const QString& folder = {});

class TrainingRun : public QObject {
    Q_OBJECT
public:
    explicit TrainingRun(QObject* parent = nullptr);
    ~TrainingRun() override;  // asks a running training to stop and waits; nothing of it is kept

    /// A newer question: a training under way is given up, and nothing of it arrives any more.
    void start(TrainingQuestion question);
    /// Ends after the step under way; the best of the finished epochs is kept.
    void stop();
    /// Writes the outcome, off the GUI thread; saved or failed follows.
    void save(const QString& folder);

    bool isRunning() const { return m_training.isRunning(); }
    bool isStopping() const { return m_training.isStopping(); }
    bool isSaving() const { return m_saving.isRunning(); }
    core::Progress progress() const { return m_training.progress(); }
    const TrainingQuestion& question() const { return m_question; }  // of the newest training; its source is empty before the first
    const std::vector<core::EpochReport>& history() const { return m_history; }  // from epoch 0, the start
    TrainingOutcomePtr outcome() const { return m_outcome; }                     // null until it has finished
    QString folder() const { return m_folder; }                                  // where the outcome was saved; empty: nowhere

signals:
    void stateChanged();  // running, stopping, progress, saving
    void epochFinished(const core::EpochReport& epoch);
    void finished();
    void saved(const QString& folder);
    void failed(const core::Problem& problem);

private:
    void takeHistory(const std::vector<core::EpochReport>& history);

    TrainingQuestion m_question;
    std::vector<core::EpochReport> m_history;
    TrainingOutcomePtr m_outcome;
    QString m_folder;
    // Last, so that their threads are at rest before anything they answer to is gone.
    JobRunner m_training;
    JobRunner m_saving;
};

}  // namespace app
