// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/training_run.h"

#include "app/exploration/script_text.h"
#include "app/exploration/training_outcome.h"

namespace app {
QString commandText(const TrainingQuestion& question, const QString& folder)
{
    return commandText(TrainCommand{question.source.network, question.source.dataset, question.planOrigin.toStdString(), question.orders,
                                    folder.toStdString()});
}

TrainingRun::TrainingRun(QObject* parent) : QObject(parent)
{
    for (const JobRunner* runner : {&m_training, &m_saving}) {
        connect(runner, &JobRunner::stateChanged, this, &TrainingRun::stateChanged);
        connect(runner, &JobRunner::failed, this, &TrainingRun::failed);
    }
}

TrainingRun::~TrainingRun() = default;

void TrainingRun::start(TrainingQuestion question)
{
    m_question = std::move(question);
    m_history.clear();
    m_outcome.reset();
    m_folder.clear();
    m_training.start([this, asked = m_question](const core::RunControl& control, const JobRunner::Tell& tell) -> JobRunner::Answer {
        std::vector<core::EpochReport> history;  // whole each time: of several answers in one frame only the newest is called
        const auto onEpoch = [&](const core::EpochReport& epoch) {
            history.push_back(epoch);
            tell([this, history] { takeHistory(history); });
        };
        auto outcome = asked.source.train(asked.plan, asked.orders, control, onEpoch);
        if (!outcome)
            return [this, problem = outcome.error()] { emit failed(problem); };
        return [this, final = outcome.value()] {
            takeHistory(final->trained.state.progress.history);
            m_outcome = final;
            emit finished();
        };
    });
}

void TrainingRun::stop() { m_training.stop(); }

void TrainingRun::takeHistory(const std::vector<core::EpochReport>& history)
{
    for (std::size_t at = m_history.size(); at < history.size(); ++at) {
        m_history.push_back(history[at]);
        emit epochFinished(history[at]);
    }
}

void TrainingRun::save(const QString& folder)
{
    if (!m_outcome)
        return;
    m_saving.start([this, folder, outcome = m_outcome](const core::RunControl&, const JobRunner::Tell&) -> JobRunner::Answer {
        const auto written = core::writeTrainedNetwork(outcome->trained, folder.toStdString());
        if (!written)
            return [this, problem = written.error()] { emit failed(problem); };
        return [this, folder, outcome] {
            if (outcome == m_outcome)
                m_folder = folder;
            emit saved(folder);
        };
    });
}

}  // namespace app
