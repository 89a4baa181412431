// SPDX-License-Identifier: GPL-3.0-or-later
#include "app/exploration/script_player.h"

#include "app/exploration/training_outcome.h"
#include "app/exploration/training_run.h"
#include "core/io/library.h"
#include "core/io/json_documents.h"
#include "core/io/json_object.h"
#include "core/learn/row_importance.h"

#include <QFile>
#include <QFileInfo>

namespace app {
namespace {

using Kind = ScriptEntry::Kind;

/// An edit of a layer that is not there would be a plan nobody can mend in the window.
core::Result<core::PrecisionPlan> ofTheseLayers(core::Result<core::PrecisionPlan> plan, const Exploration& exploration)
{
    if (!plan)
        return plan;
    for (const auto& [name, orders] : plan.value().layers)
        if (std::ranges::none_of(exploration.layers(), [&, wanted = name](const auto& layer) { return layer.name == wanted; }))
            return core::Problem{"", "the network has no layer \"" + name + "\""};
    return plan;
}

} // namespace

ScriptPlayer::ScriptPlayer(Exploration& exploration, QObject* parent) : QObject(parent), m_exploration(exploration)
{
    m_timer.setSingleShot(true);
    connect(&m_timer, &QTimer::timeout, this, &ScriptPlayer::doNext);
    connect(&exploration, &Exploration::opened, this, &ScriptPlayer::onOpened);
    connect(&exploration, &Exploration::problemFound, this, &ScriptPlayer::onProblem);
    connect(&exploration, &Exploration::jobStateChanged, this, &ScriptPlayer::onJobState);
    connect(&exploration, &Exploration::questionAsked, this, [this] { m_isAsked = true; });
    connect(&exploration.training(), &TrainingRun::finished, this, &ScriptPlayer::onTrained);
    connect(&exploration.training(), &TrainingRun::failed, this, &ScriptPlayer::onTrainingFailed);
    connect(&exploration.training(), &TrainingRun::saved, this, [this] {
        if (m_awaiting == Awaiting::Saving)
            stepDone();
    });
}

std::vector<ScriptEntry> ScriptPlayer::waiting() const
{
    std::vector<ScriptEntry> entries;
    for (std::size_t step = m_next; step < m_steps.size(); ++step)
        entries.push_back(m_steps[step].entry);
    return entries;
}

void ScriptPlayer::play(const QString& text, const QString& name, const std::filesystem::path& folder)
{
    std::vector<ScriptStep> steps = parseScript(text);
    const auto repeats = [](const ScriptStep& step) { return step.entry.kind != Kind::Remark && step.entry.kind != Kind::Foreign; };
    if (std::ranges::none_of(steps, repeats)) {
        m_exploration.tellProblem({name.toStdString(), "has no step that can be replayed; wanted a script as the window saves it"});
        return;
    }
    m_steps = std::move(steps);
    m_next = 0;
    m_afterOpening.reset();
    m_failures.clear();
    m_name = name;
    m_folder = folder;
    m_exploration.beginAgain();
    m_isAsked = false;
    m_plan = m_exploration.plan();
    emit progressed();
    m_awaiting = Awaiting::Beat;
    m_timer.start(0);
}

void ScriptPlayer::playFile(const QString& path)
{
    QFile file(path);
    if (!file.open(QIODevice::ReadOnly)) {
        m_exploration.tellProblem({path.toStdString(), "the script could not be read: " + file.errorString().toStdString()});
    } else if (file.size() > kLargestFile) {
        m_exploration.tellProblem({path.toStdString(), "is larger than 16 MB; wanted a script as the window saves it"});
    } else {
        const QFileInfo info(path);
        play(QString::fromUtf8(file.readAll()), info.fileName(), info.absolutePath().toStdString());
    }
}

void ScriptPlayer::playAgain() { play(m_exploration.script().text(), tr("script")); }

void ScriptPlayer::stop()
{
    if (!isPlaying())
        return;
    const bool isTraining = m_awaiting == Awaiting::Training;
    end(tr("the replay was stopped"));
    if (isTraining)
        m_exploration.training().stop();
}

void ScriptPlayer::doNext()
{
    if (m_next >= m_steps.size())
        return end();
    if (m_exploration.plan() != m_plan)
        return end(tr("the plan was edited while the script was replayed"));
    perform(m_steps[m_next].entry);
}

void ScriptPlayer::perform(const ScriptEntry& entry)
{
    if (!entry.problem.isEmpty())
        return stepFailed(entry.problem);
    switch (entry.kind) {
    case Kind::Open: {
        const auto names = shellWords(entry.text);
        if (!names)
            return stepFailed(QString::fromStdString(names.error().text()));
        std::vector<std::string> things;
        for (const QString& name : names.value())
            things.push_back(name.toStdString());
        return open(things);
    }
    case Kind::Command: {
        if (isTrainCommand(entry.text)) {
            const auto training = trainCommandFrom(entry.text);
            return training ? train(training.value()) : stepFailed(QString::fromStdString(training.error().text()));
        }
        const auto command = commandFrom(entry.text);
        return command ? evaluate(command.value()) : stepFailed(QString::fromStdString(command.error().text()));
    }
    case Kind::Edit:
        return change(ofTheseLayers(inAFolder([&](const auto& folder) { return patchedPlan(m_plan, entry.text, folder); }), m_exploration),
                      entry);
    case Kind::Plan: {
        const auto document = core::parseJson(entry.text.toStdString());
        if (!document)
            return stepFailed(QString::fromStdString(document.error().text()));
        return change(
            ofTheseLayers(inAFolder([&](const auto& folder) { return core::planFromJson(document.value(), folder); }), m_exploration),
            entry);
    }
    case Kind::Remark:
        m_exploration.script().remark(entry.text);
        ++m_next;
        emit progressed();
        m_timer.start(0);
        return;
    case Kind::Foreign:
        return stepFailed(tr("this line is for a shell; the window replays `polar evaluate`, `polar train`, plans and their edits"));
    }
}

/// A plan that names files, which lie beside the script or, trained in this session, where the session keeps them.
core::Result<core::PrecisionPlan>
ScriptPlayer::inAFolder(const std::function<core::Result<core::PrecisionPlan>(const std::filesystem::path&)>& read) const
{
    auto plan = read(m_folder);
    if (!plan)
        if (auto again = read(m_exploration.pathsFolder().toStdString()))
            return again;
    return plan;
}

void ScriptPlayer::change(const core::Result<core::PrecisionPlan>& plan, const ScriptEntry& entry)
{
    if (!plan)
        return stepFailed(QString::fromStdString(plan.error().text()));
    if (!m_exploration.isOpen())
        return stepFailed(tr("no network is open; wanted a line \"# open NETWORK DATASET\" above"));
    m_exploration.changePlan(plan.value(), entry.words);
    stepDone();
}

void ScriptPlayer::open(const std::vector<std::string>& things)
{
    if (things.empty())
        return stepFailed(tr("nothing is named; wanted a network, a dataset or a plan"));
    m_awaiting = Awaiting::Opening;
    m_exploration.open(things, Reading::Reuse);
}

/// What a command names and is not there yet; edited.plan.json is the plan as edited so far.
template <class Command>
std::vector<std::string> ScriptPlayer::missing(const Command& command) const
{
    const EvaluationSource& source = m_exploration.source();
    const QString plan = QString::fromStdString(command.plan);
    std::vector<std::string> things;
    if (!m_exploration.isOpen() || source.network != command.network || source.dataset != command.dataset)
        things = {command.network, command.dataset};
    if (!plan.isEmpty() && plan != kEditedPlan && plan != m_exploration.planOrigin())
        things.push_back(command.plan);
    return things;
}

/// The command scores what it names: what is not there yet is opened first.
void ScriptPlayer::evaluate(const EvaluateCommand& command)
{
    const QString plan = QString::fromStdString(command.plan);
    if (const auto things = missing(command); !m_afterOpening && !things.empty()) {
        m_afterOpening = command;
        return open(things);
    }
    m_afterOpening.reset();
    if (plan.isEmpty())
        m_exploration.changePlan({}, tr("FP32 throughout"));
    const auto tables = m_exploration.technologies();
    const std::string& technology = command.settings.technology;
    if (!technology.empty() && std::ranges::none_of(tables, [&](const auto& table) { return table.name == technology; })) {
        auto own = core::loadPriceTable(technology);   // a file of one's own, or a table seen from another node
        if (!own)
            return stepFailed(tr("there is no price table \"%1\"").arg(QString::fromStdString(technology)));
        own.value().name = technology;
        m_exploration.addTechnology(own.value());
    }
    m_exploration.changeSettings(command.settings);
    m_plan = m_exploration.plan();
    settle();
}

/// As on the command line: trained on what it names, and written where it says; a folder that is there already is left alone,
/// for the same orders train to the same weights.
void ScriptPlayer::train(const TrainCommand& command)
{
    if (const auto things = missing(command); !m_afterOpening && !things.empty()) {
        m_afterOpening = command;
        return open(things);
    }
    m_afterOpening.reset();
    const EvaluationSource& source = m_exploration.source();
    if (!source.train)
        return stepFailed(tr("what is open cannot be trained"));
    if (!m_exploration.flaws().empty())
        return stepFailed(tr("the plan does not fit: %1").arg(QString::fromStdString(m_exploration.flaws().front().text())));
    TrainingQuestion question{source, m_exploration.plan(), m_exploration.planOrigin(), command.orders};
    if (question.orders.target != core::LossTarget::OwnDistribution)
        question.orders.target = core::lossTargetOf(*source.subject);
    m_plan = m_exploration.plan();
    m_trainedFolder = QString::fromStdString(command.folder);
    m_awaiting = Awaiting::Training;
    m_exploration.training().start(question);
}

void ScriptPlayer::onTrained()
{
    if (m_awaiting != Awaiting::Training)
        return;
    const bool isStopped = m_exploration.training().outcome()->trained.state.isStopped;
    if (!m_trainedFolder.isEmpty() && !isStopped && !QFileInfo::exists(m_trainedFolder)) {
        m_awaiting = Awaiting::Saving;
        return m_exploration.training().save(m_trainedFolder);
    }
    if (!m_trainedFolder.isEmpty())
        m_exploration.script().remark(isStopped ? tr("the training was stopped; %1 was not written").arg(m_trainedFolder)
                                                : tr("%1 is there already and was not written again").arg(m_trainedFolder));
    stepDone();
}

void ScriptPlayer::onTrainingFailed(const core::Problem& problem)
{
    if (m_awaiting == Awaiting::Training || m_awaiting == Awaiting::Saving)
        stepFailed(QString::fromStdString(problem.text()));
}

void ScriptPlayer::settle()
{
    if (!m_exploration.flaws().empty())
        return stepFailed(tr("the plan does not fit: %1").arg(QString::fromStdString(m_exploration.flaws().front().text())));
    m_awaiting = Awaiting::Settling;
    const bool partial = m_exploration.report() && m_exploration.report()->partial;
    const bool isUnderWay = m_isAsked && !m_exploration.jobState().isIdle();  // and no rest of what was before the replay
    if (!isUnderWay && (!m_exploration.isReportCurrent() || partial))
        m_exploration.evaluate();
    else
        onJobState();
}

void ScriptPlayer::onOpened()
{
    if (m_awaiting != Awaiting::Opening)
        return;
    m_plan = m_exploration.plan();
    if (!m_afterOpening)
        return stepDone();
    const auto command = *m_afterOpening;
    if (const auto* scored = std::get_if<EvaluateCommand>(&command))
        evaluate(*scored);
    else
        train(std::get<TrainCommand>(command));
}

void ScriptPlayer::onProblem(const core::Problem& problem)
{
    if (m_awaiting == Awaiting::Opening) { // what follows is about something that is not there
        stepFailed(QString::fromStdString(problem.text()));
        end(tr("what was to be opened above is not there"));
    } else if (m_awaiting == Awaiting::Settling) {
        stepFailed(QString::fromStdString(problem.text()));
    }
}

void ScriptPlayer::onJobState()
{
    if (m_awaiting != Awaiting::Settling || !m_exploration.jobState().isIdle())
        return;
    if (m_exploration.isReportCurrent() && m_exploration.report() && !m_exploration.report()->partial)
        stepDone();
    else
        stepFailed(tr("the evaluation was stopped before it was finished"));
}

void ScriptPlayer::stepDone()
{
    m_plan = m_exploration.plan();
    ++m_next;
    m_awaiting = Awaiting::Beat;
    emit progressed();
    m_timer.start(std::min(m_beat, kLongest / std::max<int>(1, stepCount())));
}

void ScriptPlayer::stepFailed(const QString& reason)
{
    const ScriptStep& step = m_steps[m_next];
    m_exploration.script().failed(step.entry, reason);
    m_failures.push_back({m_name.toStdString() + ", line " + std::to_string(step.line), reason.toStdString()});
    m_afterOpening.reset();
    stepDone();
}

void ScriptPlayer::end(const QString& reason)
{
    m_timer.stop();
    m_awaiting = Awaiting::Nothing;
    for (const ScriptEntry& left : waiting()) // nothing of a script is lost by ending early
        m_exploration.script().failed(left, left.kind == Kind::Remark ? QString() : reason);
    m_steps.clear();
    m_next = 0;
    const core::Problems failures = std::exchange(m_failures, {});
    emit progressed();
    const bool asked = m_exploration.isReportCurrent() || !m_exploration.jobState().isIdle();
    if (m_exploration.isLive() && !asked) // no step led to a question
        m_exploration.evaluate();
    if (failures.size() == 1)
        m_exploration.tellProblem(failures.front());
    else if (failures.size() > 1)
        m_exploration.tellProblem({failures.front().place, failures.front().message + " (and " + std::to_string(failures.size() - 1) +
                                                               " more lines could not be replayed; the script marks each)"});
    emit finished(static_cast<int>(failures.size()));
}

} // namespace app
