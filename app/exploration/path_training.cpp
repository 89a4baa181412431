// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/path_training.h"

#include "core/io/stored_paths.h"

#include <algorithm>

namespace app {
namespace {

/// The name says the content, so that no file of trained paths takes another's place.
std::string fileFor(const core::StoredPaths& paths)
{
    return QStringLiteral("trained-%1.paths.npz").arg(paths.hash(), 16, 16, QLatin1Char('0')).toStdString();
}

}  // namespace

PathTraining::PathTraining(Exploration& exploration, QObject* parent) : QObject(parent), m_exploration(exploration)
{
    const auto giveUp = [this] {
        if (!isBusy() || (m_exploration.plan() == m_plan && m_exploration.source().layers == m_layers))
            return;
        m_training.stop();
        show(StudyState::Failed, tr("The plan was edited meanwhile: the training was given up."));
    };
    connect(&exploration, &Exploration::planChanged, this, giveUp);
    connect(&exploration, &Exploration::subjectChanged, this, [this, giveUp] {
        giveUp();
        if (!isBusy() && m_state != StudyState::Failed)
            cancel();  // what it told was of another network
    });
    connect(&exploration, &Exploration::stopAsked, this, &PathTraining::stop);
    connect(&m_training, &JobRunner::stateChanged, this, [this] { m_exploration.setBeside(this, m_training.isRunning()); });
    connect(&m_training, &JobRunner::failed, this, [this](const core::Problem& problem) {
        if (isBusy())
            show(StudyState::Failed, QString::fromStdString(problem.text()));
    });
}

PathTraining::~PathTraining() = default;

void PathTraining::start()
{
    const EvaluationSource& source = m_exploration.source();
    if (!source.trainPaths)
        return show(StudyState::Failed, tr("What is open here cannot be trained."));
    m_plan = m_exploration.plan();
    m_layers = source.layers;
    m_history.clear();
    m_request = {};
    m_request.seed = m_exploration.settings().seed;
    m_request.samples = 0;
    // Trained from what the closed form gives: a path that was trained before goes on from where it is.
    m_request.plan = withTreatment(m_plan, *source.layers, m_exploration.editedLayers(),
                                   [this](const core::WeightedLayer& layer, core::LayerTreatment& treatment) {
                                       if (layer.groups > 1)
                                           return;  // separate matrices: no path is placed
                                       core::SurrogatePlan path = treatment.surrogate.value_or(core::SurrogatePlan{});
                                       if (path.rank < 1)
                                           path.rank = std::min(core::SurrogatePlan{}.rank, largestRank(layer));
                                       if (path.paths.isEmpty() && path.method == core::SurrogateMethod::Trained)
                                           path.method = core::SurrogateMethod::Activation;
                                       treatment.surrogate = path;
                                       m_request.layers.push_back(layer.name);
                                       m_request.samples = std::max<std::int64_t>(m_request.samples, path.calibrationSamples);
                                   });
    if (m_request.layers.empty())
        return show(StudyState::Failed, tr("A grouped convolution has many small matrices: no recovery path is placed on it."));
    const std::string folder = m_exploration.pathsFolder().toStdString();
    show(StudyState::Running);
    m_training.start([this, train = source.trainPaths, asked = m_request, folder](const core::RunControl& control,
                                                                                  const JobRunner::Tell& tell) -> JobRunner::Answer {
        std::vector<core::EpochReport> history;
        auto trained = train(asked, control, [&](const core::EpochReport& epoch) {
            history.push_back(epoch);
            tell([this, history] {
                m_history = history;
                emit changed();
            });
        });
        if (trained && !folder.empty()) {
            core::StoredPaths stored("", trained.value().paths);
            const auto written = core::writeStoredPaths(core::StoredPaths(fileFor(stored), trained.value().paths), folder);
            if (!written)
                trained = core::Result<core::TrainedPaths>(written.error());
        }
        return [this, trained = std::move(trained)] {
            if (m_state != StudyState::Running)
                return;  // given up
            if (!trained)
                return show(StudyState::Failed, QString::fromStdString(trained.error().text()));
            take(trained.value());
        };
    });
}

void PathTraining::stop()
{
    if (isBusy())
        m_training.stop();
}

void PathTraining::cancel()
{
    m_training.stop();
    m_history.clear();
    show(StudyState::Nothing);
}

void PathTraining::take(const core::TrainedPaths& trained)
{
    m_history = trained.progress.history;
    show(trained.isStopped ? StudyState::Stopped : StudyState::Done);
    if (trained.isStopped && trained.progress.epoch == 0)
        return;  // nothing was learned
    const std::string file = fileFor(core::StoredPaths("", trained.paths));
    const QString where = m_request.layers.size() == m_layers->size() ? tr("every layer")
                          : m_request.layers.size() == 1              ? QString::fromStdString(m_request.layers.front())
                                                                      : tr("%1 layers").arg(m_request.layers.size());
    m_exploration.changePlan(core::withTrainedPaths(m_request.plan, trained.paths, file),
                             where + tr(": recovery trained, epoch %1 of %2").arg(trained.progress.bestEpoch).arg(epochs()));
}

void PathTraining::show(StudyState state, const QString& problem)
{
    m_state = state;
    m_problem = problem;
    emit changed();
}

}  // namespace app
