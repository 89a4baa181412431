// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/training_run.h"

#include "app/exploration/script_text.h"
#include "app/exploration/training_outcome.h"

namespace app {
namespace {

double rateOf(const core::StepRule& rule)
{
    return std::visit([](const auto& each) { return each.rate; }, rule);
}

}  // namespace

QString commandText(const TrainingQuestion& question, const QString& folder)
{
    const core::TrainingOrders& orders = question.orders;
    const auto quoted = [](const std::string& word) { return shellQuoted(QString::fromStdString(word)); };
    QString text = QStringLiteral("polar train %1 %2 --plan %3 --epochs %4 --rate %5 --batch %6 --validation %7")
                       .arg(quoted(question.source.network), quoted(question.source.dataset), shellQuoted(question.planOrigin))
                       .arg(orders.epochs)
                       .arg(rateOf(orders.rule))
                       .arg(orders.batch)
                       .arg(orders.validationShare);
    if (std::holds_alternative<core::MomentumRule>(orders.rule))
        text += QStringLiteral(" --rule sgd");
    if (orders.patience > 0)
        text += QStringLiteral(" --patience %1").arg(orders.patience);
    if (orders.target == core::LossTarget::OwnDistribution)
        text += QStringLiteral(" --loss answers");
    if (orders.seed != 1)
        text += QStringLiteral(" --seed %1").arg(orders.seed);
    if (!folder.isEmpty())
        text += QStringLiteral(" -o ") + shellQuoted(folder);
    return text;
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
